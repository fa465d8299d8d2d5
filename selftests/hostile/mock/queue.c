// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vcon_mock - the host's side of a split virtqueue
 *
 * The rings are those that the virtio core has made; their memory is the core's,
 * and is looked at only between mock_queue_start() and mock_queue_stop().
 */

#include <linux/io.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>

#include "mock.h"

/* The driver has put something in.  Comes from anywhere, printk() included. */
static bool queue_notify(struct virtqueue *vq)
{
	irq_work_queue(&to_mock(vq->vdev)->kick);
	return true;
}

static void queue_irq(struct irq_work *work)
{
	struct mock_queue *q = container_of(work, struct mock_queue, irq);
	struct virtqueue *vq = READ_ONCE(q->vq);

	if (vq)
		vring_interrupt(0, vq);
}

/**
 * mock_queue_init() - a queue that the driver has not asked for
 * @q: zeroed memory
 */
void mock_queue_init(struct mock_queue *q)
{
	spin_lock_init(&q->lock);
	init_irq_work(&q->irq, queue_irq);
}

/**
 * mock_queue_create() - the driver asks for a queue
 * @vdev:     its device
 * @index:    the queue's number
 * @name:     what the driver calls it; NULL if it does not want it
 * @callback: for interrupts
 *
 * Return: the virtqueue, or an error pointer.
 */
struct virtqueue *mock_queue_create(struct virtio_device *vdev,
				    unsigned int index, const char *name,
				    vq_callback_t *callback)
{
	struct mock *mock = to_mock(vdev);
	struct virtqueue *vq;

	if (!name)
		return NULL;
	if (index >= VCON_MOCK_QUEUES)
		return ERR_PTR(-ENOENT);
	if (mock->fail_queue == index + 1)
		return ERR_PTR(-EIO);

	vq = vring_create_virtqueue(index, mock->entries, SMP_CACHE_BYTES, vdev,
				    true, false, false, queue_notify, callback,
				    name);
	if (!vq)
		return ERR_PTR(-ENOMEM);

	vq->num_max = mock->entries;
	spin_lock_irq(&mock->queues[index].lock);
	WRITE_ONCE(mock->queues[index].vq, vq);
	spin_unlock_irq(&mock->queues[index].lock);
	mock_queue_start(&mock->queues[index]);

	return vq;
}

/**
 * mock_queue_delete() - the driver gives the queue up
 * @q: the queue; nothing happens if it has none
 *
 * Context: Process context. Sleeps until no interrupt is running.
 */
void mock_queue_delete(struct mock_queue *q)
{
	struct virtqueue *vq;

	mock_queue_stop(q);
	spin_lock_irq(&q->lock);
	vq = q->vq;
	WRITE_ONCE(q->vq, NULL);
	spin_unlock_irq(&q->lock);

	irq_work_sync(&q->irq);
	if (vq)
		vring_del_virtqueue(vq);
}

/**
 * mock_queue_start() - the rings are new
 * @q: the queue
 */
void mock_queue_start(struct mock_queue *q)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	if (q->vq)
		q->ring = virtqueue_get_vring(q->vq);
	q->seen = 0;
	q->used = 0;
	q->wild = false;
	bitmap_zero(q->held, VCON_MOCK_ENTRIES);
	spin_unlock_irqrestore(&q->lock, flags);
}

/**
 * mock_queue_stop() - the rings are to be left alone: the device was reset
 * @q: the queue
 */
void mock_queue_stop(struct mock_queue *q)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	q->ring = NULL;
	spin_unlock_irqrestore(&q->lock, flags);
}

static u16 to_cpu16(struct mock_queue *q, __virtio16 value)
{
	return virtio16_to_cpu(q->vq->vdev, value);
}

static u16 ring_available(struct mock_queue *q)
{
	return READ_ONCE(q->ring->avail->idx);
}

/**
 * mock_queue_has_some() - is there a buffer to be taken
 * @q: the queue
 */
bool mock_queue_has_some(struct mock_queue *q)
{
	unsigned long flags;
	bool some;

	spin_lock_irqsave(&q->lock, flags);
	some = q->ring && to_cpu16(q, ring_available(q)) != q->seen;
	spin_unlock_irqrestore(&q->lock, flags);

	return some;
}

/* The memory of the chain @id.  The driver makes chains of one. */
static void *queue_memory(struct mock_queue *q, u32 id, u32 *ret_size,
			  bool *ret_writable)
{
	const struct vring_desc *desc = &q->ring->desc[id];
	struct virtio_device *vdev = q->vq->vdev;

	*ret_size = virtio32_to_cpu(vdev, desc->len);
	*ret_writable = to_cpu16(q, desc->flags) & VRING_DESC_F_WRITE;
	return phys_to_virt(virtio64_to_cpu(vdev, desc->addr));
}

