/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * front_end_pci.h - a driver for VIRTIO 1.0 on a PCI function's registers
 *
 * The functions are those of struct fe_ops.  How a register is reached is the
 * business of who includes this.
 */

#ifndef SELFTESTS_VPORTEMU_FRONT_END_PCI_H
#define SELFTESTS_VPORTEMU_FRONT_END_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "front_end.h"

/* Where the parts of the modern BAR are; the first one is at its beginning. */
#define FE_PCI_ISR	0x1000
#define FE_PCI_DEVICE	0x2000
#define FE_PCI_NOTIFY	0x3000

/* The modern BAR. */
struct fe_registers {
	uint64_t (*read)(struct front_end *fe, unsigned int at,
			 unsigned int size);
	void (*write)(struct front_end *fe, unsigned int at, unsigned int size,
		      uint64_t value);

	/* Ready a vector for a queue's calls.  Return: which. */
	uint16_t (*vector)(struct front_end *fe, unsigned int index);
};

/* Bytes between the notifications of two queues; 4, if a test does not say. */
extern unsigned int fe_pci_multiplier;

/* All that follows goes this way. */
void fe_pci_use(const struct fe_registers *use);

uint64_t fe_pci_read(struct front_end *fe, unsigned int at, unsigned int size);
void fe_pci_write(struct front_end *fe, unsigned int at, unsigned int size,
		  uint64_t value);

/* What the device offers, all 64 bits. */
uint64_t fe_pci_features(struct front_end *fe);

/*
 * From reset to FEATURES_OK, with @features.  Return: the status that the
 * device has then.
 */
uint8_t fe_pci_negotiate(struct front_end *fe, uint64_t features);

void fe_pci_sync(struct front_end *fe);
unsigned int fe_pci_queue_size(unsigned int index);
void fe_pci_configure(struct front_end *fe, unsigned int index, uint32_t base);
void fe_pci_kick(struct front_end *fe, unsigned int index);
bool fe_pci_broken(struct front_end *fe, unsigned int index);
void fe_pci_reset(struct front_end *fe);
void fe_pci_restart(struct front_end *fe);

#endif /* SELFTESTS_VPORTEMU_FRONT_END_PCI_H */
