// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_modern.c - the registers of VIRTIO 1.0 and later
 *
 * VIRTIO 1.2, sections 4.1.4.3 to 4.1.4.6.
 */

#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <string.h>

#include "pci.h"
#include "pci_register.h"
#include "virtqueue.h"

static uint32_t get_device_select(struct pci_function *fn,
				  const struct pci_register *reg)
{
	return fn->device_feature_select;
}

static void set_device_select(struct pci_function *fn,
			      const struct pci_register *reg, uint32_t value)
{
	fn->device_feature_select = value;
}

static uint32_t half(uint64_t features, uint32_t select)
{
	return select < 2 ? features >> 32 * select : 0;
}

static uint32_t get_device_feature(struct pci_function *fn,
				   const struct pci_register *reg)
{
	return half(pci_offered_features(fn), fn->device_feature_select);
}

static uint32_t get_driver_select(struct pci_function *fn,
				  const struct pci_register *reg)
{
	return fn->driver_feature_select;
}

static void set_driver_select(struct pci_function *fn,
			      const struct pci_register *reg, uint32_t value)
{
	fn->driver_feature_select = value;
}

static uint32_t get_driver_feature(struct pci_function *fn,
				   const struct pci_register *reg)
{
	return half(fn->driver_features, fn->driver_feature_select);
}

static void set_driver_feature(struct pci_function *fn,
			       const struct pci_register *reg, uint32_t value)
{
	unsigned int shift = 32 * fn->driver_feature_select;

	if (fn->driver_feature_select > 1 ||
	    fn->status & VIRTIO_CONFIG_S_FEATURES_OK)
		return;
	fn->driver_features &= ~((uint64_t)UINT32_MAX << shift);
	fn->driver_features |= (uint64_t)value << shift;
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

static uint32_t get_num_queues(struct pci_function *fn,
			       const struct pci_register *reg)
{
	return fn->dev->num_queues;
}

static uint32_t get_status(struct pci_function *fn,
			   const struct pci_register *reg)
{
	return fn->status;
}

static void set_status(struct pci_function *fn, const struct pci_register *reg,
		       uint32_t value)
{
	pci_set_status(fn, value);
}

static uint32_t get_generation(struct pci_function *fn,
			       const struct pci_register *reg)
{
	return fn->generation;
}

static uint32_t get_queue_select(struct pci_function *fn,
				 const struct pci_register *reg)
{
	return fn->queue_select;
}

static void set_queue_select(struct pci_function *fn,
			     const struct pci_register *reg, uint32_t value)
{
	fn->queue_select = value;
}

/* The size of a queue that does not exist is 0. */
static uint32_t get_queue_size(struct pci_function *fn,
			       const struct pci_register *reg)
{
	const struct pci_queue *queue = pci_selected_queue(fn);

	return queue ? queue->size : 0;
}

static void set_queue_size(struct pci_function *fn,
			   const struct pci_register *reg, uint32_t value)
{
	struct pci_queue *queue = pci_selected_queue(fn);

	if (queue && !queue->enabled && value &&
	    value <= fn->dev->ops->queue_size(fn->dev, fn->queue_select))
		queue->size = value;
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

static uint32_t get_queue_enable(struct pci_function *fn,
				 const struct pci_register *reg)
{
	const struct pci_queue *queue = pci_selected_queue(fn);

	return queue && queue->enabled;
}

static void set_queue_enable(struct pci_function *fn,
			     const struct pci_register *reg, uint32_t value)
{
	struct pci_queue *queue = pci_selected_queue(fn);

	if (queue && value == 1 && !queue->enabled)
		pci_enable_queue(fn, queue);
}

static uint32_t get_notify_off(struct pci_function *fn,
			       const struct pci_register *reg)
{
	return pci_selected_queue(fn) ? fn->queue_select : 0;
}

/* A half of an address; which one says the register's place. */
static uint64_t *address(const struct pci_register *reg,
			 struct pci_queue *queue, unsigned int *shift)
{
	*shift = reg->at % 8 ? 32 : 0;
	return (uint64_t *)((uint8_t *)queue + reg->member);
}

static uint32_t get_address(struct pci_function *fn,
			    const struct pci_register *reg)
{
	struct pci_queue *queue = pci_selected_queue(fn);
	unsigned int shift;
	uint64_t *at;

	if (!queue)
		return 0;
	at = address(reg, queue, &shift);
	return *at >> shift;
}

static void set_address(struct pci_function *fn, const struct pci_register *reg,
			uint32_t value)
{
	struct pci_queue *queue = pci_selected_queue(fn);
	unsigned int shift;
	uint64_t *at;

	if (!queue || queue->enabled)
		return;
	at = address(reg, queue, &shift);
	*at &= ~((uint64_t)UINT32_MAX << shift);
	*at |= (uint64_t)value << shift;
}

/* It is over at once. */
static uint32_t get_queue_reset(struct pci_function *fn,
				const struct pci_register *reg)
{
	return 0;
}

static void set_queue_reset(struct pci_function *fn,
			    const struct pci_register *reg, uint32_t value)
{
	struct pci_queue *queue = pci_selected_queue(fn);

	if (queue && value == 1 &&
	    virtio_has_feature(fn->dev, VIRTIO_F_RING_RESET))
		pci_disable_queue(fn, queue);
}

#define ADDRESS(name, half) \
	VIRTIO_PCI_COMMON_Q_##name##half, 4, get_address, set_address

static const struct pci_register common_registers[] = {
	{ VIRTIO_PCI_COMMON_DFSELECT, 4, get_device_select, set_device_select },
	{ VIRTIO_PCI_COMMON_DF, 4, get_device_feature },
	{ VIRTIO_PCI_COMMON_GFSELECT, 4, get_driver_select, set_driver_select },
	{ VIRTIO_PCI_COMMON_GF, 4, get_driver_feature, set_driver_feature },
	{ VIRTIO_PCI_COMMON_MSIX, 2, get_config_vector, set_config_vector },
	{ VIRTIO_PCI_COMMON_NUMQ, 2, get_num_queues },
	{ VIRTIO_PCI_COMMON_STATUS, 1, get_status, set_status },
	{ VIRTIO_PCI_COMMON_CFGGENERATION, 1, get_generation },
	{ VIRTIO_PCI_COMMON_Q_SELECT, 2, get_queue_select, set_queue_select },
	{ VIRTIO_PCI_COMMON_Q_SIZE, 2, get_queue_size, set_queue_size },
	{ VIRTIO_PCI_COMMON_Q_MSIX, 2, get_queue_vector, set_queue_vector },
	{ VIRTIO_PCI_COMMON_Q_ENABLE, 2, get_queue_enable, set_queue_enable },
	{ VIRTIO_PCI_COMMON_Q_NOFF, 2, get_notify_off },
	{ ADDRESS(DESC, LO), offsetof(struct pci_queue, desc) },
	{ ADDRESS(DESC, HI), offsetof(struct pci_queue, desc) },
	{ ADDRESS(AVAIL, LO), offsetof(struct pci_queue, driver) },
	{ ADDRESS(AVAIL, HI), offsetof(struct pci_queue, driver) },
	{ ADDRESS(USED, LO), offsetof(struct pci_queue, device) },
	{ ADDRESS(USED, HI), offsetof(struct pci_queue, device) },
	{ VIRTIO_PCI_COMMON_Q_RESET, 2, get_queue_reset, set_queue_reset },
	{ 0 }
};

static void common_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
			size_t len)
{
	pci_registers_read(fn, common_registers, offset, buf, len);
}

static void common_write(struct pci_function *fn, uint32_t offset,
			 const uint8_t *buf, size_t len)
{
	pci_registers_write(fn, common_registers, offset, buf, len);
}

static void isr_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len)
{
	if (!offset)
		buf[0] = pci_isr_read(fn);
}

