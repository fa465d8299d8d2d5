// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_message_test.c - vfio-user messages, as clients should and should not
 *
 * A bad one is answered with an error, after which the session goes on; only
 * where the next one begins cannot be told it ends.
 */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"
#include "vfio_client.h"

#define PAGE	4096

static struct {
	struct emulator emu;
	int sock;
	int memory;
	int event;
} f;

static void connect_again(void)
{
	f.sock = emulator_connect(&f.emu, "vu");
	vc_negotiate(f.sock);
}

static int setup(void **state)
{
	fe_use(&fe_vfio_ops);
	emulator_init(&f.emu);
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s0,max_ports=2,vectors=20");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	connect_again();
	f.memory = memfd_create("guest", MFD_CLOEXEC);
	assert_int_equal(ftruncate(f.memory, 16 * PAGE), 0);
	f.event = eventfd(0, EFD_CLOEXEC);
	return 0;
}

static int teardown(void **state)
{
	close(f.sock);
	close(f.memory);
	close(f.event);
	emulator_stop(&f.emu);
	return 0;
}

static void expect_works(void)
{
	assert_int_equal(vc_read(f.sock, VC_CONFIG, 0, 2), 0x1af4);
}

/* The client is told of the end before its connection is closed. */
static void expect_end(void)
{
	char c;

	read_exactly(f.sock, &c, 0);
	assert_int_equal(recv(f.sock, &c, 1, 0), 0);
	close(f.sock);
	connect_again();
	expect_works();
}

static void test_start(void **state)
{
	struct vc_info info = { sizeof(info) };
	struct vc_region_info region;
	static const uint64_t sizes[] = {
		64, 4096, 0, 0, 0x4000, 0, 0, 256, 0
	};
	static const uint32_t counts[] = { 1, 0, 20, 1, 0 };
	unsigned int i;

	assert_int_equal(vc_request(f.sock, VC_GET_INFO, &info, sizeof(info),
				    NULL, 0, &info, sizeof(info)), 0);
	assert_int_equal(info.flags, 3);
	assert_int_equal(info.a, 9);
	assert_int_equal(info.b, 5);
	for (i = 0; i < 9; i++) {
		region = (struct vc_region_info){ sizeof(region), 0, i };
		assert_int_equal(vc_request(f.sock, VC_GET_REGION_INFO, &region,
					    sizeof(region), NULL, 0, &region,
					    sizeof(region)), 0);
		assert_int_equal(region.argsz, sizeof(region));
		assert_int_equal(region.index, i);
		assert_int_equal(region.size, sizes[i]);
		assert_int_equal(region.flags, sizes[i] ? 3 : 0);
	}
	for (i = 0; i < 5; i++) {
		info = (struct vc_info){ sizeof(info), 0, i };
		assert_int_equal(vc_request(f.sock, VC_GET_IRQ_INFO, &info,
					    sizeof(info), NULL, 0, &info,
					    sizeof(info)), 0);
		assert_int_equal(info.a, i);
		assert_int_equal(info.b, counts[i]);
		assert_int_equal(info.flags & 1, !!counts[i]);
	}
}

/* Nothing goes before VERSION, and nothing goes twice. */
static void test_version_order(void **state)
{
	struct vc_info info = { sizeof(info) };
	uint8_t version[4] = { 0 };

	assert_int_equal(vc_request(f.sock, VC_VERSION, version, 4, NULL, 0,
				    version, 4), EINVAL);
	close(f.sock);
	f.sock = emulator_connect(&f.emu, "vu");
	assert_int_equal(vc_request(f.sock, VC_GET_INFO, &info, sizeof(info),
				    NULL, 0, &info, sizeof(info)), EINVAL);
	assert_int_equal(vc_request(f.sock, VC_RESET, NULL, 0, NULL, 0, NULL,
				    0), EINVAL);
	assert_int_equal(vc_request(f.sock, VC_VERSION, version, 4, NULL, 0,
				    version, 4), 0);
	expect_works();
}

