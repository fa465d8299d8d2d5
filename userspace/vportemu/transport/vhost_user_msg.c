// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user_msg.c - vhost-user messages in and out of the socket
 *
 * A message is read in two steps, so that descriptors are never taken for those
 * of the next one, and across as many turns of the loop as its sender likes.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "message.h"
#include "vhost_user.h"

static_assert(VU_MAX_FDS <= MESSAGE_MAX_FDS, "there is room for them");

void vu_msg_close_fds(struct vu_msg *msg)
{
	message_close_fds(msg->fds, &msg->nfds);
}

/* The caller keeps the descriptor.  Return: -1 when there is none. */
int vu_msg_take_fd(struct vu_msg *msg, unsigned int index)
{
	return message_take_fd(msg->fds, msg->nfds, index);
}

/* Read up to @want bytes of the message in all. */
static int receive_up_to(struct vu_receiver *receiver, int fd, size_t want)
{
	struct vu_msg *msg = &receiver->msg;
	uint8_t *to = (uint8_t *)&msg->hdr + receiver->have;
	ssize_t len;

	if (receiver->have >= sizeof(msg->hdr))
		to = (uint8_t *)&msg->payload + receiver->have -
		     sizeof(msg->hdr);
	len = message_receive(fd, to, want - receiver->have, msg->fds,
			      &msg->nfds, VU_MAX_FDS);
	if (len < 0)
		return len;
	receiver->have += len;
	return 0;
}

/**
 * vu_receive() - go on receiving a message
 * @receiver: what there is of it
 * @fd:       the socket
 *
 * Return: 0 when it is complete: vu_msg_close_fds() and @have = 0 make room for
 *         the next; -EAGAIN when more is to come; -ECONNRESET at the end of the
 *         stream; -EMSGSIZE, -EPROTO when it cannot be one.
 */
int vu_receive(struct vu_receiver *receiver, int fd)
{
	struct vu_msg *msg = &receiver->msg;
	size_t want = sizeof(msg->hdr);
	int ret;

	for (;;) {
		if (receiver->have >= sizeof(msg->hdr)) {
			if (msg->hdr.size > sizeof(msg->payload))
				return -EMSGSIZE;
			want = sizeof(msg->hdr) + msg->hdr.size;
		}
		if (receiver->have == want)
			return 0;
		ret = receive_up_to(receiver, fd, want);
		if (ret)
			return ret;
	}
}

/* @control: a descriptor to go with it, or NULL. */
static int send_all(int fd, const struct iovec *iov, int num, void *control,
		    size_t size)
{
	struct msghdr msg = {
		.msg_iov = (struct iovec *)iov,
		.msg_iovlen = num,
		.msg_control = control,
		.msg_controllen = control ? CMSG_SPACE(sizeof(int)) : 0,
	};
	ssize_t len;

	do {
		len = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;

	/* One that has this much unread does not follow the protocol. */
	return (size_t)len == size ? 0 : -EPROTO;
}

/* Answer a request with a descriptor, which remains the caller's. */
int vu_reply_fd(struct vu_session *session, struct vu_msg *msg, size_t size,
		int fd)
{
	struct iovec iov[2] = {
		{ &msg->hdr, sizeof(msg->hdr) },
		{ &msg->payload, size },
	};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
		.header = {
			.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};

	msg->hdr.flags = VU_VERSION | VU_REPLY;
	msg->hdr.size = size;
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return send_all(session->fd, iov, 2, &control,
			sizeof(msg->hdr) + size);
}

/* Answer a request with @size bytes of the message's own payload. */
int vu_reply(struct vu_session *session, struct vu_msg *msg, size_t size)
{
	struct iovec iov[2] = {
		{ &msg->hdr, sizeof(msg->hdr) },
		{ &msg->payload, size },
	};

	msg->hdr.flags = VU_VERSION | VU_REPLY;
	msg->hdr.size = size;
	return send_all(session->fd, iov, 2, NULL, sizeof(msg->hdr) + size);
}

int vu_reply_u64(struct vu_session *session, struct vu_msg *msg, uint64_t value)
{
	msg->payload.u64 = value;
	return vu_reply(session, msg, sizeof(value));
}

/*
 * Tell the front-end that the configuration has changed.  One that is not told
 * because its socket is full has an older such message to read.
 */
void vu_send_config_change(struct vu_session *session)
{
	struct vu_header hdr = {
		.request = VU_BACKEND_CONFIG_CHANGE,
		.flags = VU_VERSION,
	};
	struct iovec iov = { &hdr, sizeof(hdr) };

	if (session->backend_fd >= 0)
		send_all(session->backend_fd, &iov, 1, NULL, sizeof(hdr));
}
