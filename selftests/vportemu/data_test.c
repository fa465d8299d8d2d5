// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * data_test.c - the data queues: what moves, what waits, what is dropped
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"

#define BUFFER	4096

struct fixture {
	struct emulator emu;
	struct front_end fe;
	int qmp;
	int client;
	uint64_t features;
};

static struct fixture f = { .features = FE_ALL_FEATURES };

static int setup(void **state)
{
	emulator_init(&f.emu);
	emulator_chardev(&f.emu, "c0");
	emulator_chardev(&f.emu, "c1");
	emulator_arg(&f.emu,
		     "-device virtio-serial-pci,id=s0,max_ports=3,packed=on,in_order=on,vectors=16");
	emulator_arg(&f.emu, "-device virtconsole,chardev=c0,id=con");
	emulator_arg(&f.emu, "-device virtserialport,nr=1,chardev=c1,id=p1");
	emulator_arg(&f.emu, "-device virtserialport,nr=2,id=p2");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, f.features);
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	f.client = -1;
	return 0;
}

static int setup_without_event_idx(void **state)
{
	f.features = FE_ALL_FEATURES & ~FE_EVENT_IDX;
	return setup(state);
}

static int setup_packed(void **state)
{
	f.features = FE_ALL_FEATURES | FE_PACKED;
	return setup(state);
}

static int setup_packed_without_event_idx(void **state)
{
	f.features = FE_PACKED | (FE_ALL_FEATURES & ~FE_EVENT_IDX);
	return setup(state);
}

static int setup_in_order(void **state)
{
	f.features = FE_ALL_FEATURES | FE_IN_ORDER;
	return setup(state);
}

static int teardown(void **state)
{
	f.features = FE_ALL_FEATURES;
	if (f.client >= 0)
		close(f.client);
	fe_finish(&f.fe);
	close(f.qmp);
	emulator_stop(&f.emu);
	return 0;
}

/* Port 1, open on both sides. */
static void open_both(void)
{
	f.client = emulator_connect(&f.emu, "c1");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_open_port(&f.fe, 1);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	qmp_expect_event(f.qmp, "{\"open\": true, \"id\": \"p1\"}");
}

static uint8_t pattern(size_t at)
{
	return at * 7 + (at >> 8) * 13;
}

static uint8_t *fill(void *buf, size_t start, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		((uint8_t *)buf)[i] = pattern(start + i);
	return buf;
}

static void check(const uint8_t *buf, size_t start, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (buf[i] != pattern(start + i))
			fail_msg("byte %zu is wrong", start + i);
	}
}

static void read_pattern(int fd, size_t start, size_t len)
{
	uint8_t *buf = malloc(len);

	read_exactly(fd, buf, len);
	check(buf, start, len);
	free(buf);
}

static void test_to_host(void **state)
{
	open_both();
	fe_add(&f.fe, fe_tx(1), fill(fe_alloc(&f.fe, 100), 0, 100), 100, false);
	fe_add(&f.fe, fe_tx(1), fill(fe_alloc(&f.fe, 1), 100, 1), 1, false);
	fe_kick(&f.fe, fe_tx(1));
	read_pattern(f.client, 0, 101);
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
}

/*
 * A client that does not read stops the port in the middle of a buffer; when it
 * reads again it gets every byte once.
 */
static void test_throttle(void **state)
{
	size_t total = 0, seen = 0;
	unsigned int i, used = 0;
	uint8_t buf[10000];

	open_both();
	/* Sizes that no socket buffer is a multiple of. */
	for (i = 0; i < 60; i++) {
		fe_add(&f.fe, fe_tx(1),
		       fill(fe_alloc(&f.fe, 9973), total, 9973), 9973, false);
		total += 9973;
	}
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	while (fe_get_used(&f.fe, fe_tx(1), NULL) >= 0)
		used++;
	assert_in_range(used, 1, 59);

	while (seen < total) {
		size_t len = total - seen < sizeof(buf) ? total - seen :
							  sizeof(buf);

		read_exactly(f.client, buf, len);
		check(buf, seen, len);
		seen += len;
	}
	for (; used < 60; used++)
		fe_wait_used(&f.fe, fe_tx(1));
	expect_silence(f.client);
}

/* The host closes in the middle of a buffer: no buffer is lost to the guest. */
static void test_close_while_throttled(void **state)
{
	unsigned int round, i;

	fe_open_port(&f.fe, 1);
	for (round = 0; round < 3; round++) {
		f.client = emulator_connect(&f.emu, "c1");
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
		for (i = 0; i < 64; i++)
			fe_add(&f.fe, fe_tx(1), f.fe.mem, 20000, false);
		fe_kick(&f.fe, fe_tx(1));
		fe_sync(&f.fe);
		close(f.client);
		f.client = -1;
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
		for (i = 0; i < 64; i++)
			assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
	}
	/* The next client gets the start of a buffer, not the rest of one. */
	f.client = emulator_connect(&f.emu, "c1");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_add(&f.fe, fe_tx(1), fill(f.fe.mem + FE_MEM_SIZE - BUFFER, 0, 100),
	       100, false);
	fe_kick(&f.fe, fe_tx(1));
	read_pattern(f.client, 0, 100);
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
}

