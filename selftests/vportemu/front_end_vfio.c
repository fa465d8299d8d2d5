// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_end_vfio.c - a front-end that speaks vfio-user
 *
 * It does what a driver for VIRTIO 1.0 does with the registers.  Each queue has
 * an MSI-X vector, its index and one; vector 0 is that of the configuration.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"
#include "vfio_client.h"
#include "vfio_proxy.h"

#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#define NOTIFY_AT	0x3000

static void common_write(struct front_end *fe, unsigned int at,
			 unsigned int size, uint64_t value)
{
	vc_post(fe->sock, VC_MODERN, at, size, value);
}

static uint64_t common_read(struct front_end *fe, unsigned int at,
			    unsigned int size)
{
	return vc_read(fe->sock, VC_MODERN, at, size);
}

static void vfio_restart(struct front_end *fe)
{
	uint64_t features = fe->features & ~FE_PROTOCOL;
	uint8_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	unsigned int i;

	common_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	common_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, status);
	for (i = 0; i < 2; i++) {
		common_write(fe, VIRTIO_PCI_COMMON_GFSELECT, 4, i);
		common_write(fe, VIRTIO_PCI_COMMON_GF, 4, features >> 32 * i);
	}
	status |= VIRTIO_CONFIG_S_FEATURES_OK;
	common_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, status);
	assert_int_equal(common_read(fe, VIRTIO_PCI_COMMON_STATUS, 1), status);
	status |= VIRTIO_CONFIG_S_DRIVER_OK;
	common_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, status);
	common_write(fe, VIRTIO_PCI_COMMON_MSIX, 2, 0);
}

/* In two parts; without a descriptor it is there for messages. */
static void begin(struct front_end *fe, int memory)
{
	unsigned int msix;

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
	vfio_restart(fe);
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

/* As with vhost-user: before the second answer, all has been served. */
static void vfio_sync(struct front_end *fe)
{
	common_read(fe, VIRTIO_PCI_COMMON_NUMQ, 2);
	common_read(fe, VIRTIO_PCI_COMMON_NUMQ, 2);
}

static unsigned int vfio_queue_size(unsigned int index)
{
	return index == 2 || index == 3 ? 32 : FE_MAX_BUFFERS;
}

static void vfio_configure(struct front_end *fe, unsigned int index,
			   uint32_t base)
{
	struct fe_queue *q = &fe->queues[index];

	assert_int_equal(vc_set_irqs(fe->sock, VC_MSIX,
				     VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, index + 1,
				     1, &q->call, 1), 0);
	common_write(fe, VIRTIO_PCI_COMMON_Q_SELECT, 2, index);
	common_write(fe, VIRTIO_PCI_COMMON_Q_SIZE, 2, q->num);
	common_write(fe, VIRTIO_PCI_COMMON_Q_MSIX, 2, index + 1);
	assert_int_equal(common_read(fe, VIRTIO_PCI_COMMON_Q_MSIX, 2),
			 index + 1);
	common_write(fe, VIRTIO_PCI_COMMON_Q_DESCLO, 8,
		     fe_gpa(fe, (void *)q->desc));
	common_write(fe, VIRTIO_PCI_COMMON_Q_AVAILLO, 8,
		     fe_gpa(fe, (void *)q->avail));
	common_write(fe, VIRTIO_PCI_COMMON_Q_USEDLO, 8,
		     fe_gpa(fe, (void *)q->used));
	common_write(fe, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	assert_int_equal(common_read(fe, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 1);
}

static void vfio_kick(struct front_end *fe, unsigned int index)
{
	common_write(fe, NOTIFY_AT + 4 * index, 2, index);
}

static bool vfio_broken(struct front_end *fe, unsigned int index)
{
	return common_read(fe, VIRTIO_PCI_COMMON_STATUS, 1) &
	       VIRTIO_CONFIG_S_NEEDS_RESET;
}

static void vfio_reset(struct front_end *fe)
{
	common_write(fe, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	assert_int_equal(common_read(fe, VIRTIO_PCI_COMMON_STATUS, 1), 0);
}

const struct fe_ops fe_vfio_ops = {
	.export		= "vfio-user",
	.begin		= vfio_begin,
	.sync		= vfio_sync,
	.queue_size	= vfio_queue_size,
	.configure	= vfio_configure,
	.kick		= vfio_kick,
	.broken		= vfio_broken,
	.reset		= vfio_reset,
	.restart	= vfio_restart,
};

const struct fe_ops fe_remote_ops = {
	.export		= "vfio-user",
	.begin		= remote_begin,
	.sync		= vfio_sync,
	.queue_size	= vfio_queue_size,
	.configure	= vfio_configure,
	.kick		= vfio_kick,
	.broken		= vfio_broken,
	.reset		= vfio_reset,
	.restart	= vfio_restart,
	.finish		= remote_finish,
};
