// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_driver_test.c - the PCI function with a driver: rings, resets, interrupts
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "front_end_pci.h"
#include "pci_fixture.h"

#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#define S_READY \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
	 VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)

/* Rings that lie nowhere are the driver's mistake, and no one else's. */
static void test_bad_ring(void **state)
{
	start_driver();
	fe_driver_reset(&f.fe);
	set_reg(VIRTIO_PCI_COMMON_Q_SELECT, 2, 2);
	set_reg(VIRTIO_PCI_COMMON_Q_DESCLO, 8, 0xdead0000);
	set_reg(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_STATUS, 1),
			 S_READY | VIRTIO_CONFIG_S_NEEDS_RESET);
	/* The driver cannot say that it does not. */
	set_reg(VIRTIO_PCI_COMMON_STATUS, 1, S_READY);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_STATUS, 1),
			 S_READY | VIRTIO_CONFIG_S_NEEDS_RESET);
	fe_driver_reset(&f.fe);
	driver_start();
	guest_says("well");
	host_hears("well");
}

/* Each queue has a page for its notifications. */
static void test_page_per_queue(void **state)
{
	unsigned int cap;

	fe_pci_multiplier = 0x1000;
	start_driver_of("virtio-serial-pci,max_ports=2,vectors=8,page-per-vq=on");
	cap = vc_find_cap(f.fe.sock, PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_NOTIFY_CFG);
	assert_int_equal(config(cap + 12, 4), 0x400000);
	assert_int_equal(config(cap + 16, 4), 0x1000);
	guest_says("well");
	host_hears("well");
	/* The last page, and what is behind it. */
	set_reg(NOTIFY + 1023 * 0x1000, 2, 1023);
	set_reg(NOTIFY + 0x400000, 2, 0);
	assert_int_equal(reg(0x7ffffc, 4), 0);
	guest_says("again");
	host_hears("again");
	fe_pci_multiplier = 4;
}

/* What is broken says so by an interrupt. */
static void test_needs_reset_interrupts(void **state)
{
	start_driver();
	take_config_event();
	assert_int_equal(events(), 0);
	fe_add_head(&f.fe, fe_tx(1), 1000);
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	assert_int_equal(events(), 1);
}

/* Throw a ring away with an element in it of which a part has been sent. */
static void test_ring_reset(void **state)
{
	const size_t size = 4 << 20;
	char *large, *buf = malloc(size);
	size_t have = 0;
	ssize_t len;

	start_driver();
	large = fe_alloc(&f.fe, size);
	memset(large, 'x', size);
	fe_add(&f.fe, fe_tx(1), large, size, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, fe_tx(1), NULL), -1);

	set_reg(VIRTIO_PCI_COMMON_Q_SELECT, 2, fe_tx(1));
	set_reg(VIRTIO_PCI_COMMON_Q_RESET, 2, 1);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_RESET, 2), 0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
	fe_queue_setup(&f.fe, fe_tx(1), 16);
	guest_says("whole");
	/* What was sent of the first, and then the second from its start. */
	while (have < 5 || memcmp(buf + have - 5, "whole", 5)) {
		len = recv(f.client, buf + have, size - have, 0);
		assert_true(len > 0);
		have += len;
	}
	assert_int_equal(buf[have - 6], 'x');
	free(buf);
}

/* Memory may go and come back; a driver may not use what is not there. */
static void test_unmapped_ring(void **state)
{
	start_driver();
	assert_int_equal(vc_unmap(f.fe.sock, GPA_BASE, FE_MEM_SIZE / 2, 0), 0);
	write_exactly(f.client, "hello", 5);
	fe_sync(&f.fe);
	assert_int_equal(vc_map(f.fe.sock, GPA_BASE, FE_MEM_SIZE / 2, 0, 3,
				f.fe.memfd), 0);
	fe_add(&f.fe, fe_rx(1), fe_alloc(&f.fe, 64), 64, true);
	fe_kick(&f.fe, fe_rx(1));
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 5);
	guest_says("here");
	host_hears("here");
	assert_false(fe_broken(&f.fe, 0));

	assert_int_equal(vc_unmap(f.fe.sock, GPA_BASE, FE_MEM_SIZE / 2, 0), 0);
	guest_says("gone");
	assert_true(fe_broken(&f.fe, 0));
}

/* What is only to be read is not written. */
static void test_readonly_memory(void **state)
{
	uint64_t count;

	start_driver();
	take_config_event();
	assert_int_equal(vc_unmap(f.fe.sock, GPA_BASE + FE_MEM_SIZE / 2,
				  FE_MEM_SIZE / 2, 0), 0);
	assert_int_equal(vc_map(f.fe.sock, GPA_BASE + FE_MEM_SIZE / 2,
				FE_MEM_SIZE / 2, FE_MEM_SIZE / 2, 1,
				f.fe.memfd), 0);
	fe_add(&f.fe, fe_tx(1), f.fe.mem + FE_MEM_SIZE / 2, 4, false);
	fe_kick(&f.fe, fe_tx(1));
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
	fe_add(&f.fe, fe_rx(1), f.fe.mem + FE_MEM_SIZE / 2, 64, true);
	fe_kick(&f.fe, fe_rx(1));
	write_exactly(f.client, "hello", 5);
	read_exactly(f.event, &count, sizeof(count));
	assert_true(fe_broken(&f.fe, 0));
}