/**
 * mock_queue_take() - take the next buffer that the driver has made available
 * @q:    the queue
 * @buf:  what to say about it; data_len is the room at @data
 * @data: gets what is in it, if it is for the host to read
 *
 * Context: Any.
 * Return: 0; -EAGAIN when there is none; -ENODEV without queue.
 */
int mock_queue_take(struct mock_queue *q, struct vcon_mock_buf *buf, void *data)
{
	unsigned long flags;
	bool writable;
	void *memory;
	int ret = 0;

	spin_lock_irqsave(&q->lock, flags);
	if (!q->ring) {
		ret = -ENODEV;
		goto out_unlock;
	}
	if (to_cpu16(q, ring_available(q)) == q->seen) {
		ret = -EAGAIN;
		goto out_unlock;
	}

	/* What is in the ring is read after its index. */
	virt_rmb();
	buf->id = to_cpu16(q, q->ring->avail->ring[q->seen % q->ring->num]);
	q->seen++;
	vring_avail_event(q->ring) = cpu_to_virtio16(q->vq->vdev, q->seen);
	/* And more may have come before the driver knew that we care. */
	virt_mb();

	memory = queue_memory(q, buf->id, &buf->size, &writable);
	buf->writable = writable;
	buf->data_len = writable || q->wild ? 0 : min(buf->data_len, buf->size);
	memcpy(data, memory, buf->data_len);
	__set_bit(buf->id, q->held);

out_unlock:
	spin_unlock_irqrestore(&q->lock, flags);
	return ret;
}

/* Entries of the used ring, with whatever is there; then the interrupt. */
static void queue_use(struct mock_queue *q, u32 count)
{
	/* The index is written after what is in the ring. */
	virt_wmb();
	q->used += count;
	WRITE_ONCE(q->ring->used->idx, cpu_to_virtio16(q->vq->vdev, q->used));
	irq_work_queue(&q->irq);
}

/**
 * mock_queue_give() - give a buffer back, or say so
 * @q:    the queue
 * @buf:  the number and the length to be told; data_len is that of @data
 * @data: what to put into it before
 *
 * A number that was not taken is a lie.  It may be that of a buffer which waits
 * to be taken, and then the driver gets that one back: from then on nothing is
 * known of the memory of this queue's buffers.
 *
 * Context: Any.
 * Return: 0; -ENODEV without queue.
 */
int mock_queue_give(struct mock_queue *q, const struct vcon_mock_buf *buf,
		    const void *data)
{
	struct vring_used_elem *elem;
	unsigned long flags;
	int ret = -ENODEV;
	bool writable;
	void *memory;
	u32 size;

	spin_lock_irqsave(&q->lock, flags);
	if (!q->ring)
		goto out_unlock;

	if (buf->id >= q->ring->num || !__test_and_clear_bit(buf->id, q->held))
		q->wild = true;
	if (!q->wild) {
		memory = queue_memory(q, buf->id, &size, &writable);
		if (writable)
			memcpy(memory, data, min(size, buf->data_len));
	}

	elem = &q->ring->used->ring[q->used % q->ring->num];
	elem->id = cpu_to_virtio32(q->vq->vdev, buf->id);
	elem->len = cpu_to_virtio32(q->vq->vdev, buf->size);
	queue_use(q, 1);
	ret = 0;

out_unlock:
	spin_unlock_irqrestore(&q->lock, flags);
	return ret;
}

/**
 * mock_queue_jump() - say that buffers were used without saying which
 * @q:     the queue
 * @count: how many
 *
 * Context: Any.
 * Return: 0; -ENODEV without queue.
 */
int mock_queue_jump(struct mock_queue *q, u32 count)
{
	unsigned long flags;
	int ret = -ENODEV;

	spin_lock_irqsave(&q->lock, flags);
	if (q->ring) {
		q->wild = true;
		queue_use(q, count);
		ret = 0;
	}
	spin_unlock_irqrestore(&q->lock, flags);

	return ret;
}

/**
 * mock_queue_interrupt() - interrupt for nothing
 * @q: the queue
 *
 * Calls back as well: a host that interrupts shares the vector with others.
 *
 * Context: Any.
 * Return: 0; -ENODEV without queue.
 */
int mock_queue_interrupt(struct mock_queue *q)
{
	unsigned long flags;
	int ret = -ENODEV;

	spin_lock_irqsave(&q->lock, flags);
	if (q->vq) {
		irq_work_queue(&q->irq);
		ret = 0;
	}
	spin_unlock_irqrestore(&q->lock, flags);

	return ret;
}