/* Nobody is there to read: buffers come back at once. */
static void test_discard(void **state)
{
	fe_open_port(&f.fe, 1);
	fe_open_port(&f.fe, 2);
	fe_add(&f.fe, fe_tx(1), f.fe.mem, BUFFER, false);
	fe_kick(&f.fe, fe_tx(1));
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
	fe_add(&f.fe, fe_tx(2), f.fe.mem, BUFFER, false);
	fe_kick(&f.fe, fe_tx(2));
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(2)), 0);

	f.client = emulator_connect(&f.emu, "c1");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	expect_silence(f.client);
}

/* A console's output never waits, whether its client reads or not. */
static void test_console_never_waits(void **state)
{
	unsigned int i;

	fe_open_port(&f.fe, 0);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_CONSOLE_PORT, 1, NULL);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_add(&f.fe, fe_tx(0), f.fe.mem, BUFFER, false);
	fe_kick(&f.fe, fe_tx(0));
	fe_wait_used(&f.fe, fe_tx(0));

	f.client = emulator_connect(&f.emu, "c0");
	fe_sync(&f.fe);
	for (i = 0; i < 60; i++)
		fe_add(&f.fe, fe_tx(0), f.fe.mem, 20000, false);
	fe_kick(&f.fe, fe_tx(0));
	for (i = 0; i < 60; i++)
		fe_wait_used(&f.fe, fe_tx(0));
}

/* Input fills buffers of any size, one after the other. */
static void test_to_guest(void **state)
{
	uint8_t data[300], *small, *large;

	open_both();
	small = fe_alloc(&f.fe, 100);
	large = fe_alloc(&f.fe, BUFFER);
	fe_add(&f.fe, fe_rx(1), small, 100, true);
	fe_add(&f.fe, fe_rx(1), large, BUFFER, true);
	fe_kick(&f.fe, fe_rx(1));
	write_exactly(f.client, fill(data, 0, sizeof(data)), sizeof(data));
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 100);
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 200);
	check(small, 0, 100);
	check(large, 100, 200);
}

/* Without buffers the sender waits; with them it goes on. */
static void test_starved_input(void **state)
{
	uint8_t data[BUFFER], *buf;
	size_t at;

	open_both();
	write_exactly(f.client, fill(data, 0, sizeof(data)), sizeof(data));
	fe_sync(&f.fe);
	buf = fe_alloc(&f.fe, 512);
	for (at = 0; at < sizeof(data); at += 512) {
		fe_add(&f.fe, fe_rx(1), buf, 512, true);
		fe_kick(&f.fe, fe_rx(1));
		assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 512);
		check(buf, at, 512);
	}
}

/* What a client wrote before it closed comes before the close. */
static void test_data_before_close(void **state)
{
	uint8_t data[1000], *buf;

	open_both();
	write_exactly(f.client, fill(data, 0, sizeof(data)), sizeof(data));
	close(f.client);
	f.client = -1;
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, 2, NULL), -1);
	buf = fe_alloc(&f.fe, BUFFER);
	fe_add(&f.fe, fe_rx(1), buf, 600, true);
	fe_kick(&f.fe, fe_rx(1));
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 600);
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, 2, NULL), -1);
	fe_add(&f.fe, fe_rx(1), buf + 600, BUFFER - 600, true);
	fe_kick(&f.fe, fe_rx(1));
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 400);
	check(buf, 0, 1000);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
}

/* A client that will send nothing more has left, read or not. */
static void test_half_close(void **state)
{
	open_both();
	write_exactly(f.client, "rest", 4);
	assert_int_equal(shutdown(f.client, SHUT_WR), 0);
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, 2, NULL), -1);
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	expect_eof(f.client);
}

/* What was typed at a console that no guest listens to blocks nobody. */
static void test_closed_console(void **state)
{
	int second;

	f.client = emulator_connect(&f.emu, "c0");
	write_exactly(f.client, "lost", 4);
	second = emulator_connect(&f.emu, "c0");
	close(f.client);
	f.client = second;
	fe_sync(&f.fe);
	fe_sync(&f.fe);
	fe_open_port(&f.fe, 0);
	fe_add(&f.fe, fe_tx(0), fill(fe_alloc(&f.fe, 9), 0, 9), 9, false);
	fe_kick(&f.fe, fe_tx(0));
	read_pattern(second, 0, 9);
}

