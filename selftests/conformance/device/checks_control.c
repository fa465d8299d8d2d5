// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checks_control.c - the control queues: what is said, in which order
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "checks.h"

#define LONG_NAME	"org.example.a-name-of-fifty-five-bytes-for-a-port.to.do"
#define HOST_OPEN(dut, id, open) \
	fe_expect_control(&(dut)->fe, id, VIRTIO_CONSOLE_PORT_OPEN, open, NULL)

static void expect_add(struct dut *dut, uint32_t id)
{
	fe_expect_control(&dut->fe, id, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

static void ready(struct dut *dut, uint32_t id)
{
	fe_send_control(&dut->fe, id, VIRTIO_CONSOLE_PORT_READY, 1);
}

/* Nothing is there that the device has already put into the ring. */
static void expect_no_message(struct dut *dut)
{
	fe_sync(&dut->fe);
	assert_true(fe_get_used(&dut->fe, 2, NULL) < 0);
}

static void begin_named(struct dut *dut)
{
	dut_begin(dut, "max_ports=8");
	dut_chardev(dut, "c0");
	dut_chardev(dut, "c1");
	emulator_arg(&dut->emu,
		     "-device virtconsole,chardev=c0,id=con,name=console.0");
	emulator_arg(&dut->emu,
		     "-device virtserialport,nr=3,chardev=c1,id=p3,name=one");
	emulator_arg(&dut->emu, "-device virtserialport,nr=5,id=p5,name=%s",
		     LONG_NAME);
	emulator_arg(&dut->emu, "-device virtserialport,nr=2,id=p2");
	dut_start(dut);
	dut_negotiate(dut, FE_ALL_FEATURES);
}

static void start_named(struct dut *dut)
{
	begin_named(dut);
	dut_driver(dut);
	expect_add(dut, 0);
	expect_add(dut, 3);
	expect_add(dut, 5);
	expect_add(dut, 2);
}

static void ports_in_order(struct dut *dut)
{
	start_named(dut);
	expect_no_message(dut);
	dut_stop(dut);
}

static void nothing_before_ready(struct dut *dut)
{
	struct front_end *fe = &dut->fe;

	begin_named(dut);
	fe_queue_setup(fe, 2, 8);
	fe_queue_setup(fe, 3, 8);
	fe_add(fe, 2, fe_alloc(fe, 64), 64, true);
	fe_kick(fe, 2);
	expect_no_message(dut);
	dut_stop(dut);
}

static void ready_again(struct dut *dut)
{
	start_named(dut);
	fe_send_control(&dut->fe, ~0u, VIRTIO_CONSOLE_DEVICE_READY, 1);
	expect_add(dut, 0);
	expect_add(dut, 3);
	expect_add(dut, 5);
	expect_add(dut, 2);
	dut_stop(dut);
}

static void console_sequence(struct dut *dut)
{
	start_named(dut);
	ready(dut, 0);
	fe_expect_control(&dut->fe, 0, VIRTIO_CONSOLE_CONSOLE_PORT, 1, NULL);
	fe_expect_control(&dut->fe, 0, VIRTIO_CONSOLE_PORT_NAME, 1,
			  "console.0");
	HOST_OPEN(dut, 0, 1);
	expect_no_message(dut);
	dut_stop(dut);
}

static void port_sequence(struct dut *dut)
{
	start_named(dut);
	close(dut_client(dut, "c1"));
	HOST_OPEN(dut, 3, 1);
	HOST_OPEN(dut, 3, 0);
	dut_client(dut, "c1");
	HOST_OPEN(dut, 3, 1);
	ready(dut, 3);
	fe_expect_control(&dut->fe, 3, VIRTIO_CONSOLE_PORT_NAME, 1, "one");
	HOST_OPEN(dut, 3, 1);
	expect_no_message(dut);
	dut_stop(dut);
}

static void closed_port_sequence(struct dut *dut)
{
	start_named(dut);
	ready(dut, 3);
	fe_expect_control(&dut->fe, 3, VIRTIO_CONSOLE_PORT_NAME, 1, "one");
	expect_no_message(dut);
	dut_stop(dut);
}

static void nameless_port_sequence(struct dut *dut)
{
	start_named(dut);
	ready(dut, 2);
	expect_no_message(dut);
	dut_stop(dut);
}

static void long_name(struct dut *dut)
{
	assert_int_equal(strlen(LONG_NAME), 55);
	start_named(dut);
	ready(dut, 5);
	fe_expect_control(&dut->fe, 5, VIRTIO_CONSOLE_PORT_NAME, 1, LONG_NAME);
	dut_stop(dut);
}

static void expect_open_at_once(struct dut *dut, const char *chardev)
{
	dut_begin(dut, "max_ports=3");
	emulator_arg(&dut->emu, "-chardev %s,id=n1", chardev);
	emulator_arg(&dut->emu, "-device virtserialport,chardev=n1,id=p1");
	dut_start(dut);
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_driver(dut);
	expect_add(dut, 1);
	ready(dut, 1);
	HOST_OPEN(dut, 1, 1);
	dut_stop(dut);
}

static void ringbuf_is_open(struct dut *dut)
{
	expect_open_at_once(dut, "ringbuf");
}

static void null_is_open(struct dut *dut)
{
	expect_open_at_once(dut, "null");
}

static void host_comes_and_goes(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	close(client);
	HOST_OPEN(dut, 1, 0);
	client = dut_client(dut, "c1");
	HOST_OPEN(dut, 1, 1);
	close(client);
	HOST_OPEN(dut, 1, 0);
	dut_stop(dut);
}

static void guest_opens(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	ready(dut, 1);
	dut_frontend_open(dut, "c1", false);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	dut_frontend_open(dut, "c1", true);
	dut_event(dut, "\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"p1\"}}");
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
	dut_frontend_open(dut, "c1", false);
	dut_event(dut, "\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": false, \"id\": \"p1\"}}");
	dut_stop(dut);
}

/* The first change at once; the last one of a second when that is over. */
static void changes_are_limited(struct dut *dut)
{
	unsigned int i;

	dut_one_port(dut, FE_ALL_FEATURES);
	for (i = 1; i <= 10; i++)
		fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, i % 2);
	dut_event(dut, "{\"open\": true, \"id\": \"p1\"}");
	dut_event(dut, "{\"open\": false, \"id\": \"p1\"}");
	assert_int_equal(dut->event_count, 0);
	dut_frontend_open(dut, "c1", false);
	dut_stop(dut);
}

static void second_host_waits(struct dut *dut)
{
	int first = dut_open_port(dut, FE_ALL_FEATURES);
	int second = dut_client(dut, "c1");

	dut_send(dut, 1, "to one");
	host_hears(first, "to one");
	expect_no_message(dut);
	close(first);
	HOST_OPEN(dut, 1, 0);
	HOST_OPEN(dut, 1, 1);
	dut_send(dut, 1, "to two");
	host_hears(second, "to two");
	dut_stop(dut);
}

static void many_ports(struct dut *dut)
{
	uint32_t id;

	dut_begin(dut, "");
	for (id = 1; id < 31; id++)
		emulator_arg(&dut->emu, "-device virtserialport,name=n%u", id);
	dut_start(dut);
	dut_negotiate(dut, FE_ALL_FEATURES);
	fe_driver_start(&dut->fe, 32);
	for (id = 1; id < 31; id++)
		expect_add(dut, id);
	ready(dut, 30);
	fe_expect_control(&dut->fe, 30, VIRTIO_CONSOLE_PORT_NAME, 1, "n30");
	dut_stop(dut);
}

static void guest_opens_console(struct dut *dut)
{
	start_named(dut);
	dut_frontend_open(dut, "c0", true);
	ready(dut, 0);
	fe_send_control(&dut->fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	dut_event(dut, "{\"open\": true, \"id\": \"con\"}");
	fe_send_control(&dut->fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 0);
	dut_frontend_open(dut, "c0", true);
	dut_stop(dut);
}

static void guest_opens_at_once(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	dut_frontend_open(dut, "c1", true);
	dut_stop(dut);
}

/* After all of these the port must still do what it is told. */
static void expect_alive(struct dut *dut)
{
	expect_no_message(dut);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	dut_frontend_open(dut, "c1", true);
	dut_stop(dut);
}

static void unknown_events(struct dut *dut)
{
	uint16_t event;

	dut_one_port(dut, FE_ALL_FEATURES);
	for (event = 8; event < 20; event++)
		fe_send_control(&dut->fe, 1, event, 1);
	fe_send_control(&dut->fe, 1, 0xffff, 1);
	expect_alive(dut);
}

/* Those that only a device may say. */
static void events_of_the_other_side(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_REMOVE, 1);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_RESIZE, 1);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_NAME, 1);
	expect_alive(dut);
}

