// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * message.c - pieces of messages, with descriptors, out of a socket
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"

/*
 * Room for more descriptors than any message has: the kernel would drop the
 * rest in silence, and one too many is to be told from enough.
 */
#define RECV_FDS	(MESSAGE_MAX_FDS + 8)

static int take_control(struct msghdr *from, int *fds, unsigned int *nfds,
			unsigned int max)
{
	struct cmsghdr *cmsg;
	int passed[RECV_FDS];
	unsigned int count, i;
	int ret = from->msg_flags & MSG_CTRUNC ? -EPROTO : 0;

	for (cmsg = CMSG_FIRSTHDR(from); cmsg; cmsg = CMSG_NXTHDR(from, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(passed, CMSG_DATA(cmsg), count * sizeof(int));
		for (i = 0; i < count; i++) {
			if (*nfds < max) {
				fds[(*nfds)++] = passed[i];
			} else {
				close(passed[i]);
				ret = -EPROTO;
			}
		}
	}
	return ret;
}

ssize_t message_receive(int sock, void *to, size_t len, int *fds,
			unsigned int *nfds, unsigned int max)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(RECV_FDS * sizeof(int))];
	} control;
	struct iovec iov = { to, len };
	struct msghdr from = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t done;
	int ret;

	do {
		done = recvmsg(sock, &from, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		return -errno;
	if (!done)
		return -ECONNRESET;

	ret = take_control(&from, fds, nfds, max);
	return ret ?: done;
}

void message_close_fds(int *fds, unsigned int *nfds)
{
	unsigned int i;

	for (i = 0; i < *nfds; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	*nfds = 0;
}

int message_take_fd(int *fds, unsigned int nfds, unsigned int index)
{
	int fd;

	if (index >= nfds)
		return -1;

	fd = fds[index];
	fds[index] = -1;
	return fd;
}