/* A guest that has not opened the port gets nothing, and holds up nobody. */
static void test_closed_guest(void **state)
{
	uint8_t *buf = fe_alloc(&f.fe, BUFFER);

	fe_queue_setup(&f.fe, fe_rx(1), 64);
	fe_add(&f.fe, fe_rx(1), buf, BUFFER, true);
	fe_kick(&f.fe, fe_rx(1));
	f.client = emulator_connect(&f.emu, "c1");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	write_exactly(f.client, "lost", 4);
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, fe_rx(1), NULL), -1);
	close(f.client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);

	f.client = emulator_connect(&f.emu, "c1");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	write_exactly(f.client, "kept", 4);
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 4);
	assert_memory_equal(buf, "kept", 4);
}

/* The second client waits until the first has gone. */
static void test_second_client(void **state)
{
	int second;

	open_both();
	second = emulator_connect(&f.emu, "c1");
	fe_add(&f.fe, fe_tx(1), f.fe.mem, 10, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_wait_used(&f.fe, fe_tx(1));
	expect_silence(second);
	close(f.client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_add(&f.fe, fe_tx(1), fill(fe_alloc(&f.fe, 10), 0, 10), 10, false);
	fe_kick(&f.fe, fe_tx(1));
	read_pattern(second, 0, 10);
	f.client = second;
}

/* Chains, indirect tables, and a buffer that spans two regions of memory. */
static void test_scattered(void **state)
{
	struct fe_queue *q = &f.fe.queues[fe_tx(1)];
	uint8_t *border = f.fe.mem + FE_MEM_SIZE / 2;
	uint8_t *pieces;
	struct vring_desc *table;
	unsigned int i;

	open_both();
	pieces = fill(fe_alloc(&f.fe, 100), 0, 100);
	for (i = 0; i < 4; i++) {
		q->desc[i].addr = fe_gpa(&f.fe, pieces + 25 * i);
		q->desc[i].len = 25;
		q->desc[i].flags = i < 3 ? VRING_DESC_F_NEXT : 0;
		q->desc[i].next = i + 1;
	}
	fe_add_head(&f.fe, fe_tx(1), 0);

	table = fe_alloc(&f.fe, 2 * sizeof(*table));
	table[1].addr = fe_gpa(&f.fe, fill(fe_alloc(&f.fe, 30), 170, 30));
	table[1].len = 30;
	table[0].addr = fe_gpa(&f.fe, fill(fe_alloc(&f.fe, 70), 100, 70));
	table[0].len = 70;
	table[0].flags = VRING_DESC_F_NEXT;
	table[0].next = 1;
	q->desc[10].addr = fe_gpa(&f.fe, table);
	q->desc[10].len = 2 * sizeof(*table);
	q->desc[10].flags = VRING_DESC_F_INDIRECT;
	fe_add_head(&f.fe, fe_tx(1), 10);

	q->desc[11].addr = fe_gpa(&f.fe, fill(border - 4000, 200, 6000));
	q->desc[11].len = 6000;
	q->desc[11].flags = 0;
	fe_add_head(&f.fe, fe_tx(1), 11);
	fe_kick(&f.fe, fe_tx(1));
	read_pattern(f.client, 0, 6200);
	for (i = 0; i < 3; i++)
		fe_wait_used(&f.fe, fe_tx(1));
}

/* A call comes when the driver asked for it, and not before. */
static void test_event_idx(void **state)
{
	struct fe_queue *q = &f.fe.queues[fe_tx(1)];
	unsigned int i;
	uint16_t event;

	open_both();
	fe_add(&f.fe, fe_tx(1), f.fe.mem, 1, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_wait_used(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	fe_called(&f.fe, fe_tx(1));

	q->avail->ring[q->num] = q->last_used + 2;
	for (i = 0; i < 3; i++) {
		assert_false(fe_called(&f.fe, fe_tx(1)));
		fe_add(&f.fe, fe_tx(1), f.fe.mem, 1, false);
		fe_kick(&f.fe, fe_tx(1));
		fe_sync(&f.fe);
	}
	assert_true(fe_called(&f.fe, fe_tx(1)));
	/* Kicks are wanted for what comes next. */
	memcpy(&event, (void *)&q->used->ring[q->num], sizeof(event));
	assert_int_equal(event, 4);
}

static void test_no_interrupt_flag(void **state)
{
	struct fe_queue *q = &f.fe.queues[fe_tx(1)];

	open_both();
	q->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	fe_add(&f.fe, fe_tx(1), f.fe.mem, 1, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, fe_tx(1), NULL), 0);
	assert_false(fe_called(&f.fe, fe_tx(1)));
	q->avail->flags = 0;
	fe_add(&f.fe, fe_tx(1), f.fe.mem, 1, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_wait_used(&f.fe, fe_tx(1));
}

/* stop freezes both directions, but for a console's output; cont goes on. */
static void test_stop_and_cont(void **state)
{
	open_both();
	fe_open_port(&f.fe, 0);
	qmp_expect_event(f.qmp, "{\"open\": true, \"id\": \"con\"}");
	write_exactly(f.qmp, "{'execute':'stop'}", 18);
	qmp_expect_event(f.qmp, "\"event\": \"STOP\"}");
	qmp_expect(f.qmp, "", NULL);
	qmp_expect(f.qmp, "{'execute':'query-status'}",
		   "{\"return\": {\"status\": \"paused\", \"running\": false}}");
	fe_add(&f.fe, fe_tx(1), fill(fe_alloc(&f.fe, 10), 0, 10), 10, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_add(&f.fe, fe_rx(1), fe_alloc(&f.fe, 10), 10, true);
	fe_kick(&f.fe, fe_rx(1));
	write_exactly(f.client, "12345", 5);
	fe_add(&f.fe, fe_tx(0), f.fe.mem, 10, false);
	fe_kick(&f.fe, fe_tx(0));
	fe_wait_used(&f.fe, fe_tx(0));
	fe_sync(&f.fe);
	expect_silence(f.client);
	assert_int_equal(fe_get_used(&f.fe, fe_rx(1), NULL), -1);

	write_exactly(f.qmp, "{'execute':'cont'}", 18);
	qmp_expect_event(f.qmp, "\"event\": \"RESUME\"}");
	qmp_expect(f.qmp, "", NULL);
	read_pattern(f.client, 0, 10);
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 5);
}

/* A client that leaves meanwhile is noticed. */
static void test_leave_while_stopped(void **state)
{
	f.client = emulator_connect(&f.emu, "c1");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	write_exactly(f.qmp, "{'execute':'stop'}", 18);
	qmp_expect_event(f.qmp, "\"event\": \"STOP\"}");
	qmp_expect(f.qmp, "", NULL);
	close(f.client);
	f.client = -1;
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
}

/* The ring is paused while throttled, and goes on at the right byte. */
static void test_pause_while_throttled(void **state)
{
	unsigned int i, used = 0;
	uint32_t base, at;

	open_both();
	for (i = 0; i < 64; i++)
		fe_add(&f.fe, fe_tx(1),
		       fill(fe_alloc(&f.fe, 20000), 20000 * i, 20000), 20000,
		       false);
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	base = fe_queue_stop(&f.fe, fe_tx(1));
	while (fe_get_used(&f.fe, fe_tx(1), NULL) >= 0)
		used++;
	at = used | 0x8000;
	assert_int_equal(base, f.features & FE_PACKED ? at << 16 | at : used);
	fe_queue_configure(&f.fe, fe_tx(1), base);
	read_pattern(f.client, 0, 64 * 20000);
	for (; used < 64; used++)
		fe_wait_used(&f.fe, fe_tx(1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_AS(way, name) { #name "_" #way, name, setup_##way, teardown, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_to_host),
		TEST_AS(without_event_idx, test_to_host),
		TEST_AS(packed, test_to_host),
		TEST_AS(packed_without_event_idx, test_to_host),
		TEST(test_throttle),
		TEST_AS(without_event_idx, test_throttle),
		TEST_AS(packed, test_throttle),
		TEST_AS(packed_without_event_idx, test_throttle),
		TEST_AS(in_order, test_throttle),
		TEST(test_close_while_throttled),
		TEST_AS(packed, test_close_while_throttled),
		TEST(test_discard),
		TEST_AS(packed, test_discard),
		TEST(test_console_never_waits),
		TEST_AS(packed, test_console_never_waits),
		TEST(test_to_guest),
		TEST_AS(packed, test_to_guest),
		TEST(test_starved_input),
		TEST_AS(without_event_idx, test_starved_input),
		TEST_AS(packed, test_starved_input),
		TEST_AS(packed_without_event_idx, test_starved_input),
		TEST(test_data_before_close),
		TEST(test_half_close),
		TEST(test_closed_console),
		TEST(test_closed_guest),
		TEST(test_second_client),
		TEST(test_scattered),
		TEST(test_event_idx),
		TEST_AS(without_event_idx, test_no_interrupt_flag),
		TEST(test_stop_and_cont),
		TEST_AS(packed, test_stop_and_cont),
		TEST(test_leave_while_stopped),
	};
	const struct CMUnitTest vhost_tests[] = {
		TEST(test_pause_while_throttled),
		TEST_AS(packed, test_pause_while_throttled),
	};
	int failed;

	failed = cmocka_run_group_tests(tests, NULL, NULL);
	failed += cmocka_run_group_tests(vhost_tests, NULL, NULL);
	fe_use(&fe_vfio_ops);
	return failed + cmocka_run_group_tests_name("over vfio-user", tests,
						    NULL, NULL);
}
