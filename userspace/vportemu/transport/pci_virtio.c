// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_virtio.c - the device behind the registers: status, features, queues
 */

#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "pci.h"
#include "virtqueue.h"

static struct virtqueue *to_vq(const struct pci_function *fn,
			       const struct pci_queue *queue)
{
	return &fn->dev->queues[queue - fn->queues];
}

static void reset_queue(struct pci_function *fn, struct pci_queue *queue)
{
	fn->ops->queue_reset(fn->data, to_vq(fn, queue));
	*queue = (struct pci_queue) {
		.size = fn->dev->ops->queue_size(fn->dev, queue - fn->queues),
		.vector = VIRTIO_MSI_NO_VECTOR,
	};
}

void pci_virtio_reset(struct pci_function *fn)
{
	unsigned int i;

	virtio_device_reset(fn->dev);
	fn->notified = NULL;
	fn->status = 0;
	fn->isr = 0;
	fn->config_vector = VIRTIO_MSI_NO_VECTOR;
	fn->queue_select = 0;
	fn->device_feature_select = 0;
	fn->driver_feature_select = 0;
	fn->driver_features = 0;
	for (i = 0; i < fn->dev->num_queues; i++)
		reset_queue(fn, &fn->queues[i]);
	pci_intx_update(fn);
}

static bool is_live(const struct pci_function *fn)
{
	return fn->status & VIRTIO_CONFIG_S_DRIVER_OK && pci_is_master(fn);
}

/*
 * A ring that is stranded may be so for a moment only: a VMM that changes one
 * part of its memory unmaps more and maps it again.
 */
static void start_queue(struct pci_function *fn, struct pci_queue *queue)
{
	struct virtqueue *vq = to_vq(fn, queue);

	vq->waiting = false;
	vq->num = queue->size;
	vq->desc_gpa = queue->desc;
	vq->avail_gpa = queue->driver;
	vq->used_gpa = queue->device;
	if (!virtio_queue_start(vq))
		queue->stranded = false;
	else if (vq->waiting)
		queue->stranded = true;
	else if (!queue->stranded)
		virtio_device_break(fn->dev, vq, "no ring in memory");
}

void pci_update_queues(struct pci_function *fn)
{
	bool live = is_live(fn);
	struct pci_queue *queue;
	unsigned int i;

	for (i = 0; i < fn->dev->num_queues; i++) {
		queue = &fn->queues[i];
		if (!live || !queue->enabled)
			virtio_queue_stop(to_vq(fn, queue));
		else
			start_queue(fn, queue);
	}
}

void pci_memory_unmapped(struct pci_function *fn)
{
	struct virtqueue *vq;
	unsigned int i;

	for (i = 0; i < fn->dev->num_queues; i++) {
		vq = &fn->dev->queues[i];
		if (!vq->running || !virtqueue_map(vq))
			continue;
		virtio_queue_stop(vq);
		fn->queues[i].stranded = true;
	}
}

void pci_memory_mapped(struct pci_function *fn)
{
	unsigned int i;

	for (i = 0; i < fn->dev->num_queues; i++) {
		if (fn->queues[i].stranded && is_live(fn))
			start_queue(fn, &fn->queues[i]);
	}
}

struct pci_queue *pci_selected_queue(const struct pci_function *fn)
{
	return fn->queue_select < fn->dev->num_queues ?
	       &fn->queues[fn->queue_select] : NULL;
}

void pci_enable_queue(struct pci_function *fn, struct pci_queue *queue)
{
	queue->enabled = true;
	if (is_live(fn))
		start_queue(fn, queue);
}

void pci_disable_queue(struct pci_function *fn, struct pci_queue *queue)
{
	struct virtqueue *vq = to_vq(fn, queue);

	virtio_queue_stop(vq);
	virtio_queue_forget(vq);
	if (fn->notified == vq)
		fn->notified = NULL;
	reset_queue(fn, queue);
}

