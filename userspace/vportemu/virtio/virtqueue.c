// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtqueue.c - the device's end of a virtqueue, whatever its format
 */

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "virtio_device.h"
#include "virtqueue_format.h"

void virtqueue_init(struct virtqueue *vq, struct virtio_device *dev,
		    unsigned int index)
{
	memset(vq, 0, sizeof(*vq));
	vq->dev = dev;
	vq->index = index;
	vq->ops = &virtqueue_split_ops;
}

static bool is_packed(const struct virtqueue *vq)
{
	return virtio_has_feature(vq->dev, VIRTIO_F_RING_PACKED);
}

int virtqueue_map(struct virtqueue *vq)
{
	return vq->ops->map(vq);
}

int virtqueue_start(struct virtqueue *vq)
{
	int ret;

	vq->ops = is_packed(vq) ? &virtqueue_packed_ops : &virtqueue_split_ops;
	ret = virtqueue_map(vq);
	if (!ret)
		ret = vq->ops->resume(vq);
	if (ret)
		return ret;

	vq->event_idx = virtio_has_feature(vq->dev, VIRTIO_RING_F_EVENT_IDX);
	vq->shown_valid = false;
	/* Who was here before may have left before it interrupted the driver. */
	vq->call_due = !vq->remote &&
		       !virtqueue_base_is_start(vq, vq->ops->position(vq));
	vq->running = true;
	return 0;
}

void virtqueue_stop(struct virtqueue *vq)
{
	if (vq->remote)
		vq->dev->remote->stopped(vq->dev->transport_data, vq);
	vq->remote = false;
	vq->waiting = false;
	vq->base = vq->ops->position(vq);
	vq->running = false;
	vq->desc = NULL;
	vq->avail = NULL;
	vq->used = NULL;
}

/* Who takes over from us reads this when we are gone, at any moment. */
static void write_record(struct virtqueue *vq)
{
	volatile struct virtqueue_record *record;

	if (!vq->dev->records)
		return;
	record = &vq->dev->records[vq->index];
	record->valid = false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	record->position = virtqueue_base(vq);
	record->note = vq->note;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	record->valid = true;
}

void virtqueue_set_note(struct virtqueue *vq, uint64_t note)
{
	vq->note = note;
	vq->noted_at = virtqueue_base(vq);
	write_record(vq);
}

void virtqueue_set_base(struct virtqueue *vq, uint32_t base)
{
	vq->base = base;
}

uint32_t virtqueue_base(const struct virtqueue *vq)
{
	return vq->running ? vq->ops->position(vq) : vq->base;
}

/* A packed ring begins with a wrap counter of 1, which some leave out. */
bool virtqueue_base_is_start(const struct virtqueue *vq, uint32_t base)
{
	if (!base)
		return true;

	return is_packed(vq) && (base == 0x8000 || base == 0x80008000);
}

/*
 * What is not mapped: a copy, or just a place for what nobody looks at.  Rings
 * and buffers are in the same memory.
 */
static int add_remote(struct virtqueue *vq, struct iovec *iov, uint64_t addr,
		      uint32_t len, bool in)
{
	if (!vq->remote)
		return -EFAULT;

	iov->iov_len = len;
	iov->iov_base = vq->unread ? vq :
			vq->dev->remote->buffer(vq->dev->transport_data, vq,
						addr, len, in);
	return iov->iov_base ? 1 : -EFAULT;
}

const char *virtqueue_add_segment(struct virtqueue *vq,
				  struct virtqueue_elem *elem, uint64_t addr,
				  uint32_t len, bool in, unsigned int max)
{
	unsigned int used = elem->out_num + elem->in_num;
	int num;

	if (!len)
		return "buffer of no length";
	if (!in && elem->in_num)
		return "readable buffer behind a writable one";

	num = guest_memory_iov(&vq->dev->mem, addr, len, in, elem->iov + used,
			       max - used);
	if (num == -EFAULT && used < max)
		num = add_remote(vq, elem->iov + used, addr, len, in);
	if (num == -E2BIG)
		return "too many buffers in an element";
	if (num < 0)
		return "buffer outside of memory";

	*(in ? &elem->in_num : &elem->out_num) += num;
	*(in ? &elem->in_len : &elem->out_len) += len;
	if (elem->in_len + elem->out_len > UINT32_MAX)
		return "element of more than 4 GiB";
	return NULL;
}

const char *virtqueue_find_indirect(struct virtqueue *vq, uint64_t addr,
				    uint32_t len, bool next, void **ret)
{
	if (!virtio_has_feature(vq->dev, VIRTIO_RING_F_INDIRECT_DESC))
		return "indirect descriptor without the feature";
	if (next)
		return "indirect descriptor with a next one";
	if (!len || len % sizeof(struct vring_desc))
		return "indirect table of odd size";

	*ret = guest_memory_at(&vq->dev->mem, addr, len, false);
	return *ret ? NULL : "indirect table outside of memory";
}

