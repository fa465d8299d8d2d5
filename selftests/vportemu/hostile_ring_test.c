// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostile_ring_test.c - what a correct driver never puts into a ring
 *
 * Each of these breaks the device, and no more: the process answers, and after
 * a reset the device works.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ring_fixture.h"

static int setup(void **state)
{
	ring_begin("", 0);
	return 0;
}

/* The device says that this queue broke it; a reset makes it whole. */
static void expect_broken(unsigned int index)
{
	char buf[4];

	fe_kick(&f.fe, index);
	fe_sync(&f.fe);
	assert_true(fe_broken(&f.fe, index));

	/* Nothing moves any more. */
	fe_add(&f.fe, 3, f.fe.mem, 8, false);
	fe_kick(&f.fe, 3);
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, 3, NULL), -1);

	fe_driver_reset(&f.fe);
	driver_start();
	fe_add(&f.fe, fe_tx(1), memcpy(fe_alloc(&f.fe, 4), "well", 4), 4,
	       false);
	fe_kick(&f.fe, fe_tx(1));
	read_exactly(f.client, buf, 4);
	assert_memory_equal(buf, "well", 4);
}

/* Descriptor @i of port 1's transmit queue. */
static volatile struct vring_desc *desc(unsigned int i, uint64_t addr,
					uint32_t len, uint16_t flags,
					uint16_t next)
{
	volatile struct vring_desc *d = &f.fe.queues[fe_tx(1)].desc[i];

	d->addr = addr;
	d->len = len;
	d->flags = flags;
	d->next = next;
	return d;
}

static void expect_broken_chain(void)
{
	fe_add_head(&f.fe, fe_tx(1), 0);
	expect_broken(fe_tx(1));
}

static void test_loop(void **state)
{
	desc(0, GPA_BASE, 1, VRING_DESC_F_NEXT, 1);
	desc(1, GPA_BASE, 1, VRING_DESC_F_NEXT, 0);
	expect_broken_chain();
	desc(0, GPA_BASE, 1, VRING_DESC_F_NEXT, 0);
	expect_broken_chain();
}

static void test_index_out_of_range(void **state)
{
	fe_add_head(&f.fe, fe_tx(1), 64);
	expect_broken(fe_tx(1));
	fe_add_head(&f.fe, fe_tx(1), 0xffff);
	expect_broken(fe_tx(1));
	desc(0, GPA_BASE, 1, VRING_DESC_F_NEXT, 64);
	expect_broken_chain();
}

static void test_address_out_of_range(void **state)
{
	desc(0, 0, 1, 0, 0);
	expect_broken_chain();
	desc(0, GPA_BASE + FE_MEM_SIZE, 1, 0, 0);
	expect_broken_chain();
	desc(0, GPA_BASE + FE_MEM_SIZE - 1, 2, 0, 0);
	expect_broken_chain();
	desc(0, GPA_BASE - 1, 2, 0, 0);
	expect_broken_chain();
	desc(0, UINT64_MAX, 2, 0, 0);
	expect_broken_chain();
	desc(0, GPA_BASE, UINT32_MAX, 0, 0);
	expect_broken_chain();
}

static void test_no_length(void **state)
{
	desc(0, GPA_BASE, 0, 0, 0);
	expect_broken_chain();
	desc(0, GPA_BASE, 4, VRING_DESC_F_NEXT, 1);
	desc(1, GPA_BASE, 0, 0, 0);
	expect_broken_chain();
}

static void test_readable_behind_writable(void **state)
{
	desc(0, GPA_BASE, 4, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	desc(1, GPA_BASE, 4, 0, 0);
	expect_broken_chain();
}

static void test_indirect(void **state)
{
	uint64_t table = fe_gpa(&f.fe, fe_alloc(&f.fe, 16));
	static const uint32_t lengths[] = { 0, 8, 15, 17, UINT32_MAX,
					    UINT32_MAX - 15 };
	unsigned int i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		desc(0, table, lengths[i], VRING_DESC_F_INDIRECT, 0);
		expect_broken_chain();
	}
	desc(0, 0x1000, 16, VRING_DESC_F_INDIRECT, 0);
	expect_broken_chain();
	desc(0, table, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1);
	expect_broken_chain();
}

static void test_indirect_in_indirect(void **state)
{
	struct vring_desc *table = fe_alloc(&f.fe, 2 * sizeof(*table));

	table[0] = (struct vring_desc){ fe_gpa(&f.fe, &table[1]), 16,
					VRING_DESC_F_INDIRECT, 0 };
	table[1] = (struct vring_desc){ GPA_BASE, 1, 0, 0 };
	desc(0, fe_gpa(&f.fe, table), 16, VRING_DESC_F_INDIRECT, 0);
	expect_broken_chain();
}

