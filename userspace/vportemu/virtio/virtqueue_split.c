// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtqueue_split.c - the split virtqueue
 *
 * VIRTIO 1.2, section 2.7, with VIRTIO_F_INDIRECT_DESC and VIRTIO_F_EVENT_IDX.
 */

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "virtio_device.h"
#include "virtqueue.h"

static_assert(sizeof(struct vring_desc) == 16, "as on the wire");
static_assert(sizeof(struct vring_used_elem) == 8, "as on the wire");

/* Where the descriptors of an element are read from. */
struct desc_table {
	const volatile struct vring_desc *descs;
	unsigned int count;
	bool indirect;
};

static uint16_t read_le16(const void *from)
{
	return le16toh(__atomic_load_n((const uint16_t *)from,
				       __ATOMIC_RELAXED));
}

static void write_le16(void *to, uint16_t value)
{
	__atomic_store_n((uint16_t *)to, htole16(value), __ATOMIC_RELAXED);
}

/* The two event fields follow the rings. */
static uint16_t *used_event(struct virtqueue *vq)
{
	struct vring_avail *avail = vq->avail;

	return &avail->ring[vq->num];
}

static uint16_t *avail_event(struct virtqueue *vq)
{
	struct vring_used *used = vq->used;

	return (uint16_t *)&used->ring[vq->num];
}

static void *map_part(struct virtqueue *vq, uint64_t gpa, size_t len,
		      size_t align)
{
	void *at = guest_memory_at(&vq->dev->mem, gpa, len);

	return (uintptr_t)at & (align - 1) ? NULL : at;
}

static int split_map(struct virtqueue *vq)
{
	size_t num = vq->num;
	void *desc, *avail, *used;

	if (!num || num > VIRTQUEUE_MAX_SIZE || num & (num - 1))
		return -EINVAL;

	desc = map_part(vq, vq->desc_gpa, num * sizeof(struct vring_desc),
			VRING_DESC_ALIGN_SIZE);
	avail = map_part(vq, vq->avail_gpa,
			 sizeof(struct vring_avail) + (num + 1) * 2,
			 VRING_AVAIL_ALIGN_SIZE);
	used = map_part(vq, vq->used_gpa, sizeof(struct vring_used) +
			num * sizeof(struct vring_used_elem) + 2,
			VRING_USED_ALIGN_SIZE);
	if (!desc || !avail || !used)
		return -EFAULT;

	vq->desc = desc;
	vq->avail = avail;
	vq->used = used;
	return 0;
}

/*
 * Elements are returned in order and none is kept, so the used index says
 * exactly how far the device was.  Some front-ends hand over the driver's index
 * instead, which would skip the buffers that are waiting.
 */
static void split_resume(struct virtqueue *vq)
{
	const struct vring_used *used = vq->used;

	virtqueue_set_base(vq, read_le16(&used->idx));
}

/* Is there one, reading the driver's index only when all seen are taken. */
static bool split_available(struct virtqueue *vq)
{
	const struct vring_avail *avail = vq->avail;
	uint16_t waiting;

	if (vq->avail_seen != vq->last_avail)
		return true;

	vq->avail_seen = le16toh(__atomic_load_n(&avail->idx,
						 __ATOMIC_ACQUIRE));
	waiting = vq->avail_seen - vq->last_avail;
	if (waiting > vq->num) {
		vq->avail_seen = vq->last_avail;
		virtio_device_break(vq->dev, vq,
				    "available index moved too far");
		return false;
	}
	return waiting;
}

static struct vring_desc read_desc(const volatile struct vring_desc *from)
{
	return (struct vring_desc) {
		.addr	= le64toh(from->addr),
		.len	= le32toh(from->len),
		.flags	= le16toh(from->flags),
		.next	= le16toh(from->next),
	};
}

static const char *enter_indirect(struct virtqueue *vq,
				  const struct vring_desc *desc,
				  struct desc_table *table)
{
	if (table->indirect)
		return "indirect descriptor in an indirect table";
	if (!virtio_has_feature(vq->dev, VIRTIO_RING_F_INDIRECT_DESC))
		return "indirect descriptor without the feature";
	if (desc->flags & VRING_DESC_F_NEXT)
		return "indirect descriptor with a next one";
	if (!desc->len || desc->len % sizeof(struct vring_desc))
		return "indirect table of odd size";

	table->descs = guest_memory_at(&vq->dev->mem, desc->addr, desc->len);
	if (!table->descs)
		return "indirect table outside of memory";
	table->count = desc->len / sizeof(struct vring_desc);
	table->indirect = true;
	return NULL;
}