static void unknown_ports(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	ready(dut, 0);
	ready(dut, 2);
	ready(dut, 3);
	ready(dut, ~0u);
	fe_send_control(&dut->fe, 2, VIRTIO_CONSOLE_PORT_OPEN, 1);
	expect_alive(dut);
}

static void short_messages(struct dut *dut)
{
	struct front_end *fe = &dut->fe;
	uint32_t len;
	void *msg;

	dut_one_port(dut, FE_ALL_FEATURES);
	msg = fe_alloc(fe, 8);
	*(struct virtio_console_control *)msg =
		(struct virtio_console_control){ 1, VIRTIO_CONSOLE_PORT_OPEN, 1 };
	for (len = 1; len < 8; len++) {
		fe_add(fe, 3, msg, len, false);
		fe_kick(fe, 3);
		assert_int_equal(fe_wait_used(fe, 3), 0);
	}
	dut_frontend_open(dut, "c1", false);
	expect_alive(dut);
}

static void long_message(struct dut *dut)
{
	struct virtio_console_control *msg;
	struct front_end *fe = &dut->fe;

	dut_one_port(dut, FE_ALL_FEATURES);
	msg = fe_alloc(fe, 4096);
	*msg = (struct virtio_console_control){ 1, VIRTIO_CONSOLE_PORT_OPEN, 1 };
	fe_add(fe, 3, msg, 4096, false);
	fe_kick(fe, 3);
	assert_int_equal(fe_wait_used(fe, 3), 0);
	dut_frontend_open(dut, "c1", true);
	dut_stop(dut);
}

