// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vcon_mock - the host's side of a virtqueue
 *
 * The rings are those that the virtio core has made; their memory is the core's,
 * and is looked at only between mock_queue_start() and mock_queue_stop().  Their
 * two formats are those of split.c and packed.c.
 */

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
	q->seen = 0;
	q->used = 0;
	q->ops = NULL;
	if (q->vq) {
		q->ops = virtio_has_feature(q->vq->vdev, VIRTIO_F_RING_PACKED) ?
			 &mock_packed_ops : &mock_split_ops;
		q->ops->start(q);
	}
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
	q->ops = NULL;
	spin_unlock_irqrestore(&q->lock, flags);
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
	some = q->ops && q->ops->has_some(q);
	spin_unlock_irqrestore(&q->lock, flags);

	return some;
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
	struct mock_memory memory;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&q->lock, flags);
	if (!q->ops) {
		ret = -ENODEV;
		goto out_unlock;
	}
	if (!q->ops->has_some(q)) {
		ret = -EAGAIN;
		goto out_unlock;
	}

	/* What is in the ring is read after what says that it is there. */
	virt_rmb();
	buf->id = q->ops->take(q);
	memory = q->ops->memory(q, buf->id);
	buf->size = memory.size;
	buf->writable = memory.writable;
	buf->data_len = memory.writable || q->wild ? 0 :
			min(buf->data_len, memory.size);
	memcpy(data, memory.data, buf->data_len);
	__set_bit(buf->id, q->held);

out_unlock:
	spin_unlock_irqrestore(&q->lock, flags);
	return ret;
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
	struct mock_memory memory;
	unsigned long flags;
	int ret = -ENODEV;

	spin_lock_irqsave(&q->lock, flags);
	if (!q->ops)
		goto out_unlock;

	if (buf->id >= VCON_MOCK_ENTRIES ||
	    !__test_and_clear_bit(buf->id, q->held))
		q->wild = true;
	if (!q->wild) {
		memory = q->ops->memory(q, buf->id);
		if (memory.writable)
			memcpy(memory.data, data, min(memory.size, buf->data_len));
	}

	q->ops->give(q, buf->id, buf->size);
	if (!buf->quiet)
		irq_work_queue(&q->irq);
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
	if (q->ops) {
		q->wild = true;
		q->ops->jump(q, count);
		irq_work_queue(&q->irq);
		ret = 0;
	}
	spin_unlock_irqrestore(&q->lock, flags);

	return ret;
}

/**
 * mock_queue_mark() - write flags to where the next used buffer goes
 * @q:     the queue
 * @flags: which
 *
 * Context: Any.
 * Return: 0; -ENODEV without queue; -EOPNOTSUPP when its ring has no such flags.
 */
int mock_queue_mark(struct mock_queue *q, u16 flags)
{
	unsigned long irq_flags;
	int ret = -ENODEV;

	spin_lock_irqsave(&q->lock, irq_flags);
	if (q->ops && q->ops->mark) {
		q->ops->mark(q, flags);
		irq_work_queue(&q->irq);
		ret = 0;
	} else if (q->ops) {
		ret = -EOPNOTSUPP;
	}
	spin_unlock_irqrestore(&q->lock, irq_flags);

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
