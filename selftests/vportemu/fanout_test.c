// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fanout_test.c - several clients, hubs, and what is kept for those to come
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

#define PIECE	4096

/* A port on a socket "client", with more options. */
static void begin_socket(const char *options)
{
	begin();
	emulator_arg(&f.emu, "-chardev socket,id=c,fd=%d,server=on,wait=off%s",
		     emulator_socket(&f.emu, "client"), options);
	emulator_start(&f.emu);
}

static uint8_t pattern(size_t at)
{
	return at * 7 + (at >> 12) * 13;
}

/* The guest writes one piece of an endless pattern; is it taken? */
static bool guest_writes(unsigned int index)
{
	uint8_t *buf = f.fe.mem + FE_MEM_SIZE - 64 * PIECE +
		       index % 64 * PIECE;
	unsigned int i;

	for (i = 0; i < PIECE; i++)
		buf[i] = pattern(index * PIECE + i);
	fe_add(&f.fe, fe_tx(1), buf, PIECE, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	return fe_get_used(&f.fe, fe_tx(1), NULL) >= 0;
}

static void reads_pattern(int fd, size_t start, size_t len)
{
	uint8_t buf[PIECE];
	size_t i, part;

	while (len) {
		part = len < sizeof(buf) ? len : sizeof(buf);
		read_exactly(fd, buf, part);
		for (i = 0; i < part; i++) {
			if (buf[i] != pattern(start + i))
				fail_msg("byte %zu is wrong", start + i);
		}
		start += part;
		len -= part;
	}
}

/* Events may come in between. */
static long long stat_of(const char *name)
{
	char line[4096], key[64];
	const char *at;

	write_exactly(f.qmp, "{'execute': 'x-query-virtio-serial-stats'}", 42);
	do {
		qmp_read(f.qmp, line, sizeof(line));
	} while (strstr(line, "\"X_CHARDEV_CLIENTS\""));
	snprintf(key, sizeof(key), "\"%s\": ", name);
	at = strstr(line, key);
	assert_non_null(at);
	return atoll(at + strlen(key));
}

/* Wait until a statistic has a value, asking the one process that has it. */
static void expect_stat(const char *name, long long value)
{
	unsigned int tries = 0;

	while (stat_of(name) != value)
		assert_true(tries++ < 1000);
}

static void host_opens(bool open)
{
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, open, NULL);
}

/* All clients hear all output, and what each says arrives; open is any. */
static void test_clients(void **state)
{
	int a, b, third;

	begin_socket(",max-clients=2");
	attach(false);
	a = emulator_connect(&f.emu, "client");
	host_opens(true);
	qmp_expect_event(f.qmp, "\"event\": \"X_CHARDEV_CLIENTS\", \"data\": {\"id\": \"c\", \"present\": true}}");
	b = emulator_connect(&f.emu, "client");
	expect_stat("clients", 2);
	third = emulator_connect(&f.emu, "client");
	guest_says("hello");
	host_hears(a, "hello");
	host_hears(b, "hello");
	write_exactly(a, "from a", 6);
	guest_hears("from a");
	write_exactly(b, "from b", 6);
	guest_hears("from b");
	expect_silence(third);

	close(a);
	expect_stat("clients", 2);	/* the third has a place */
	guest_says("again");
	host_hears(b, "again");
	host_hears(third, "again");
	close(b);
	expect_stat("clients", 1);
	close(third);
	host_opens(false);
	qmp_expect_event(f.qmp, "\"event\": \"X_CHARDEV_CLIENTS\", \"data\": {\"id\": \"c\", \"present\": false}}");
	end();
}

/* A client that does not read loses output; the other one gets it all. */
static void test_slow_client(void **state)
{
	const unsigned int pieces = 400;
	unsigned int i;
	int slow, fast;

	begin_socket(",max-clients=2");
	attach(false);
	slow = emulator_connect(&f.emu, "client");
	host_opens(true);
	fast = emulator_connect(&f.emu, "client");
	expect_stat("clients", 2);
	for (i = 0; i < pieces; i++) {
		assert_true(guest_writes(i));
		reads_pattern(fast, i * PIECE, PIECE);
	}
	assert_int_equal(stat_of("bytes-dropped"), 0);
	assert_int_equal(stat_of("bytes-to-host"), pieces * PIECE);
	assert_true(stat_of("clients-missed") > 0);
	close(fast);
	expect_stat("clients", 1);
	reads_pattern(slow, 0, PIECE);
	close(slow);
	host_opens(false);
	end();
}

/* More than the memory holds, to one that reads: it goes on by itself. */
static void test_bulk(void **state)
{
	uint8_t *buf = malloc(50 * 20000);
	unsigned int i, round;
	int client;

	begin_socket(",max-clients=2");
	attach(false);
	client = emulator_connect(&f.emu, "client");
	host_opens(true);
	for (round = 0; round < 10; round++) {
		for (i = 0; i < 50; i++)
			fe_add(&f.fe, fe_tx(1), f.fe.mem, 20000, false);
		fe_kick(&f.fe, fe_tx(1));
		read_exactly(client, buf, 50 * 20000);
		for (i = 0; i < 50; i++)
			fe_wait_used(&f.fe, fe_tx(1));
	}
	expect_silence(client);
	free(buf);
	close(client);
	end();
}

