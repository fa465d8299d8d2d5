// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_end.c - a VMM's end of a transport, with a virtio-serial driver's rings
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

static const struct fe_ops *ops = &fe_vhost_ops;

void fe_use(const struct fe_ops *use)
{
	ops = use;
	emulator_export = use->export;
}

void fe_begin(struct front_end *fe, uint64_t features)
{
	fe->features = features;
	ops->begin(fe, features);
}

void fe_sync(struct front_end *fe)
{
	ops->sync(fe);
}

void fe_queue_configure(struct front_end *fe, unsigned int index, uint32_t base)
{
	ops->configure(fe, index, base);
}

void fe_kick(struct front_end *fe, unsigned int index)
{
	ops->kick(fe, index);
}

bool fe_broken(struct front_end *fe, unsigned int index)
{
	return ops->broken(fe, index);
}

void fe_init(struct front_end *fe)
{
	memset(fe, 0, sizeof(*fe));
	fe->sock = -1;
	fe->backend = -1;
	fe->memfd = memfd_create("guest", MFD_CLOEXEC);
	assert_true(fe->memfd >= 0);
	assert_int_equal(ftruncate(fe->memfd, FE_MEM_SIZE), 0);
	fe->mem = mmap(NULL, FE_MEM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       fe->memfd, 0);
	assert_true(fe->mem != MAP_FAILED);
}

void fe_connect(struct front_end *fe, int sock)
{
	fe_init(fe);
	fe->sock = sock;
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

	ops->reset(fe);
	for (i = 0; i < FE_MAX_QUEUES; i++)
		close_queue(&fe->queues[i]);
	fe->brk = 0;
	memset(fe->mem, 0, FE_MEM_SIZE);
	ops->restart(fe);
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
	if (ops->finish)
		ops->finish(fe);
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

static bool is_packed(const struct front_end *fe)
{
	return fe->features & FE_PACKED;
}

void fe_queue_setup(struct front_end *fe, unsigned int index, unsigned int num)
{
	struct fe_queue *q = &fe->queues[index];

	assert_true(index < FE_MAX_QUEUES && num <= FE_MAX_BUFFERS);
	if (num > ops->queue_size(index))
		num = ops->queue_size(index);
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

bool fe_call_take(struct front_end *fe, unsigned int index)
{
	uint64_t count;

	return read(fe->queues[index].call, &count, sizeof(count)) == 8;
}

bool fe_call_wait(struct front_end *fe, unsigned int index)
{
	struct pollfd pollfd = { fe->queues[index].call, POLLIN };

	return poll(&pollfd, 1, EMULATOR_TIMEOUT) == 1 &&
	       fe_call_take(fe, index);
}

bool fe_called(struct front_end *fe, unsigned int index)
{
	return ops->called(fe, index);
}

static int64_t wait_used(struct front_end *fe, unsigned int index,
			 uint32_t *ret_id)
{
	int64_t len;

	while ((len = fe_get_used(fe, index, ret_id)) < 0) {
		if (!ops->wait(fe, index))
			fail_msg("no call on queue %u", index);
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
