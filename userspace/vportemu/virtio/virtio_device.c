// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_device.c - what lies between a device and its transport
 */

#include <errno.h>
#include <stdlib.h>

#include "virtio_device.h"
#include "virtqueue.h"

int virtio_device_init(struct virtio_device *dev, unsigned int num_queues)
{
	unsigned int i;

	dev->queues = calloc(num_queues, sizeof(*dev->queues));
	if (!dev->queues)
		return -ENOMEM;

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
	dev->queues = NULL;
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

void virtio_device_detach(struct virtio_device *dev)
{
	virtio_device_reset(dev);
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
	}
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
	if (!ret)
		vq->dev->ops->queue_started(vq->dev, vq);
	return ret;
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
