// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * control_test.c - the control queues, byte by byte
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"

struct fixture {
	struct emulator emu;
	struct front_end fe;
	int qmp;
};

static struct fixture f;

/* A console and two ports, which were not made in the order of their ids. */
static int setup(void **state)
{
	emulator_init(&f.emu);
	emulator_chardev(&f.emu, "c0");
	emulator_chardev(&f.emu, "c1");
	emulator_chardev(&f.emu, "c2");
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s0,max_ports=4");
	emulator_arg(&f.emu,
		     "-device virtserialport,nr=2,chardev=c2,id=p2,name=two");
	emulator_arg(&f.emu, "-device virtconsole,chardev=c0,id=con");
	emulator_arg(&f.emu,
		     "-device virtserialport,nr=1,chardev=c1,id=p1,name=one");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, FE_ALL_FEATURES);
	return 0;
}

static int teardown(void **state)
{
	fe_finish(&f.fe);
	close(f.qmp);
	emulator_stop(&f.emu);
	return 0;
}

/* Ports are announced in the order they were made. */
static void start(unsigned int buffers)
{
	fe_driver_start(&f.fe, buffers);
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

static void expect_no_control(void)
{
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, 2, NULL), -1);
}

static void test_config(void **state)
{
	struct {
		uint32_t request, flags, size, offset, len, cfg_flags;
		uint16_t cols, rows;
		uint32_t max_nr_ports, emerg_wr;
	} reply;
	uint32_t get[6] = { 0, 12, 0 };

	fe_send(&f.fe, FE_GET_CONFIG, 0x1, get, sizeof(get), NULL, 0);
	read_exactly(f.fe.sock, &reply, sizeof(reply));
	assert_int_equal(reply.flags, 0x5);
	assert_int_equal(reply.size, 24);
	assert_int_equal(reply.len, 12);
	assert_int_equal(reply.cols, 0);
	assert_int_equal(reply.max_nr_ports, 4);
	assert_int_equal(reply.emerg_wr, 0);
	assert_int_equal(fe_get_u64(&f.fe, FE_GET_QUEUE_NUM), 10);
}

static void test_emergency_write(void **state)
{
	struct {
		uint32_t offset, size, flags;
		uint8_t config[12];
	} set = { .size = 12, .config = { [4] = 4, [8] = '!' } };
	int client;
	char c;

	client = emulator_connect(&f.emu, "c0");
	fe_sync(&f.fe);
	assert_int_equal(fe_request(&f.fe, FE_SET_CONFIG, &set, sizeof(set),
				    NULL, 0), 0);
	read_exactly(client, &c, 1);
	assert_int_equal(c, '!');
	set.config[8] = 0;
	assert_int_equal(fe_request(&f.fe, FE_SET_CONFIG, &set, sizeof(set),
				    NULL, 0), 0);
	fe_sync(&f.fe);
	expect_silence(client);
	close(client);
}

static void test_order(void **state)
{
	int client;

	start(8);
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_NAME, 1, "one");
	fe_send_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_CONSOLE_PORT, 1, NULL);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);

	client = emulator_connect(&f.emu, "c2");
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_send_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_NAME, 1, "two");
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	close(client);
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	expect_no_control();
}

/* What means nothing is taken, and that is all. */
static void test_nonsense_is_ignored(void **state)
{
	uint8_t *byte;

	start(8);
	fe_send_control(&f.fe, 77, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_send_control(&f.fe, 3, VIRTIO_CONSOLE_PORT_OPEN, 1);
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_READY, 0);
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_RESIZE, 1);
	fe_send_control(&f.fe, 1, 0xffff, 1);
	fe_send_control(&f.fe, 0, VIRTIO_CONSOLE_DEVICE_READY, 0);
	byte = fe_alloc(&f.fe, 1);
	fe_add(&f.fe, 3, byte, 1, false);
	fe_kick(&f.fe, 3);
	assert_int_equal(fe_wait_used(&f.fe, 3), 0);
	expect_no_control();
}

static void test_guest_open(void **state)
{
	start(8);
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	qmp_expect_event(f.qmp,
			 "\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"p1\"}");
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
	/* The second within a second waits; a port of its own does not. */
	fe_send_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_OPEN, 1);
	qmp_expect_event(f.qmp, "{\"open\": true, \"id\": \"p2\"}");
	qmp_expect_event(f.qmp, "{\"open\": false, \"id\": \"p1\"}");
}

/*
 * Without buffers nothing is lost, and nothing piles up: of a client that came
 * and went many times the guest sees that it went, and that it is there.
 */
