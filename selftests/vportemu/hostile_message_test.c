// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostile_message_test.c - what a correct front-end never sends
 *
 * Each of these ends the session, or is refused where an answer was asked for;
 * the next front-end finds a working device.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"

static struct {
	struct emulator emu;
	struct front_end fe;
} f;

static void begin(void)
{
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, FE_ALL_FEATURES);
}

static int setup(void **state)
{
	emulator_init(&f.emu);
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s0,max_ports=2");
	emulator_arg(&f.emu, "-device virtserialport,nr=1");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	begin();
	return 0;
}

static int teardown(void **state)
{
	fe_finish(&f.fe);
	emulator_stop(&f.emu);
	return 0;
}

/* The session is over; another one works. */
static void expect_end(void)
{
	expect_eof(f.fe.sock);
	fe_finish(&f.fe);
	begin();
	fe_driver_start(&f.fe, 4);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

static void test_unknown_request(void **state)
{
	static const uint32_t ids[] = { 0, 19, 20, 26, 35, 39, 1000, UINT32_MAX };
	unsigned int i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		fe_send(&f.fe, ids[i], 0x1, NULL, 0, NULL, 0);
		expect_end();
	}
}

static void test_wrong_flags(void **state)
{
	static const uint32_t flags[] = { 0, 2, 3, 5, 0xd };
	unsigned int i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		fe_send(&f.fe, FE_GET_FEATURES, flags[i], NULL, 0, NULL, 0);
		expect_end();
	}
}

static void test_wrong_size(void **state)
{
	static const uint32_t requests[] = {
		FE_SET_FEATURES, FE_SET_MEM_TABLE, FE_SET_VRING_NUM,
		FE_SET_VRING_ADDR, FE_SET_VRING_BASE, FE_GET_VRING_BASE,
		FE_SET_VRING_KICK, FE_SET_VRING_CALL, FE_SET_VRING_ERR,
		FE_SET_PROTOCOL_FEATURES, FE_SET_VRING_ENABLE, FE_GET_CONFIG,
		FE_SET_CONFIG, FE_ADD_MEM_REG, FE_REM_MEM_REG,
	};
	uint32_t header[3] = { FE_SET_FEATURES, 1, UINT32_MAX };
	unsigned int i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		fe_send(&f.fe, requests[i], 0x1, "1234", 4, NULL, 0);
		expect_end();
	}
	write_exactly(f.fe.sock, header, sizeof(header));
	expect_end();
	header[2] = 1000;
	write_exactly(f.fe.sock, header, sizeof(header));
	expect_end();
}

static void test_descriptors(void **state)
{
	int fds[40], i;
	uint64_t index = 0;

	for (i = 0; i < 40; i++)
		fds[i] = f.fe.memfd;
	fe_send(&f.fe, FE_GET_FEATURES, 0x1, NULL, 0, fds, 1);
	expect_end();
	for (i = 0; i < 40; i++)
		fds[i] = f.fe.memfd;
	fe_send(&f.fe, FE_SET_VRING_CALL, 0x1, &index, 8, fds, 2);
	expect_end();
	for (i = 0; i < 40; i++)
		fds[i] = f.fe.memfd;
	fe_send(&f.fe, FE_SET_VRING_CALL, 0x1, &index, 8, fds, 9);
	expect_end();
	for (i = 0; i < 40; i++)
		fds[i] = f.fe.memfd;
	fe_send(&f.fe, FE_SET_VRING_CALL, 0x1, &index, 8, fds, 40);
	expect_end();
	fe_send(&f.fe, FE_SET_VRING_CALL, 0x1, &index, 8, NULL, 0);
	expect_end();
}

/* With an answer asked for, a refused request changes nothing. */
static void test_refused_requests(void **state)
{
	uint64_t nofd = 0x100, wrong = 0x200;
	int fd = f.fe.memfd;

	assert_int_equal(fe_request_u64(&f.fe, FE_SET_FEATURES, ~0ull), 1);
	assert_int_equal(fe_request_u64(&f.fe, FE_SET_PROTOCOL_FEATURES, ~0ull),
			 1);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_NUM, 6, 64), 1);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_NUM, ~0u, 64), 1);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_NUM, 0, 0), 1);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_NUM, 0, 63), 1);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_NUM, 0, 65536), 1);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_BASE, 0, 65536), 1);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_ENABLE, 0, 2), 1);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_ENABLE, 256, 1), 1);
	/* A regular file cannot kick, nor can what is not there. */
	assert_int_equal(fe_request(&f.fe, FE_SET_VRING_KICK, &wrong, 8, &fd,
				    1), 1);
	assert_int_equal(fe_request(&f.fe, FE_SET_VRING_KICK, &nofd, 8, &fd, 1),
			 1);
	nofd = 0;
	assert_int_equal(fe_request(&f.fe, FE_SET_VRING_KICK, &nofd, 8, &fd, 1),
			 1);

	fe_driver_start(&f.fe, 4);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

