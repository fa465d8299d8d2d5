// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_irq.c - interrupts of a virtio PCI function
 *
 * With MSI-X a message for each reason, of which the VMM masks what the guest
 * wants masked; without, a line that is up while a bit in the ISR register is
 * set.  A message that nobody can take yet is pending, so that none is lost
 * between its being enabled and the VMM's knowing what to do with it.
 */

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include <stdlib.h>
#include <string.h>

#include "pci.h"

/* The BAR has at least a page, in the middle of which are the pending bits. */
#define MIN_BAR_SIZE	4096

static void lay_out(struct pci_function *fn)
{
	uint32_t table = fn->vectors * PCI_MSIX_ENTRY_SIZE;
	uint32_t pending = (fn->vectors + 63) / 64 * 8;
	uint32_t size = MIN_BAR_SIZE;

	fn->pba_at = table > MIN_BAR_SIZE / 2 ? table : MIN_BAR_SIZE / 2;
	while (size < fn->pba_at + pending)
		size *= 2;
	fn->bar_size[PCI_MSIX_BAR] = size;
}

int pci_irq_create(struct pci_function *fn)
{
	fn->vectors = fn->dev->pci.vectors;
	if (!fn->vectors)
		return 0;

	fn->msix_table = malloc(fn->vectors * PCI_MSIX_ENTRY_SIZE);
	fn->pending = malloc(fn->vectors);
	if (!fn->msix_table || !fn->pending)
		return -ENOMEM;

	lay_out(fn);
	pci_irq_reset(fn);
	return 0;
}

void pci_irq_destroy(struct pci_function *fn)
{
	free(fn->msix_table);
	free(fn->pending);
}

/* All vectors are masked. */
void pci_irq_reset(struct pci_function *fn)
{
	unsigned int i;

	if (!fn->vectors)
		return;

	memset(fn->pending, 0, fn->vectors);
	memset(fn->msix_table, 0, fn->vectors * PCI_MSIX_ENTRY_SIZE);
	for (i = 0; i < fn->vectors; i++)
		fn->msix_table[i * PCI_MSIX_ENTRY_SIZE +
			       PCI_MSIX_ENTRY_VECTOR_CTRL] =
			PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

void pci_intx_update(struct pci_function *fn)
{
	uint8_t *command = &fn->config[PCI_COMMAND + 1];
	uint8_t *status = &fn->config[PCI_STATUS];
	bool level = fn->isr && !pci_msix_enabled(fn);

	*status &= ~PCI_STATUS_INTERRUPT;
	if (level)
		*status |= PCI_STATUS_INTERRUPT;
	if (*command & PCI_COMMAND_INTX_DISABLE >> 8)
		level = false;
	if (level == fn->level)
		return;

	fn->level = level;
	fn->ops->intx(fn->data, level);
}

void pci_interrupt(struct pci_function *fn, uint16_t vector, uint8_t isr)
{
	if (!pci_msix_enabled(fn)) {
		fn->isr |= isr;
		pci_intx_update(fn);
		return;
	}
	if (vector < fn->vectors && !fn->ops->msix(fn->data, vector))
		fn->pending[vector] = true;
}

void pci_interrupt_config(struct pci_function *fn)
{
	pci_interrupt(fn, fn->config_vector, VIRTIO_PCI_ISR_CONFIG);
}

void pci_vector_ready(struct pci_function *fn, unsigned int vector)
{
	if (vector < fn->vectors && fn->pending[vector])
		fn->pending[vector] = !fn->ops->msix(fn->data, vector);
}

/* Reading clears it. */
uint8_t pci_isr_read(struct pci_function *fn)
{
	uint8_t isr = fn->isr;

	fn->isr = 0;
	pci_intx_update(fn);
	return isr;
}

/* One that does not exist reads back as none. */
uint16_t pci_check_vector(const struct pci_function *fn, uint16_t vector)
{
	return vector < fn->vectors ? vector : VIRTIO_MSI_NO_VECTOR;
}

void pci_msix_read(struct pci_function *fn, uint32_t offset, uint8_t *buf,
		   size_t len)
{
	uint32_t table = fn->vectors * PCI_MSIX_ENTRY_SIZE;
	unsigned int vector;
	uint32_t at;
	size_t i;

	for (i = 0; i < len; i++) {
		at = offset + i;
		if (at < table)
			buf[i] = fn->msix_table[at];
		if (at < fn->pba_at)
			continue;
		for (vector = (at - fn->pba_at) * 8; vector < fn->vectors &&
		     vector < (at - fn->pba_at + 1) * 8; vector++)
			buf[i] |= fn->pending[vector] << vector % 8;
	}
}

/* Kept for whoever reads it; masks are the VMM's business. */
void pci_msix_write(struct pci_function *fn, uint32_t offset,
		    const uint8_t *buf, size_t len)
{
	uint32_t table = fn->vectors * PCI_MSIX_ENTRY_SIZE;

	if (offset >= table)
		return;
	if (len > table - offset)
		len = table - offset;
	memcpy(fn->msix_table + offset, buf, len);
}
