// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtqueue.c - the device's end of a virtqueue, whatever its format
 */

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "virtio_device.h"
#include "virtqueue.h"

void virtqueue_init(struct virtqueue *vq, struct virtio_device *dev,
		    unsigned int index)
{
	memset(vq, 0, sizeof(*vq));
	vq->dev = dev;
	vq->index = index;
	vq->ops = &virtqueue_split_ops;
}

int virtqueue_map(struct virtqueue *vq)
{
	return vq->ops->map(vq);
}

int virtqueue_start(struct virtqueue *vq)
{
	int ret;

	ret = virtqueue_map(vq);
	if (ret)
		return ret;

	vq->event_idx = virtio_has_feature(vq->dev, VIRTIO_RING_F_EVENT_IDX);
	vq->shown_valid = false;
	vq->running = true;
	vq->ops->resume(vq);
	return 0;
}

void virtqueue_stop(struct virtqueue *vq)
{
	vq->running = false;
	vq->desc = NULL;
	vq->avail = NULL;
	vq->used = NULL;
}

void virtqueue_set_base(struct virtqueue *vq, uint16_t base)
{
	vq->last_avail = base;
	vq->avail_seen = base;
	vq->used_idx = base;
	vq->used_shown = base;
}

uint16_t virtqueue_base(const struct virtqueue *vq)
{
	return vq->last_avail;
}

int virtqueue_pop(struct virtqueue *vq, struct virtqueue_elem *elem,
		  struct iovec *iov, unsigned int max)
{
	int ret;

	if (!vq->running || vq->dev->broken)
		return 0;

	ret = vq->ops->pop(vq, elem, iov, max);
	if (guest_memory_lost(&vq->dev->mem)) {
		virtio_device_break(vq->dev, vq, "guest memory has vanished");
		return 0;
	}
	return vq->dev->broken ? 0 : ret;
}

void virtqueue_unpop(struct virtqueue *vq, const struct virtqueue_elem *elem)
{
	vq->ops->unpop(vq, elem);
}

void virtqueue_push(struct virtqueue *vq, const struct virtqueue_elem *elem,
		    uint32_t len)
{
	vq->ops->push(vq, elem, len);
}

void virtqueue_flush(struct virtqueue *vq)
{
	if (!vq->running || vq->dev->broken)
		return;

	if (vq->ops->publish(vq) && vq->dev->transport)
		vq->dev->transport->call(vq->dev->transport_data, vq);
}

bool virtqueue_want_kick(struct virtqueue *vq)
{
	return vq->running && !vq->dev->broken && vq->ops->want_kick(vq);
}

void virtqueue_refuse_kick(struct virtqueue *vq)
{
	if (vq->running && !vq->dev->broken)
		vq->ops->refuse_kick(vq);
}
