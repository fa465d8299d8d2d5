// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_end_pci.c - a driver for VIRTIO 1.0 on a PCI function's registers
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "front_end_pci.h"

#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#define CONTROL_QUEUE_SIZE	32

unsigned int fe_pci_multiplier = 4;

static const struct fe_registers *registers;

void fe_pci_use(const struct fe_registers *use)
{
	registers = use;
}

uint64_t fe_pci_read(struct front_end *fe, unsigned int at, unsigned int size)
{
	return registers->read(fe, at, size);
}

void fe_pci_write(struct front_end *fe, unsigned int at, unsigned int size,
		  uint64_t value)
{
	registers->write(fe, at, size, value);
}

uint64_t fe_pci_features(struct front_end *fe)
{
	uint64_t features = 0;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		fe_pci_write(fe, VIRTIO_PCI_COMMON_DFSELECT, 4, i);
		features |= fe_pci_read(fe, VIRTIO_PCI_COMMON_DF, 4) << 32 * i;
	}
	return features;
}

uint8_t fe_pci_negotiate(struct front_end *fe, uint64_t features)
{
	uint8_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	unsigned int i;

	fe_pci_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	fe_pci_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, status);
	for (i = 0; i < 2; i++) {
		fe_pci_write(fe, VIRTIO_PCI_COMMON_GFSELECT, 4, i);
		fe_pci_write(fe, VIRTIO_PCI_COMMON_GF, 4, features >> 32 * i);
	}
	status |= VIRTIO_CONFIG_S_FEATURES_OK;
	fe_pci_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, status);
	return fe_pci_read(fe, VIRTIO_PCI_COMMON_STATUS, 1);
}

void fe_pci_restart(struct front_end *fe)
{
	uint8_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
			 VIRTIO_CONFIG_S_FEATURES_OK;

	assert_int_equal(fe_pci_negotiate(fe, fe->features & ~FE_PROTOCOL),
			 status);
	status |= VIRTIO_CONFIG_S_DRIVER_OK;
	fe_pci_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, status);
	fe_pci_write(fe, VIRTIO_PCI_COMMON_MSIX, 2, 0);
}

/* As with vhost-user: before the second answer, all has been served. */
void fe_pci_sync(struct front_end *fe)
{
	fe_pci_read(fe, VIRTIO_PCI_COMMON_NUMQ, 2);
	fe_pci_read(fe, VIRTIO_PCI_COMMON_NUMQ, 2);
}

unsigned int fe_pci_queue_size(unsigned int index)
{
	return index == 2 || index == 3 ? CONTROL_QUEUE_SIZE : FE_MAX_BUFFERS;
}

void fe_pci_configure(struct front_end *fe, unsigned int index, uint32_t base)
{
	uint16_t vector = registers->vector(fe, index);
	struct fe_queue *q = &fe->queues[index];

	fe_pci_write(fe, VIRTIO_PCI_COMMON_Q_SELECT, 2, index);
	fe_pci_write(fe, VIRTIO_PCI_COMMON_Q_SIZE, 2, q->num);
	fe_pci_write(fe, VIRTIO_PCI_COMMON_Q_MSIX, 2, vector);
	assert_int_equal(fe_pci_read(fe, VIRTIO_PCI_COMMON_Q_MSIX, 2), vector);
	fe_pci_write(fe, VIRTIO_PCI_COMMON_Q_DESCLO, 8,
		     fe_gpa(fe, (void *)q->desc));
	fe_pci_write(fe, VIRTIO_PCI_COMMON_Q_AVAILLO, 8,
		     fe_gpa(fe, (void *)q->avail));
	fe_pci_write(fe, VIRTIO_PCI_COMMON_Q_USEDLO, 8,
		     fe_gpa(fe, (void *)q->used));
	fe_pci_write(fe, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	assert_int_equal(fe_pci_read(fe, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 1);
}

void fe_pci_kick(struct front_end *fe, unsigned int index)
{
	fe_pci_write(fe, FE_PCI_NOTIFY + fe_pci_multiplier * index, 2, index);
}

bool fe_pci_broken(struct front_end *fe, unsigned int index)
{
	return fe_pci_read(fe, VIRTIO_PCI_COMMON_STATUS, 1) &
	       VIRTIO_CONFIG_S_NEEDS_RESET;
}

void fe_pci_reset(struct front_end *fe)
{
	fe_pci_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	assert_int_equal(fe_pci_read(fe, VIRTIO_PCI_COMMON_STATUS, 1), 0);
}