/* Add what one descriptor describes to the element. */
static const char *add_segment(struct virtqueue *vq,
			       struct virtqueue_elem *elem,
			       const struct vring_desc *desc, unsigned int max)
{
	unsigned int used = elem->out_num + elem->in_num;
	bool in = desc->flags & VRING_DESC_F_WRITE;
	int num;

	if (!desc->len)
		return "buffer of no length";
	if (!in && elem->in_num)
		return "readable buffer behind a writable one";

	num = guest_memory_iov(&vq->dev->mem, desc->addr, desc->len,
			       elem->iov + used, max - used);
	if (num == -E2BIG)
		return "too many buffers in an element";
	if (num < 0)
		return "buffer outside of memory";

	*(in ? &elem->in_num : &elem->out_num) += num;
	*(in ? &elem->in_len : &elem->out_len) += desc->len;
	if (elem->in_len + elem->out_len > UINT32_MAX)
		return "element of more than 4 GiB";
	return NULL;
}

static const char *walk_chain(struct virtqueue *vq, struct virtqueue_elem *elem,
			      unsigned int head, unsigned int max)
{
	struct desc_table table = { vq->desc, vq->num, false };
	struct vring_desc desc;
	unsigned int seen = 0;
	const char *why;

	for (;;) {
		if (head >= table.count)
			return "descriptor index out of range";
		desc = read_desc(&table.descs[head]);

		if (desc.flags & VRING_DESC_F_INDIRECT) {
			why = enter_indirect(vq, &desc, &table);
			head = 0;
			seen = 0;
		} else {
			if (++seen > table.count)
				return "looped descriptor";
			why = add_segment(vq, elem, &desc, max);
			head = desc.next;
			if (!why && !(desc.flags & VRING_DESC_F_NEXT))
				return NULL;
		}
		if (why)
			return why;
	}
}

static int split_pop(struct virtqueue *vq, struct virtqueue_elem *elem,
		     struct iovec *iov, unsigned int max)
{
	const struct vring_avail *avail = vq->avail;
	uint16_t slot = vq->last_avail & (vq->num - 1);
	const char *why;

	if (!split_available(vq))
		return 0;

	*elem = (struct virtqueue_elem) {
		.iov	= iov,
		.slots	= 1,
		.id	= read_le16(&avail->ring[slot]),
	};
	why = walk_chain(vq, elem, elem->id, max);
	/* Only with all the room can it be told what is wrong. */
	if (why && max < VIRTQUEUE_MAX_SEGMENTS)
		return -ENOBUFS;
	if (why) {
		virtio_device_break(vq->dev, vq, why);
		return 0;
	}
	vq->last_avail++;
	return 1;
}

static void split_unpop(struct virtqueue *vq,
			const struct virtqueue_elem *elem)
{
	vq->last_avail -= elem->slots;
}

static void split_push(struct virtqueue *vq, const struct virtqueue_elem *elem,
		       uint32_t len)
{
	struct vring_used *used = vq->used;
	volatile struct vring_used_elem *slot;

	slot = &used->ring[vq->used_idx & (vq->num - 1)];
	slot->id = htole32(elem->id);
	slot->len = htole32(len);
	vq->used_idx++;
}

static bool split_publish(struct virtqueue *vq)
{
	const struct vring_avail *avail = vq->avail;
	struct vring_used *used = vq->used;
	uint16_t old = vq->used_shown;
	bool valid = vq->shown_valid;

	if (old == vq->used_idx)
		return false;

	__atomic_store_n(&used->idx, htole16(vq->used_idx), __ATOMIC_RELEASE);
	vq->used_shown = vq->used_idx;
	vq->shown_valid = true;

	/* The driver writes its wish and then looks at the index. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!vq->event_idx)
		return !(read_le16(&avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);

	return !valid || vring_need_event(read_le16(used_event(vq)),
					  vq->used_idx, old);
}

static bool split_want_kick(struct virtqueue *vq)
{
	struct vring_used *used = vq->used;

	if (vq->event_idx)
		write_le16(avail_event(vq), vq->last_avail);
	else
		write_le16(&used->flags, 0);

	/* The driver shows its buffers and then looks for our wish. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return split_available(vq);
}

/* With event indices an old one is as good as none. */
static void split_refuse_kick(struct virtqueue *vq)
{
	struct vring_used *used = vq->used;

	if (!vq->event_idx)
		write_le16(&used->flags, VRING_USED_F_NO_NOTIFY);
}

const struct virtqueue_ops virtqueue_split_ops = {
	.map		= split_map,
	.pop		= split_pop,
	.unpop		= split_unpop,
	.push		= split_push,
	.publish	= split_publish,
	.want_kick	= split_want_kick,
	.refuse_kick	= split_refuse_kick,
	.resume		= split_resume,
};
