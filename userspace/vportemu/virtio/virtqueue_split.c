// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtqueue_split.c - the split virtqueue
 *
 * VIRTIO 1.2, section 2.7, with VIRTIO_F_INDIRECT_DESC and VIRTIO_F_EVENT_IDX.
 */

#include <assert.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "virtio_device.h"
#include "virtqueue_format.h"

static_assert(sizeof(struct vring_desc) == 16, "as on the wire");
static_assert(sizeof(struct vring_used_elem) == 8, "as on the wire");

/* Where the descriptors of an element are read from. */
struct desc_table {
	const volatile struct vring_desc *descs;
	unsigned int count;
	bool indirect;
};

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

static int split_map(struct virtqueue *vq)
{
	size_t num = vq->num;
	struct virtqueue_place parts[VIRTQUEUE_PARTS] = {
		[VIRTQUEUE_DESC] = {
			.gpa	= vq->desc_gpa,
			.len	= num * sizeof(struct vring_desc),
			.align	= VRING_DESC_ALIGN_SIZE,
		},
		[VIRTQUEUE_AVAIL] = {
			.gpa	= vq->avail_gpa,
			.len	= sizeof(struct vring_avail) + (num + 1) * 2,
			.align	= VRING_AVAIL_ALIGN_SIZE,
		},
		[VIRTQUEUE_USED] = {
			.gpa	= vq->used_gpa,
			.len	= sizeof(struct vring_used) + 2 +
				  num * sizeof(struct vring_used_elem),
			.align	= VRING_USED_ALIGN_SIZE,
			.write	= true,
		},
	};

	if (!num || num > VIRTQUEUE_MAX_SIZE || num & (num - 1))
		return -EINVAL;

	return virtqueue_map_parts(vq, parts);
}

/*
 * Elements are returned in order and none is kept, so the used index says
 * exactly how far the device was.  Some front-ends hand over the driver's index
 * instead, which would skip the buffers that are waiting.
 */
static int split_resume(struct virtqueue *vq)
{
	const struct vring_used *used = vq->used;

	vq->last_avail = virtqueue_read16(&used->idx);
	vq->avail_seen = vq->last_avail;
	vq->used_idx = vq->last_avail;
	vq->used_shown = vq->last_avail;
	return 0;
}

static uint32_t split_position(const struct virtqueue *vq)
{
	return vq->last_avail;
}

/*
 * Is there one, reading the driver's index only when all seen are taken.
 *
 * The index goes back when a driver that is being removed takes out what it had
 * offered.  It has reset the device before, but over vhost-user we are not told.
 */
static bool split_available(struct virtqueue *vq)
{
	const struct vring_avail *avail = vq->avail;
	uint16_t waiting;
	uint16_t taken_back;

	if (vq->avail_seen != vq->last_avail)
		return true;

	vq->avail_seen = le16toh(__atomic_load_n(&avail->idx,
						 __ATOMIC_ACQUIRE));
	waiting = vq->avail_seen - vq->last_avail;
	if (waiting <= vq->num)
		return waiting;

	taken_back = vq->last_avail - vq->avail_seen;
	vq->avail_seen = vq->last_avail;
	if (taken_back > vq->num)
		virtio_device_break(vq->dev, vq,
				    "available index moved too far");
	return false;
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
	const char *why;
	void *at;

	if (table->indirect)
		return "indirect descriptor in an indirect table";
	why = virtqueue_find_indirect(vq, desc->addr, desc->len,
				      desc->flags & VRING_DESC_F_NEXT, &at);
	if (why)
		return why;

	table->descs = at;
	table->count = desc->len / sizeof(struct vring_desc);
	table->indirect = true;
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
			why = virtqueue_add_segment(vq, elem, desc.addr,
				desc.len, desc.flags & VRING_DESC_F_WRITE,
				max);
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
		.id	= virtqueue_read16(&avail->ring[slot]),
	};
	vq->later = false;
	why = walk_chain(vq, elem, elem->id, max);
	if (why && (vq->waiting || vq->later))
		return 0;
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
	virtqueue_wrote(vq, slot, sizeof(*slot));
	vq->used_idx++;
}

/* What drivers from before VIRTIO 1.0 may want to be told in any case. */
static bool has_run_empty(const struct virtqueue *vq)
{
	const struct vring_avail *avail = vq->avail;

	return virtio_has_feature(vq->dev, VIRTIO_F_NOTIFY_ON_EMPTY) &&
	       vq->used_idx == vq->last_avail &&
	       vq->last_avail == virtqueue_read16(&avail->idx);
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
	virtqueue_wrote(vq, used, sizeof(*used));
	vq->used_shown = vq->used_idx;
	vq->shown_valid = true;

	/* The driver writes its wish and then looks at the index. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (has_run_empty(vq))
		return true;
	if (!vq->event_idx)
		return !(virtqueue_read16(&avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);

	return !valid || vring_need_event(virtqueue_read16(used_event(vq)),
					  vq->used_idx, old);
}

static bool split_want_kick(struct virtqueue *vq)
{
	struct vring_used *used = vq->used;

	if (vq->event_idx)
		virtqueue_write16(avail_event(vq), vq->last_avail);
	else
		virtqueue_write16(&used->flags, 0);
	virtqueue_wrote(vq, vq->event_idx ? avail_event(vq) : &used->flags,
			sizeof(used->flags));

	/* The driver shows its buffers and then looks for our wish. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return split_available(vq);
}

/* With event indices an old one is as good as none. */
static void split_refuse_kick(struct virtqueue *vq)
{
	struct vring_used *used = vq->used;

	if (vq->event_idx)
		return;
	virtqueue_write16(&used->flags, VRING_USED_F_NO_NOTIFY);
	virtqueue_wrote(vq, &used->flags, sizeof(used->flags));
}

/* A chain that is too long, or leads nowhere, ends where that is seen. */
void virtqueue_split_view(struct virtqueue *vq, uint16_t index,
			  struct virtqueue_view *ret)
{
	const struct vring_avail *avail = vq->avail;
	const struct vring_used *used = vq->used;
	struct desc_table table = { vq->desc, vq->num, false };
	struct vring_desc desc;
	unsigned int at;

	*ret = (struct virtqueue_view) {
		.avail_flags	= virtqueue_read16(&avail->flags),
		.avail_idx	= virtqueue_read16(&avail->idx),
		.avail_ring	= virtqueue_read16(&avail->ring[index % vq->num]),
		.used_flags	= virtqueue_read16(&used->flags),
		.used_idx	= virtqueue_read16(&used->idx),
	};
	at = ret->head = ret->avail_ring;
	while (at < table.count && ret->num_descs < VIRTQUEUE_VIEW_DESCS) {
		desc = read_desc(&table.descs[at]);
		if (desc.flags & VRING_DESC_F_INDIRECT) {
			if (enter_indirect(vq, &desc, &table))
				return;
			at = 0;
			continue;
		}
		ret->descs[ret->num_descs++] = (struct virtqueue_desc) {
			desc.addr, desc.len, desc.flags
		};
		if (!(desc.flags & VRING_DESC_F_NEXT))
			return;
		at = desc.next;
	}
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
	.position	= split_position,
};
