// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_pci.c - what is the same for all devices that are PCI functions
 */

#include "device_pci.h"
#include "front_end_pci.h"

#include <linux/virtio_config.h>

bool dut_pci_accepts(struct front_end *fe, uint64_t features)
{
	return fe_pci_negotiate(fe, features) & VIRTIO_CONFIG_S_FEATURES_OK;
}

uint32_t dut_pci_get_config(struct front_end *fe, unsigned int at,
			    unsigned int size)
{
	return fe_pci_read(fe, FE_PCI_DEVICE + at, size);
}

void dut_pci_set_config(struct front_end *fe, unsigned int at,
			unsigned int size, uint32_t value)
{
	fe_pci_write(fe, FE_PCI_DEVICE + at, size, value);
}