static void test_version_text(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "3", "{}}", "{\"capabilities\":",
		"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
	};
	static const char good[] = "\0\0\7\0{}";
	char request[64] = { 0 };
	char reply[4];
	unsigned int i;

	close(f.sock);
	f.sock = emulator_connect(&f.emu, "vu");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcpy(request + 4, bad[i]);
		assert_int_equal(vc_request(f.sock, VC_VERSION, request,
					    4 + strlen(bad[i]) + 1, NULL, 0,
					    reply, 4), EINVAL);
	}
	/* No NUL; another major version. */
	assert_int_equal(vc_request(f.sock, VC_VERSION, good, 6, NULL, 0,
				    reply, 4), EINVAL);
	strcpy(request + 4, "{}");
	request[0] = 1;
	assert_int_equal(vc_request(f.sock, VC_VERSION, request, 7, NULL, 0,
				    reply, 4), EINVAL);
	/* An answer is no longer than the request. */
	assert_int_equal(vc_request(f.sock, VC_VERSION, good, sizeof(good),
				    NULL, 0, reply, 4), 0);
	assert_memory_equal(reply, "\0\0\0\0", 4);
	expect_works();
}

static void test_unknown_commands(void **state)
{
	static const uint32_t commands[] = {
		0, VC_GET_REGION_IO_FDS, VC_DMA_READ, VC_DMA_WRITE, 14,
		VC_WRITE_MULTI, 16, 18, 1000, UINT16_MAX
	};
	unsigned int i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		assert_int_equal(vc_request(f.sock, commands[i], "12345678", 8,
					    NULL, 0, NULL, 0), ENOTSUP);
	expect_works();
}

static void test_wrong_sizes(void **state)
{
	static const struct {
		uint32_t command, size;
	} short_ones[] = {
		{ VC_DMA_MAP, 32 }, { VC_DMA_UNMAP, 24 }, { VC_GET_INFO, 16 },
		{ VC_GET_REGION_INFO, 32 }, { VC_GET_IRQ_INFO, 16 },
		{ VC_SET_IRQS, 20 }, { VC_REGION_READ, 16 },
		{ VC_REGION_WRITE, 16 },
	};
	uint8_t zeroes[32] = { 0 };
	unsigned int i;

	for (i = 0; i < sizeof(short_ones) / sizeof(short_ones[0]); i++) {
		assert_int_equal(vc_request(f.sock, short_ones[i].command, NULL,
					    0, NULL, 0, NULL, 0), EINVAL);
		assert_int_equal(vc_request(f.sock, short_ones[i].command,
					    zeroes, short_ones[i].size - 1,
					    NULL, 0, NULL, 0), EINVAL);
	}
	expect_works();
}

/* Errors, too, are not told to who does not want to hear. */
static void test_no_reply(void **state)
{
	vc_send(f.sock, VC_RESET, VC_NO_REPLY, NULL, 0, NULL, 0);
	vc_send(f.sock, VC_GET_INFO, VC_NO_REPLY, NULL, 0, NULL, 0);
	vc_send(f.sock, 1000, VC_NO_REPLY, NULL, 0, NULL, 0);
	vc_post(f.sock, 8, 0, 4, 0);
	vc_post(f.sock, VC_MODERN, 0x3000, 2, 0);
	expect_works();
}

static void test_bad_headers(void **state)
{
	struct vc_header header = { 1, VC_GET_INFO, sizeof(header) - 1 };

	write_exactly(f.sock, &header, sizeof(header));
	expect_end();
	header.size = 0;
	write_exactly(f.sock, &header, sizeof(header));
	expect_end();
	header.size = UINT32_MAX;
	write_exactly(f.sock, &header, sizeof(header));
	expect_end();
	header.size = sizeof(header) + 70000;
	write_exactly(f.sock, &header, sizeof(header));
	expect_end();
	/* An answer to nothing. */
	vc_send(f.sock, VC_DMA_READ, VC_REPLY, NULL, 0, NULL, 0);
	expect_end();
	vc_send(f.sock, VC_GET_INFO, 2, NULL, 0, NULL, 0);
	expect_end();
}

/* A client that has sent more meanwhile is not reset. */
static void test_end_with_unread_messages(void **state)
{
	struct vc_header header = { 1, VC_GET_INFO, 3 };
	uint8_t more[1000] = { 0 };

	write_exactly(f.sock, &header, sizeof(header));
	write_exactly(f.sock, more, sizeof(more));
	expect_end();
}

/* Byte by byte, over as many turns of the loop. */
static void test_slow_message(void **state)
{
	struct {
		struct vc_header header;
		uint64_t offset;
		uint32_t region, count;
	} read = { { 9, VC_REGION_READ, sizeof(read) }, 0, VC_CONFIG, 4 };
	int qmp = qmp_connect(&f.emu, "qmp");
	uint8_t reply[16 + 16 + 4];
	unsigned int i;

	for (i = 0; i < sizeof(read); i++) {
		write_exactly(f.sock, (uint8_t *)&read + i, 1);
		if (i % 7 == 0)
			qmp_expect(qmp, "{'execute': 'cont'}", NULL);
	}
	read_exactly(f.sock, reply, sizeof(reply));
	assert_memory_equal(reply + 32, "\xf4\x1a", 2);
	close(qmp);
}