void pci_notify(struct pci_function *fn, unsigned int index)
{
	if (index >= fn->dev->num_queues)
		return;

	if (fn->queues[index].stranded && !fn->dev->queues[index].waiting)
		virtio_device_break(fn->dev, &fn->dev->queues[index],
				    "ring is no longer in memory");
	fn->notified = &fn->dev->queues[index];
}

/*
 * A packed ring is written by both sides, which a copy of it cannot be.  What is
 * discarded is not fetched, so it has to be known without a table how long it is.
 */
uint64_t pci_offered_features(const struct pci_function *fn)
{
	if (fn->dev->remote)
		return fn->dev->offered & ~(1ull << VIRTIO_F_RING_PACKED |
					    1ull << VIRTIO_RING_F_INDIRECT_DESC);

	return fn->dev->offered;
}

static bool accept_features(struct pci_function *fn)
{
	uint64_t needed = pci_offered_features(fn) &
			  (1ull << VIRTIO_F_VERSION_1 |
			   1ull << VIRTIO_F_ACCESS_PLATFORM);

	if (fn->driver_features & ~pci_offered_features(fn) ||
	    (fn->driver_features & needed) != needed)
		return false;

	fn->dev->features = fn->driver_features;
	return true;
}

/* That the device needs a reset is for the device to say. */
static void update_status(struct pci_function *fn, uint8_t status)
{
	fn->status = (status & ~VIRTIO_CONFIG_S_NEEDS_RESET) |
		     (fn->status & VIRTIO_CONFIG_S_NEEDS_RESET);
	pci_update_queues(fn);
}

void pci_set_status(struct pci_function *fn, uint8_t status)
{
	uint8_t added = status & ~fn->status;

	if (!status) {
		pci_virtio_reset(fn);
		return;
	}
	if (added & VIRTIO_CONFIG_S_FEATURES_OK && !accept_features(fn))
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	update_status(fn, status);
}

/* There were drivers that did not ask to be bus master, and became it. */
void pci_set_legacy_status(struct pci_function *fn, uint8_t status)
{
	if (!status) {
		pci_virtio_reset(fn);
		return;
	}
	if (status & VIRTIO_CONFIG_S_DRIVER)
		fn->config[PCI_COMMAND] |= PCI_COMMAND_MASTER;
	update_status(fn, status);
}

void pci_device_config_read(struct pci_function *fn, uint32_t offset,
			    uint8_t *buf, size_t len)
{
	uint8_t space[VIRTIO_CONFIG_MAX] = { 0 };

	if (offset >= sizeof(space))
		return;
	if (len > sizeof(space) - offset)
		len = sizeof(space) - offset;
	fn->dev->ops->get_config(fn->dev, space);
	memcpy(buf, space + offset, len);
}

/* What is written beyond the configuration space goes nowhere. */
void pci_device_config_write(struct pci_function *fn, uint32_t offset,
			     const uint8_t *buf, size_t len)
{
	struct virtio_device *dev = fn->dev;

	if (offset >= dev->config_size)
		return;
	if (len > dev->config_size - offset)
		len = dev->config_size - offset;
	dev->ops->set_config(dev, offset, buf, len);
}

void pci_call(struct pci_function *fn, const struct virtqueue *vq)
{
	pci_interrupt(fn, fn->queues[vq->index].vector, PCI_ISR_QUEUE);
}

static void transport_call(void *transport, struct virtqueue *vq)
{
	pci_call(transport, vq);
}

static void transport_config_changed(void *transport)
{
	struct pci_function *fn = transport;

	fn->generation++;
	if (fn->status & VIRTIO_CONFIG_S_DRIVER_OK)
		pci_interrupt_config(fn);
}

static void transport_broken(void *transport, struct virtqueue *vq,
			     const char *why)
{
	struct pci_function *fn = transport;

	fn->ops->broken(fn->data, vq, why);
	fn->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	if (fn->status & VIRTIO_CONFIG_S_DRIVER_OK)
		pci_interrupt_config(fn);
}

const struct virtio_transport_ops pci_transport_ops = {
	.call		= transport_call,
	.config_changed	= transport_config_changed,
	.broken		= transport_broken,
};