/*
 * Enabling rings that were never set up, or that are not there at all, is what
 * QEMU does, having handed over interrupts for them.
 */
static void test_enable_unconfigured(void **state)
{
	int call = eventfd(0, EFD_CLOEXEC);
	uint64_t i;

	for (i = 0; i < 64; i++) {
		assert_int_equal(fe_request(&f.fe, FE_SET_VRING_CALL, &i, 8,
					    &call, 1), 0);
		assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_ENABLE, i,
						1), 0);
	}
	close(call);
	fe_driver_start(&f.fe, 4);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

struct region {
	uint64_t gpa, size, user, offset;
};

static uint64_t add_region(uint64_t gpa, uint64_t size, uint64_t user,
			   uint64_t offset)
{
	struct {
		uint64_t padding;
		struct region region;
	} payload = { 0, { gpa, size, user, offset } };
	int fd = f.fe.memfd;

	return fe_request(&f.fe, FE_ADD_MEM_REG, &payload, sizeof(payload), &fd,
			  1);
}

static void test_regions(void **state)
{
	struct {
		uint64_t padding;
		struct region region;
	} rem = { 0, { 0x1000, 0x1000, 0x1000, 0 } };

	assert_int_equal(fe_get_u64(&f.fe, FE_GET_MAX_MEM_SLOTS), 509);
	/* Overlaps, at either end and within. */
	assert_int_equal(add_region(GPA_BASE, 4096, 0, 0), 1);
	assert_int_equal(add_region(GPA_BASE - 1, 2, 0, 0), 1);
	assert_int_equal(add_region(GPA_BASE + FE_MEM_SIZE - 1, 2, 0, 0), 1);
	assert_int_equal(add_region(0x1000, 2 * GPA_BASE, 0, 0), 1);
	/* Beyond the file, and around the end of the address space. */
	assert_int_equal(add_region(0x1000, FE_MEM_SIZE + 1, 0x1000, 0), 1);
	assert_int_equal(add_region(0x1000, 4096, 0x1000, FE_MEM_SIZE), 1);
	assert_int_equal(add_region(0x1000, 4096, 0x1000, ~0ull - 100), 1);
	assert_int_equal(add_region(~0ull - 100, 4096, 0x1000, 0), 1);
	assert_int_equal(add_region(0x1000, 4096, ~0ull - 100, 0), 1);
	assert_int_equal(add_region(0x1000, 0, 0x1000, 0), 1);

	assert_int_equal(fe_request(&f.fe, FE_REM_MEM_REG, &rem, sizeof(rem),
				    NULL, 0), 1);
	assert_int_equal(add_region(0x1000, 0x1000, 0x1000, 100), 0);
	assert_int_equal(fe_request(&f.fe, FE_REM_MEM_REG, &rem, sizeof(rem),
				    NULL, 0), 0);
	fe_driver_start(&f.fe, 4);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

static void test_table(void **state)
{
	struct {
		uint32_t count, padding;
		struct region regions[9];
	} table = { .count = 2 };
	int fds[9], i;

	for (i = 0; i < 9; i++) {
		fds[i] = f.fe.memfd;
		table.regions[i] = (struct region){ 0x10000 * i, 0x10000,
						    0x10000 * i, 0 };
	}
	/* Counts that do not match descriptors or size; the old table stays. */
	assert_int_equal(fe_request(&f.fe, FE_SET_MEM_TABLE, &table, 72, fds,
				    1), 1);
	assert_int_equal(fe_request(&f.fe, FE_SET_MEM_TABLE, &table, 71, fds,
				    2), 1);
	table.regions[1].gpa = 1;
	assert_int_equal(fe_request(&f.fe, FE_SET_MEM_TABLE, &table, 72, fds,
				    2), 1);
	table.count = 9;
	fe_driver_start(&f.fe, 4);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);

	/* A new table without the rings breaks the device, and no more. */
	table.count = 1;
	assert_int_equal(fe_request(&f.fe, FE_SET_MEM_TABLE, &table, 40, fds,
				    1), 0);
	fe_kick(&f.fe, 3);
	fe_sync(&f.fe);
	table.count = 9;
	fe_send(&f.fe, FE_SET_MEM_TABLE, 0x1, &table, sizeof(table), fds, 8);
	expect_end();
}

