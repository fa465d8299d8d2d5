// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * many_ports_test.c - as many ports as a transport has room for, all at work
 *
 * The emulator is started with the few descriptors that a service has at first.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"

#define FEW_DESCRIPTORS	1024
#define QUEUE_SIZE	4

struct fixture {
	struct emulator emu;
	struct front_end fe;
	int qmp;
	int client;
	uint32_t ports;		/* with number 0 */
};

static struct fixture f;

static void limit_descriptors(rlim_t soft)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void start(uint32_t ports)
{
	f.ports = ports;
	emulator_init(&f.emu);
	emulator_chardev(&f.emu, "last");
	emulator_arg(&f.emu,
		     "-device virtio-serial-pci,id=s0,max_ports=%u,vectors=%u",
		     ports, 2 * ports + 3);
	emulator_standard(&f.emu);
	limit_descriptors(FEW_DESCRIPTORS);
	emulator_start(&f.emu);
	limit_descriptors(RLIM_INFINITY);
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, FE_ALL_FEATURES);
	fe_driver_start(&f.fe, 8);
}

/* A port with a ringbuf behind it; the last one has a socket. */
static void plug(uint32_t id)
{
	char command[256], chardev[16] = "last";

	if (id != f.ports - 1) {
		snprintf(chardev, sizeof(chardev), "r%u", id);
		snprintf(command, sizeof(command),
			 "{'execute': 'chardev-add', 'arguments': {'id': '%s', 'backend': {'type': 'ringbuf', 'data': {'size': 64}}}}",
			 chardev);
		qmp_expect(f.qmp, command, NULL);
	}
	snprintf(command, sizeof(command),
		 "{'execute': 'device_add', 'arguments': {'driver': '%s', 'nr': %u, 'chardev': '%s', 'name': 'port.%u'}}",
		 id ? "virtserialport" : "virtconsole", id, chardev, id);
	qmp_expect(f.qmp, command, NULL);
	fe_expect_control(&f.fe, id, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

static void make_ready(uint32_t id)
{
	char name[16];

	snprintf(name, sizeof(name), "port.%u", id);
	fe_queue_setup(&f.fe, fe_rx(id), QUEUE_SIZE);
	fe_queue_setup(&f.fe, fe_tx(id), QUEUE_SIZE);
	fe_send_control(&f.fe, id, VIRTIO_CONSOLE_PORT_READY, 1);
	if (!id)
		fe_expect_control(&f.fe, id, VIRTIO_CONSOLE_CONSOLE_PORT, 1,
				  NULL);
	fe_expect_control(&f.fe, id, VIRTIO_CONSOLE_PORT_NAME, 1, name);
	fe_expect_control(&f.fe, id, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
}

static void send(uint32_t id, const char *words)
{
	char *buf = fe_alloc(&f.fe, strlen(words) + 1);

	fe_add(&f.fe, fe_tx(id), strcpy(buf, words), strlen(words), false);
	fe_kick(&f.fe, fe_tx(id));
}

static void expect_in_ringbuf(uint32_t id, const char *words)
{
	char command[128], answer[64];

	snprintf(command, sizeof(command),
		 "{'execute': 'ringbuf-read', 'arguments': {'device': 'r%u', 'size': 64}}",
		 id);
	snprintf(answer, sizeof(answer), "{\"return\": \"%s\"}", words);
	qmp_expect(f.qmp, command, answer);
}

static void receive(uint32_t id, const char *words)
{
	char *buf = fe_alloc(&f.fe, 64);

	fe_add(&f.fe, fe_rx(id), buf, 64, true);
	fe_kick(&f.fe, fe_rx(id));
	write_exactly(f.client, words, strlen(words));
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(id)), strlen(words));
	assert_memory_equal(buf, words, strlen(words));
}

/* Each port says its number, at once with the others. */
static void use_all(void)
{
	char words[16];
	uint32_t id;

	for (id = 0; id < f.ports; id++) {
		snprintf(words, sizeof(words), "says %u", id);
		send(id, words);
	}
	for (id = 0; id < f.ports; id++)
		assert_int_equal(fe_wait_used(&f.fe, fe_tx(id)), 0);
	for (id = 0; id < f.ports - 1; id++) {
		snprintf(words, sizeof(words), "says %u", id);
		expect_in_ringbuf(id, words);
	}
}

static void use_last(void)
{
	uint32_t id = f.ports - 1;
	char words[16], heard[16];

	snprintf(words, sizeof(words), "says %u", id);
	read_exactly(f.client, heard, strlen(words));
	assert_memory_equal(heard, words, strlen(words));
	fe_send_control(&f.fe, id, VIRTIO_CONSOLE_PORT_OPEN, 1);
	receive(id, "and hears");
}

static void run(uint32_t ports)
{
	uint32_t id;

	start(ports);
	f.client = emulator_connect(&f.emu, "last");
	for (id = 0; id < ports; id++)
		plug(id);
	qmp_expect(f.qmp, "{'execute': 'device_add', 'arguments': {'driver': 'virtserialport'}}",
		   "{\"error\": {\"class\": \"GenericError\", \"desc\": \"virtio-serial-bus: Maximum port limit for this device reached\"}}");
	for (id = 0; id < ports; id++)
		make_ready(id);
	use_all();
	use_last();
	close(f.client);
	fe_finish(&f.fe);
	close(f.qmp);
	emulator_stop(&f.emu);
}

static void test_31_ports(void **state)
{
	run(31);
}

static void test_127_ports(void **state)
{
	run(127);
}

static void test_511_ports(void **state)
{
	run(511);
}

int main(void)
{
	const struct CMUnitTest vhost_tests[] = {
		cmocka_unit_test(test_31_ports),
		cmocka_unit_test(test_127_ports),
	};
	const struct CMUnitTest vfio_tests[] = {
		cmocka_unit_test(test_511_ports),
	};
	int failed;

	failed = cmocka_run_group_tests(vhost_tests, NULL, NULL);
	fe_use(&fe_vfio_ops);
	return failed + cmocka_run_group_tests_name("over vfio-user",
						    vfio_tests, NULL, NULL);
}
