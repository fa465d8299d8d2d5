// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_legacy.c - the registers from before VIRTIO 1.0
 *
 * VIRTIO 1.2, section 4.1.4.10.  They are in the order of the guest, which is
 * taken to be little-endian.
 */

#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>

#include "pci.h"
#include "pci_register.h"

static uint32_t get_device_features(struct pci_function *fn,
				    const struct pci_register *reg)
{
	return pci_offered_features(fn) | fn->dev->pci.legacy_features;
}

static uint32_t get_driver_features(struct pci_function *fn,
				    const struct pci_register *reg)
{
	return fn->driver_features;
}

/* There is no moment at which they would be accepted. */
static void set_driver_features(struct pci_function *fn,
				const struct pci_register *reg, uint32_t value)
{
	if (fn->status & VIRTIO_CONFIG_S_DRIVER_OK)
		return;
	fn->driver_features = value & get_device_features(fn, reg);
	fn->dev->features = fn->driver_features;
}

static uint32_t get_pfn(struct pci_function *fn, const struct pci_register *reg)
{
	const struct pci_queue *queue = pci_selected_queue(fn);

	return queue ? queue->desc >> VIRTIO_PCI_QUEUE_ADDR_SHIFT : 0;
}

/* The parts of a ring follow one another. */
static void set_pfn(struct pci_function *fn, const struct pci_register *reg,
		    uint32_t value)
{
	struct pci_queue *queue = pci_selected_queue(fn);
	uint64_t end;

	if (!queue)
		return;
	if (!value) {
		pci_disable_queue(fn, queue);
		return;
	}
	if (queue->enabled)
		return;

	queue->desc = (uint64_t)value << VIRTIO_PCI_QUEUE_ADDR_SHIFT;
	queue->driver = queue->desc + queue->size * sizeof(struct vring_desc);
	end = queue->driver + sizeof(struct vring_avail) +
	      (queue->size + 1) * sizeof(uint16_t);
	queue->device = (end + VIRTIO_PCI_VRING_ALIGN - 1) &
			~(uint64_t)(VIRTIO_PCI_VRING_ALIGN - 1);
	pci_enable_queue(fn, queue);
}

static uint32_t get_size(struct pci_function *fn,
			 const struct pci_register *reg)
{
	const struct pci_queue *queue = pci_selected_queue(fn);

	return queue ? queue->size : 0;
}

static uint32_t get_select(struct pci_function *fn,
			   const struct pci_register *reg)
{
	return fn->queue_select;
}

static void set_select(struct pci_function *fn, const struct pci_register *reg,
		       uint32_t value)
{
	fn->queue_select = value;
}

static uint32_t get_nothing(struct pci_function *fn,
			    const struct pci_register *reg)
{
	return 0;
}

static void set_notify(struct pci_function *fn, const struct pci_register *reg,
		       uint32_t value)
{
	pci_notify(fn, value);
}

static uint32_t get_status(struct pci_function *fn,
			   const struct pci_register *reg)
{
	return fn->status;
}

static void set_status(struct pci_function *fn, const struct pci_register *reg,
		       uint32_t value)
{
	pci_set_legacy_status(fn, value);
}

static uint32_t get_isr(struct pci_function *fn, const struct pci_register *reg)
{
	return pci_isr_read(fn);
}

static uint32_t get_config_vector(struct pci_function *fn,
				  const struct pci_register *reg)
{
	return fn->config_vector;
}

static void set_config_vector(struct pci_function *fn,
			      const struct pci_register *reg, uint32_t value)
{
	fn->config_vector = pci_check_vector(fn, value);
}

static uint32_t get_queue_vector(struct pci_function *fn,
				 const struct pci_register *reg)
{
	const struct pci_queue *queue = pci_selected_queue(fn);

	return queue ? queue->vector : VIRTIO_MSI_NO_VECTOR;
}

static void set_queue_vector(struct pci_function *fn,
			     const struct pci_register *reg, uint32_t value)
{
	struct pci_queue *queue = pci_selected_queue(fn);

	if (queue)
		queue->vector = pci_check_vector(fn, value);
}

static const struct pci_register legacy_registers[] = {
	{ VIRTIO_PCI_HOST_FEATURES, 4, get_device_features },
	{ VIRTIO_PCI_GUEST_FEATURES, 4, get_driver_features,
	  set_driver_features },
	{ VIRTIO_PCI_QUEUE_PFN, 4, get_pfn, set_pfn },
	{ VIRTIO_PCI_QUEUE_NUM, 2, get_size },
	{ VIRTIO_PCI_QUEUE_SEL, 2, get_select, set_select },
	{ VIRTIO_PCI_QUEUE_NOTIFY, 2, get_nothing, set_notify },
	{ VIRTIO_PCI_STATUS, 1, get_status, set_status },
	{ VIRTIO_PCI_ISR, 1, get_isr },
	{ 0 }
};

/* These are there only while MSI-X is enabled, and move all behind them. */
static const struct pci_register vector_registers[] = {
	{ VIRTIO_MSI_CONFIG_VECTOR, 2, get_config_vector, set_config_vector },
	{ VIRTIO_MSI_QUEUE_VECTOR, 2, get_queue_vector, set_queue_vector },
	{ 0 }
};

static uint32_t config_at(const struct pci_function *fn)
{
	return VIRTIO_PCI_CONFIG_OFF(pci_msix_enabled(fn));
}

void pci_legacy_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len)
{
	uint32_t at = config_at(fn), skip;

	pci_registers_read(fn, legacy_registers, offset, buf, len);
	if (pci_msix_enabled(fn))
		pci_registers_read(fn, vector_registers, offset, buf, len);
	if (offset + len <= at)
		return;
	skip = offset < at ? at - offset : 0;
	pci_device_config_read(fn, offset + skip - at, buf + skip, len - skip);
}

void pci_legacy_write(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len)
{
	uint32_t at = config_at(fn), skip;

	pci_registers_write(fn, legacy_registers, offset, buf, len);
	if (pci_msix_enabled(fn))
		pci_registers_write(fn, vector_registers, offset, buf, len);
	if (offset + len <= at)
		return;
	skip = offset < at ? at - offset : 0;
	pci_device_config_write(fn, offset + skip - at, buf + skip, len - skip);
}
