// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_fixture.c - a PCI function with one port, and who looks at its registers
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "pci_fixture.h"

#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

struct pci_fixture f;

static void start(const char *model)
{
	emulator_init(&f.emu);
	emulator_chardev(&f.emu, "c1");
	emulator_arg(&f.emu, "-device %s,id=s0", model);
	emulator_arg(&f.emu, "-device virtserialport,nr=1,chardev=c1");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	f.client = emulator_connect(&f.emu, "c1");
	f.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/* A client, and no driver. */
void start_bare(const char *model)
{
	start(model);
	vc_negotiate(f.fe.sock);
}

void driver_start(void)
{
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_open_port(&f.fe, 1);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
}

void start_driver_of(const char *model)
{
	start(model);
	fe_begin(&f.fe, FE_ALL_FEATURES | FE_RING_RESET);
	fe_sync(&f.fe);
	driver_start();
}

/* A driver with an open port. */
void start_driver(void)
{
	start_driver_of("virtio-serial-pci,max_ports=2,vectors=8");
}

int pci_teardown(void **state)
{
	fe_finish(&f.fe);
	close(f.client);
	close(f.event);
	emulator_stop(&f.emu);
	return 0;
}

uint64_t config(unsigned int at, unsigned int size)
{
	return vc_read(f.fe.sock, VC_CONFIG, at, size);
}

void set_config(unsigned int at, unsigned int size, uint64_t value)
{
	vc_write(f.fe.sock, VC_CONFIG, at, size, value);
}

uint64_t reg(unsigned int at, unsigned int size)
{
	return vc_read(f.fe.sock, VC_MODERN, at, size);
}

void set_reg(unsigned int at, unsigned int size, uint64_t value)
{
	vc_post(f.fe.sock, VC_MODERN, at, size, value);
}

uint64_t events(void)
{
	uint64_t count = 0;

	return read(f.event, &count, sizeof(count)) == 8 ? count : 0;
}

void take_config_event(void)
{
	assert_int_equal(vc_set_irqs(f.fe.sock, VC_MSIX,
				     VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 0, 1,
				     &f.event, 1), 0);
}

void guest_says(const char *words)
{
	char *buf = fe_alloc(&f.fe, strlen(words));

	fe_add(&f.fe, fe_tx(1), memcpy(buf, words, strlen(words)),
	       strlen(words), false);
	fe_kick(&f.fe, fe_tx(1));
}

void host_hears(const char *words)
{
	char buf[64];

	read_exactly(f.client, buf, strlen(words));
	assert_memory_equal(buf, words, strlen(words));
}
