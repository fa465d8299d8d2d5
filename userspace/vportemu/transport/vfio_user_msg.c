// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_msg.c - vfio-user messages in and out of the socket
 *
 * The header is read on its own: what descriptors come with it are those of its
 * message, and not of one behind it.
 */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "message.h"
#include "vfio_user.h"

static_assert(VFU_MAX_FDS <= MESSAGE_MAX_FDS, "there is room for them");

void vfu_msg_done(struct vfu_msg *msg)
{
	message_close_fds(msg->fds, &msg->nfds);
	msg->have = 0;
}

/* The caller keeps the descriptor.  Return: -1 when there is none. */
int vfu_msg_take_fd(struct vfu_msg *msg, unsigned int index)
{
	return message_take_fd(msg->fds, msg->nfds, index);
}

/* Read up to @want bytes of the message in all. */
static int receive_up_to(struct vfu_msg *msg, int fd, size_t want)
{
	ssize_t len;

	len = message_receive(fd, (uint8_t *)msg + msg->have, want - msg->have,
			      msg->fds, &msg->nfds, VFU_MAX_FDS);
	if (len < 0)
		return len;
	msg->have += len;
	return 0;
}

static_assert(offsetof(struct vfu_msg, payload) == sizeof(struct vfu_header),
	      "header and payload are read into one piece");

/**
 * vfu_receive() - go on receiving a message
 * @msg: what there is of it
 * @fd:  the socket
 *
 * Return: 0 when it is complete: vfu_msg_done() makes room for the next;
 *         -EAGAIN when more is to come; -ECONNRESET at the end of the stream;
 *         -EMSGSIZE, -EPROTO when it cannot be one.
 */
int vfu_receive(struct vfu_msg *msg, int fd)
{
	size_t want = sizeof(msg->hdr);
	int ret;

	for (;;) {
		if (msg->have >= sizeof(msg->hdr)) {
			want = msg->hdr.size;
			if (want < sizeof(msg->hdr) ||
			    vfu_payload_size(msg) > sizeof(msg->payload))
				return -EMSGSIZE;
		}
		if (msg->have == want)
			return 0;
		ret = receive_up_to(msg, fd, want);
		if (ret)
			return ret;
	}
}

/* While there is output, it is all that is waited for. */
static void watch(struct vfu_session *session)
{
	sd_event_source_set_io_events(session->client.source,
				      bytes_len(&session->out) ? EPOLLOUT :
								 EPOLLIN);
}

int vfu_flush(struct vfu_session *session)
{
	struct bytes *out = &session->out;
	ssize_t len;

	while (bytes_len(out)) {
		len = send(session->client.fd, bytes_peek(out), bytes_len(out),
			   MSG_DONTWAIT | MSG_NOSIGNAL);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0)
			return errno == EPIPE ? -ECONNRESET : -errno;
		bytes_consume(out, len);
	}
	watch(session);
	if (!bytes_len(out))
		vfu_remote_resume(session);
	return 0;
}

/* What the socket takes of a message now, or all if there is some left. */
static ssize_t send_now(struct vfu_session *session, const struct msghdr *msg)
{
	ssize_t len;

	if (bytes_len(&session->out))
		return 0;

	do {
		len = sendmsg(session->client.fd, msg,
			      MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (len < 0 && errno == EINTR);
	if (len < 0 && errno == EAGAIN)
		return 0;
	if (len < 0)
		return errno == EPIPE ? -ECONNRESET : -errno;
	return len;
}

static int send_msg(struct vfu_session *session, struct iovec *iov,
		    unsigned int num)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = num };
	ssize_t sent = send_now(session, &msg);
	unsigned int i;
	size_t skip;
	int ret = 0;

	if (sent < 0)
		return sent;

	for (i = 0; i < num && !ret; i++) {
		skip = (size_t)sent < iov[i].iov_len ? (size_t)sent :
						       iov[i].iov_len;
		sent -= skip;
		if (skip == iov[i].iov_len)
			continue;
		ret = bytes_append(&session->out,
				   (uint8_t *)iov[i].iov_base + skip,
				   iov[i].iov_len - skip);
	}
	if (bytes_len(&session->out))
		watch(session);
	return ret;
}

/* Answer the command with @size bytes of its own payload. */
int vfu_reply(struct vfu_session *session, size_t size)
{
	struct vfu_msg *msg = &session->msg;
	struct vfu_header hdr = {
		.id = msg->hdr.id,
		.command = msg->hdr.command,
		.size = sizeof(hdr) + size,
		.flags = VFU_TYPE_REPLY,
	};

	if (msg->hdr.flags & VFU_NO_REPLY)
		return 0;
	return send_msg(session, (struct iovec []) {
		{ &hdr, sizeof(hdr) },
		{ &msg->payload, size },
	}, 2);
}

int vfu_reply_error(struct vfu_session *session, int error)
{
	struct vfu_msg *msg = &session->msg;
	struct vfu_header hdr = {
		.id = msg->hdr.id,
		.command = msg->hdr.command,
		.size = sizeof(hdr),
		.flags = VFU_TYPE_REPLY | VFU_ERROR,
		.error = error,
	};

	if (msg->hdr.flags & VFU_NO_REPLY)
		return 0;
	return send_msg(session, (struct iovec []) {
		{ &hdr, sizeof(hdr) },
	}, 1);
}

/* Ask the client for memory or, with @data, to write it. */
int vfu_command(struct vfu_session *session, uint16_t id, uint16_t command,
		const struct vfu_dma_access *access, const void *data,
		size_t size)
{
	struct vfu_header hdr = {
		.id = id,
		.command = command,
		.size = sizeof(hdr) + sizeof(*access) + size,
		.flags = VFU_TYPE_COMMAND,
	};

	return send_msg(session, (struct iovec []) {
		{ &hdr, sizeof(hdr) },
		{ (void *)access, sizeof(*access) },
		{ (void *)data, size },
	}, 3);
}
