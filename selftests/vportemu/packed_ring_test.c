// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packed_ring_test.c - packed virtqueues, as drivers should and should not
 *
 * What breaks the device breaks no more than that: the process answers, and
 * after a reset the device works.
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

#define NEXT		VRING_DESC_F_NEXT
#define WRITE		VRING_DESC_F_WRITE
#define INDIRECT	VRING_DESC_F_INDIRECT

static int setup(void **state)
{
	ring_begin(",packed=on", FE_PACKED);
	return 0;
}

static void *text(const char *words)
{
	return memcpy(fe_alloc(&f.fe, strlen(words)), words, strlen(words));
}

static void add(uint64_t addr, uint32_t len, uint16_t flags)
{
	fe_add_packed(&f.fe, fe_tx(1), addr, len, flags);
}

static void host_hears(const char *words)
{
	char buf[64];

	read_exactly(f.client, buf, strlen(words));
	assert_memory_equal(buf, words, strlen(words));
}

static void guest_says(const char *words)
{
	fe_add(&f.fe, fe_tx(1), text(words), strlen(words), false);
	fe_kick(&f.fe, fe_tx(1));
	host_hears(words);
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
}

static void expect_broken(void)
{
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	assert_true(fe_broken(&f.fe, fe_tx(1)));
	fe_driver_reset(&f.fe);
	driver_start();
	guest_says("well");
}

/* Often round the ring, so that the wrap counters change. */
static void test_rounds(void **state)
{
	char words[16];
	unsigned int i;

	for (i = 0; i < 500; i++) {
		snprintf(words, sizeof(words), "line %u", i);
		guest_says(words);
	}
}

/* A chain that goes over the end of the ring, and an indirect table. */
static void test_chains(void **state)
{
	struct vring_packed_desc *table = fe_alloc(&f.fe, 2 * sizeof(*table));
	uint32_t id;
	int i;

	for (i = 0; i < 62; i++)
		guest_says("x");
	add(fe_gpa(&f.fe, text("one")), 3, NEXT);
	add(fe_gpa(&f.fe, text("two")), 3, NEXT);
	add(fe_gpa(&f.fe, text("three")), 5, 0);
	table[0].addr = fe_gpa(&f.fe, text("four"));
	table[0].len = 4;
	table[1].addr = fe_gpa(&f.fe, text("five"));
	table[1].len = 4;
	add(fe_gpa(&f.fe, table), 2 * sizeof(*table), INDIRECT);
	fe_kick(&f.fe, fe_tx(1));
	host_hears("onetwothreefourfive");
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, fe_tx(1), &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(fe_get_used(&f.fe, fe_tx(1), &id), 0);
	assert_int_equal(id, 1);
	guest_says("six");
}

/* One interrupt for three elements, when the driver asks for the third. */
static void test_event_idx(void **state)
{
	struct fe_queue *q = &f.fe.queues[fe_tx(1)];
	int i;

	guest_says("a");
	fe_sync(&f.fe);
	fe_called(&f.fe, fe_tx(1));
	q->driver->off_wrap = 3 | 0x8000;
	for (i = 0; i < 3; i++) {
		assert_false(fe_called(&f.fe, fe_tx(1)));
		fe_add(&f.fe, fe_tx(1), f.fe.mem, 1, false);
		fe_kick(&f.fe, fe_tx(1));
		fe_sync(&f.fe);
	}
	assert_true(fe_called(&f.fe, fe_tx(1)));
	/* Kicks are wanted for what comes next. */
	assert_int_equal(q->device->flags, VRING_PACKED_EVENT_FLAG_DESC);
	assert_int_equal(q->device->off_wrap, 4 | 0x8000);

	q->driver->flags = VRING_PACKED_EVENT_FLAG_DISABLE;
	fe_add(&f.fe, fe_tx(1), f.fe.mem, 1, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	assert_false(fe_called(&f.fe, fe_tx(1)));
}

/* Stopped and started again in the round of the other wrap counter. */
static void test_base(void **state)
{
	uint32_t base;
	int i;

	for (i = 0; i < 64; i++)
		guest_says("x");
	base = fe_queue_stop(&f.fe, fe_tx(1));
	assert_int_equal(base, 0);
	fe_queue_configure(&f.fe, fe_tx(1), base);
	guest_says("y");
	base = fe_queue_stop(&f.fe, fe_tx(1));
	assert_int_equal(base, 0x00010001);
	/* Some front-ends know the lower half only. */
	fe_queue_configure(&f.fe, fe_tx(1), 1);
	guest_says("z");

	fe_queue_stop(&f.fe, fe_tx(1));
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_BASE, fe_tx(1),
					0x00400040), 0);
	assert_int_equal(fe_vring_state(&f.fe, FE_SET_VRING_ENABLE, fe_tx(1),
					1), 0);
}