/* While nobody reads at all the guest waits, and nothing is lost. */
static void test_all_slow(void **state)
{
	unsigned int taken = 0;
	int a, b;

	begin_socket(",max-clients=2");
	attach(false);
	a = emulator_connect(&f.emu, "client");
	host_opens(true);
	b = emulator_connect(&f.emu, "client");
	expect_stat("clients", 2);
	while (taken < 1000 && guest_writes(taken))
		taken++;
	assert_in_range(taken, 1, 999);
	reads_pattern(b, 0, (taken + 1) * PIECE);
	fe_wait_used(&f.fe, fe_tx(1));
	close(a);
	close(b);
	host_opens(false);
	end();
}

/* What was written while nobody was there is the first thing to be read. */
static void test_history(void **state)
{
	int client;

	begin_socket(",history-size=64K");
	attach(true);
	guest_says("early ");
	guest_says("words");
	expect_stat("history-waiting", 11);
	client = emulator_connect(&f.emu, "client");
	host_hears(client, "early words");
	expect_stat("history-waiting", 0);
	guest_says("more");
	host_hears(client, "more");
	close(client);
	client = emulator_connect(&f.emu, "client");
	guest_says("next");
	host_hears(client, "next");
	close(client);
	end();
}

/* With replay everybody begins with all that is kept. */
static void test_replay(void **state)
{
	int a, b;

	begin_socket(",history-size=8,history-policy=drop-oldest,replay=on,max-clients=4");
	attach(true);
	guest_says("0123456789");
	expect_stat("bytes-dropped", 2);
	a = emulator_connect(&f.emu, "client");
	host_hears(a, "23456789");
	guest_says("ab");
	host_hears(a, "ab");
	assert_int_equal(stat_of("bytes-dropped"), 2);
	b = emulator_connect(&f.emu, "client");
	host_hears(b, "456789ab");
	expect_silence(a);
	close(a);
	close(b);
	end();
}

/* A full history makes the guest wait until somebody reads. */
static void test_history_blocks(void **state)
{
	int client;

	begin_socket(",history-size=8K");
	attach(true);
	assert_true(guest_writes(0));
	assert_true(guest_writes(1));
	assert_false(guest_writes(2));
	client = emulator_connect(&f.emu, "client");
	reads_pattern(client, 0, 3 * PIECE);
	fe_wait_used(&f.fe, fe_tx(1));
	assert_int_equal(stat_of("bytes-dropped"), 0);
	close(client);
	end();
}

static void test_drop_newest(void **state)
{
	int client;

	begin_socket(",history-size=8K,history-policy=drop-newest");
	attach(true);
	assert_true(guest_writes(0));
	assert_true(guest_writes(1));
	assert_true(guest_writes(2));
	assert_int_equal(stat_of("bytes-dropped"), PIECE);
	client = emulator_connect(&f.emu, "client");
	reads_pattern(client, 0, 2 * PIECE);
	guest_says("after");
	host_hears(client, "after");
	close(client);
	end();
}

/* What memory has no room for comes out of the file, in order. */
static void test_spill(void **state)
{
	char options[256], path[128];
	struct stat st;
	unsigned int i;
	int client;

	snprintf(path, sizeof(path), "/tmp/vportemu-spill-%d", getpid());
	snprintf(options, sizeof(options),
		 ",history-size=10000,history-policy=spill,history-spill=%s,history-spill-size=48K",
		 path);
	begin_socket(options);
	attach(true);
	for (i = 0; i < 14; i++)
		assert_true(guest_writes(i));
	assert_false(guest_writes(14));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 48 * 1024);
	assert_int_equal(stat_of("history-waiting"), 10000 + 48 * 1024);

	client = emulator_connect(&f.emu, "client");
	reads_pattern(client, 0, 15 * PIECE);
	fe_wait_used(&f.fe, fe_tx(1));
	expect_stat("history-waiting", 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(stat_of("bytes-dropped"), 0);
	close(client);
	unlink(path);
	end();
}

/* A history works in front of any other back-end: a terminal's, say. */
static void test_terminal_history(void **state)
{
	char link[128];
	FILE *tty;
	char buf[16];

	begin();
	snprintf(link, sizeof(link), "%s/tty", f.emu.dir);
	emulator_arg(&f.emu, "-chardev pty,id=c,path=%s,history-size=4K", link);
	emulator_start(&f.emu);
	attach(true);
	guest_says("boot\n");
	tty = fopen(link, "r+");
	assert_non_null(tty);
	assert_non_null(fgets(buf, sizeof(buf), tty));
	assert_string_equal(buf, "boot\n");
	fclose(tty);
	end();
}

