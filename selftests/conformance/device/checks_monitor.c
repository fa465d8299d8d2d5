// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checks_monitor.c - what monitors say of devices, ports and chardevs
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "checks.h"
#include "transfer.h"

#define CALL(command, args) \
	"{'execute': '" command "', 'arguments': {" args "}}"
#define QTREE CALL("human-monitor-command", "'command-line': 'info qtree'")
#define P1	"'path': '/machine/peripheral/p1', "

static void qtree_follows_the_port(struct dut *dut)
{
	int client;

	dut_one_port(dut, FE_ALL_FEATURES);
	dut_says(dut, QTREE, "port 1, guest off, host off, throttle off");
	client = dut_client(dut, "c1");
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	dut_says(dut, QTREE, "port 1, guest off, host on, throttle off");
	fe_open_port(&dut->fe, 1);
	dut_says(dut, QTREE, "port 1, guest on, host on, throttle off");
	queue_output(dut, 65536, 32);
	fe_sync(&dut->fe);
	dut_says(dut, QTREE, "port 1, guest on, host on, throttle on");
	host_reads(client, 0, 65536 * 32);
	while (fe_wait_used(&dut->fe, fe_tx(1)) >= 0 &&
	       dut->fe.queues[fe_tx(1)].last_used < 32)
		;
	dut_says(dut, QTREE, "port 1, guest on, host on, throttle off");
	dut_stop(dut);
}

static void filename_follows_the_host(struct dut *dut)
{
	static const char query[] = "{'execute': 'query-chardev'}";
	int client;

	dut_one_port(dut, FE_ALL_FEATURES);
	dut_says(dut, query, "\"filename\": \"disconnected:unix:");
	client = dut_client(dut, "c1");
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	dut_says(dut, query, "\"filename\": \"unix:");
	close(client);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	dut_says(dut, query, "\"filename\": \"disconnected:unix:");
	dut_stop(dut);
}

static void properties_are_read(struct dut *dut)
{
	dut_begin(dut, "max_ports=3");
	emulator_arg(&dut->emu, "-device virtserialport,nr=2,id=p1,name=one");
	dut_start(dut);
	dut_expect(dut, CALL("qom-get", P1 "'property': 'name'"),
		   "{\"return\": \"one\"}");
	dut_expect(dut, CALL("qom-get", P1 "'property': 'nr'"),
		   "{\"return\": 2}");
	dut_expect(dut, CALL("qom-get", P1 "'property': 'type'"),
		   "{\"return\": \"virtserialport\"}");
	dut_expect(dut, CALL("qom-get", "'path': '/machine/peripheral/s0', "
			     "'property': 'max_ports'"), "{\"return\": 3}");
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_stop(dut);
}

static void properties_are_not_written(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_fails(dut, CALL("qom-set", P1 "'property': 'name', 'value': 'x'"),
		  "Attempt to set property 'name' on device 'p1' (type 'virtserialport') after it was realized");
	dut_stop(dut);
}

static void unknown_paths_and_properties(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, CALL("qom-get", "'path': '/nope', 'property': 'x'"),
		   "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"Device '/nope' not found\"}}");
	dut_fails(dut, CALL("qom-get", P1 "'property': 'bogus'"),
		  "Property 'virtserialport.bogus' not found");
	dut_stop(dut);
}

/* A port keeps its place, and goes on with what is behind it now. */
static void chardev_is_changed(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	dut_says(dut, CALL("chardev-change",
			   "'id': 'c1', 'backend': {'type': 'ringbuf', 'data': {'size': 64}}"),
		 "{\"return\": {}}");
	expect_eof(client);
	dut_send(dut, 1, "kept");
	dut_expect(dut, CALL("ringbuf-read", "'device': 'c1', 'size': 64"),
		   "{\"return\": \"kept\"}");
	dut_stop(dut);
}

static void chardev_of_a_monitor_stays(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_fails(dut, CALL("chardev-change",
			    "'id': 'nope', 'backend': {'type': 'null', 'data': {}}"),
		  "Chardev 'nope' does not exist");
	dut_says(dut, CALL("chardev-remove", "'id': 'qmp'"),
		 "Chardev 'qmp' is busy");
	dut_stop(dut);
}

const struct check monitor_checks[] = {
	{ "info qtree: guest, host and throttle of a port",
	  qtree_follows_the_port },
	{ "query-chardev: a socket with a client, and without",
	  filename_follows_the_host },
	{ "qom-get: properties of device and port", properties_are_read },
	{ "qom-set: not after a device was realized",
	  properties_are_not_written },
	{ "qom-get: what is not there", unknown_paths_and_properties },
	{ "chardev-change: the port goes on", chardev_is_changed },
	{ "chardevs that are needed stay", chardev_of_a_monitor_stays },
	{ NULL }
};