static void isr_write(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len)
{
}

static void notify_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
			size_t len)
{
}

static void notify_write(struct pci_function *fn, uint32_t offset,
			 const uint8_t *buf, size_t len)
{
	pci_notify(fn, offset / fn->notify_multiplier);
}

struct part {
	void (*read)(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len);
	void (*write)(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len);
};

static const struct part parts[] = {
	[PCI_COMMON_AT / PCI_PART_SIZE] = { common_read, common_write },
	[PCI_ISR_AT / PCI_PART_SIZE]	= { isr_read, isr_write },
	[PCI_DEVICE_AT / PCI_PART_SIZE] = { pci_device_config_read,
					    pci_device_config_write },
	[PCI_NOTIFY_AT / PCI_PART_SIZE] = { notify_read, notify_write },
};

/* The part that the first byte of a range is in, and how much lies in it. */
static const struct part *find_part(uint32_t *offset, size_t *len)
{
	size_t left = PCI_PART_SIZE - *offset % PCI_PART_SIZE;
	uint32_t at = *offset;

	if (at >= PCI_NOTIFY_AT) {
		*offset -= PCI_NOTIFY_AT;
		return &parts[PCI_NOTIFY_AT / PCI_PART_SIZE];
	}
	*offset %= PCI_PART_SIZE;
	if (*len > left)
		*len = left;
	return &parts[at / PCI_PART_SIZE];
}

void pci_modern_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len)
{
	const struct part *part;
	uint32_t at;
	size_t some;

	for (; len; offset += some, buf += some, len -= some) {
		at = offset;
		some = len;
		part = find_part(&at, &some);
		part->read(fn, at, buf, some);
	}
}

void pci_modern_write(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len)
{
	const struct part *part;
	uint32_t at;
	size_t some;

	for (; len; offset += some, buf += some, len -= some) {
		at = offset;
		some = len;
		part = find_part(&at, &some);
		part->write(fn, at, buf, some);
	}
}
