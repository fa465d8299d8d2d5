// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_config.c - the configuration space of a virtio PCI function
 *
 * 256 bytes of conventional PCI.  There is no Power Management capability: a
 * driver resets the device before it puts it to sleep.  Advanced Features is
 * there for the sake of its function level reset.
 */

#include <endian.h>
#include <linux/pci_regs.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_pci.h>
#include <string.h>

#include "pci.h"

#define VENDOR			0x1af4
#define MODERN_ID_BASE		0x1040
#define MODERN_SUBSYSTEM	0x1100
#define MODERN_REVISION		1

/* Communication controller, other. */
#define CLASS_COMMUNICATION	0x0780

/* Beside it, a device may call itself a display or nothing in particular. */
#define CLASS_DISPLAY		0x0380
#define CLASS_OTHERS		0x00ff

/* Kinds of device that there were before VIRTIO 1.0. */
static const uint16_t transitional_ids[] = {
	[VIRTIO_ID_CONSOLE]	= 0x1003,
};

#define COMMAND_WRITABLE \
	(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | \
	 PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE)

static void put8(struct pci_function *fn, unsigned int at, uint8_t value)
{
	fn->config[at] = value;
}

static void put16(struct pci_function *fn, unsigned int at, uint16_t value)
{
	value = htole16(value);
	memcpy(fn->config + at, &value, sizeof(value));
}

static void put32(struct pci_function *fn, unsigned int at, uint32_t value)
{
	value = htole32(value);
	memcpy(fn->config + at, &value, sizeof(value));
}

static void allow16(struct pci_function *fn, unsigned int at, uint16_t mask)
{
	mask = htole16(mask);
	memcpy(fn->writable + at, &mask, sizeof(mask));
}

static void allow32(struct pci_function *fn, unsigned int at, uint32_t mask)
{
	mask = htole32(mask);
	memcpy(fn->writable + at, &mask, sizeof(mask));
}

static uint16_t get16(const struct pci_function *fn, unsigned int at)
{
	return fn->config[at] | fn->config[at + 1] << 8;
}

static uint32_t get32(const struct pci_function *fn, unsigned int at)
{
	return get16(fn, at) | (uint32_t)get16(fn, at + 2) << 16;
}

/* Like its transitional relative, a legacy device is told from by revision 0. */
static void init_ids(struct pci_function *fn)
{
	const struct virtio_pci_properties *pci = &fn->dev->pci;
	uint16_t id = fn->dev->ops->id, class = pci->class;

	if (class != CLASS_DISPLAY && class != CLASS_OTHERS)
		class = CLASS_COMMUNICATION;
	put16(fn, PCI_VENDOR_ID, VENDOR);
	put16(fn, PCI_SUBSYSTEM_VENDOR_ID, VENDOR);
	put16(fn, PCI_CLASS_DEVICE, class);
	if (pci->legacy) {
		put16(fn, PCI_DEVICE_ID, transitional_ids[id]);
		put16(fn, PCI_SUBSYSTEM_ID, id);
	} else {
		put16(fn, PCI_DEVICE_ID, MODERN_ID_BASE + id);
		put16(fn, PCI_SUBSYSTEM_ID, MODERN_SUBSYSTEM);
		put8(fn, PCI_REVISION_ID, MODERN_REVISION);
	}
}

static void init_header(struct pci_function *fn)
{
	init_ids(fn);
	put16(fn, PCI_STATUS, PCI_STATUS_CAP_LIST);
	put8(fn, PCI_INTERRUPT_PIN, 1);
	allow16(fn, PCI_COMMAND, COMMAND_WRITABLE);
	fn->writable[PCI_CACHE_LINE_SIZE] = 0xff;
	fn->writable[PCI_LATENCY_TIMER] = 0xff;
	fn->writable[PCI_INTERRUPT_LINE] = 0xff;
}

static void init_bar(struct pci_function *fn, unsigned int bar, uint32_t flags)
{
	unsigned int at = PCI_BASE_ADDRESS_0 + 4 * bar;

	put32(fn, at, flags);
	allow32(fn, at, ~(fn->bar_size[bar] - 1));
	if (flags & PCI_BASE_ADDRESS_MEM_TYPE_64)
		allow32(fn, at + 4, ~0u);
}

