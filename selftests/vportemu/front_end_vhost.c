// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_end_vhost.c - a front-end that speaks vhost-user
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"

struct fe_header {
	uint32_t request, flags, size;
};

void fe_send(struct front_end *fe, uint32_t request, uint32_t flags,
	     const void *payload, uint32_t size, const int *fds, int nfds)
{
	struct fe_header header = { request, flags, size };
	struct iovec iov[2] = {
		{ &header, sizeof(header) },
		{ (void *)payload, size },
	};
	char control[CMSG_SPACE(64 * sizeof(int))] = { 0 };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	struct cmsghdr *cmsg = (struct cmsghdr *)control;

	if (nfds) {
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, nfds * sizeof(int));
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
	}
	assert_int_equal(sendmsg(fe->sock, &msg, MSG_NOSIGNAL),
			 sizeof(header) + size);
}

uint64_t fe_reply_u64(struct front_end *fe, uint32_t request)
{
	struct fe_header header;
	uint64_t value;

	read_exactly(fe->sock, &header, sizeof(header));
	assert_int_equal(header.request, request);
	assert_int_equal(header.flags, 0x5);
	assert_int_equal(header.size, sizeof(value));
	read_exactly(fe->sock, &value, sizeof(value));
	return value;
}

uint64_t fe_request(struct front_end *fe, uint32_t request, const void *payload,
		    uint32_t size, const int *fds, int nfds)
{
	fe_send(fe, request, 0x9, payload, size, fds, nfds);
	return fe_reply_u64(fe, request);
}

uint64_t fe_request_u64(struct front_end *fe, uint32_t request, uint64_t value)
{
	return fe_request(fe, request, &value, sizeof(value), NULL, 0);
}

uint64_t fe_get_u64(struct front_end *fe, uint32_t request)
{
	fe_send(fe, request, 0x1, NULL, 0, NULL, 0);
	return fe_reply_u64(fe, request);
}

uint64_t fe_vring_state(struct front_end *fe, uint32_t request,
			uint32_t index, uint32_t num)
{
	uint32_t state[2] = { index, num };

	return fe_request(fe, request, state, sizeof(state), NULL, 0);
}

/*
 * The loop serves what is ready in the order in which it was seen to be, and
 * one message at a time: before the second, it serves all that was ready before
 * the first.
 */
static void vhost_sync(struct front_end *fe)
{
	fe_get_u64(fe, FE_GET_FEATURES);
	fe_get_u64(fe, FE_GET_FEATURES);
}

/* Two regions of guest memory that touch, so that buffers can span them. */
static void send_mem_table(struct front_end *fe)
{
	struct {
		uint32_t count, padding;
		struct {
			uint64_t gpa, size, user, offset;
		} regions[2];
	} table = {
		.count = 2,
		.regions = {
			{ GPA_BASE, FE_MEM_SIZE / 2, USER_BASE, 0 },
			{ GPA_BASE + FE_MEM_SIZE / 2, FE_MEM_SIZE / 2,
			  USER_BASE + FE_MEM_SIZE / 2, FE_MEM_SIZE / 2 },
		},
	};
	int fds[2] = { fe->memfd, fe->memfd };

	assert_int_equal(fe_request(fe, FE_SET_MEM_TABLE, &table,
				    sizeof(table), fds, 2), 0);
}

static void vhost_begin(struct front_end *fe, uint64_t features)
{
	int pair[2];

	assert_true(fe_get_u64(fe, FE_GET_FEATURES) & FE_PROTOCOL);
	assert_int_equal(fe_get_u64(fe, FE_GET_PROTOCOL_FEATURES),
			 FE_PROTOCOL_FEATURES);
	fe_request_u64(fe, FE_SET_PROTOCOL_FEATURES, FE_PROTOCOL_FEATURES);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(fe_request(fe, FE_SET_BACKEND_REQ_FD, NULL, 0,
				    &pair[1], 1), 0);
	close(pair[1]);
	fe->backend = pair[0];
	assert_int_equal(fe_request(fe, FE_SET_OWNER, NULL, 0, NULL, 0), 0);
	assert_int_equal(fe_request_u64(fe, FE_SET_FEATURES, features), 0);
	fe->features = features;
	send_mem_table(fe);
}

static void send_event_fd(struct front_end *fe, uint32_t request,
			  unsigned int index, int fd)
{
	uint64_t value = index;

	assert_int_equal(fe_request(fe, request, &value, sizeof(value), &fd, 1),
			 0);
}

static void vhost_configure(struct front_end *fe, unsigned int index,
			    uint32_t base)
{
	struct fe_queue *q = &fe->queues[index];
	struct {
		uint32_t index, flags;
		uint64_t desc, used, avail, log;
	} addr = {
		.index = index,
		.desc = fe_user(fe, (void *)q->desc),
		.used = fe_user(fe, (void *)q->used),
		.avail = fe_user(fe, (void *)q->avail),
	};

	assert_int_equal(fe_vring_state(fe, FE_SET_VRING_NUM, index, q->num),
			 0);
	assert_int_equal(fe_vring_state(fe, FE_SET_VRING_BASE, index, base), 0);
	assert_int_equal(fe_request(fe, FE_SET_VRING_ADDR, &addr, sizeof(addr),
				    NULL, 0), 0);
	send_event_fd(fe, FE_SET_VRING_CALL, index, q->call);
	send_event_fd(fe, FE_SET_VRING_ERR, index, q->err);
	send_event_fd(fe, FE_SET_VRING_KICK, index, q->kick);
	assert_int_equal(fe_vring_state(fe, FE_SET_VRING_ENABLE, index, 1), 0);
}

uint32_t fe_queue_stop(struct front_end *fe, unsigned int index)
{
	uint32_t state[2] = { index, 0 };
	struct fe_header header;

	assert_int_equal(fe_vring_state(fe, FE_SET_VRING_ENABLE, index, 0), 0);
	fe_send(fe, FE_GET_VRING_BASE, 0x1, state, sizeof(state), NULL, 0);
	read_exactly(fe->sock, &header, sizeof(header));
	assert_int_equal(header.size, sizeof(state));
	read_exactly(fe->sock, state, sizeof(state));
	assert_int_equal(state[0], index);
	return state[1];
}

static void vhost_kick(struct front_end *fe, unsigned int index)
{
	uint64_t one = 1;

	assert_int_equal(write(fe->queues[index].kick, &one, 8), 8);
}

static bool vhost_broken(struct front_end *fe, unsigned int index)
{
	uint64_t count;

	return read(fe->queues[index].err, &count, sizeof(count)) == 8;
}

/* The rings go, one by one, and then there are features again. */
static void vhost_reset(struct front_end *fe)
{
	unsigned int i;

	for (i = 0; i < FE_MAX_QUEUES; i++) {
		if (fe->queues[i].num)
			fe_vring_state(fe, FE_SET_VRING_ENABLE, i, 0);
	}
}

static void vhost_restart(struct front_end *fe)
{
	fe_request_u64(fe, FE_SET_FEATURES, fe->features);
}

static unsigned int vhost_queue_size(unsigned int index)
{
	return FE_MAX_BUFFERS;
}

const struct fe_ops fe_vhost_ops = {
	.export		= "vhost-user",
	.begin		= vhost_begin,
	.sync		= vhost_sync,
	.queue_size	= vhost_queue_size,
	.configure	= vhost_configure,
	.kick		= vhost_kick,
	.wait		= fe_call_wait,
	.called		= fe_call_take,
	.broken		= vhost_broken,
	.reset		= vhost_reset,
	.restart	= vhost_restart,
};
