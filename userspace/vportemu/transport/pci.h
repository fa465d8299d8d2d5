/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci.h - a virtio device as a PCI function
 *
 * VIRTIO 1.2, section 4.1: configuration space, the registers in its BARs, and
 * interrupts.  Who is at the other end of the bus, and how it is reached, is
 * not known here.
 *
 * BARs, as QEMU has them
 * ----------------------
 *
 * 0	I/O: the registers from before VIRTIO 1.0, where these are wanted
 * 1	MSI-X table and pending bits, where there are vectors
 * 4	64 bits: common configuration, ISR, device configuration, notifications
 *
 * Rings
 * -----
 *
 * A ring runs while the driver has enabled it, has said DRIVER_OK and lets the
 * function be bus master, and while its memory is mapped.  The last two may go
 * and come back: to the device this is a pause.  A driver that notifies a ring
 * whose memory is not there has made a mistake, and breaks the device.
 *
 * Trust
 * -----
 *
 * Every register may be written with anything at any time, in any width.  What
 * makes no sense has no effect, or breaks the device until it is reset.
 */

#ifndef VPORTEMU_PCI_H
#define VPORTEMU_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio_device.h"

struct pci_function;

/* Regions, with the numbers that VFIO gives them. */
enum {
	PCI_LEGACY_BAR = 0,
	PCI_MSIX_BAR = 1,
	PCI_MODERN_BAR = 4,
	PCI_NUM_BARS = 6,
	PCI_CONFIG_REGION = 7,
};

#define PCI_CONFIG_SIZE		256

/* Where things are in PCI_MODERN_BAR; each has a page, or more. */
enum {
	PCI_COMMON_AT = 0x0000,
	PCI_ISR_AT = 0x1000,
	PCI_DEVICE_AT = 0x2000,
	PCI_NOTIFY_AT = 0x3000,		/* and all that follows */
	PCI_PART_SIZE = 0x1000,
};

/* A bit of the ISR register; the other one is VIRTIO_PCI_ISR_CONFIG. */
#define PCI_ISR_QUEUE		0x1

/*
 * Bytes between the notification registers of two queues, of which there is room
 * for so many: they share a page, or have one each.
 */
#define PCI_NOTIFY_MULTIPLIER	4
#define PCI_MAX_QUEUES		1024

struct pci_ops {
	/*
	 * msix() - send a message
	 *
	 * Return: false when the vector has nobody to tell yet: it is sent
	 *         by pci_vector_ready(), later.
	 */
	bool (*msix)(void *data, unsigned int vector);

	/* The line of INTx has changed. */
	void (*intx)(void *data, bool level);

	/*
	 * notified() - the driver has notified a queue
	 *
	 * Return: true to kick it now; false when that comes later.
	 */
	bool (*notified)(void *data, struct virtqueue *vq);

	/* What the driver had said of a queue is forgotten. */
	void (*queue_reset)(void *data, struct virtqueue *vq);

	/* The device is broken; say so. */
	void (*broken)(void *data, struct virtqueue *vq, const char *why);
};

/* What the driver has said of a queue. */
struct pci_queue {
	uint64_t desc;
	uint64_t driver;
	uint64_t device;
	uint16_t size;
	uint16_t vector;
	bool enabled;
	bool stranded;		/* it ran until its memory was unmapped */
};

struct pci_function {
	struct virtio_device *dev;
	const struct pci_ops *ops;
	void *data;

	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE];	/* a mask of config */
	uint64_t bar_size[PCI_NUM_BARS];
	uint8_t msix_cap;	/* where it is; 0: nowhere */
	uint8_t window_cap;
	uint32_t notify_multiplier;
	uint8_t af_cap;

	unsigned int vectors;
	uint32_t pba_at;	/* in its BAR */
	uint8_t *msix_table;
	uint8_t *pending;	/* one for each vector */

	uint8_t status;
	uint8_t isr;
	bool level;		/* of INTx */
	uint8_t generation;
	uint16_t config_vector;
	uint16_t queue_select;
	uint32_t device_feature_select;
	uint32_t driver_feature_select;
	uint64_t driver_features;	/* as long as not FEATURES_OK */
	struct pci_queue *queues;
	struct virtqueue *notified;	/* by the last access; NULL: none */
};

