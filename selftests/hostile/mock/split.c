// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vcon_mock - split rings (VIRTIO 2.7)
 *
 * The driver makes chains of one.
 */

#include <linux/io.h>
#include <linux/virtio_config.h>

#include "mock.h"

static u16 to_cpu16(struct mock_queue *q, __virtio16 value)
{
	return virtio16_to_cpu(q->vq->vdev, value);
}

static void split_start(struct mock_queue *q)
{
	q->split = virtqueue_get_vring(q->vq);
}

static bool split_has_some(struct mock_queue *q)
{
	return to_cpu16(q, READ_ONCE(q->split->avail->idx)) != q->seen;
}

static u32 split_take(struct mock_queue *q)
{
	u16 id = to_cpu16(q, q->split->avail->ring[q->seen % q->split->num]);

	q->seen++;
	vring_avail_event(q->split) = cpu_to_virtio16(q->vq->vdev, q->seen);
	/* And more may have come before the driver knew that we care. */
	virt_mb();

	return id;
}

static struct mock_memory split_memory(struct mock_queue *q, u32 id)
{
	const struct vring_desc *desc = &q->split->desc[id];
	struct virtio_device *vdev = q->vq->vdev;

	return (struct mock_memory) {
		.data = phys_to_virt(virtio64_to_cpu(vdev, desc->addr)),
		.size = virtio32_to_cpu(vdev, desc->len),
		.writable = to_cpu16(q, desc->flags) & VRING_DESC_F_WRITE,
	};
}

/* Entries of the used ring, with whatever is there. */
static void split_jump(struct mock_queue *q, u32 count)
{
	/* The index is written after what is in the ring. */
	virt_wmb();
	q->used += count;
	WRITE_ONCE(q->split->used->idx, cpu_to_virtio16(q->vq->vdev, q->used));
}

static void split_give(struct mock_queue *q, u32 id, u32 len)
{
	struct vring_used_elem *elem;

	elem = &q->split->used->ring[q->used % q->split->num];
	elem->id = cpu_to_virtio32(q->vq->vdev, id);
	elem->len = cpu_to_virtio32(q->vq->vdev, len);
	split_jump(q, 1);
}

const struct mock_ring_ops mock_split_ops = {
	.start		= split_start,
	.has_some	= split_has_some,
	.take		= split_take,
	.memory		= split_memory,
	.give		= split_give,
	.jump		= split_jump,
};
