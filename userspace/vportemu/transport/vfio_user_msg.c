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

#include "vfio_user.h"

/*
 * Room for more descriptors than any message has: the kernel would drop the
 * rest in silence, and one too many is to be told from enough.
 */
#define RECV_FDS	(VFU_MAX_FDS + 8)

void vfu_msg_done(struct vfu_msg *msg)
{
	unsigned int i;

	for (i = 0; i < msg->nfds; i++) {
		if (msg->fds[i] >= 0)
			close(msg->fds[i]);
	}
	msg->nfds = 0;
	msg->have = 0;
}

/* The caller keeps the descriptor.  Return: -1 when there is none. */
int vfu_msg_take_fd(struct vfu_msg *msg, unsigned int index)
{
	int fd;

	if (index >= msg->nfds)
		return -1;

	fd = msg->fds[index];
	msg->fds[index] = -1;
	return fd;
}

static int take_control(struct vfu_msg *msg, struct msghdr *from)
{
	struct cmsghdr *cmsg;
	int fds[RECV_FDS];
	unsigned int count, i;
	int ret = from->msg_flags & MSG_CTRUNC ? -EPROTO : 0;

	for (cmsg = CMSG_FIRSTHDR(from); cmsg; cmsg = CMSG_NXTHDR(from, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(cmsg), count * sizeof(int));
		for (i = 0; i < count; i++) {
			if (msg->nfds < VFU_MAX_FDS) {
				msg->fds[msg->nfds++] = fds[i];
			} else {
				close(fds[i]);
				ret = -EPROTO;
			}
		}
	}
	return ret;
}

/* Read up to @want bytes of the message in all. */
static int receive_up_to(struct vfu_msg *msg, int fd, size_t want)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(RECV_FDS * sizeof(int))];
	} control;
	struct iovec iov = {
		.iov_base = (uint8_t *)msg + msg->have,
		.iov_len = want - msg->have,
	};
	struct msghdr from = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len;

	do {
		len = recvmsg(fd, &from, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	if (!len)
		return -ECONNRESET;

	msg->have += len;
	return take_control(msg, &from);
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
	return 0;
}

static int send_msg(struct vfu_session *session, const struct vfu_header *hdr,
		    const void *payload, size_t size)
{
	struct iovec iov[2] = {
		{ (void *)hdr, sizeof(*hdr) },
		{ (void *)payload, size },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	struct bytes *out = &session->out;
	ssize_t len = 0;
	int ret = 0;

	if (!bytes_len(out)) {
		do {
			len = sendmsg(session->client.fd, &msg,
				      MSG_DONTWAIT | MSG_NOSIGNAL);
		} while (len < 0 && errno == EINTR);
		if (len < 0 && errno != EAGAIN)
			return errno == EPIPE ? -ECONNRESET : -errno;
		if (len == (ssize_t)(sizeof(*hdr) + size))
			return 0;
		if (len < 0)
			len = 0;
	}

	if (len < (ssize_t)sizeof(*hdr)) {
		ret = bytes_append(out, (const uint8_t *)hdr + len,
				   sizeof(*hdr) - len);
		len = sizeof(*hdr);
	}
	len -= sizeof(*hdr);
	if (!ret)
		ret = bytes_append(out, (const uint8_t *)payload + len,
				   size - len);
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
	return send_msg(session, &hdr, &msg->payload, size);
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
	return send_msg(session, &hdr, NULL, 0);
}