/* pci.c */

/**
 * pci_create() - make the PCI function of a device
 * @dev:  which is attached to it as long as it exists
 * @ops:  whom it tells
 * @data: for @ops
 * @ret:  the function, on success
 *
 * Return: 0, -EBUSY, -ENOMEM.
 */
int pci_create(struct virtio_device *dev, const struct pci_ops *ops, void *data,
	       struct pci_function **ret);

/* NULL is allowed. */
void pci_destroy(struct pci_function *fn);

/* As with power just turned on. */
void pci_reset(struct pci_function *fn);

/* 0: there is no such region. */
uint64_t pci_region_size(const struct pci_function *fn, unsigned int region);

/**
 * pci_read() - the guest, or its VMM, reads registers
 * @fn:     the function
 * @region: a BAR or PCI_CONFIG_REGION
 * @offset: within it
 * @buf:    where to
 * @len:    how many bytes
 *
 * Return: 0; -EINVAL when this is not all within a region.
 */
int pci_read(struct pci_function *fn, unsigned int region, uint64_t offset,
	     void *buf, size_t len);

/* The same for writing; call pci_run() once the writer may go on. */
int pci_write(struct pci_function *fn, unsigned int region, uint64_t offset,
	      const void *buf, size_t len);

/*
 * Do what the driver has notified us of.  It may take longer than whoever waits
 * for the end of a write should have to wait.
 */
void pci_run(struct pci_function *fn);

/* There is somebody to tell about a vector, from now on. */
void pci_vector_ready(struct pci_function *fn, unsigned int vector);

/* Interrupt the guest for a queue, in which there is something used. */
void pci_call(struct pci_function *fn, const struct virtqueue *vq);

/* There is more of guest memory, or less. */
void pci_memory_mapped(struct pci_function *fn);
void pci_memory_unmapped(struct pci_function *fn);

/* pci_config.c */
void pci_config_init(struct pci_function *fn);
void pci_config_write(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len);

/* The data of the PCI_CFG capability is another way to the BARs. */
void pci_config_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len);
bool pci_is_master(const struct pci_function *fn);
bool pci_msix_enabled(const struct pci_function *fn);

/* pci_modern.c */
void pci_modern_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len);
void pci_modern_write(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len);

/* pci_legacy.c */
void pci_legacy_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		     size_t len);
void pci_legacy_write(struct pci_function *fn, uint32_t offset,
		      const uint8_t *buf, size_t len);

/* pci_irq.c */
int pci_irq_create(struct pci_function *fn);
void pci_irq_destroy(struct pci_function *fn);
void pci_irq_reset(struct pci_function *fn);
void pci_interrupt(struct pci_function *fn, uint16_t vector, uint8_t isr);
void pci_interrupt_config(struct pci_function *fn);
uint8_t pci_isr_read(struct pci_function *fn);

/* Something that the line depends on may have changed. */
void pci_intx_update(struct pci_function *fn);
uint16_t pci_check_vector(const struct pci_function *fn, uint16_t vector);
void pci_msix_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		   size_t len);
void pci_msix_write(struct pci_function *fn, uint32_t offset,
		    const uint8_t *buf, size_t len);

/* pci_virtio.c: the device behind the registers */
extern const struct virtio_transport_ops pci_transport_ops;
uint64_t pci_offered_features(const struct pci_function *fn);
void pci_virtio_reset(struct pci_function *fn);
void pci_set_status(struct pci_function *fn, uint8_t status);
void pci_set_legacy_status(struct pci_function *fn, uint8_t status);

/* The one that queue_select means; NULL: there is none. */
struct pci_queue *pci_selected_queue(const struct pci_function *fn);
void pci_enable_queue(struct pci_function *fn, struct pci_queue *queue);
void pci_disable_queue(struct pci_function *fn, struct pci_queue *queue);

/* Start and stop what ought to run and what must not. */
void pci_update_queues(struct pci_function *fn);
void pci_device_config_read(struct pci_function *fn, uint32_t offset,
			    uint8_t *buf, size_t len);
void pci_device_config_write(struct pci_function *fn, uint32_t offset,
			     const uint8_t *buf, size_t len);
void pci_notify(struct pci_function *fn, unsigned int index);

#endif /* VPORTEMU_PCI_H */
