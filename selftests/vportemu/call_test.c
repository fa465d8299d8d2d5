// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * call_test.c - how often a driver is interrupted
 *
 * The chardev takes all there is, so that nothing has to wait.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

static int setup(void **state)
{
	begin();
	emulator_arg(&f.emu, "-chardev null,id=c");
	emulator_start(&f.emu);
	attach(true);
	return 0;
}

/* Every buffer that is returned is a reason to interrupt. */
static int setup_without_event_idx(void **state)
{
	f.features = FE_ALL_FEATURES & ~FE_EVENT_IDX;
	return setup(state);
}

static int setup_packed(void **state)
{
	f.features = FE_PACKED | (FE_ALL_FEATURES & ~FE_EVENT_IDX);
	return setup(state);
}

static int teardown(void **state)
{
	end();
	f.features = 0;
	return 0;
}

/* What the device has added to the event descriptor. */
static uint64_t calls(void)
{
	uint64_t count;

	fe_sync(&f.fe);
	if (read(f.fe.queues[fe_tx(1)].call, &count, sizeof(count)) != 8)
		return 0;
	return count;
}

static void add_output(unsigned int buffers, size_t size)
{
	void *buf = fe_alloc(&f.fe, size);

	while (buffers--)
		fe_add(&f.fe, fe_tx(1), buf, size, false);
	fe_kick(&f.fe, fe_tx(1));
}

/* More than the device hands over to the chardev at a time. */
static void test_one_call_for_batches(void **state)
{
	unsigned int used = 0;

	calls();
	add_output(48, 16384);
	assert_int_equal(calls(), 1);
	while (fe_get_used(&f.fe, fe_tx(1), NULL) >= 0)
		used++;
	assert_int_equal(used, 48);
}

/* Who served the ring before may not have come to tell what it had returned. */
static void test_call_when_ring_goes_on(void **state)
{
	uint32_t base;

	add_output(1, 16);
	assert_int_equal(calls(), 1);
	base = fe_queue_stop(&f.fe, fe_tx(1));
	fe_queue_configure(&f.fe, fe_tx(1), base);
	assert_int_equal(calls(), 1);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_AS(way, name) { #name "_" #way, name, setup_##way, teardown, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_call_for_batches),
		TEST_AS(without_event_idx, test_one_call_for_batches),
		TEST_AS(packed, test_one_call_for_batches),
		TEST(test_call_when_ring_goes_on),
		TEST_AS(without_event_idx, test_call_when_ring_goes_on),
		TEST_AS(packed, test_call_when_ring_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