/* Add a capability.  Return: where the next one may be. */
static unsigned int add_cap(struct pci_function *fn, unsigned int at,
			    uint8_t id, unsigned int size)
{
	put8(fn, at + PCI_CAP_LIST_ID, id);
	put8(fn, at + PCI_CAP_LIST_NEXT, fn->config[PCI_CAPABILITY_LIST]);
	put8(fn, PCI_CAPABILITY_LIST, at);
	return (at + size + 3) & ~3u;
}

static unsigned int add_virtio_cap(struct pci_function *fn, unsigned int at,
				   uint8_t type, uint32_t offset,
				   uint32_t length, unsigned int more)
{
	unsigned int size = sizeof(struct virtio_pci_cap) + more;

	put8(fn, at + VIRTIO_PCI_CAP_LEN, size);
	put8(fn, at + VIRTIO_PCI_CAP_CFG_TYPE, type);
	put32(fn, at + VIRTIO_PCI_CAP_OFFSET, offset);
	put32(fn, at + VIRTIO_PCI_CAP_LENGTH, length);
	if (length)
		put8(fn, at + VIRTIO_PCI_CAP_BAR, PCI_MODERN_BAR);
	return add_cap(fn, at, PCI_CAP_ID_VNDR, size);
}

static uint32_t notify_size(const struct pci_function *fn)
{
	return fn->notify_multiplier * PCI_MAX_QUEUES;
}

/* The BAR has what is in front of the notifications, too, and is a power of 2. */
static uint32_t modern_size(const struct pci_function *fn)
{
	uint32_t size = PCI_PART_SIZE;

	while (size < PCI_NOTIFY_AT + notify_size(fn))
		size *= 2;
	return size;
}

static unsigned int add_modern_caps(struct pci_function *fn, unsigned int at)
{
	put32(fn, at + VIRTIO_PCI_NOTIFY_CAP_MULT, fn->notify_multiplier);
	at = add_virtio_cap(fn, at, VIRTIO_PCI_CAP_NOTIFY_CFG, PCI_NOTIFY_AT,
			    notify_size(fn), 4);
	at = add_virtio_cap(fn, at, VIRTIO_PCI_CAP_DEVICE_CFG, PCI_DEVICE_AT,
			    PCI_PART_SIZE, 0);
	at = add_virtio_cap(fn, at, VIRTIO_PCI_CAP_ISR_CFG, PCI_ISR_AT,
			    PCI_PART_SIZE, 0);
	at = add_virtio_cap(fn, at, VIRTIO_PCI_CAP_COMMON_CFG, PCI_COMMON_AT,
			    PCI_PART_SIZE, 0);

	fn->window_cap = at;
	fn->writable[at + VIRTIO_PCI_CAP_BAR] = 0xff;
	allow32(fn, at + VIRTIO_PCI_CAP_OFFSET, ~0u);
	allow32(fn, at + VIRTIO_PCI_CAP_LENGTH, ~0u);
	allow32(fn, at + sizeof(struct virtio_pci_cap), ~0u);
	return add_virtio_cap(fn, at, VIRTIO_PCI_CAP_PCI_CFG, 0, 0, 4);
}

