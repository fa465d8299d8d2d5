// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_proxy.c - between a vfio-user client and its server, to answer DMA messages
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfio_client.h"
#include "vfio_proxy.h"

#define MAX_MESSAGE	(128u << 10)

struct dma_access {
	uint64_t address;
	uint64_t count;
};

volatile enum vfio_proxy_lie vfio_proxy_lie;

static struct {
	int client;
	int server;
	struct vfio_proxy_memory memory;
	pthread_t thread;
	uint8_t buf[MAX_MESSAGE];
} proxy;

static bool receive(void *buf, size_t len)
{
	return recv(proxy.server, buf, len, MSG_WAITALL) == (ssize_t)len;
}

static bool transmit(int sock, const void *buf, size_t len)
{
	return send(sock, buf, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/*
 * One message, with its descriptors: those come with the header, if that is all
 * that is read.
 */
static bool forward_to_server(void)
{
	char control[CMSG_SPACE(64 * sizeof(int))];
	struct vc_header *header = (void *)proxy.buf;
	struct iovec iov = { header, sizeof(*header) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	size_t len, i;
	bool sent;

	if (recvmsg(proxy.client, &msg, MSG_WAITALL) != sizeof(*header))
		return false;
	len = header->size - sizeof(*header);
	if (len && recv(proxy.client, header + 1, len, MSG_WAITALL) !=
	    (ssize_t)len)
		return false;
	iov.iov_len = header->size;
	msg.msg_flags = 0;
	sent = sendmsg(proxy.server, &msg, MSG_NOSIGNAL) ==
	       (ssize_t)iov.iov_len;
	cmsg = CMSG_FIRSTHDR(&msg);
	for (i = 0; cmsg && i < (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	     i++)
		close(((int *)CMSG_DATA(cmsg))[i]);
	return sent;
}

static void *find(const struct dma_access *access)
{
	const struct vfio_proxy_memory *memory = &proxy.memory;
	uint64_t at = access->address - memory->address;

	return at < memory->size && access->count <= memory->size - at ?
	       memory->at + at : NULL;
}

static bool answer(struct vc_header *header)
{
	struct dma_access *access = (void *)proxy.buf;
	uint8_t *data = proxy.buf + sizeof(*access);
	void *at = find(access);
	size_t len = sizeof(*access);

	header->flags = VC_REPLY;
	if (!at) {
		header->flags |= VC_ERROR;
		header->error = EFAULT;
		len = 0;
	} else if (header->command == VC_DMA_READ) {
		memcpy(data, at, access->count);
		len += access->count;
		if (vfio_proxy_lie == VP_SHORT)
			len--;
	} else {
		memcpy(at, data, access->count);
	}
	if (vfio_proxy_lie == VP_WRONG_ID)
		header->id++;
	header->size = sizeof(*header) + len;
	return transmit(proxy.server, header, sizeof(*header)) &&
	       (!len || transmit(proxy.server, proxy.buf, len));
}

static bool from_server(void)
{
	struct vc_header header;
	size_t len;

	if (!receive(&header, sizeof(header)))
		return false;
	len = header.size - sizeof(header);
	if (len > sizeof(proxy.buf) || (len && !receive(proxy.buf, len)))
		return false;
	if (!(header.flags & VC_REPLY))
		return answer(&header);

	return transmit(proxy.client, &header, sizeof(header)) &&
	       (!len || transmit(proxy.client, proxy.buf, len));
}

static void *run(void *arg)
{
	struct pollfd fds[2] = {
		{ proxy.client, POLLIN }, { proxy.server, POLLIN },
	};
	bool ok = true;

	while (ok && poll(fds, 2, -1) > 0) {
		if (fds[1].revents)
			ok = from_server();
		else
			ok = forward_to_server();
	}
	close(proxy.server);
	close(proxy.client);
	return NULL;
}

int vfio_proxy_start(int server, const struct vfio_proxy_memory *memory)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		abort();
	proxy.client = pair[1];
	proxy.server = server;
	proxy.memory = *memory;
	vfio_proxy_lie = VP_HONEST;
	if (pthread_create(&proxy.thread, NULL, run, NULL))
		abort();
	return pair[0];
}

void vfio_proxy_stop(void)
{
	pthread_join(proxy.thread, NULL);
}
