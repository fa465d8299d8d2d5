// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtqueue_packed.c - the packed virtqueue
 *
 * VIRTIO 1.2, section 2.8, with VIRTIO_F_INDIRECT_DESC and VIRTIO_F_EVENT_IDX.
 * There is one ring, through which driver and device go round, each with a
 * counter of one bit that changes at the end of a round; two bits in every
 * descriptor say in which round it was made available, and used.
 */

#include <assert.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "virtio_device.h"
#include "virtqueue_format.h"

#define AVAIL	(1u << VRING_PACKED_DESC_F_AVAIL)
#define USED	(1u << VRING_PACKED_DESC_F_USED)
#define WRAP	(1u << VRING_PACKED_EVENT_F_WRAP_CTR)

static_assert(sizeof(struct vring_packed_desc) == 16, "as on the wire");
static_assert(sizeof(struct vring_packed_desc_event) == 4, "as on the wire");

static volatile struct vring_packed_desc *desc_at(const struct virtqueue *vq,
						  unsigned int index)
{
	return (struct vring_packed_desc *)vq->desc + index;
}

static int packed_map(struct virtqueue *vq)
{
	size_t num = vq->num, event = sizeof(struct vring_packed_desc_event);
	struct virtqueue_place parts[VIRTQUEUE_PARTS] = {
		[VIRTQUEUE_DESC] = {
			vq->desc_gpa, num * sizeof(struct vring_packed_desc),
			16, true
		},
		[VIRTQUEUE_AVAIL] = { vq->avail_gpa, event, 4, false },
		[VIRTQUEUE_USED] = { vq->used_gpa, event, 4, true },
	};

	if (!num || num > VIRTQUEUE_MAX_SIZE)
		return -EINVAL;

	return virtqueue_map_parts(vq, parts);
}

/*
 * No element is kept, so the two halves of the base are the same; should
 * another have left some behind, they are those that were not returned.  Base 0
 * is index 0 in a round of even number, but also what a front-end says that
 * does not know of wrap counters: a ring of which all is used tells.
 */
static int packed_resume(struct virtqueue *vq)
{
	uint16_t at = vq->base >> 16 ? vq->base >> 16 : vq->base;
	bool wrap = at & WRAP;

	if (!vq->base)
		wrap = !(le16toh(desc_at(vq, 0)->flags) & USED);
	at &= ~WRAP;
	if (at >= vq->num)
		return -EINVAL;

	vq->last_avail = at;
	vq->used_idx = at;
	vq->used_shown = at;
	vq->avail_wrap = wrap;
	vq->used_wrap = wrap;
	vq->shown_wrap = wrap;
	return 0;
}

static uint32_t packed_position(const struct virtqueue *vq)
{
	return (vq->last_avail | (vq->avail_wrap ? WRAP : 0)) |
	       (uint32_t)(vq->used_idx | (vq->used_wrap ? WRAP : 0)) << 16;
}

static void advance(const struct virtqueue *vq, uint16_t *index, bool *wrap,
		    uint16_t slots)
{
	unsigned int next = *index + slots;

	if (next >= vq->num) {
		next -= vq->num;
		*wrap = !*wrap;
	}
	*index = next;
}

/* The flags come first: the rest may be looked at only after them. */
static uint16_t read_flags(const struct virtqueue *vq, unsigned int index)
{
	struct vring_packed_desc *desc = vq->desc;

	return le16toh(__atomic_load_n(&desc[index].flags, __ATOMIC_ACQUIRE));
}

static bool packed_available(struct virtqueue *vq)
{
	uint16_t flags = read_flags(vq, vq->last_avail);

	return !!(flags & AVAIL) == vq->avail_wrap &&
	       !!(flags & USED) != vq->avail_wrap;
}

/* All of an indirect table is one element. */
static const char *walk_indirect(struct virtqueue *vq,
				 struct virtqueue_elem *elem, uint64_t addr,
				 uint32_t len, uint16_t flags, unsigned int max)
{
	const volatile struct vring_packed_desc *desc;
	const char *why;
	uint32_t i;
	void *table;

	why = virtqueue_find_indirect(vq, addr, len, flags & VRING_DESC_F_NEXT,
				      &table);
	desc = table;
	for (i = 0; !why && i < len / sizeof(*desc); i++) {
		flags = le16toh(desc[i].flags);
		if (flags & VRING_DESC_F_INDIRECT)
			return "indirect descriptor in an indirect table";
		why = virtqueue_add_segment(vq, elem, le64toh(desc[i].addr),
					    le32toh(desc[i].len),
					    flags & VRING_DESC_F_WRITE, max);
	}
	return why;
}

/* The buffer id is in the last descriptor of a chain. */
static const char *walk_chain(struct virtqueue *vq, struct virtqueue_elem *elem,
			      unsigned int max)
{
	volatile struct vring_packed_desc *desc;
	unsigned int index = vq->last_avail;
	const char *why;
	uint64_t addr;
	uint32_t len;
	uint16_t flags;

	do {
		if (elem->slots == vq->num)
			return "looped descriptor";
		flags = read_flags(vq, index);
		desc = desc_at(vq, index);
		addr = le64toh(desc->addr);
		len = le32toh(desc->len);
		elem->id = le16toh(desc->id);
		if (!(flags & VRING_DESC_F_INDIRECT))
			why = virtqueue_add_segment(vq, elem, addr, len,
				flags & VRING_DESC_F_WRITE, max);
		else if (elem->slots)
			why = "indirect descriptor in a chain";
		else
			why = walk_indirect(vq, elem, addr, len, flags, max);
		elem->slots++;
		index = index + 1 == vq->num ? 0 : index + 1;
	} while (!why && flags & VRING_DESC_F_NEXT);

	return why;
}