static void test_messages_wait_for_buffers(void **state)
{
	int client, i;

	fe_driver_start(&f.fe, 1);
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	client = emulator_connect(&f.emu, "c1");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);

	/* The buffer goes to another message and is kept. */
	fe_send_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_READY, 1);
	assert_int_equal(fe_wait_used(&f.fe, 2), 12);
	for (i = 0; i < 50; i++) {
		close(client);
		client = emulator_connect(&f.emu, "c1");
		write_exactly(client, "x", 1);
		fe_sync(&f.fe);
	}
	for (i = 0; i < 3; i++)
		fe_add(&f.fe, 2, fe_alloc(&f.fe, 64), 64, true);
	fe_kick(&f.fe, 2);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	expect_no_control();
	close(client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
}

static void test_hotplug(void **state)
{
	uint32_t change[3];

	/* A device that is not started has nothing to say about its changes. */
	qmp_expect(f.qmp,
		   "{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"virtserialport\", \"id\": \"p3\"}}",
		   NULL);
	write_exactly(f.qmp, "{'execute': 'device_del', 'arguments': {'id': 'p3'}}",
		      52);
	qmp_expect_event(f.qmp, "DEVICE_DELETED");
	qmp_expect(f.qmp, "", NULL);
	expect_silence(f.fe.backend);

	start(8);
	qmp_expect(f.qmp,
		   "{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"virtserialport\", \"id\": \"p3\", \"nr\": 3, \"name\": \"three\"}}",
		   NULL);
	fe_expect_control(&f.fe, 3, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	read_exactly(f.fe.backend, change, sizeof(change));
	assert_int_equal(change[0], 2);
	assert_int_equal(change[2], 0);

	fe_send_control(&f.fe, 3, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&f.fe, 3, VIRTIO_CONSOLE_PORT_NAME, 1, "three");

	write_exactly(f.qmp, "{'execute': 'device_del', 'arguments': {'id': 'p3'}}",
		      52);
	qmp_expect_event(f.qmp,
			 "\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"p3\", \"path\": \"/machine/peripheral/p3\"}");
	qmp_expect(f.qmp, "", NULL);
	fe_expect_control(&f.fe, 3, VIRTIO_CONSOLE_PORT_REMOVE, 1, NULL);
	expect_no_control();
}

/* A port that comes and goes while the guest has no buffers never was. */
static void test_unseen_port_leaves_no_trace(void **state)
{
	int i;

	fe_driver_start(&f.fe, 3);
	for (i = 0; i < 3; i++)
		fe_wait_used(&f.fe, 2);
	for (i = 0; i < 100; i++) {
		qmp_expect(f.qmp,
			   "{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"virtserialport\", \"id\": \"p3\"}}",
			   NULL);
		write_exactly(f.qmp,
			      "{'execute': 'device_del', 'arguments': {'id': 'p3'}}",
			      52);
		qmp_expect_event(f.qmp, "DEVICE_DELETED");
		qmp_expect(f.qmp, "", NULL);
	}
	fe_add(&f.fe, 2, fe_alloc(&f.fe, 64), 64, true);
	fe_kick(&f.fe, 2);
	expect_no_control();
}

/* Another driver, or the same after a reset: ports are closed, and all anew. */
static void test_driver_restart(void **state)
{
	start(8);
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	qmp_expect_event(f.qmp, "{\"open\": true, \"id\": \"p1\"}");
	fe_driver_reset(&f.fe);
	start(8);
	qmp_expect_event(f.qmp, "{\"open\": false, \"id\": \"p1\"}");
}

/* A pause is no restart: the ring goes on where it was, open ports stay. */
static void test_pause(void **state)
{
	uint16_t base;

	start(8);
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	qmp_expect_event(f.qmp, "{\"open\": true, \"id\": \"p1\"}");
	base = fe_queue_stop(&f.fe, 2);
	assert_int_equal(base, 3);
	fe_queue_configure(&f.fe, 2, base);
	fe_send_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_NAME, 1, "two");
	expect_silence(f.qmp);
}

/* A buffer that cannot hold a message breaks the device, until a reset. */
static void test_small_buffer(void **state)
{
	struct virtio_console_control *ready;

	fe_queue_setup(&f.fe, 2, 64);
	fe_queue_setup(&f.fe, 3, 64);
	fe_add(&f.fe, 2, fe_alloc(&f.fe, 7), 7, true);
	ready = fe_alloc(&f.fe, sizeof(*ready));
	ready->value = 1;
	fe_add(&f.fe, 3, ready, sizeof(*ready), false);
	fe_kick(&f.fe, 3);
	fe_sync(&f.fe);
	assert_true(fe_broken(&f.fe, 2));

	fe_driver_reset(&f.fe);
	start(8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_config, setup, teardown),
		cmocka_unit_test_setup_teardown(test_emergency_write, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nonsense_is_ignored, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_guest_open, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_messages_wait_for_buffers,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_hotplug, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_unseen_port_leaves_no_trace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_driver_restart, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_pause, setup, teardown),
		cmocka_unit_test_setup_teardown(test_small_buffer, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
