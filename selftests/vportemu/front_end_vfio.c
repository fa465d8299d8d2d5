// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_end_vfio.c - a front-end that speaks vfio-user
 *
 * Each queue has an MSI-X vector, its index and one; vector 0 is that of the
 * configuration.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "front_end.h"
#include "front_end_pci.h"
#include "vfio_client.h"
#include "vfio_proxy.h"

#include <linux/pci_regs.h>

static uint64_t vfio_read(struct front_end *fe, unsigned int at,
			  unsigned int size)
{
	return vc_read(fe->sock, VC_MODERN, at, size);
}

static void vfio_write(struct front_end *fe, unsigned int at,
		       unsigned int size, uint64_t value)
{
	vc_post(fe->sock, VC_MODERN, at, size, value);
}

static uint16_t vfio_vector(struct front_end *fe, unsigned int index)
{
	assert_int_equal(vc_set_irqs(fe->sock, VC_MSIX,
				     VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, index + 1,
				     1, &fe->queues[index].call, 1), 0);
	return index + 1;
}

static const struct fe_registers vfio_registers = {
	.read	= vfio_read,
	.write	= vfio_write,
	.vector	= vfio_vector,
};

/* In two parts; without a descriptor it is there for messages. */
static void begin(struct front_end *fe, int memory)
{
	unsigned int msix;

	fe_pci_use(&vfio_registers);
	vc_negotiate(fe->sock);
	assert_int_equal(vc_map(fe->sock, GPA_BASE, FE_MEM_SIZE / 2, 0, 3,
				memory), 0);
	assert_int_equal(vc_map(fe->sock, GPA_BASE + FE_MEM_SIZE / 2,
				FE_MEM_SIZE / 2, FE_MEM_SIZE / 2, 3, memory),
			 0);
	vc_write(fe->sock, VC_CONFIG, PCI_COMMAND, 2,
		 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	msix = vc_find_cap(fe->sock, PCI_CAP_ID_MSIX, -1);
	assert_true(msix);
	vc_write(fe->sock, VC_CONFIG, msix + PCI_MSIX_FLAGS, 2,
		 PCI_MSIX_FLAGS_ENABLE);
	fe_pci_restart(fe);
}

static void vfio_begin(struct front_end *fe, uint64_t features)
{
	begin(fe, fe->memfd);
}

static void remote_begin(struct front_end *fe, uint64_t features)
{
	struct vfio_proxy_memory memory = { fe->mem, GPA_BASE, FE_MEM_SIZE };

	fe->features &= ~FE_INDIRECT;
	fe->sock = vfio_proxy_start(fe->sock, &memory);
	begin(fe, -1);
}

static void remote_finish(struct front_end *fe)
{
	vfio_proxy_stop();
}

const struct fe_ops fe_vfio_ops = {
	.export		= "vfio-user",
	.begin		= vfio_begin,
	.sync		= fe_pci_sync,
	.queue_size	= fe_pci_queue_size,
	.configure	= fe_pci_configure,
	.kick		= fe_pci_kick,
	.wait		= fe_call_wait,
	.called		= fe_call_take,
	.broken		= fe_pci_broken,
	.reset		= fe_pci_reset,
	.restart	= fe_pci_restart,
};

const struct fe_ops fe_remote_ops = {
	.export		= "vfio-user",
	.begin		= remote_begin,
	.sync		= fe_pci_sync,
	.queue_size	= fe_pci_queue_size,
	.configure	= fe_pci_configure,
	.kick		= fe_pci_kick,
	.wait		= fe_call_wait,
	.called		= fe_call_take,
	.broken		= fe_pci_broken,
	.reset		= fe_pci_reset,
	.restart	= fe_pci_restart,
	.finish		= remote_finish,
};