static unsigned int add_msix_cap(struct pci_function *fn, unsigned int at)
{
	fn->msix_cap = at;
	put16(fn, at + PCI_MSIX_FLAGS, fn->vectors - 1);
	put32(fn, at + PCI_MSIX_TABLE, PCI_MSIX_BAR);
	put32(fn, at + PCI_MSIX_PBA, fn->pba_at | PCI_MSIX_BAR);
	allow16(fn, at + PCI_MSIX_FLAGS,
		PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	return add_cap(fn, at, PCI_CAP_ID_MSIX, 12);
}

static unsigned int add_af_cap(struct pci_function *fn, unsigned int at)
{
	fn->af_cap = at;
	put8(fn, at + PCI_AF_LENGTH, PCI_CAP_AF_SIZEOF);
	put8(fn, at + PCI_AF_CAP, PCI_AF_CAP_TP | PCI_AF_CAP_FLR);
	return add_cap(fn, at, PCI_CAP_ID_AF, PCI_CAP_AF_SIZEOF);
}

void pci_config_init(struct pci_function *fn)
{
	unsigned int at = PCI_STD_HEADER_SIZEOF;

	memset(fn->config, 0, sizeof(fn->config));
	memset(fn->writable, 0, sizeof(fn->writable));
	init_header(fn);
	at = add_af_cap(fn, at);
	if (fn->vectors) {
		at = add_msix_cap(fn, at);
		init_bar(fn, PCI_MSIX_BAR, PCI_BASE_ADDRESS_SPACE_MEMORY);
	}
	if (fn->dev->pci.legacy) {
		fn->bar_size[PCI_LEGACY_BAR] = 64;
		init_bar(fn, PCI_LEGACY_BAR, PCI_BASE_ADDRESS_SPACE_IO);
	}
	if (fn->dev->pci.modern) {
		fn->notify_multiplier = fn->dev->pci.page_per_queue ?
					PCI_PART_SIZE : PCI_NOTIFY_MULTIPLIER;
		fn->bar_size[PCI_MODERN_BAR] = modern_size(fn);
		init_bar(fn, PCI_MODERN_BAR, PCI_BASE_ADDRESS_MEM_TYPE_64 |
			 PCI_BASE_ADDRESS_MEM_PREFETCH);
		add_modern_caps(fn, at);
	}
}

bool pci_is_master(const struct pci_function *fn)
{
	return get16(fn, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

bool pci_msix_enabled(const struct pci_function *fn)
{
	return fn->msix_cap && get16(fn, fn->msix_cap + PCI_MSIX_FLAGS) &
			       PCI_MSIX_FLAGS_ENABLE;
}

static bool touches(uint32_t offset, size_t len, unsigned int at,
		    unsigned int size)
{
	return offset < at + size && at < offset + len;
}

/*
 * What the window is set to.  Return: how many bytes of which BAR, or 0 when
 * that is nothing that a guest could access at once.
 */
static uint32_t window(const struct pci_function *fn, unsigned int *bar,
		       uint32_t *at)
{
	uint32_t len = get32(fn, fn->window_cap + VIRTIO_PCI_CAP_LENGTH);
	uint64_t size;

	*bar = fn->config[fn->window_cap + VIRTIO_PCI_CAP_BAR];
	*at = get32(fn, fn->window_cap + VIRTIO_PCI_CAP_OFFSET);
	size = *bar < PCI_NUM_BARS ? fn->bar_size[*bar] : 0;
	if ((len != 1 && len != 2 && len != 4) || *at % len || *at >= size)
		return 0;

	return len;
}

static bool touches_window(const struct pci_function *fn, uint32_t offset,
			   size_t len)
{
	return fn->window_cap &&
	       touches(offset, len,
		       fn->window_cap + sizeof(struct virtio_pci_cap), 4);
}

void pci_config_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len)
{
	unsigned int bar;
	uint32_t at, size;

	if (touches_window(fn, offset, len)) {
		size = window(fn, &bar, &at);
		if (size)
			pci_read(fn, bar, at, fn->config + fn->window_cap +
				 sizeof(struct virtio_pci_cap), size);
	}
	memcpy(buf, fn->config + offset, len);
}

static void write_window(struct pci_function *fn)
{
	unsigned int bar;
	uint32_t at, size;

	size = window(fn, &bar, &at);
	if (size)
		pci_write(fn, bar, at, fn->config + fn->window_cap +
			  sizeof(struct virtio_pci_cap), size);
}

void pci_config_write(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len)
{
	uint8_t *config = fn->config + offset;
	const uint8_t *mask = fn->writable + offset;
	unsigned int flr = fn->af_cap + PCI_AF_CTRL;
	size_t i;

	if (touches(offset, len, flr, 1) &&
	    buf[flr - offset] & PCI_AF_CTRL_FLR) {
		pci_reset(fn);
		return;
	}

	for (i = 0; i < len; i++)
		config[i] = (config[i] & ~mask[i]) | (buf[i] & mask[i]);

	if (touches(offset, len, PCI_COMMAND, 2)) {
		pci_update_queues(fn);
		pci_intx_update(fn);
	}
	if (fn->msix_cap &&
	    touches(offset, len, fn->msix_cap + PCI_MSIX_FLAGS, 2))
		pci_intx_update(fn);
	if (touches_window(fn, offset, len))
		write_window(fn);
}
