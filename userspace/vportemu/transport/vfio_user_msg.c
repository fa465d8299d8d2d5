// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_msg.c - vfio-user messages in and out of the socket
 *
 * Several messages are read at once where one is to begin.  The kernel ends a
 * read where descriptors came with what was sent, which is a message: so they
 * belong to the last one that begins in what was read.  What is missing of that
 * one is then read on its own, as otherwise there might be descriptors of two.
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

void vfu_input_finish(struct vfu_session *session)
{
	message_close_fds(session->in.fds, &session->in.nfds);
	session->in.at = 0;
	session->in.len = 0;
	vfu_msg_done(&session->msg);
}

/* A message begins here: read as much as there is room for. */
static int read_input(struct vfu_input *in, int fd)
{
	ssize_t len;

	len = message_receive(fd, in->data, sizeof(in->data), in->fds,
			      &in->nfds, VFU_MAX_FDS);
	if (len < 0)
		return len;
	in->at = 0;
	in->len = len;
	return 0;
}

/* Take up to @want bytes of the message in all from what has been read. */
static void take_input(struct vfu_session *session, size_t want)
{
	struct vfu_input *in = &session->in;
	struct vfu_msg *msg = &session->msg;
	size_t len = want - msg->have;

	if (len > in->len - in->at)
		len = in->len - in->at;
	memcpy((uint8_t *)msg + msg->have, in->data + in->at, len);
	msg->have += len;
	in->at += len;
	if (in->at < in->len)
		return;

	/* It is the last one. */
	memcpy(msg->fds, in->fds, in->nfds * sizeof(int));
	msg->nfds = in->nfds;
	in->nfds = 0;
}

/* Read up to @want bytes of the message in all, where it is on its own. */
static int read_rest(struct vfu_msg *msg, int fd, size_t want)
{
	ssize_t len;

	len = message_receive(fd, (uint8_t *)msg + msg->have, want - msg->have,
			      msg->fds, &msg->nfds, VFU_MAX_FDS);
	if (len < 0)
		return len;
	msg->have += len;
	return 0;
}

static int receive_up_to(struct vfu_session *session, size_t want)
{
	struct vfu_msg *msg = &session->msg;
	int ret;

	if (!vfu_has_input(session)) {
		if (msg->have)
			return read_rest(msg, session->client.fd, want);
		ret = read_input(&session->in, session->client.fd);
		if (ret)
			return ret;
	}
	take_input(session, want);
	return 0;
}

static_assert(offsetof(struct vfu_msg, payload) == sizeof(struct vfu_header),
	      "header and payload are read into one piece");

/**
 * vfu_receive() - go on receiving a message
 * @session: with what there is of it, in session->msg
 *
 * Return: 0 when it is complete: vfu_msg_done() makes room for the next;
 *         -EAGAIN when more is to come; -ECONNRESET at the end of the stream;
 *         -EMSGSIZE, -EPROTO when it cannot be one.
 */
int vfu_receive(struct vfu_session *session)
{
	struct vfu_msg *msg = &session->msg;
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
		ret = receive_up_to(session, want);
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
