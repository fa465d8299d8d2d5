// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checks_plug.c - ports that come and go, and those that are refused
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "checks.h"

#define ADD(args) \
	"{'execute': 'device_add', 'arguments': {'driver': 'virtserialport', " \
	args "}}"
#define ADD_CONSOLE(args) \
	"{'execute': 'device_add', 'arguments': {'driver': 'virtconsole', " \
	args "}}"
#define DEL(id) \
	"{'execute': 'device_del', 'arguments': {'id': '" id "'}}"
#define ADD_NULL(id) \
	"{'execute': 'chardev-add', 'arguments': {'id': '" id "', " \
	"'backend': {'type': 'null', 'data': {}}}}"
#define REMOVE(id) \
	"{'execute': 'chardev-remove', 'arguments': {'id': '" id "'}}"

static void expect(struct dut *dut, uint32_t id, uint16_t event)
{
	fe_expect_control(&dut->fe, id, event, 1, NULL);
}

static void expect_add(struct dut *dut, uint32_t id)
{
	expect(dut, id, VIRTIO_CONSOLE_PORT_ADD);
}

static void expect_remove(struct dut *dut, uint32_t id)
{
	expect(dut, id, VIRTIO_CONSOLE_PORT_REMOVE);
}

/* Unplug, and be told of it. */
static void unplug(struct dut *dut, const char *command, const char *id)
{
	char words[64];

	snprintf(words, sizeof(words), "\"device\": \"%s\"", id);
	dut_expect(dut, command, NULL);
	dut_event(dut, words);
}

static void plugged_and_unplugged(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, ADD("'id': 'p2', 'nr': 2, 'name': 'two'"), NULL);
	expect_add(dut, 2);
	fe_send_control(&dut->fe, 2, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&dut->fe, 2, VIRTIO_CONSOLE_PORT_NAME, 1, "two");
	unplug(dut, DEL("p2"), "p2");
	expect_remove(dut, 2);
	dut_stop(dut);
}

static void unplugged_names_path(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, DEL("p1"), NULL);
	dut_event(dut, "\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"p1\", \"path\": \"/machine/peripheral/p1\"}}");
	expect_remove(dut, 1);
	dut_stop(dut);
}

static void plugged_before_the_driver(struct dut *dut)
{
	dut_begin(dut, "max_ports=3");
	dut_start(dut);
	dut_expect(dut, ADD("'id': 'p2', 'nr': 2"), NULL);
	dut_expect(dut, ADD("'id': 'p1', 'nr': 1"), NULL);
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_driver(dut);
	expect_add(dut, 2);
	expect_add(dut, 1);
	dut_stop(dut);
}

#define ADD_AGAIN	ADD("'id': 'p1', 'nr': 1, 'chardev': 'c1'")

static void plugged_again(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	dut_send(dut, 1, "first");
	host_hears(client, "first");
	close(client);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	unplug(dut, DEL("p1"), "p1");
	expect_remove(dut, 1);
	dut_expect(dut, ADD_AGAIN, NULL);
	expect_add(dut, 1);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_READY, 1);
	client = dut_client(dut, "c1");
	expect(dut, 1, VIRTIO_CONSOLE_PORT_OPEN);
	dut_send(dut, 1, "second");
	host_hears(client, "second");
	dut_stop(dut);
}

static void plugged_on_open_chardev(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	unplug(dut, DEL("p1"), "p1");
	expect_remove(dut, 1);
	dut_expect(dut, ADD_AGAIN, NULL);
	expect_add(dut, 1);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_READY, 1);
	expect(dut, 1, VIRTIO_CONSOLE_PORT_OPEN);
	dut_send(dut, 1, "same host");
	host_hears(client, "same host");
	dut_stop(dut);
}

static void numbers_are_chosen(struct dut *dut)
{
	dut_begin(dut, "max_ports=6");
	emulator_arg(&dut->emu, "-device virtserialport,id=a,nr=2");
	dut_start(dut);
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_driver(dut);
	expect_add(dut, 2);
	dut_expect(dut, ADD("'id': 'b'"), NULL);
	expect_add(dut, 1);
	dut_expect(dut, ADD("'id': 'c'"), NULL);
	expect_add(dut, 3);
	unplug(dut, DEL("a"), "a");
	expect_remove(dut, 2);
	dut_expect(dut, ADD("'id': 'd'"), NULL);
	expect_add(dut, 2);
	dut_expect(dut, ADD_CONSOLE("'id': 'e'"), NULL);
	expect_add(dut, 0);
	dut_expect(dut, ADD_CONSOLE("'id': 'f'"), NULL);
	expect_add(dut, 4);
	dut_stop(dut);
}

/* @command fails, and the driver hears of nothing. */
static void refused(struct dut *dut, const char *command, const char *desc)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_fails(dut, command, desc);
	fe_sync(&dut->fe);
	assert_true(fe_get_used(&dut->fe, 2, NULL) < 0);
	dut_stop(dut);
}

static void used_number(struct dut *dut)
{
	refused(dut, ADD("'nr': 1"),
		"virtio-serial-bus: A port already exists at id 1");
}

static void number_out_of_range(struct dut *dut)
{
	refused(dut, ADD("'nr': 3"),
		"virtio-serial-bus: Out-of-range port id specified, max. allowed: 2");
}

#define PORT_0 \
	"Port number 0 on virtio-serial devices reserved for virtconsole devices for backward compatibility."

static void port_0(struct dut *dut)
{
	refused(dut, ADD("'nr': 0"), PORT_0);
}

static void port_0_at_start(struct dut *dut)
{
	dut_begin(dut, "");
	emulator_arg(&dut->emu, "-device virtserialport,nr=0");
	dut_refused(dut, PORT_0);
}

