// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_test.c - what happens is told to who asks for it, and to nobody else
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

static char file[128];

static void prepare(const char *options)
{
	begin();
	snprintf(file, sizeof(file), "%s/trace", f.emu.dir);
	emulator_arg(&f.emu, "%s -D %s", options, file);
	emulator_chardev(&f.emu, "c");
}

/* The file's lines, and nothing else. */
static void expect_file(const char *expected)
{
	char text[4096];
	FILE *opened = fopen(file, "r");
	size_t len;

	assert_non_null(opened);
	len = fread(text, 1, sizeof(text) - 1, opened);
	text[len] = '\0';
	fclose(opened);
	unlink(file);
	assert_string_equal(text, expected);
}

/* A guest with a client that says a word; then both have gone. */
static void run_guest(void)
{
	int client;

	emulator_start(&f.emu);
	attach(false);
	client = emulator_connect(&f.emu, "c");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	guest_says("hello");
	host_hears(client, "hello");
	write_exactly(client, "hi", 2);
	guest_hears("hi");
	close(client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
}

/* Words and numbers are QEMU's. */
static void test_device(void **state)
{
	prepare("-trace virtio_serial_*");
	run_guest();
	expect_file("virtio_serial_send_control_event port 1, event 1, value 1\n"
		    "virtio_serial_handle_control_message event 0, value 1\n"
		    "virtio_serial_send_control_event port 1, event 1, value 1\n"
		    "virtio_serial_handle_control_message event 3, value 1\n"
		    "virtio_serial_handle_control_message_port port 1\n"
		    "virtio_serial_handle_control_message event 6, value 1\n"
		    "virtio_serial_handle_control_message_port port 1\n"
		    "virtio_serial_send_control_event port 1, event 6, value 1\n"
		    "virtio_serial_send_control_event port 1, event 6, value 0\n");
	end();
}

static void test_data(void **state)
{
	prepare("-d trace:virtio_console_*,trace:-virtio_console_chr_event");
	run_guest();
	expect_file("virtio_console_flush_buf port 1, in_len 5, out_len 5\n"
		    "virtio_console_chr_read port 1, size 2\n");
	end();
}

/* A file says which, with comments; and a monitor changes its mind. */
static void test_monitor(void **state)
{
	char events[128];
	FILE *list;

	prepare("");
	snprintf(events, sizeof(events), "%s/events", f.emu.dir);
	list = fopen(events, "w");
	assert_non_null(list);
	fputs("# which\n*\n-virtio_serial_*\n\n-virtio_console_flush_buf\n", list);
	fclose(list);
	emulator_arg(&f.emu, "-trace events=%s", events);
	emulator_start(&f.emu);
	attach(false);
	unlink(events);
	qmp_expect(f.qmp, "{'execute': 'trace-event-get-state', 'arguments': {'name': 'virtio_console_*'}}",
		   "{\"return\": [{\"name\": \"virtio_console_flush_buf\", \"state\": \"disabled\"}, "
		   "{\"name\": \"virtio_console_chr_read\", \"state\": \"enabled\"}, "
		   "{\"name\": \"virtio_console_chr_event\", \"state\": \"enabled\"}]}");
	qmp_expect(f.qmp, "{'execute': 'trace-event-set-state', 'arguments': {'name': 'virtio_*', 'enable': false}}",
		   NULL);
	qmp_expect(f.qmp, "{'execute': 'trace-event-get-state', 'arguments': {'name': 'nope'}}",
		   "{\"error\": {\"class\": \"GenericError\", \"desc\": \"unknown event \\\"nope\\\"\"}}");
	qmp_expect(f.qmp, "{'execute': 'trace-event-set-state', 'arguments': {'name': 'nope', 'enable': true}}",
		   "{\"error\": {\"class\": \"GenericError\", \"desc\": \"unknown event \\\"nope\\\"\"}}");
	qmp_expect(f.qmp, "{'execute': 'trace-event-get-state', 'arguments': {'name': 'nope*'}}",
		   "{\"return\": []}");
	qmp_expect(f.qmp, "{'execute': 'human-monitor-command', 'arguments': {'command-line': 'trace-event virtio_serial_throttle_port on'}}",
		   "{\"return\": \"\"}");
	qmp_expect(f.qmp, "{'execute': 'trace-event-get-state', 'arguments': {'name': 'virtio_serial_throttle_port'}}",
		   "{\"return\": [{\"name\": \"virtio_serial_throttle_port\", \"state\": \"enabled\"}]}");
	expect_file("");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_monitor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
