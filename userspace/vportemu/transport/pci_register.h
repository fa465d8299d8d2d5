/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_register.h - tables of little-endian registers
 */

#ifndef VPORTEMU_PCI_REGISTER_H
#define VPORTEMU_PCI_REGISTER_H

#include <stddef.h>
#include <stdint.h>

struct pci_function;

struct pci_register {
	uint8_t at;
	uint8_t size;		/* 1, 2, 4 */
	uint32_t (*get)(struct pci_function *fn,
			const struct pci_register *reg);
	void (*set)(struct pci_function *fn, const struct pci_register *reg,
		    uint32_t value);	/* NULL: not to be written */
	size_t member;		/* what get() and set() make of it */
};

/**
 * pci_registers_read() - read what of a range are registers
 * @fn:     whose
 * @table:  ends with one of size 0
 * @offset: first byte
 * @buf:    where to; what is no register is left alone
 * @len:    how many bytes
 */
void pci_registers_read(struct pci_function *fn,
			const struct pci_register *table, uint32_t offset,
			uint8_t *buf, size_t len);

/* Write those registers that are in the range as a whole. */
void pci_registers_write(struct pci_function *fn,
			 const struct pci_register *table, uint32_t offset,
			 const uint8_t *buf, size_t len);

#endif /* VPORTEMU_PCI_REGISTER_H */