/* A function that is not bus master leaves memory alone. */
static void test_bus_master(void **state)
{
	start_driver();
	set_config(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	guest_says("later");
	fe_sync(&f.fe);
	expect_silence(f.client);
	assert_false(fe_broken(&f.fe, 0));
	set_config(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	host_hears("later");
}

static void expect_reset(void)
{
	assert_int_equal(reg(VIRTIO_PCI_COMMON_STATUS, 1), 0);
	assert_int_equal(config(PCI_COMMAND, 2), 0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_MSIX, 2), 0xffff);
	set_reg(VIRTIO_PCI_COMMON_Q_SELECT, 2, 3);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
}

static void test_device_reset(void **state)
{
	start_driver();
	assert_int_equal(vc_request(f.fe.sock, VC_RESET, NULL, 0, NULL, 0, NULL,
				    0), 0);
	expect_reset();
}

static void test_function_level_reset(void **state)
{
	unsigned int af;

	start_driver();
	af = vc_find_cap(f.fe.sock, PCI_CAP_ID_AF, -1);
	assert_true(af);
	assert_int_equal(config(af + PCI_AF_CAP, 1),
			 PCI_AF_CAP_TP | PCI_AF_CAP_FLR);
	set_config(af + PCI_AF_CTRL, 1, 0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_STATUS, 1), S_READY);
	set_config(af + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR);
	expect_reset();
}

/* The client lowers the line when it is looked at, and asks if it is up. */
static void test_intx(void **state)
{
	start_driver();
	set_config(vc_find_cap(f.fe.sock, PCI_CAP_ID_MSIX, -1) + 2, 2, 0);
	assert_int_equal(vc_set_irqs(f.fe.sock, VC_INTX,
				     VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 0, 1,
				     &f.event, 1), 0);
	assert_int_equal(events(), 0);
	guest_says("one");
	host_hears("one");
	fe_sync(&f.fe);
	assert_int_equal(events(), 1);
	assert_int_equal(config(PCI_STATUS, 2) & PCI_STATUS_INTERRUPT,
			 PCI_STATUS_INTERRUPT);

	/* Still up: once more. */
	vc_set_irqs(f.fe.sock, VC_INTX, VC_IRQ_NONE | VC_IRQ_UNMASK, 0, 1, NULL,
		    0);
	assert_int_equal(events(), 1);
	/* Looked at: no more. */
	assert_int_equal(reg(ISR, 1), 1);
	assert_int_equal(reg(ISR, 1), 0);
	assert_int_equal(config(PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0);
	vc_set_irqs(f.fe.sock, VC_INTX, VC_IRQ_NONE | VC_IRQ_UNMASK, 0, 1, NULL,
		    0);
	assert_int_equal(events(), 0);
}

static void test_intx_disabled(void **state)
{
	start_driver();
	set_config(vc_find_cap(f.fe.sock, PCI_CAP_ID_MSIX, -1) + 2, 2, 0);
	vc_set_irqs(f.fe.sock, VC_INTX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 0, 1,
		    &f.event, 1);
	set_config(PCI_COMMAND, 2, PCI_COMMAND_MASTER |
				   PCI_COMMAND_INTX_DISABLE);
	guest_says("one");
	host_hears("one");
	fe_sync(&f.fe);
	assert_int_equal(events(), 0);
	assert_true(config(PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	set_config(PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	assert_int_equal(events(), 1);
}

/* What comes before there is somebody to tell is told then. */
static void test_pending_vector(void **state)
{
	unsigned int vector = fe_tx(1) + 1;

	start_driver();
	vc_set_irqs(f.fe.sock, VC_MSIX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, vector,
		    1, NULL, 0);
	assert_int_equal(vc_read(f.fe.sock, VC_MSIX_BAR, 0x800, 8), 0);
	guest_says("one");
	host_hears("one");
	fe_sync(&f.fe);
	assert_int_equal(vc_read(f.fe.sock, VC_MSIX_BAR, 0x800, 8),
			 1 << vector);
	vc_set_irqs(f.fe.sock, VC_MSIX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, vector,
		    1, &f.event, 1);
	assert_int_equal(events(), 1);
	assert_int_equal(vc_read(f.fe.sock, VC_MSIX_BAR, 0x800, 8), 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, pci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bad_ring),
		TEST(test_page_per_queue),
		TEST(test_needs_reset_interrupts),
		TEST(test_ring_reset),
		TEST(test_unmapped_ring),
		TEST(test_readonly_memory),
		TEST(test_bus_master),
		TEST(test_device_reset),
		TEST(test_function_level_reset),
		TEST(test_intx),
		TEST(test_intx_disabled),
		TEST(test_pending_vector),
	};

	fe_use(&fe_vfio_ops);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
