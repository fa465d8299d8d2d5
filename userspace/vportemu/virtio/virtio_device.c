// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_device.c - what lies between a device and its transport
 */

#include <errno.h>
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <string.h>

#include "virtio_device.h"
#include "virtqueue.h"

int virtio_device_init(struct virtio_device *dev, unsigned int num_queues)
{
	unsigned int i;

	dev->queues = calloc(num_queues, sizeof(*dev->queues));
	dev->former = calloc(num_queues, sizeof(*dev->former));
	if (!dev->queues || !dev->former) {
		free(dev->queues);
		free(dev->former);
		dev->queues = NULL;
		return -ENOMEM;
	}

	dev->num_queues = num_queues;
	dev->useful_queues = num_queues;
	for (i = 0; i < num_queues; i++)
		virtqueue_init(&dev->queues[i], dev, i);
	guest_memory_init(&dev->mem);
	return 0;
}

void virtio_device_finish(struct virtio_device *dev)
{
	guest_memory_finish(&dev->mem);
	free(dev->queues);
	free(dev->former);
	dev->queues = NULL;
	dev->former = NULL;
	dev->num_queues = 0;
}

int virtio_device_attach(struct virtio_device *dev,
			 const struct virtio_transport_ops *ops, void *data)
{
	if (dev->transport)
		return -EBUSY;

	dev->transport = ops;
	dev->transport_data = data;
	return 0;
}

void virtio_device_save(const struct virtio_device *dev,
			struct virtqueue_record *records)
{
	unsigned int i;

	for (i = 0; i < dev->num_queues; i++)
		records[i] = (struct virtqueue_record) {
			.position	= virtqueue_base(&dev->queues[i]),
			.note		= dev->queues[i].note,
			.valid		= true,
		};
}

void virtio_device_set_former(struct virtio_device *dev,
			      const struct virtqueue_record *records)
{
	memcpy(dev->former, records, dev->num_queues * sizeof(*records));
	dev->has_former = true;
	dev->former_is_exact = true;
}

void virtio_device_restore(struct virtio_device *dev)
{
	unsigned int i;

	dev->has_former = false;
	for (i = 0; i < dev->num_queues; i++) {
		if (!dev->former[i].valid)
			continue;
		dev->queues[i].note = dev->former[i].note;
		dev->queues[i].noted_at = dev->former[i].position;
	}
	if (dev->ops->restored)
		dev->ops->restored(dev);
}

/* Does the record say where to go on, and nobody else? */
static bool knows_position(const struct virtqueue *vq)
{
	const struct virtio_device *dev = vq->dev;

	return dev->former_is_exact && dev->former[vq->index].valid &&
	       virtio_has_feature(dev, VIRTIO_F_RING_PACKED);
}

void virtio_device_resume(struct virtqueue *vq, uint32_t base)
{
	struct virtio_device *dev = vq->dev;
	struct virtqueue_record *former = &dev->former[vq->index];
	bool known = knows_position(vq);

	if (dev->has_former) {
		if (known || !virtqueue_base_is_start(vq, base))
			virtio_device_restore(dev);
		else if (!virtqueue_base_is_start(vq, former->position))
			dev->has_former = false;
	}
	if (!known)
		return;
	virtqueue_set_base(vq, former->position);
	/* From now on the front-end is told where a ring has stopped. */
	former->valid = false;
}

void virtio_device_detach(struct virtio_device *dev)
{
	bool broken = dev->broken;

	virtio_device_save(dev, dev->former);
	/* What is in there is for who takes over. */
	dev->records = NULL;
	virtio_device_reset(dev);
	dev->has_former = !broken;
	dev->former_is_exact = false;
	guest_memory_clear(&dev->mem);
	dev->transport = NULL;
	dev->transport_data = NULL;
}

void virtio_device_reset(struct virtio_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->num_queues; i++) {
		virtio_queue_stop(&dev->queues[i]);
		virtqueue_init(&dev->queues[i], dev, i);
		virtqueue_set_note(&dev->queues[i], 0);
	}
	dev->has_former = false;
	dev->former_is_exact = false;
	dev->broken = false;
	dev->features = 0;
	dev->ops->reset(dev);
}

int virtio_queue_start(struct virtqueue *vq)
{
	int ret;

	if (vq->running)
		return 0;

	ret = virtqueue_start(vq);
	if (ret)
		return ret;
	vq->dev->ops->queue_started(vq->dev, vq);
	virtqueue_call(vq);
	return 0;
}

void virtio_queue_stop(struct virtqueue *vq)
{
	if (!vq->running)
		return;

	virtqueue_stop(vq);
	vq->dev->ops->queue_stopped(vq->dev, vq);
}

void virtio_queue_forget(struct virtqueue *vq)
{
	virtqueue_init(vq, vq->dev, vq->index);
	vq->dev->ops->queue_forgotten(vq->dev, vq);
}

void virtio_queue_kick(struct virtqueue *vq)
{
	if (vq->running && !vq->dev->broken)
		vq->dev->ops->queue_kicked(vq->dev, vq);
}

bool virtio_device_running(const struct virtio_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->num_queues; i++) {
		if (dev->queues[i].running)
			return true;
	}
	return false;
}

void virtio_device_remap(struct virtio_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->num_queues; i++) {
		if (dev->queues[i].running && virtqueue_map(&dev->queues[i]))
			virtio_device_break(dev, &dev->queues[i],
					    "ring is no longer in memory");
	}
}

void virtio_device_break(struct virtio_device *dev, struct virtqueue *vq,
			 const char *why)
{
	if (dev->broken)
		return;

	dev->broken = true;
	if (dev->transport)
		dev->transport->broken(dev->transport_data, vq, why);
}

void virtio_device_config_changed(struct virtio_device *dev)
{
	if (dev->transport)
		dev->transport->config_changed(dev->transport_data);
}
