// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_end.c - a vhost-user front-end with a virtio-serial driver's rings
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"

#define CONTROL_BUFFER	64

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
void fe_sync(struct front_end *fe)
{
	fe_get_u64(fe, FE_GET_FEATURES);
	fe_get_u64(fe, FE_GET_FEATURES);
}

void fe_connect(struct front_end *fe, int sock)
{
	memset(fe, 0, sizeof(*fe));
	fe->sock = sock;
	fe->backend = -1;
	fe->memfd = memfd_create("guest", MFD_CLOEXEC);
	assert_true(fe->memfd >= 0);
	assert_int_equal(ftruncate(fe->memfd, FE_MEM_SIZE), 0);
	fe->mem = mmap(NULL, FE_MEM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       fe->memfd, 0);
	assert_true(fe->mem != MAP_FAILED);
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

void fe_begin(struct front_end *fe, uint64_t features)
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

static void close_queue(struct fe_queue *q)
{
	if (q->num) {
		close(q->kick);
		close(q->call);
		close(q->err);
	}
	memset(q, 0, sizeof(*q));
}

void fe_driver_reset(struct front_end *fe)
{
	unsigned int i;

	for (i = 0; i < FE_MAX_QUEUES; i++) {
		if (fe->queues[i].num)
			fe_vring_state(fe, FE_SET_VRING_ENABLE, i, 0);
		close_queue(&fe->queues[i]);
	}
	fe->brk = 0;
	memset(fe->mem, 0, FE_MEM_SIZE);
	fe_request_u64(fe, FE_SET_FEATURES, fe->features);
}

void fe_finish(struct front_end *fe)
{
	unsigned int i;

	for (i = 0; i < FE_MAX_QUEUES; i++)
		close_queue(&fe->queues[i]);
	if (fe->sock >= 0)
		close(fe->sock);
	if (fe->backend >= 0)
		close(fe->backend);
	munmap(fe->mem, FE_MEM_SIZE);
	close(fe->memfd);
}

void *fe_alloc(struct front_end *fe, size_t size)
{
	void *at = fe->mem + fe->brk;

	fe->brk += (size + 63) & ~63ul;
	assert_true(fe->brk <= FE_MEM_SIZE);
	return at;
}

uint64_t fe_gpa(const struct front_end *fe, const void *at)
{
	return GPA_BASE + ((const uint8_t *)at - fe->mem);
}

uint64_t fe_user(const struct front_end *fe, const void *at)
{
	return USER_BASE + ((const uint8_t *)at - fe->mem);
}

static void send_event_fd(struct front_end *fe, uint32_t request,
			  unsigned int index, int fd)
{
	uint64_t value = index;

	assert_int_equal(fe_request(fe, request, &value, sizeof(value), &fd, 1),
			 0);
}

void fe_queue_configure(struct front_end *fe, unsigned int index, uint32_t base)
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

static bool is_packed(const struct front_end *fe)
{
	return fe->features & FE_PACKED;
}

void fe_queue_setup(struct front_end *fe, unsigned int index, unsigned int num)
{
	struct fe_queue *q = &fe->queues[index];

	assert_true(index < FE_MAX_QUEUES && num <= FE_MAX_BUFFERS);
	q->num = num;
	q->desc = fe_alloc(fe, num * sizeof(struct vring_desc));
	q->avail = fe_alloc(fe, sizeof(struct vring_avail) + 2 * (num + 1));
	q->used = fe_alloc(fe, sizeof(struct vring_used) + 8 * num + 2);
	q->packed = (void *)q->desc;
	q->driver = (void *)q->avail;
	q->device = (void *)q->used;
	q->kick = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	q->call = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	q->err = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	fe_queue_configure(fe, index, is_packed(fe) ? 0x80008000 : 0);
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

void fe_add_head(struct front_end *fe, unsigned int index, uint16_t head)
{
	struct fe_queue *q = &fe->queues[index];

	q->avail->ring[q->avail->idx % q->num] = head;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	q->avail->idx++;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The two bits of a packed descriptor that say that it is available. */
static uint16_t round_flags(const struct fe_queue *q, uint16_t position)
{
	return 1u << (position / q->num % 2 ? VRING_PACKED_DESC_F_USED :
		      VRING_PACKED_DESC_F_AVAIL);
}

void fe_add_packed(struct front_end *fe, unsigned int index, uint64_t addr,
		   uint32_t len, uint16_t flags)
{
	struct fe_queue *q = &fe->queues[index];
	uint16_t head = q->next_desc % q->num;

	q->buffers[head] = addr;
	q->packed[head].addr = addr;
	q->packed[head].len = len;
	q->packed[head].id = head;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	q->packed[head].flags = flags | round_flags(q, q->next_desc++);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

uint16_t fe_add(struct front_end *fe, unsigned int index, void *at,
		uint32_t len, bool writable)
{
	struct fe_queue *q = &fe->queues[index];
	uint16_t head;

	if (is_packed(fe)) {
		fe_add_packed(fe, index, fe_gpa(fe, at), len,
			      writable ? VRING_DESC_F_WRITE : 0);
		return (q->next_desc - 1) % q->num;
	}

	head = q->next_desc++ % q->num;
	q->buffers[head] = fe_gpa(fe, at);
	q->desc[head].addr = fe_gpa(fe, at);
	q->desc[head].len = len;
	q->desc[head].flags = writable ? VRING_DESC_F_WRITE : 0;
	fe_add_head(fe, index, head);
	return head;
}

void fe_kick(struct front_end *fe, unsigned int index)
{
	uint64_t one = 1;

	assert_int_equal(write(fe->queues[index].kick, &one, 8), 8);
}

/* A chain's descriptors follow one another, and its id is its last one's. */
static int64_t get_used_packed(struct front_end *fe, struct fe_queue *q,
			       uint32_t *ret_id)
{
	uint16_t at = q->last_used % q->num, bits;
	bool wrap = !(q->last_used / q->num % 2);
	int64_t len;

	bits = __atomic_load_n(&q->packed[at].flags, __ATOMIC_ACQUIRE);
	if (!(bits >> VRING_PACKED_DESC_F_USED & 1) == wrap ||
	    !(bits >> VRING_PACKED_DESC_F_AVAIL & 1) == wrap)
		return -1;

	len = q->packed[at].len;
	if (ret_id)
		*ret_id = q->packed[at].id;
	q->last_used += (q->packed[at].id + q->num - at) % q->num + 1;
	at = q->last_used % q->num;
	wrap = !(q->last_used / q->num % 2);
	q->driver->off_wrap = at | wrap << VRING_PACKED_EVENT_F_WRAP_CTR;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (fe->features & FE_EVENT_IDX)
		q->driver->flags = VRING_PACKED_EVENT_FLAG_DESC;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return len;
}

int64_t fe_get_used(struct front_end *fe, unsigned int index, uint32_t *ret_id)
{
	struct fe_queue *q = &fe->queues[index];
	const volatile struct vring_used_elem *elem;

	if (is_packed(fe))
		return get_used_packed(fe, q, ret_id);
	if (__atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE) == q->last_used)
		return -1;

	elem = &q->used->ring[q->last_used++ % q->num];
	/* The next call is for the element behind this one. */
	q->avail->ring[q->num] = q->last_used;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (ret_id)
		*ret_id = elem->id;
	return elem->len;
}

bool fe_called(struct front_end *fe, unsigned int index)
{
	uint64_t count;

	return read(fe->queues[index].call, &count, sizeof(count)) == 8;
}

bool fe_broken(struct front_end *fe, unsigned int index)
{
	uint64_t count;

	return read(fe->queues[index].err, &count, sizeof(count)) == 8;
}

static int64_t wait_used(struct front_end *fe, unsigned int index,
			 uint32_t *ret_id)
{
	struct pollfd pollfd = { fe->queues[index].call, POLLIN };
	int64_t len;

	while ((len = fe_get_used(fe, index, ret_id)) < 0) {
		if (poll(&pollfd, 1, EMULATOR_TIMEOUT) != 1)
			fail_msg("no call on queue %u", index);
		fe_called(fe, index);
	}
	return len;
}

int64_t fe_wait_used(struct front_end *fe, unsigned int index)
{
	return wait_used(fe, index, NULL);
}

unsigned int fe_rx(uint32_t port)
{
	return port ? 2 * (port + 1) : 0;
}

unsigned int fe_tx(uint32_t port)
{
	return fe_rx(port) + 1;
}

void fe_driver_start(struct front_end *fe, unsigned int buffers)
{
	fe_queue_setup(fe, 2, 64);
	fe_queue_setup(fe, 3, 64);
	while (buffers--)
		fe_add(fe, 2, fe_alloc(fe, CONTROL_BUFFER), CONTROL_BUFFER,
		       true);
	fe_kick(fe, 2);
	fe_send_control(fe, ~0u, VIRTIO_CONSOLE_DEVICE_READY, 1);
}

void fe_send_control(struct front_end *fe, uint32_t id, uint16_t event,
		     uint16_t value)
{
	struct virtio_console_control *msg = fe_alloc(fe, sizeof(*msg));

	*msg = (struct virtio_console_control){ id, event, value };
	fe_add(fe, 3, msg, sizeof(*msg), false);
	fe_kick(fe, 3);
	assert_int_equal(fe_wait_used(fe, 3), 0);
}

/* The buffer goes back into the ring. */
static void expect_message(struct front_end *fe,
			   const struct virtio_console_control *expected,
			   const void *extra, size_t extra_len)
{
	struct fe_queue *q = &fe->queues[2];
	const struct virtio_console_control *msg;
	uint32_t head;
	int64_t len;

	len = wait_used(fe, 2, &head);
	msg = (void *)(fe->mem + (q->buffers[head] - GPA_BASE));
	if (memcmp(msg, expected, sizeof(*msg)))
		fail_msg("control message %u %u %u, expected %u %u %u",
			 msg->id, msg->event, msg->value, expected->id,
			 expected->event, expected->value);
	assert_int_equal(len, sizeof(*msg) + extra_len);
	if (extra_len)
		assert_memory_equal(msg + 1, extra, extra_len);
	if (is_packed(fe))
		fe_add_packed(fe, 2, q->buffers[head], CONTROL_BUFFER,
			      VRING_DESC_F_WRITE);
	else
		fe_add_head(fe, 2, head);
	fe_kick(fe, 2);
}

void fe_expect_control(struct front_end *fe, uint32_t id, uint16_t event,
		       uint16_t value, const char *name)
{
	struct virtio_console_control expected = { id, event, value };

	expect_message(fe, &expected, name, name ? strlen(name) + 1 : 0);
}

void fe_expect_resize(struct front_end *fe, uint32_t id, uint16_t cols,
		      uint16_t rows)
{
	struct virtio_console_control expected = {
		id, VIRTIO_CONSOLE_RESIZE, 0
	};
	uint16_t size[2] = { cols, rows };

	expect_message(fe, &expected, size, sizeof(size));
}

void fe_open_port(struct front_end *fe, uint32_t port)
{
	fe_queue_setup(fe, fe_rx(port), 64);
	fe_queue_setup(fe, fe_tx(port), 64);
	fe_send_control(fe, port, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_send_control(fe, port, VIRTIO_CONSOLE_PORT_OPEN, 1);
}
