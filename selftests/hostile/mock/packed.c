// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vcon_mock - a packed ring (VIRTIO 2.8)
 *
 * One ring for both sides: a descriptor is available or used by what two of its
 * flags say in the present round.  The driver makes chains of one, so that a used
 * buffer takes as many places as an available one.  Events are left as the core
 * has made them, zeroed: the driver is to notify always.
 */

#include <linux/io.h>
#include <linux/virtio_config.h>

#include "mock.h"

#define AVAIL	BIT(VRING_PACKED_DESC_F_AVAIL)
#define USED	BIT(VRING_PACKED_DESC_F_USED)

static void packed_start(struct mock_queue *q)
{
	q->packed = phys_to_virt(virtqueue_get_desc_addr(q->vq));
	q->seen_wrap = true;
	q->used_wrap = true;
}

static void packed_step(struct mock_queue *q, u16 *place, bool *wrap)
{
	if (++*place < virtqueue_get_vring_size(q->vq))
		return;

	*place = 0;
	*wrap = !*wrap;
}

static bool packed_has_some(struct mock_queue *q)
{
	u16 flags = le16_to_cpu(READ_ONCE(q->packed[q->seen].flags));

	return !!(flags & AVAIL) == q->seen_wrap &&
	       !!(flags & USED) != q->seen_wrap;
}

static u32 packed_take(struct mock_queue *q)
{
	const struct vring_packed_desc *desc = &q->packed[q->seen];
	u32 id = le16_to_cpu(desc->id) % VCON_MOCK_ENTRIES;

	q->lent[id] = (struct mock_memory) {
		.data = phys_to_virt(le64_to_cpu(desc->addr)),
		.size = le32_to_cpu(desc->len),
		.writable = le16_to_cpu(desc->flags) & VRING_DESC_F_WRITE,
	};
	packed_step(q, &q->seen, &q->seen_wrap);

	return id;
}

static struct mock_memory packed_memory(struct mock_queue *q, u32 id)
{
	return q->lent[id];
}

static void packed_set_flags(struct mock_queue *q, u16 flags)
{
	/* The flags are written after what they are about. */
	virt_wmb();
	WRITE_ONCE(q->packed[q->used].flags, cpu_to_le16(flags));
}

static void packed_mark(struct mock_queue *q, u16 flags)
{
	/* That gives back a buffer, whichever it is. */
	if (!!(flags & AVAIL) == q->used_wrap && !!(flags & USED) == q->used_wrap)
		q->wild = true;
	packed_set_flags(q, flags);
}

static void packed_use(struct mock_queue *q)
{
	packed_set_flags(q, q->used_wrap ? AVAIL | USED : 0);
	packed_step(q, &q->used, &q->used_wrap);
}

static void packed_give(struct mock_queue *q, u32 id, u32 len)
{
	q->packed[q->used].id = cpu_to_le16(id);
	q->packed[q->used].len = cpu_to_le32(len);
	packed_use(q);
}

/* More than twice around says nothing new. */
static void packed_jump(struct mock_queue *q, u32 count)
{
	for (count = min(count, 2u * VCON_MOCK_ENTRIES); count; count--)
		packed_use(q);
}

const struct mock_ring_ops mock_packed_ops = {
	.start		= packed_start,
	.has_some	= packed_has_some,
	.take		= packed_take,
	.memory		= packed_memory,
	.give		= packed_give,
	.jump		= packed_jump,
	.mark		= packed_mark,
};