/* A client may ask for a lot before it reads the first answer. */
static void test_many_at_once(void **state)
{
	struct {
		struct vc_header header;
		uint64_t offset;
		uint32_t region, count;
	} read = {
		{ 0, VC_REGION_READ, sizeof(read) }, 0, VC_MODERN, 0x4000
	};
	struct vc_header header;
	uint8_t *data = malloc(16 + 0x4000);
	unsigned int i;

	for (i = 0; i < 40; i++) {
		read.header.id = i;
		write_exactly(f.sock, &read, sizeof(read));
	}
	for (i = 0; i < 40; i++) {
		read_exactly(f.sock, &header, sizeof(header));
		assert_int_equal(header.id, i);
		assert_int_equal(header.size, 32 + 0x4000);
		read_exactly(f.sock, data, 16 + 0x4000);
	}
	free(data);
	expect_works();
}

static void test_descriptors(void **state)
{
	struct vc_info info = { sizeof(info) };
	int fds[40], i;

	for (i = 0; i < 40; i++)
		fds[i] = f.memory;
	assert_int_equal(vc_request(f.sock, VC_GET_INFO, &info, sizeof(info),
				    fds, 1, NULL, 0), EINVAL);
	assert_int_equal(vc_set_irqs(f.sock, VC_MSIX,
				     VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 0, 3, fds,
				     2), EINVAL);
	assert_int_equal(vc_set_irqs(f.sock, VC_MSIX,
				     VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 1, fds,
				     1), EINVAL);
	assert_int_equal(vc_set_irqs(f.sock, VC_MSIX,
				     VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 0, 16,
				     fds, 16), 0);
	expect_works();
	vc_send(f.sock, VC_GET_INFO, 0, &info, sizeof(info), fds, 17);
	expect_end();
	vc_send(f.sock, VC_GET_INFO, 0, &info, sizeof(info), fds, 40);
	expect_end();
}

/* What a reply says went wrong; its payload does not matter. */
static uint32_t read_error(int sock)
{
	struct vc_header header;
	uint8_t payload[64];

	read_exactly(sock, &header, sizeof(header));
	assert_in_range(header.size, sizeof(header), sizeof(header) + 64);
	read_exactly(sock, payload, header.size - sizeof(header));
	return header.flags & VC_ERROR ? header.error : 0;
}

/* Messages with and without them wait together: each has its own. */
static void test_descriptors_among_others(void **state)
{
	struct vc_info info = { sizeof(info) };
	struct {
		uint32_t argsz, flags;
		uint64_t offset, address, size;
	} map = { sizeof(map), 3, 0, 0, PAGE };
	unsigned int i, other;

	kill(f.emu.pid, SIGSTOP);
	for (i = 0; i < 24; i++) {
		for (other = 0; other < i % 4; other++)
			vc_send(f.sock, VC_GET_INFO, 0, &info, sizeof(info),
				NULL, 0);
		map.address = i * PAGE;
		vc_send(f.sock, VC_DMA_MAP, 0, &map, sizeof(map),
			i % 3 ? &f.memory : &f.event, 1);
	}
	kill(f.emu.pid, SIGCONT);
	for (i = 0; i < 24; i++) {
		for (other = 0; other < i % 4; other++)
			assert_int_equal(read_error(f.sock), 0);
		assert_int_equal(read_error(f.sock), i % 3 ? 0 : ENODEV);
	}
}

