// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checks_life.c - reset, stop and cont
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "checks.h"
#include "transfer.h"

#define MUCH_SIZE	65536
#define MUCH_COUNT	32

/* A driver again, for the one port that there is; the host is there or not. */
static void restart(struct dut *dut, bool host)
{
	fe_driver_reset(&dut->fe);
	dut_driver(dut);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_open_port(&dut->fe, 1);
	if (host)
		fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1,
				  NULL);
}

static void expect_works(struct dut *dut, int client)
{
	dut_send(dut, 1, "out");
	host_hears(client, "out");
	write_exactly(client, "in", 2);
	dut_receive(dut, 1, "in");
}

static void reset_and_again_with(struct dut *dut, uint64_t features)
{
	int client = dut_open_port(dut, features);

	expect_works(dut, client);
	restart(dut, true);
	expect_works(dut, client);
	restart(dut, true);
	expect_works(dut, client);
	dut_stop(dut);
}

static void reset_and_again(struct dut *dut)
{
	reset_and_again_with(dut, FE_ALL_FEATURES);
}

static void reset_packed(struct dut *dut)
{
	reset_and_again_with(dut, FE_ALL_FEATURES | FE_PACKED);
}

static void system_reset(struct dut *dut)
{
	dut_open_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, "{'execute': 'system_reset'}", NULL);
	dut_event(dut, "{\"open\": false, \"id\": \"p1\"}");
	dut_frontend_open(dut, "c1", false);
	dut_stop(dut);
}

static void reset_closes(struct dut *dut)
{
	dut_open_port(dut, FE_ALL_FEATURES);
	dut_frontend_open(dut, "c1", true);
	fe_driver_reset(&dut->fe);
	dut_driver(dut);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	dut_frontend_open(dut, "c1", false);
	dut_event(dut, "{\"open\": false, \"id\": \"p1\"}");
	dut_stop(dut);
}

static void reset_keeps_the_host(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	write_exactly(client, "kept", 4);
	restart(dut, true);
	dut_receive(dut, 1, "kept");
	dut_stop(dut);
}

/* What was sent before it must come first, as far as it comes at all. */
static void reset_in_output(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);
	size_t seen = 0;
	char c = 0;

	queue_output(dut, MUCH_SIZE, MUCH_COUNT);
	fe_sync(&dut->fe);
	restart(dut, true);
	fe_add(&dut->fe, fe_tx(1), strcpy(fe_alloc(&dut->fe, 8), "\1\2\3fresh"),
	       8, false);
	fe_kick(&dut->fe, fe_tx(1));
	while (seen < 8) {
		read_exactly(client, &c, 1);
		seen = c == "\1\2\3fresh"[seen] ? seen + 1 : c == '\1';
	}
	expect_silence(client);
	fe_wait_used(&dut->fe, fe_tx(1));
	expect_works(dut, client);
	dut_stop(dut);
}

static void reset_in_input(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	fe_add(&dut->fe, fe_rx(1), fe_alloc(&dut->fe, 16), 16, true);
	fe_kick(&dut->fe, fe_rx(1));
	host_writes(client, 0, 64);
	assert_int_equal(fe_wait_used(&dut->fe, fe_rx(1)), 16);
	restart(dut, true);
	fe_add(&dut->fe, fe_rx(1), fe_alloc(&dut->fe, 64), 64, true);
	fe_kick(&dut->fe, fe_rx(1));
	assert_in_range(fe_wait_used(&dut->fe, fe_rx(1)), 1, 48);
	dut_stop(dut);
}

static void unplugged_port_after_reset(struct dut *dut)
{
	dut_open_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, "{'execute': 'device_add', 'arguments': {'driver': 'virtserialport', 'nr': 2}}",
		   NULL);
	fe_expect_control(&dut->fe, 2, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	dut_expect(dut, "{'execute': 'device_del', 'arguments': {'id': 'p1'}}",
		   NULL);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_REMOVE, 1, NULL);
	fe_driver_reset(&dut->fe);
	dut_driver(dut);
	fe_expect_control(&dut->fe, 2, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_sync(&dut->fe);
	assert_true(fe_get_used(&dut->fe, 2, NULL) < 0);
	dut_stop(dut);
}

static void stop(struct dut *dut)
{
	dut_expect(dut, "{'execute': 'stop'}", NULL);
	dut_event(dut, "\"event\": \"STOP\"");
	dut_says(dut, "{'execute': 'query-status'}", "\"status\": \"paused\"");
}

static void cont(struct dut *dut)
{
	dut_expect(dut, "{'execute': 'cont'}", NULL);
	dut_event(dut, "\"event\": \"RESUME\"");
	dut_says(dut, "{'execute': 'query-status'}", "\"status\": \"running\"");
}

static void stop_freezes_input(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);
	char *buf = fe_alloc(&dut->fe, 64);

	fe_add(&dut->fe, fe_rx(1), buf, 64, true);
	fe_kick(&dut->fe, fe_rx(1));
	fe_sync(&dut->fe);
	stop(dut);
	write_exactly(client, "later", 5);
	fe_sync(&dut->fe);
	assert_true(fe_get_used(&dut->fe, fe_rx(1), NULL) < 0);
	cont(dut);
	assert_int_equal(fe_wait_used(&dut->fe, fe_rx(1)), 5);
	assert_memory_equal(buf, "later", 5);
	dut_stop(dut);
}

static void works_after_cont(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	stop(dut);
	cont(dut);
	expect_works(dut, client);
	dut_frontend_open(dut, "c1", true);
	dut_stop(dut);
}

static void host_comes_while_stopped(struct dut *dut)
{
	int client;

	dut_one_port(dut, FE_ALL_FEATURES);
	fe_open_port(&dut->fe, 1);
	stop(dut);
	client = dut_client(dut, "c1");
	dut_says(dut, "{'execute': 'query-chardev'}", "c1");
	cont(dut);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	expect_works(dut, client);
	dut_stop(dut);
}

static void host_leaves_while_stopped(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	stop(dut);
	close(client);
	dut_says(dut, "{'execute': 'query-chardev'}", "c1");
	cont(dut);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	dut_stop(dut);
}

const struct check life_checks[] = {
	{ "reset: the driver can start again", reset_and_again },
	{ "reset: the driver can start again, packed ring", reset_packed },
	{ "system_reset: the guest's end is closed", system_reset },
	{ "reset: the guest's end is closed", reset_closes },
	{ "reset: input that was not taken is not lost",
	  reset_keeps_the_host },
	{ "reset while output waits: new output follows", reset_in_output },
	{ "reset while input waits: the rest follows", reset_in_input },
	{ "reset: ports that were unplugged stay away",
	  unplugged_port_after_reset },
	{ "stop: input waits for cont", stop_freezes_input },
	{ "stop and cont: an open port works on", works_after_cont },
	{ "stop: a host that comes is told of", host_comes_while_stopped },
	{ "stop: a host that leaves is told of", host_leaves_while_stopped,
	  .differs = "never notices" },
	{ NULL }
};
