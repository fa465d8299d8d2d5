// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_register.c - tables of little-endian registers
 */

#include "pci_register.h"

void pci_registers_read(struct pci_function *fn,
			const struct pci_register *table, uint32_t offset,
			uint8_t *buf, size_t len)
{
	const struct pci_register *reg;
	uint32_t value, i;

	for (reg = table; reg->size; reg++) {
		if (reg->at + reg->size <= offset || reg->at >= offset + len)
			continue;
		value = reg->get(fn, reg);
		for (i = 0; i < reg->size; i++, value >>= 8) {
			if (reg->at + i >= offset && reg->at + i < offset + len)
				buf[reg->at + i - offset] = value;
		}
	}
}

void pci_registers_write(struct pci_function *fn,
			 const struct pci_register *table, uint32_t offset,
			 const uint8_t *buf, size_t len)
{
	const struct pci_register *reg;
	uint32_t value, i;

	for (reg = table; reg->size; reg++) {
		if (!reg->set || reg->at < offset ||
		    reg->at + reg->size > offset + len)
			continue;
		value = 0;
		for (i = reg->size; i--; )
			value = value << 8 | buf[reg->at + i - offset];
		reg->set(fn, reg, value);
	}
}