static void test_irq_arguments(void **state)
{
	static const struct {
		uint32_t index, flags, start, count, error;
	} sets[] = {
		{ VC_MSIX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 0, 1, 0 },
		{ VC_MSIX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 19, 1, 0 },
		{ VC_MSIX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 20, 1, EINVAL },
		{ VC_MSIX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 1, 20, EINVAL },
		{ VC_MSIX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, ~0u, 2, EINVAL },
		{ VC_MSIX, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 2, ~0u, EINVAL },
		{ VC_MSIX, VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 0, 0 },
		{ VC_MSIX, VC_IRQ_NONE | VC_IRQ_MASK, 0, 1, EINVAL },
		{ VC_MSIX, VC_IRQ_BOOL | VC_IRQ_TRIGGER, 0, 1, EINVAL },
		{ VC_MSIX, VC_IRQ_TRIGGER, 0, 1, EINVAL },
		{ VC_MSIX, VC_IRQ_NONE, 0, 1, EINVAL },
		{ VC_MSIX, VC_IRQ_NONE | VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 0, 1,
		  EINVAL },
		{ VC_MSIX, VC_IRQ_NONE | VC_IRQ_MASK | VC_IRQ_TRIGGER, 0, 1,
		  EINVAL },
		{ VC_MSIX, 0x40 | VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 1, EINVAL },
		{ VC_INTX, VC_IRQ_NONE | VC_IRQ_MASK, 0, 1, 0 },
		{ VC_INTX, VC_IRQ_NONE | VC_IRQ_UNMASK, 0, 1, 0 },
		{ VC_INTX, VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 0, 0 },
		{ VC_INTX, VC_IRQ_EVENTFD | VC_IRQ_UNMASK, 0, 1, ENOTSUP },
		{ VC_INTX, VC_IRQ_NONE | VC_IRQ_TRIGGER, 1, 1, EINVAL },
		{ VC_MSI, VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 0, 0 },
		{ VC_MSI, VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 1, EINVAL },
		{ VC_ERR, VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 0, 1, 0 },
		{ VC_REQ, VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 1, EINVAL },
		{ 5, VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 0, EINVAL },
		{ ~0u, VC_IRQ_NONE | VC_IRQ_TRIGGER, 0, 0, EINVAL },
	};
	unsigned int i;

	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (vc_set_irqs(f.sock, sets[i].index, sets[i].flags,
				sets[i].start, sets[i].count, NULL, 0) !=
		    sets[i].error)
			fail_msg("set %u", i);
	}
}

/* A client may send interrupts by itself, to see that they arrive. */
static void test_loopback(void **state)
{
	struct {
		uint32_t set[5];
		uint8_t data[3];
	} some = {
		{ sizeof(some), VC_IRQ_BOOL | VC_IRQ_TRIGGER, VC_MSIX, 4, 3 },
		{ 0, 1, 0 }
	};
	uint64_t count;

	assert_int_equal(vc_set_irqs(f.sock, VC_MSIX,
				     VC_IRQ_EVENTFD | VC_IRQ_TRIGGER, 5, 1,
				     &f.event, 1), 0);
	assert_int_equal(vc_set_irqs(f.sock, VC_MSIX,
				     VC_IRQ_NONE | VC_IRQ_TRIGGER, 5, 1, NULL,
				     0), 0);
	assert_int_equal(vc_request(f.sock, VC_SET_IRQS, &some, 23, NULL, 0,
				    NULL, 0), 0);
	assert_int_equal(read(f.event, &count, sizeof(count)), 8);
	assert_int_equal(count, 2);
}

static void test_maps(void **state)
{
	assert_int_equal(vc_unmap(f.sock, 0, 8 * PAGE, 0), 0);
	assert_int_equal(vc_map(f.sock, 0, 8 * PAGE, 0, 3, f.memory), 0);
	/* Twice, over its end, empty, wrapping, behind the file, no access. */
	assert_int_equal(vc_map(f.sock, 0, 8 * PAGE, 0, 3, f.memory), EEXIST);
	assert_int_equal(vc_map(f.sock, 7 * PAGE, 2 * PAGE, 0, 3, f.memory),
			 EEXIST);
	assert_int_equal(vc_map(f.sock, 8 * PAGE, 0, 0, 3, f.memory), EINVAL);
	assert_int_equal(vc_map(f.sock, -PAGE, 2 * PAGE, 0, 3, f.memory),
			 EINVAL);
	assert_int_equal(vc_map(f.sock, 8 * PAGE, PAGE, 16 * PAGE, 3, f.memory),
			 EINVAL);
	assert_int_equal(vc_map(f.sock, 8 * PAGE, PAGE, 0, 0, f.memory),
			 EINVAL);
	assert_int_equal(vc_map(f.sock, 8 * PAGE, PAGE, 0, 7, f.memory),
			 EINVAL);
	assert_int_equal(vc_map(f.sock, 8 * PAGE, PAGE, 0, 3, f.event),
			 ENODEV);
	assert_int_equal(vc_map(f.sock, 8 * PAGE, 8 * PAGE, 0, 1, f.memory), 0);

	/* A part of a mapping; an empty range; flags and a range. */
	assert_int_equal(vc_unmap(f.sock, 0, PAGE, 0), EINVAL);
	assert_int_equal(vc_unmap(f.sock, 7 * PAGE, 9 * PAGE, 0), EINVAL);
	assert_int_equal(vc_unmap(f.sock, 0, 0, 0), EINVAL);
	assert_int_equal(vc_unmap(f.sock, PAGE, -1ull, 0), EINVAL);
	assert_int_equal(vc_unmap(f.sock, 0, 8 * PAGE, 2), EINVAL);
	assert_int_equal(vc_unmap(f.sock, 0, 8 * PAGE, 1), EINVAL);

	/* What is torn down may be more than there is. */
	assert_int_equal(vc_unmap(f.sock, 0, 1ull << 63, 0), 0);
	assert_int_equal(vc_map(f.sock, 0, 8 * PAGE, 0, 3, f.memory), 0);
	assert_int_equal(vc_unmap(f.sock, 0, 0, 2), 0);
	assert_int_equal(vc_map(f.sock, 0, 8 * PAGE, 0, 3, f.memory), 0);
}

