/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_pci.h - members of struct dut_kind, for PCI functions
 */

#ifndef SELFTESTS_CONFORMANCE_DEVICE_PCI_H
#define SELFTESTS_CONFORMANCE_DEVICE_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "front_end.h"

bool dut_pci_accepts(struct front_end *fe, uint64_t features);
uint32_t dut_pci_get_config(struct front_end *fe, unsigned int at,
			    unsigned int size);
void dut_pci_set_config(struct front_end *fe, unsigned int at,
			unsigned int size, uint32_t value);

#endif /* SELFTESTS_CONFORMANCE_DEVICE_PCI_H */
