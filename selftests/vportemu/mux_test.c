// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mux_test.c - a port and monitors on one character device, and their keys
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

#define BANNER "QEMU 10.2.2 monitor - type 'help' for more information\r\n(qemu) "

/* A port and a monitor for people, on a socket "con"; the port has the focus. */
static int begin_mux(const char *options)
{
	int con;

	begin();
	emulator_arg(&f.emu,
		     "-chardev socket,id=c,fd=%d,server=on,wait=off,mux=on",
		     emulator_socket(&f.emu, "con"));
	emulator_arg(&f.emu, "-mon chardev=c,mode=readline%s", options);
	emulator_start(&f.emu);
	attach(false);
	con = emulator_connect(&f.emu, "con");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	return con;
}

static void types(int fd, const char *keys)
{
	write_exactly(fd, keys, strlen(keys));
}

/* Exactly these words, however long. */
static void sees(int fd, const char *words)
{
	char buf[1024];
	size_t len = strlen(words);

	assert_true(len < sizeof(buf));
	read_exactly(fd, buf, len);
	buf[len] = '\0';
	assert_string_equal(buf, words);
}

static void test_focus(void **state)
{
	int con = begin_mux("");

	guest_says("boot");
	sees(con, "boot");
	types(con, "input");
	guest_hears("input");
	types(con, "\001c");
	sees(con, BANNER);
	types(con, "info status\r");
	sees(con, "info status\r\nVM status: running\r\n(qemu) ");
	/* Output of the other comes all the time. */
	guest_says("more");
	sees(con, "more");
	types(con, "par");
	sees(con, "par");
	types(con, "\001c");
	sees(con, "\r\n");
	types(con, "\001\001");
	guest_hears("\001");
	types(con, "\001c");
	sees(con, "\r(qemu) par\033[K");
	close(con);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);

	/* Who comes next starts anew, with the focus where it was. */
	con = emulator_connect(&f.emu, "con");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	sees(con, BANNER);
	close(con);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

/* A guest that does not read keeps nobody from the monitor. */
static void test_deaf_guest(void **state)
{
	int con = begin_mux("");

	types(con, "typed ahead");
	fe_sync(&f.fe);
	types(con, "\001c");
	sees(con, BANNER);
	guest_hears("typed ahead");
	close(con);
	end();
}

static void test_help_and_stamps(void **state)
{
	int con = begin_mux(" -echr 2");
	char stamp[18];

	types(con, "\002h");
	sees(con, "\n\rC-b h    print this help\n\r"
		  "C-b x    exit emulator\n\r"
		  "C-b t    toggle console timestamps\n\r"
		  "C-b c    switch between console and monitor\n\r"
		  "C-b C-b  sends C-b\n\r");
	types(con, "\001");
	guest_hears("\001");
	types(con, "\002t!");
	guest_hears("!");
	guest_says("no\nstamped\n");
	sees(con, "no\n");
	read_exactly(con, stamp, 15);
	stamp[15] = '\0';
	assert_memory_equal(stamp, "[00:00:", 7);
	assert_string_equal(stamp + 13, "] ");
	sees(con, "stamped\n");
	close(con);
	end();
}

static void test_terminate(void **state)
{
	int con = begin_mux("");

	types(con, "\001x");
	sees(con, "QEMU: Terminated\n\r");
	expect_eof(con);
	close(con);
	fe_finish(&f.fe);
	close(f.qmp);
	assert_int_equal(emulator_wait(&f.emu), 0);
}