/* With an IOMMU each page is one. */
static void test_many_maps(void **state)
{
	uint64_t i;

	for (i = 0; i < 3000; i++)
		assert_int_equal(vc_map(f.sock, (i * 7919 % 3000) * PAGE, PAGE,
					i % 16 * PAGE, 3, f.memory), 0);
	assert_int_equal(vc_map(f.sock, 0, PAGE, 0, 3, f.memory), EEXIST);
	assert_int_equal(vc_unmap(f.sock, 100 * PAGE, 100 * PAGE, 0), 0);
	assert_int_equal(vc_map(f.sock, 199 * PAGE, PAGE, 0, 3, f.memory), 0);
	assert_int_equal(vc_map(f.sock, 200 * PAGE, PAGE, 0, 3, f.memory),
			 EEXIST);
}

static void test_region_bounds(void **state)
{
	static const struct {
		uint32_t region;
		uint64_t offset;
		uint32_t size;
	} bad[] = {
		{ VC_CONFIG, 256, 1 }, { VC_CONFIG, 253, 4 },
		{ VC_CONFIG, ~0ull, 4 }, { VC_CONFIG, 0, 0 },
		{ VC_MODERN, 0x4000, 1 }, { VC_MODERN, 0x3ffc, 8 },
		{ VC_LEGACY, 64, 1 }, { VC_MSIX_BAR, 4096, 4 }, { 2, 0, 4 },
		{ 3, 0, 4 }, { 5, 0, 4 }, { 6, 0, 4 }, { 8, 0, 4 },
		{ 9, 0, 4 }, { ~0u, 0, 4 },
	};
	struct {
		uint64_t offset;
		uint32_t region, count;
	} access = { 0, VC_CONFIG, 1000 };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(vc_try_read(f.sock, bad[i].region,
					     bad[i].offset, bad[i].size),
				 EINVAL);
		assert_int_equal(vc_try_write(f.sock, bad[i].region,
					      bad[i].offset, bad[i].size),
				 EINVAL);
	}
	/* More than is in the message; more than a message can have. */
	assert_int_equal(vc_request(f.sock, VC_REGION_WRITE, &access,
				    sizeof(access), NULL, 0, NULL, 0), EINVAL);
	access.count = UINT32_MAX;
	assert_int_equal(vc_request(f.sock, VC_REGION_WRITE, &access,
				    sizeof(access), NULL, 0, NULL, 0), EINVAL);
	assert_int_equal(vc_request(f.sock, VC_REGION_READ, &access,
				    sizeof(access), NULL, 0, NULL, 0), EINVAL);
	expect_works();
}

/* One after the other; the second waits until the first has left. */
static void test_next_client(void **state)
{
	int second = emulator_connect(&f.emu, "vu");

	vc_write(f.sock, VC_CONFIG, 4, 2, 6);
	close(f.sock);
	f.sock = second;
	vc_negotiate(f.sock);
	assert_int_equal(vc_read(f.sock, VC_CONFIG, 4, 2), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_start),
		TEST(test_version_order),
		TEST(test_version_text),
		TEST(test_unknown_commands),
		TEST(test_wrong_sizes),
		TEST(test_no_reply),
		TEST(test_bad_headers),
		TEST(test_end_with_unread_messages),
		TEST(test_slow_message),
		TEST(test_many_at_once),
		TEST(test_descriptors),
		TEST(test_descriptors_among_others),
		TEST(test_irq_arguments),
		TEST(test_loopback),
		TEST(test_maps),
		TEST(test_many_maps),
		TEST(test_region_bounds),
		TEST(test_next_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