static void failure_messages(struct dut *dut)
{
	dut_one_port(dut, FE_ALL_FEATURES);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_READY, 0);
	fe_send_control(&dut->fe, ~0u, VIRTIO_CONSOLE_DEVICE_READY, 0);
	expect_alive(dut);
}

/* More messages than the driver has buffers for. */
static void messages_wait_for_buffers(struct dut *dut)
{
	struct front_end *fe = &dut->fe;
	uint32_t id;

	dut_begin(dut, "max_ports=8");
	for (id = 1; id < 7; id++)
		emulator_arg(&dut->emu, "-device virtserialport,nr=%u", id);
	dut_start(dut);
	dut_negotiate(dut, FE_ALL_FEATURES);
	fe_driver_start(fe, 2);
	for (id = 1; id < 7; id++)
		expect_add(dut, id);
	dut_stop(dut);
}

const struct check control_checks[] = {
	{ "DEVICE_READY: PORT_ADD for each port, as given", ports_in_order },
	{ "DEVICE_READY: thirty ports", many_ports },
	{ "DEVICE_READY must come before PORT_ADD", nothing_before_ready },
	{ "DEVICE_READY again: PORT_ADD again", ready_again },
	{ "PORT_READY: CONSOLE_PORT, PORT_NAME, PORT_OPEN", console_sequence },
	{ "PORT_READY: PORT_NAME, PORT_OPEN of an open host", port_sequence },
	{ "PORT_READY: no PORT_OPEN of a closed host", closed_port_sequence },
	{ "PORT_READY: nothing of a port without name",
	  nameless_port_sequence },
	{ "PORT_READY: PORT_OPEN of a ringbuf", ringbuf_is_open },
	{ "PORT_READY: PORT_OPEN of null", null_is_open,
	  .differs = "never opens it" },
	{ "PORT_NAME: 55 bytes and a NUL", long_name },
	{ "PORT_OPEN follows the host's connection", host_comes_and_goes },
	{ "PORT_OPEN of the guest: frontend-open, VSERPORT_CHANGE",
	  guest_opens },
	{ "PORT_OPEN: VSERPORT_CHANGE at most once in a second",
	  changes_are_limited },
	{ "PORT_OPEN: a second host waits for the first to go",
	  second_host_waits },
	{ "PORT_OPEN of a console: VSERPORT_CHANGE alone",
	  guest_opens_console },
	{ "PORT_OPEN without PORT_READY counts", guest_opens_at_once },
	{ "unknown control events are ignored", unknown_events },
	{ "a device's control events are ignored",
	  events_of_the_other_side },
	{ "unknown port ids are ignored", unknown_ports },
	{ "short control messages are ignored", short_messages },
	{ "long control messages are taken", long_message },
	{ "a guest's failures stop nobody", failure_messages },
	{ "control messages wait for buffers", messages_wait_for_buffers,
	  .differs = "drops those for which there is none" },
	{ NULL }
};