static int packed_pop(struct virtqueue *vq, struct virtqueue_elem *elem,
		      struct iovec *iov, unsigned int max)
{
	const char *why;

	if (!packed_available(vq))
		return 0;

	*elem = (struct virtqueue_elem) { .iov = iov };
	why = walk_chain(vq, elem, max);
	/* Only with all the room can it be told what is wrong. */
	if (why && max < VIRTQUEUE_MAX_SEGMENTS)
		return -ENOBUFS;
	if (why) {
		virtio_device_break(vq->dev, vq, why);
		return 0;
	}
	advance(vq, &vq->last_avail, &vq->avail_wrap, elem->slots);
	return 1;
}

static void packed_unpop(struct virtqueue *vq,
			 const struct virtqueue_elem *elem)
{
	unsigned int last = vq->last_avail;

	if (last < elem->slots) {
		last += vq->num;
		vq->avail_wrap = !vq->avail_wrap;
	}
	vq->last_avail = last - elem->slots;
}

/*
 * The flags of the first descriptor are written last, in packed_publish(): the
 * driver looks at the others only after it.
 */
static void packed_push(struct virtqueue *vq, const struct virtqueue_elem *elem,
			uint32_t len)
{
	volatile struct vring_packed_desc *desc = desc_at(vq, vq->used_idx);
	uint16_t flags = vq->used_wrap ? AVAIL | USED : 0;

	if (len)
		flags |= VRING_DESC_F_WRITE;
	desc->id = htole16(elem->id);
	desc->len = htole32(len);
	if (vq->used_idx == vq->used_shown && vq->used_wrap == vq->shown_wrap)
		vq->shown_flags = flags;
	else
		desc->flags = htole16(flags);
	virtqueue_wrote(vq, desc, sizeof(*desc));
	advance(vq, &vq->used_idx, &vq->used_wrap, elem->slots);
}

/* Does the driver want to be told of what is in between? */
static bool wants_call(struct virtqueue *vq, uint16_t old, bool old_wrap)
{
	const struct vring_packed_desc_event *driver = vq->avail;
	uint16_t flags = virtqueue_read16(&driver->flags);
	uint16_t event = virtqueue_read16(&driver->off_wrap);
	bool event_wrap = event & WRAP;

	if (flags != VRING_PACKED_EVENT_FLAG_DESC || !vq->event_idx)
		return flags != VRING_PACKED_EVENT_FLAG_DISABLE;

	/* Count all from the beginning of the round that used_idx is in. */
	event &= ~WRAP;
	if (event_wrap != vq->used_wrap)
		event -= vq->num;
	if (old_wrap != vq->used_wrap)
		old -= vq->num;
	return vring_need_event(event, vq->used_idx, old);
}

static bool packed_publish(struct virtqueue *vq)
{
	struct vring_packed_desc *desc = vq->desc;
	uint16_t old = vq->used_shown;
	bool old_wrap = vq->shown_wrap;
	bool valid = vq->shown_valid;

	if (old == vq->used_idx && old_wrap == vq->used_wrap)
		return false;

	__atomic_store_n(&desc[old].flags, htole16(vq->shown_flags),
			 __ATOMIC_RELEASE);
	virtqueue_wrote(vq, &desc[old], sizeof(*desc));
	vq->used_shown = vq->used_idx;
	vq->shown_wrap = vq->used_wrap;
	vq->shown_valid = true;

	/* The driver writes its wish and then looks at the descriptor. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return wants_call(vq, old, old_wrap) || !valid;
}

static bool packed_want_kick(struct virtqueue *vq)
{
	struct vring_packed_desc_event *device = vq->used;
	uint16_t flags = VRING_PACKED_EVENT_FLAG_ENABLE;

	if (vq->event_idx) {
		virtqueue_write16(&device->off_wrap, vq->last_avail |
				  (vq->avail_wrap ? WRAP : 0));
		flags = VRING_PACKED_EVENT_FLAG_DESC;
	}
	__atomic_store_n(&device->flags, htole16(flags), __ATOMIC_RELEASE);
	virtqueue_wrote(vq, device, sizeof(*device));

	/* The driver shows its buffers and then looks for our wish. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return packed_available(vq);
}

static void packed_refuse_kick(struct virtqueue *vq)
{
	struct vring_packed_desc_event *device = vq->used;

	virtqueue_write16(&device->flags, VRING_PACKED_EVENT_FLAG_DISABLE);
	virtqueue_wrote(vq, device, sizeof(*device));
}

const struct virtqueue_ops virtqueue_packed_ops = {
	.map		= packed_map,
	.pop		= packed_pop,
	.unpop		= packed_unpop,
	.push		= packed_push,
	.publish	= packed_publish,
	.want_kick	= packed_want_kick,
	.refuse_kick	= packed_refuse_kick,
	.resume		= packed_resume,
	.position	= packed_position,
};
