// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci.c - a virtio device as a PCI function: its life and its regions
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pci.h"

struct pci_region {
	void (*read)(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len);
	void (*write)(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len);
};

static const struct pci_region regions[] = {
	[PCI_LEGACY_BAR]	= { pci_legacy_read, pci_legacy_write },
	[PCI_MSIX_BAR]		= { pci_msix_read, pci_msix_write },
	[PCI_MODERN_BAR]	= { pci_modern_read, pci_modern_write },
	[PCI_CONFIG_REGION]	= { pci_config_read, pci_config_write },
};

int pci_create(struct virtio_device *dev, const struct pci_ops *ops, void *data,
	       struct pci_function **ret)
{
	struct pci_function *fn;
	int err;

	fn = calloc(1, sizeof(*fn));
	if (!fn)
		return -ENOMEM;

	fn->dev = dev;
	fn->ops = ops;
	fn->data = data;
	fn->queues = calloc(dev->num_queues, sizeof(*fn->queues));
	err = fn->queues ? pci_irq_create(fn) : -ENOMEM;
	if (!err)
		err = virtio_device_attach(dev, &pci_transport_ops, fn);
	if (err) {
		pci_irq_destroy(fn);
		free(fn->queues);
		free(fn);
		return err;
	}
	pci_config_init(fn);
	pci_virtio_reset(fn);
	*ret = fn;
	return 0;
}

void pci_destroy(struct pci_function *fn)
{
	if (!fn)
		return;

	virtio_device_detach(fn->dev);
	pci_irq_destroy(fn);
	free(fn->queues);
	free(fn);
}

void pci_reset(struct pci_function *fn)
{
	pci_virtio_reset(fn);
	pci_config_init(fn);
	pci_irq_reset(fn);
}

uint64_t pci_region_size(const struct pci_function *fn, unsigned int region)
{
	if (region == PCI_CONFIG_REGION)
		return PCI_CONFIG_SIZE;

	return region < PCI_NUM_BARS ? fn->bar_size[region] : 0;
}

static bool is_within(const struct pci_function *fn, unsigned int region,
		      uint64_t offset, size_t len)
{
	uint64_t size = pci_region_size(fn, region);

	return len && offset < size && len <= size - offset;
}

int pci_read(struct pci_function *fn, unsigned int region, uint64_t offset,
	     void *buf, size_t len)
{
	if (!is_within(fn, region, offset, len))
		return -EINVAL;

	memset(buf, 0, len);
	regions[region].read(fn, offset, buf, len);
	return 0;
}

int pci_write(struct pci_function *fn, unsigned int region, uint64_t offset,
	      const void *buf, size_t len)
{
	if (!is_within(fn, region, offset, len))
		return -EINVAL;

	regions[region].write(fn, offset, buf, len);
	return 0;
}

void pci_run(struct pci_function *fn)
{
	struct virtqueue *vq = fn->notified;

	fn->notified = NULL;
	if (vq && fn->ops->notified(fn->data, vq))
		virtio_queue_kick(vq);
}