/* A front-end that says 0 to begin with, whatever the format. */
static void test_base_without_wrap_counter(void **state)
{
	fe_driver_reset(&f.fe);
	driver_start();
	fe_queue_stop(&f.fe, fe_tx(1));
	fe_queue_configure(&f.fe, fe_tx(1), 0);
	guest_says("first");
}

static void test_loop(void **state)
{
	int i;

	for (i = 0; i < 64; i++)
		add(GPA_BASE, 1, NEXT);
	expect_broken();
}

static void test_bad_buffers(void **state)
{
	add(0, 1, 0);
	expect_broken();
	add(GPA_BASE + FE_MEM_SIZE - 1, 2, 0);
	expect_broken();
	add(UINT64_MAX, 2, 0);
	expect_broken();
	add(GPA_BASE, UINT32_MAX, 0);
	expect_broken();
	add(GPA_BASE, 0, 0);
	expect_broken();
	f.fe.queues[fe_tx(1)].packed[1].flags = 0;
	add(GPA_BASE, 4, WRITE | NEXT);
	add(GPA_BASE, 4, 0);
	expect_broken();
}

static void test_bad_indirect(void **state)
{
	static const uint32_t lengths[] = { 0, 8, 17, UINT32_MAX,
					    UINT32_MAX - 15 };
	struct vring_packed_desc *table;
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		add(GPA_BASE, lengths[i], INDIRECT);
		expect_broken();
	}
	add(0x1000, 16, INDIRECT);
	expect_broken();
	add(GPA_BASE, 16, INDIRECT | NEXT);
	expect_broken();
	add(GPA_BASE, 1, NEXT);
	add(GPA_BASE, 16, INDIRECT);
	expect_broken();

	table = fe_alloc(&f.fe, sizeof(*table));
	table->addr = GPA_BASE;
	table->len = 16;
	table->flags = INDIRECT;
	add(fe_gpa(&f.fe, table), 16, INDIRECT);
	expect_broken();

	table = fe_alloc(&f.fe, 2000 * sizeof(*table));
	for (i = 0; i < 2000; i++) {
		table[i].addr = GPA_BASE;
		table[i].len = 1;
	}
	add(fe_gpa(&f.fe, table), 2000 * sizeof(*table), INDIRECT);
	expect_broken();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rounds),
		TEST(test_chains),
		TEST(test_event_idx),
		TEST(test_loop),
		TEST(test_bad_buffers),
		TEST(test_bad_indirect),
	};
	const struct CMUnitTest vhost_tests[] = {
		TEST(test_base),
		TEST(test_base_without_wrap_counter),
	};
	int failed;

	failed = cmocka_run_group_tests(tests, NULL, NULL);
	failed += cmocka_run_group_tests(vhost_tests, NULL, NULL);
	fe_use(&fe_vfio_ops);
	return failed + cmocka_run_group_tests_name("over vfio-user", tests,
						    NULL, NULL);
}