static void test_ring_addresses(void **state)
{
	struct {
		uint32_t index, flags;
		uint64_t desc, used, avail, log;
	} addr = { .index = 1 };

	fe_queue_setup(&f.fe, 1, 64);
	fe_queue_stop(&f.fe, 1);
	addr.desc = addr.used = addr.avail = USER_BASE + 1;
	fe_request(&f.fe, FE_SET_VRING_ADDR, &addr, sizeof(addr), NULL, 0);
	fe_vring_state(&f.fe, FE_SET_VRING_ENABLE, 1, 1);
	/* Odd, outside, over the end: nothing starts. */
	fe_send(&f.fe, FE_SET_VRING_KICK, 0x1, &(uint64_t){ 1 }, 8,
		&f.fe.queues[1].kick, 1);
	expect_end();

	fe_queue_setup(&f.fe, 1, 64);
	addr.desc = addr.used = addr.avail = USER_BASE + FE_MEM_SIZE - 16;
	fe_send(&f.fe, FE_SET_VRING_ADDR, 0x1, &addr, sizeof(addr), NULL, 0);
	fe_sync(&f.fe);
	fe_kick(&f.fe, 1);
	fe_sync(&f.fe);
	addr.desc = 0;
	fe_send(&f.fe, FE_SET_VRING_ADDR, 0x1, &addr, sizeof(addr), NULL, 0);
	expect_end();
}

/* Half a message, then silence, then the end: the next one is served. */
static void test_truncated(void **state)
{
	uint32_t header[3] = { FE_SET_FEATURES, 1, 8 };
	unsigned int len;

	for (len = 1; len <= sizeof(header); len++) {
		write_exactly(f.fe.sock, header, len);
		fe_finish(&f.fe);
		begin();
	}
}

/* A message that comes byte by byte is a message. */
static void test_byte_by_byte(void **state)
{
	uint32_t header[3] = { FE_GET_FEATURES, 1, 0 };
	unsigned int i;

	for (i = 0; i < sizeof(header); i++)
		write_exactly(f.fe.sock, (char *)header + i, 1);
	assert_true(fe_reply_u64(&f.fe, FE_GET_FEATURES) & FE_PROTOCOL);
}

static void test_config_range(void **state)
{
	uint32_t get[3] = { 0, 257, 0 };
	struct {
		uint32_t offset, size, flags;
		uint8_t data[300];
	} reply, set = { 0xffffffff, 256, 0, { 1 } };
	uint32_t header[3];

	get[0] = 0xfffffff0;
	get[1] = 256;
	fe_send(&f.fe, FE_GET_CONFIG, 0x1, get, sizeof(get), NULL, 0);
	read_exactly(f.fe.sock, header, sizeof(header));
	assert_int_equal(header[2], 12 + 256);
	read_exactly(f.fe.sock, &reply, header[2]);
	assert_int_equal(reply.data[0], 0);

	assert_int_equal(fe_request(&f.fe, FE_SET_CONFIG, &set, 12 + 256, NULL,
				    0), 0);
	set.size = UINT32_MAX;
	assert_int_equal(fe_request(&f.fe, FE_SET_CONFIG, &set, 12 + 256, NULL,
				    0), 1);
	get[0] = 0;
	get[1] = 257;
	fe_send(&f.fe, FE_GET_CONFIG, 0x1, get, sizeof(get), NULL, 0);
	expect_end();
}

/* A session that asks and does not read is cut off, not waited for. */
static void test_replies_unread(void **state)
{
	uint32_t header[3] = { FE_GET_FEATURES, 1, 0 };
	ssize_t len;

	do {
		len = send(f.fe.sock, header, sizeof(header), MSG_NOSIGNAL);
	} while (len > 0);
	fe_finish(&f.fe);
	begin();
}

static void test_reset_device(void **state)
{
	fe_driver_start(&f.fe, 4);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	assert_int_equal(fe_request(&f.fe, FE_RESET_DEVICE, NULL, 0, NULL, 0),
			 0);
	fe_driver_reset(&f.fe);
	fe_driver_start(&f.fe, 4);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unknown_request),
		TEST(test_wrong_flags),
		TEST(test_wrong_size),
		TEST(test_descriptors),
		TEST(test_refused_requests),
		TEST(test_enable_unconfigured),
		TEST(test_regions),
		TEST(test_table),
		TEST(test_ring_addresses),
		TEST(test_truncated),
		TEST(test_byte_by_byte),
		TEST(test_config_range),
		TEST(test_replies_unread),
		TEST(test_reset_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