static void used_id(struct dut *dut)
{
	refused(dut, ADD("'id': 'p1'"), "Duplicate device ID 'p1'");
}

static void used_chardev(struct dut *dut)
{
	/* How it ends depends on the version of QEMU. */
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_says(dut, ADD("'chardev': 'c1'"),
		 "\"desc\": \"Property 'virtserialport.chardev' can't take value 'c1': ");
	dut_stop(dut);
}

static void unknown_chardev(struct dut *dut)
{
	refused(dut, ADD("'chardev': 'nochr'"),
		"Property 'virtserialport.chardev' can't find value 'nochr'");
}

static void unknown_bus(struct dut *dut)
{
	refused(dut, ADD("'bus': 'nope.0'"), "Bus 'nope.0' not found");
}

static void unknown_property(struct dut *dut)
{
	refused(dut, ADD("'bogus': 1"),
		"Property 'virtserialport.bogus' not found");
}

static void unknown_driver(struct dut *dut)
{
	refused(dut, "{'execute': 'device_add', 'arguments': {'driver': 'nodev'}}",
		"'nodev' is not a valid device model name");
}

static void used_name(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, ADD("'id': 'p2', 'name': 'same'"), NULL);
	expect_add(dut, 2);
	unplug(dut, DEL("p1"), "p1");
	expect_remove(dut, 1);
	dut_fails(dut, ADD("'name': 'same'"),
		  "virtio-serial-bus: A port already exists by name same");
	unplug(dut, DEL("p2"), "p2");
	expect_remove(dut, 2);
	dut_expect(dut, ADD("'name': 'same'"), NULL);
	expect_add(dut, 1);
	dut_stop(dut);
}

#define NO_NUMBER \
	"virtio-serial-bus: Maximum port limit for this device reached"

static void no_number_left(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, ADD("'id': 'p2'"), NULL);
	expect_add(dut, 2);
	dut_fails(dut, ADD("'id': 'p3'"), NO_NUMBER);
	dut_stop(dut);
}

static void no_number_of_32_left(struct dut *dut)
{
	unsigned int i;

	dut_begin(dut, "max_ports=32");
	for (i = 1; i < 32; i++)
		emulator_arg(&dut->emu, "-device virtserialport,id=p%u", i);
	dut_start(dut);
	dut_fails(dut, ADD("'id': 'p32'"), NO_NUMBER);
	dut_expect(dut, DEL("p17"), NULL);
	dut_expect(dut, ADD("'id': 'p32'"), NULL);
	dut_fails(dut, ADD("'id': 'p33'"), NO_NUMBER);
	dut_stop(dut);
}

static void unknown_device(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, DEL("pzz"), "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"Device 'pzz' not found\"}}");
	dut_stop(dut);
}

static void chardev_comes_and_goes(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, ADD_NULL("n1"), "{\"return\": {}}");
	dut_expect(dut, ADD("'id': 'p2', 'chardev': 'n1'"), NULL);
	expect_add(dut, 2);
	dut_fails(dut, REMOVE("n1"), "Chardev 'n1' is busy");
	unplug(dut, DEL("p2"), "p2");
	expect_remove(dut, 2);
	dut_expect(dut, REMOVE("n1"), NULL);
	dut_fails(dut, REMOVE("n1"), "Chardev 'n1' not found");
	dut_stop(dut);
}

static void used_chardev_id(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	dut_expect(dut, ADD_NULL("n1"), NULL);
	dut_says(dut, ADD_NULL("n1"), "\"class\": \"GenericError\"");
	dut_says(dut, ADD_NULL("n1"), "'n1'");
	dut_stop(dut);
}

static void unplugged_while_open(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	dut_frontend_open(dut, "c1", true);
	unplug(dut, DEL("p1"), "p1");
	expect_remove(dut, 1);
	dut_frontend_open(dut, "c1", false);
	expect_silence(client);
	dut_stop(dut);
}

const struct check plug_checks[] = {
	{ "plug and unplug: PORT_ADD, PORT_REMOVE", plugged_and_unplugged },
	{ "unplug: DEVICE_DELETED names the device and its path",
	  unplugged_names_path },
	{ "ports plugged before DEVICE_READY are added then",
	  plugged_before_the_driver },
	{ "a port plugged again on its old chardev works", plugged_again },
	{ "a port plugged on an open chardev: PORT_ADD comes first",
	  plugged_on_open_chardev, .differs = "says PORT_OPEN before it" },
	{ "unplug: the chardev's front-end is closed",
	  unplugged_while_open },
	{ "the lowest free number is chosen, 0 for a console",
	  numbers_are_chosen },
	{ "a number that is used is refused", used_number },
	{ "a number out of range is refused", number_out_of_range },
	{ "number 0 is refused for a port that is no console", port_0 },
	{ "number 0 is refused on the command line", port_0_at_start },
	{ "an id that is used is refused", used_id },
	{ "a name is refused while it is used", used_name },
	{ "a chardev that is used is refused", used_chardev },
	{ "a chardev that is not there is refused", unknown_chardev },
	{ "a bus that is not there is refused", unknown_bus },
	{ "a property that is not there is refused", unknown_property },
	{ "a driver that is not there is refused", unknown_driver },
	{ "a port too many is refused: 3 at most", no_number_left,
	  .differs = "says so only if the most is a multiple of 32" },
	{ "a port too many is refused: 32 at most", no_number_of_32_left },
	{ "a device that is not there cannot be deleted", unknown_device },
	{ "a chardev can be removed after its port",
	  chardev_comes_and_goes },
	{ "a chardev id that is used is refused", used_chardev_id },
	{ NULL }
};