/* A hub writes to all at the speed of the slowest, and hears each. */
static void test_hub(void **state)
{
	unsigned int i, blocked;
	int a, b;

	begin();
	emulator_chardev(&f.emu, "a");
	emulator_chardev(&f.emu, "b");
	emulator_arg(&f.emu, "-chardev hub,id=c,chardevs.0=a,chardevs.1=b");
	emulator_start(&f.emu);
	attach(false);
	expect_filename("{\"frontend-open\": true, \"filename\": \"hub\", \"label\": \"c\"}");
	a = emulator_connect(&f.emu, "a");
	host_opens(true);
	b = emulator_connect(&f.emu, "b");
	expect_stat("clients", 2);
	guest_says("hello");
	host_hears(a, "hello");
	host_hears(b, "hello");
	write_exactly(b, "ho", 2);
	guest_hears("ho");

	for (i = 0; i < 1000 && guest_writes(i); i++)
		reads_pattern(a, i * PIECE, PIECE);
	assert_in_range(i, 1, 999);
	blocked = i;
	reads_pattern(b, 0, blocked * PIECE);
	reads_pattern(b, blocked * PIECE, PIECE);
	reads_pattern(a, blocked * PIECE, PIECE);
	fe_wait_used(&f.fe, fe_tx(1));
	assert_int_equal(stat_of("bytes-dropped"), 0);
	assert_int_equal(stat_of("clients-missed"), 0);
	close(a);
	expect_stat("clients", 1);
	guest_says("bye");
	host_hears(b, "bye");
	close(b);
	host_opens(false);
	end();
}

/* Messages name the chardev, not what stands behind its history. */
static void test_messages(void **state)
{
	char text[1024] = "";
	int saved = dup(STDERR_FILENO), fds[2];
	size_t have = 0;

	begin();
	emulator_arg(&f.emu,
		     "-chardev socket,id=c,path=/nonexistent/x,reconnect-ms=10,history-size=1K");
	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	emulator_start(&f.emu);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	while (!strstr(text, "Unable to connect")) {
		read_exactly(fds[0], text + have++, 1);
		assert_true(have < sizeof(text));
	}
	read_exactly(fds[0], text, 20);
	assert_memory_equal(text, " character device c:", 20);
	f.qmp = qmp_connect(&f.emu, "qmp");
	close(f.qmp);
	emulator_stop(&f.emu);
	close(fds[0]);
}

#define ADD(id, type, data) \
	"{'execute': 'chardev-add', 'arguments': {'id': '" id "', 'backend': {'type': '" type "', 'data': {" data "}}}}"
#define FAILS(text) \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Failed to add chardev " text "\"}}"

static void test_words(void **state)
{
	static const char *const pairs[][2] = {
		{ ADD("h", "hub", "'chardevs': []"), FAILS("'h': hub: 'chardevs' list is not defined") },
		{ ADD("h", "hub", "'chardevs': ['no']"), FAILS("'h': hub: chardev can't be found by id 'no'") },
		{ ADD("h", "hub", "'chardevs': ['qmp']"), FAILS("'h': chardev 'qmp' is already in use") },
		{ ADD("h", "hub", "'chardevs': ['n','n','n','n','n']"), FAILS("'h': hub: too many uses of chardevs 'h' (maximum is 4)") },
		{ ADD("h", "null", "'history-policy': 'block'"), FAILS("'h': 'history-policy', 'history-spill' and 'replay' require 'history-size'") },
		{ ADD("h", "null", "'history-size': 1, 'history-policy': 'x'"), FAILS("'h': Parameter 'history-policy' does not accept value 'x'") },
		{ ADD("h", "null", "'history-size': 1, 'history-policy': 'spill'"), FAILS("'h': 'history-policy=spill' and 'history-spill' require each other") },
		{ ADD("h", "null", "'history-size': 1, 'history-policy': 'spill', 'history-spill': '/nonexistent/x'"), FAILS("'h': Could not open '/nonexistent/x': No such file or directory") },
		{ ADD("h", "hub", "'chardevs': ['n']"), "{\"return\": {}}" },
		{ ADD("i", "hub", "'chardevs': ['h']"), FAILS("'i': hub: multiplexers and hub devices can't be stacked, check chardev 'h', chardev should not be a hub device or have 'mux=on' enabled") },
		{ "{'execute': 'chardev-remove', 'arguments': {'id': 'n'}}", "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Chardev 'n' is busy\"}}" },
		{ "{'execute': 'chardev-change', 'arguments': {'id': 'h', 'backend': {'type': 'null', 'data': {}}}}", "{\"error\": {\"class\": \"GenericError\", \"desc\": \"For mux or hub device hotswap is not supported yet\"}}" },
		{ "{'execute': 'chardev-remove', 'arguments': {'id': 'h'}}", "{\"return\": {}}" },
		{ "{'execute': 'chardev-remove', 'arguments': {'id': 'n'}}", "{\"return\": {}}" },
	};
	size_t i;

	begin();
	emulator_arg(&f.emu, "-chardev null,id=c -chardev null,id=n");
	emulator_start(&f.emu);
	attach(true);
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		qmp_expect(f.qmp, pairs[i][0], pairs[i][1]);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_slow_client),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_all_slow),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_history_blocks),
		cmocka_unit_test(test_drop_newest),
		cmocka_unit_test(test_spill),
		cmocka_unit_test(test_terminal_history),
		cmocka_unit_test(test_hub),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