/* A table of more pieces than any buffer may have. */
static void test_endless_indirect(void **state)
{
	struct vring_desc *table = fe_alloc(&f.fe, 2000 * sizeof(*table));
	unsigned int i;

	for (i = 0; i < 2000; i++)
		table[i] = (struct vring_desc){ GPA_BASE, 1, VRING_DESC_F_NEXT,
						i + 1 };
	desc(0, fe_gpa(&f.fe, table), 2000 * 16, VRING_DESC_F_INDIRECT, 0);
	expect_broken_chain();

	table = fe_alloc(&f.fe, 2 * sizeof(*table));
	table[0] = (struct vring_desc){ GPA_BASE, 1, VRING_DESC_F_NEXT, 1 };
	table[1] = (struct vring_desc){ GPA_BASE, 1, VRING_DESC_F_NEXT, 0 };
	desc(0, fe_gpa(&f.fe, table), 2 * 16, VRING_DESC_F_INDIRECT, 0);
	expect_broken_chain();
}

static void test_available_index_jumps(void **state)
{
	f.fe.queues[fe_tx(1)].avail->idx += 65;
	expect_broken(fe_tx(1));
	f.fe.queues[fe_tx(1)].avail->idx -= 65;
	expect_broken(fe_tx(1));
}

/* As a driver does that is being removed, without a word to us. */
static void test_buffers_may_be_taken_back(void **state)
{
	fe_add(&f.fe, fe_tx(1), f.fe.mem, 16, false);
	f.fe.queues[fe_tx(1)].avail->idx -= 3;
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	assert_false(fe_broken(&f.fe, fe_tx(1)));
	fe_driver_reset(&f.fe);
	driver_start();
}

static void test_receive_buffer_to_read_from(void **state)
{
	fe_add(&f.fe, fe_rx(1), f.fe.mem, 16, false);
	fe_kick(&f.fe, fe_rx(1));
	write_exactly(f.client, "x", 1);
	fe_sync(&f.fe);
	assert_true(fe_broken(&f.fe, fe_rx(1)));
	fe_driver_reset(&f.fe);
	driver_start();
}

static void test_control_ring(void **state)
{
	f.fe.queues[3].avail->idx += 100;
	expect_broken(3);
}

/* What was right before the first wrong element still reaches the host. */
static void test_bad_behind_good(void **state)
{
	char buf[4];

	fe_add(&f.fe, fe_tx(1), memcpy(fe_alloc(&f.fe, 4), "good", 4), 4,
	       false);
	fe_add_head(&f.fe, fe_tx(1), 64);
	fe_kick(&f.fe, fe_tx(1));
	read_exactly(f.client, buf, 4);
	assert_memory_equal(buf, "good", 4);
	expect_broken(fe_tx(1));
}

/* The memory file is cut short under the rings. */
static void test_memory_vanishes(void **state)
{
	int sock;

	assert_int_equal(ftruncate(f.fe.memfd, 0), 0);
	fe_kick(&f.fe, fe_tx(1));
	fe_kick(&f.fe, 3);
	fe_sync(&f.fe);
	assert_true(fe_broken(&f.fe, 3) || fe_broken(&f.fe, fe_tx(1)));

	/* Another front-end with memory of its own finds a working device. */
	sock = emulator_connect(&f.emu, "vu");
	assert_int_equal(ftruncate(f.fe.memfd, FE_MEM_SIZE), 0);
	fe_finish(&f.fe);
	fe_connect(&f.fe, sock);
	fe_begin(&f.fe, FE_ALL_FEATURES);
	driver_start();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_loop),
		TEST(test_index_out_of_range),
		TEST(test_address_out_of_range),
		TEST(test_no_length),
		TEST(test_readable_behind_writable),
		TEST(test_indirect),
		TEST(test_indirect_in_indirect),
		TEST(test_endless_indirect),
		TEST(test_available_index_jumps),
		TEST(test_buffers_may_be_taken_back),
		TEST(test_receive_buffer_to_read_from),
		TEST(test_control_ring),
		TEST(test_bad_behind_good),
		TEST(test_memory_vanishes),
	};
	int failed;

	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fe_use(&fe_vfio_ops);
	return failed + cmocka_run_group_tests_name("over vfio-user", tests,
						    NULL, NULL);
}
