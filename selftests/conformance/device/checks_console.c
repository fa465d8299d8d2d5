// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checks_console.c - what only consoles have: a first among them, and a size
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "checks.h"

#define F_SIZE	(1ull << VIRTIO_CONSOLE_F_SIZE)

#define WINDOW(cols, rows) \
	"{'execute': 'chardev-window-size-changed', 'arguments': {'id': 'c0', 'cols': " cols ", 'rows': " rows "}}"

static void ready(struct dut *dut, uint32_t id)
{
	fe_send_control(&dut->fe, id, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&dut->fe, id, VIRTIO_CONSOLE_CONSOLE_PORT, 1, NULL);
}

static void expect(struct dut *dut, uint32_t id, uint16_t event)
{
	fe_expect_control(&dut->fe, id, event, 1, NULL);
}

static void size_is_told(struct dut *dut)
{
	dut_console(dut, "max_ports=2,console-size=on");
	dut_negotiate(dut, FE_ALL_FEATURES | F_SIZE);
	dut_expect(dut, WINDOW("80", "25"), NULL);
	dut_driver(dut);
	expect(dut, 0, VIRTIO_CONSOLE_PORT_ADD);
	ready(dut, 0);
	fe_expect_resize(&dut->fe, 0, 80, 25);
	expect(dut, 0, VIRTIO_CONSOLE_PORT_OPEN);
	dut_expect(dut, WINDOW("132", "50"), NULL);
	fe_expect_resize(&dut->fe, 0, 132, 50);
	dut_stop(dut);
}

static void size_is_not_told(struct dut *dut)
{
	dut_console(dut, "max_ports=2,console-size=on");
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_expect(dut, WINDOW("80", "25"), NULL);
	dut_driver(dut);
	expect(dut, 0, VIRTIO_CONSOLE_PORT_ADD);
	ready(dut, 0);
	expect(dut, 0, VIRTIO_CONSOLE_PORT_OPEN);
	dut_expect(dut, WINDOW("132", "50"), NULL);
	fe_sync(&dut->fe);
	assert_true(fe_get_used(&dut->fe, 2, NULL) < 0);
	dut_stop(dut);
}

static void size_in_config(struct dut *dut)
{
	dut_console(dut, "max_ports=1,console-size=on");
	dut_negotiate(dut, (FE_ALL_FEATURES & ~FE_MULTIPORT) | F_SIZE);
	dut_expect(dut, WINDOW("80", "25"), NULL);
	assert_int_equal(dut->kind->get_config(&dut->fe, 0, 4), 80 | 25 << 16);
	dut_stop(dut);
}

static void two_consoles(struct dut *dut)
{
	int client;

	dut_begin(dut, "max_ports=4");
	dut_chardev(dut, "c0");
	emulator_arg(&dut->emu, "-device virtconsole,id=a");
	emulator_arg(&dut->emu, "-device virtconsole,chardev=c0,id=b");
	dut_start(dut);
	client = dut_client(dut, "c0");
	dut_says(dut, "{'execute': 'query-chardev'}", "c0");
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_driver(dut);
	expect(dut, 0, VIRTIO_CONSOLE_PORT_ADD);
	expect(dut, 1, VIRTIO_CONSOLE_PORT_ADD);
	ready(dut, 0);
	ready(dut, 1);
	expect(dut, 1, VIRTIO_CONSOLE_PORT_OPEN);
	/* One without a chardev is not it. */
	dut->kind->set_config(&dut->fe, 8, 4, 'e');
	host_hears(client, "e");
	dut_stop(dut);
}

static void input_waits_for_open(struct dut *dut)
{
	struct front_end *fe = &dut->fe;
	int client;

	dut_console(dut, "max_ports=2");
	client = dut_client(dut, "c0");
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_driver(dut);
	expect(dut, 0, VIRTIO_CONSOLE_PORT_ADD);
	fe_queue_setup(fe, fe_rx(0), 8);
	fe_add(fe, fe_rx(0), fe_alloc(fe, 64), 64, true);
	fe_kick(fe, fe_rx(0));
	write_exactly(client, "typed", 5);
	fe_sync(fe);
	assert_true(fe_get_used(fe, fe_rx(0), NULL) < 0);
	fe_send_control(fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(fe_wait_used(fe, fe_rx(0)), 5);
	dut_stop(dut);
}

/* Of a console nobody waits for a host: it is there from the start. */
static void host_is_always_there(struct dut *dut)
{
	dut_console(dut, "max_ports=2");
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_driver(dut);
	expect(dut, 0, VIRTIO_CONSOLE_PORT_ADD);
	ready(dut, 0);
	expect(dut, 0, VIRTIO_CONSOLE_PORT_OPEN);
	close(dut_client(dut, "c0"));
	fe_sync(&dut->fe);
	assert_true(fe_get_used(&dut->fe, 2, NULL) < 0);
	dut_stop(dut);
}

static const char no_size[] = "has no console size";

const struct check console_checks[] = {
	{ "RESIZE: after CONSOLE_PORT, and at each change", size_is_told,
	  .not_qemu = no_size },
	{ "RESIZE: not without SIZE", size_is_not_told, .not_qemu = no_size },
	{ "cols and rows are those of the only console", size_in_config,
	  .not_qemu = no_size },
	{ "EMERG_WRITE: a console without chardev is passed over",
	  two_consoles },
	{ "a console's input waits for PORT_OPEN", input_waits_for_open },
	{ "a console's host end is always open", host_is_always_there },
	{ NULL }
};