/* All parts are mapped, and none is a copy. */
static bool map_parts(struct virtqueue *vq, struct virtqueue_place *parts)
{
	struct virtqueue_place *part;

	for (part = parts; part < parts + VIRTQUEUE_PARTS; part++) {
		part->at = guest_memory_at(&vq->dev->mem, part->gpa, part->len,
					   part->write);
		if (!part->at)
			return false;
	}
	return !vq->remote;
}

/* All are asked for, though the first may not be there yet. */
static bool copy_parts(struct virtqueue *vq, struct virtqueue_place *parts)
{
	const struct virtio_remote_ops *remote = vq->dev->remote;
	bool all = true;
	unsigned int i;

	if (!remote || is_packed(vq))
		return false;
	for (i = 0; i < VIRTQUEUE_PARTS; i++) {
		parts[i].at = remote->ring(vq->dev->transport_data, vq, i,
					   parts[i].gpa, parts[i].len);
		all = all && parts[i].at;
	}
	return all;
}

int virtqueue_map_parts(struct virtqueue *vq,
			struct virtqueue_place parts[VIRTQUEUE_PARTS])
{
	bool mapped = map_parts(vq, parts);
	unsigned int i;

	if (!mapped && !copy_parts(vq, parts))
		return -EFAULT;
	for (i = 0; i < VIRTQUEUE_PARTS; i++) {
		if ((uintptr_t)parts[i].at & (parts[i].align - 1))
			return -EFAULT;
	}
	vq->remote = !mapped;
	vq->desc = parts[VIRTQUEUE_DESC].at;
	vq->avail = parts[VIRTQUEUE_AVAIL].at;
	vq->used = parts[VIRTQUEUE_USED].at;
	return 0;
}

int virtqueue_pop(struct virtqueue *vq, struct virtqueue_elem *elem,
		  struct iovec *iov, unsigned int max)
{
	int ret;

	if (!vq->running || vq->dev->broken ||
	    (vq->waiting && !vq->unread))
		return 0;

	ret = vq->ops->pop(vq, elem, iov, max);
	if (guest_memory_lost(&vq->dev->mem)) {
		virtio_device_break(vq->dev, vq, "guest memory has vanished");
		return 0;
	}
	return vq->dev->broken ? 0 : ret;
}

int virtqueue_pop_unread(struct virtqueue *vq, struct virtqueue_elem *elem,
			 struct iovec *iov, unsigned int max)
{
	int ret;

	vq->unread = true;
	ret = virtqueue_pop(vq, elem, iov, max);
	vq->unread = false;
	return ret;
}

void virtqueue_unpop(struct virtqueue *vq, const struct virtqueue_elem *elem)
{
	vq->ops->unpop(vq, elem);
}

/* What the device wrote lies at the start of its part of the element. */
static void log_written(struct virtqueue *vq, const struct virtqueue_elem *elem,
			size_t len)
{
	const struct iovec *iov = elem->iov + elem->out_num;
	unsigned int i;
	size_t part;

	for (i = 0; i < elem->in_num && len; i++) {
		part = iov[i].iov_len < len ? iov[i].iov_len : len;
		guest_memory_dirty(&vq->dev->mem, iov[i].iov_base, part);
		len -= part;
	}
}

void virtqueue_push(struct virtqueue *vq, const struct virtqueue_elem *elem,
		    uint32_t len)
{
	if (vq->dev->mem.log)
		log_written(vq, elem, len);
	if (vq->remote)
		vq->dev->remote->returned(vq->dev->transport_data, vq, len);
	vq->ops->push(vq, elem, len);
}

void virtqueue_show(struct virtqueue *vq)
{
	bool call;

	if (!vq->running || vq->dev->broken)
		return;

	call = vq->ops->publish(vq);
	write_record(vq);
	if (vq->remote)
		vq->dev->remote->changed(vq->dev->transport_data, vq);
	else if (call)
		vq->call_due = true;
}

void virtqueue_call(struct virtqueue *vq)
{
	if (!vq->running || !vq->call_due)
		return;

	vq->call_due = false;
	if (vq->dev->transport)
		vq->dev->transport->call(vq->dev->transport_data, vq);
}

void virtqueue_flush(struct virtqueue *vq)
{
	virtqueue_show(vq);
	virtqueue_call(vq);
}

bool virtqueue_want_kick(struct virtqueue *vq)
{
	bool more;

	if (!vq->running || vq->dev->broken)
		return false;

	more = vq->ops->want_kick(vq);
	if (vq->remote)
		vq->dev->remote->changed(vq->dev->transport_data, vq);
	return more && !vq->waiting;
}

void virtqueue_refuse_kick(struct virtqueue *vq)
{
	if (!vq->running || vq->dev->broken)
		return;

	vq->ops->refuse_kick(vq);
	if (vq->remote)
		vq->dev->remote->changed(vq->dev->transport_data, vq);
}