/* Four at most, of which each can go and another come. */
static void test_places(void **state)
{
	static const char *const pairs[][2] = {
		{ "{'execute': 'device_add', 'arguments': {'driver': 'virtserialport', 'bus': 's1.0', 'id': 'x1', 'chardev': 'c'}}", NULL },
		{ "{'execute': 'device_add', 'arguments': {'driver': 'virtserialport', 'bus': 's1.0', 'id': 'x2', 'chardev': 'c'}}", NULL },
		{ "{'execute': 'device_add', 'arguments': {'driver': 'virtserialport', 'bus': 's1.0', 'id': 'x3', 'chardev': 'c'}}",
		  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Property 'virtserialport.chardev' can't take value 'c': Device 'c' is in use\"}}" },
		{ "{'execute': 'chardev-remove', 'arguments': {'id': 'c-base'}}",
		  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Chardev 'c-base' is busy\"}}" },
		{ "{'execute': 'chardev-remove', 'arguments': {'id': 'c'}}",
		  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Chardev 'c' is busy\"}}" },
		{ "{'execute': 'chardev-change', 'arguments': {'id': 'c', 'backend': {'type': 'null', 'data': {}}}}",
		  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"For mux or hub device hotswap is not supported yet\"}}" },
		{ "{'execute': 'chardev-add', 'arguments': {'id': 'm', 'backend': {'type': 'mux', 'data': {'chardev': 'c'}}}}",
		  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Failed to add chardev 'm': mux: base chardev c is a mux or hub itself\"}}" },
	};
	size_t i;

	begin();
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s1");
	emulator_arg(&f.emu, "-chardev null,id=c,mux=on -mon chardev=c");
	emulator_start(&f.emu);
	attach(true);
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		qmp_expect(f.qmp, pairs[i][0], pairs[i][1]);
	expect_filename("{\"frontend-open\": true, \"filename\": \"null\", \"label\": \"c-base\"}, {\"frontend-open\": false, \"filename\": \"mux\", \"label\": \"c\"}");
	end();
}

/* Nothing else can be changed into one, which its base might not survive. */
static void test_change_into(void **state)
{
	static const char refused[] =
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"For mux or hub device hotswap is not supported yet\"}}";
	static const char *const commands[] = {
		"{'execute': 'chardev-change', 'arguments': {'id': 'c', 'backend': {'type': 'mux', 'data': {'chardev': 'r'}}}}",
		"{'execute': 'chardev-change', 'arguments': {'id': 'c', 'backend': {'type': 'hub', 'data': {'chardevs': ['r']}}}}",
		"{'execute': 'chardev-change', 'arguments': {'id': 'r', 'backend': {'type': 'mux', 'data': {'chardev': 'r'}}}}",
	};
	size_t i;

	begin();
	emulator_arg(&f.emu, "-chardev null,id=c");
	emulator_start(&f.emu);
	attach(true);
	qmp_expect(f.qmp, "{'execute': 'chardev-add', 'arguments': {'id': 'r', 'backend': {'type': 'ringbuf', 'data': {}}}}", NULL);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		qmp_expect(f.qmp, commands[i], refused);
	guest_says("words");
	qmp_expect(f.qmp, "{'execute': 'chardev-remove', 'arguments': {'id': 'r'}}", NULL);
	end();
}

#define CLEAR "\033[K"

/* Each of these keys draws what is beside it. */
static void type_all(const char *const pairs[][2], size_t num)
{
	int con = begin_mux("");
	size_t i;

	for (i = 0; i < num; i++) {
		types(con, pairs[i][0]);
		sees(con, pairs[i][1]);
	}
	close(con);
	end();
}

/* Keys of the line editor. */
static void test_editing(void **state)
{
	static const char *const pairs[][2] = {
		{ "\001c", BANNER },
		{ "inf", "inf" },
		{ "\t", "o " },
		{ "sta", "sta" },
		{ "\t", "tus " },
		{ "\r", "\r\nVM status: running\r\n(qemu) " },
		{ "\033[A", "\r(qemu) info status " CLEAR },
		{ "\025", "\r(qemu) " CLEAR },
		{ "nfo namd", "nfo namd" },
		{ "\177e", "\r(qemu) nfo nam" CLEAR "e" },
		{ "\033[H", "\r(qemu) nfo name" CLEAR "\033[8D" },
		{ "i", "\r(qemu) info name" CLEAR "\033[8D" },
		{ "\005", "\r(qemu) info name" CLEAR },
		{ "\027", "\r(qemu) info " CLEAR },
		{ "v\t", "v\r\nversion  virtio  virtio-serial-stats  \r\n\r(qemu) info v" CLEAR },
		{ "\025x\n", "\r(qemu) " CLEAR "x\r\nunknown command: 'x'\r\n(qemu) " },
		{ "\033[A\033[A\033[B\r", "\r(qemu) x" CLEAR "\r(qemu) info status " CLEAR
		  "\r(qemu) x" CLEAR "\r\nunknown command: 'x'\r\n(qemu) " },
	};
	type_all(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

/* Behind a command, what it is about. */
static void test_completion(void **state)
{
	static const char *const pairs[][2] = {
		{ "\001c", BANNER },
		{ "help sto\t", "help sto" "p " },
		{ "\025device_del \t", "\r(qemu) " CLEAR "device_del \r\ns0  p1  \r\n\r(qemu) device_del " CLEAR },
		{ "p\t", "p" "1 " },
		{ "x\t", "x" },
		{ "\025device_add vi\t", "\r(qemu) " CLEAR "device_add vi" "rt" },
		{ "s\t", "s" "erialport " },
		{ "\025chardev-add p\t", "\r(qemu) " CLEAR "chardev-add p\r\npipe  pty  \r\n\r(qemu) chardev-add p" CLEAR },
		{ "\025chardev-remove c-\t", "\r(qemu) " CLEAR "chardev-remove c-" "base " },
		{ "\025ringbuf_read \t", "\r(qemu) " CLEAR "ringbuf_read " },
		{ "\025chardev-add ringbuf,id=r\r", "\r(qemu) " CLEAR "chardev-add ringbuf,id=r\r\n(qemu) " },
		{ "ringbuf_read \t", "ringbuf_read " "r " },
	};

	type_all(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

/* A monitor by its short form, on a terminal. */
static void test_monitor_option(void **state)
{
	char link[128];
	int tty;

	begin();
	snprintf(link, sizeof(link), "%s/tty", f.emu.dir);
	emulator_arg(&f.emu, "-chardev null,id=c -monitor pty:%s", link);
	emulator_start(&f.emu);
	attach(true);
	tty = open(link, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(tty >= 0);
	sees(tty, BANNER);
	assert_int_equal(write(tty, "info name\n", 10), 10);
	sees(tty, "info name\r\n(qemu) ");
	close(tty);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_focus),
		cmocka_unit_test(test_deaf_guest),
		cmocka_unit_test(test_help_and_stamps),
		cmocka_unit_test(test_terminate),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_change_into),
		cmocka_unit_test(test_editing),
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_monitor_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
