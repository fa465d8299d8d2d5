// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * remote_memory_test.c - guest memory that is not shared, by DMA messages
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

#include "pci_fixture.h"
#include "vfio_proxy.h"

#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#define LARGE	(300u << 10)

static int setup(void **state)
{
	start_driver();
	return 0;
}

static void broken_in_the_end(void)
{
	uint64_t count;

	read_exactly(f.event, &count, sizeof(count));
	assert_true(fe_broken(&f.fe, 0));
}

static void works_after_reset(void)
{
	fe_driver_reset(&f.fe);
	driver_start();
	guest_says("well");
	host_hears("well");
}

static void test_features(void **state)
{
	/* Neither packed rings nor tables. */
	set_reg(VIRTIO_PCI_COMMON_DFSELECT, 4, 0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_DF, 4), 0x20000006);
	set_reg(VIRTIO_PCI_COMMON_DFSELECT, 4, 1);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_DF, 4), 0x101);
}

/* More than once round the ring. */
static void test_both_ways(void **state)
{
	char words[16], *buf = fe_alloc(&f.fe, 64);
	int i;

	for (i = 0; i < 200; i++) {
		snprintf(words, sizeof(words), "line %d", i);
		guest_says(words);
		host_hears(words);
		fe_wait_used(&f.fe, fe_tx(1));
		fe_add(&f.fe, fe_rx(1), buf, 64, true);
		fe_kick(&f.fe, fe_rx(1));
		write_exactly(f.client, words, strlen(words));
		assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), strlen(words));
		assert_memory_equal(buf, words, strlen(words));
	}
}

static void fill(uint8_t *at, size_t len, unsigned int seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		at[i] = (i * 7 + i / 251 + seed);
}

/* An element of many messages, from two places. */
static void test_large_output(void **state)
{
	struct fe_queue *q = &f.fe.queues[fe_tx(1)];
	uint8_t *data = fe_alloc(&f.fe, LARGE), *got = malloc(LARGE);

	fill(data, LARGE, 1);
	q->desc[0].addr = fe_gpa(&f.fe, data);
	q->desc[0].len = 1000;
	q->desc[0].flags = VRING_DESC_F_NEXT;
	q->desc[0].next = 1;
	q->desc[1].addr = fe_gpa(&f.fe, data + 1000);
	q->desc[1].len = LARGE - 1000;
	q->desc[1].flags = 0;
	fe_add_head(&f.fe, fe_tx(1), 0);
	fe_kick(&f.fe, fe_tx(1));
	read_exactly(f.client, got, LARGE);
	assert_memory_equal(got, data, LARGE);
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
	free(got);
}

/* Many at once, of which the host takes its time. */
static void test_throttled_output(void **state)
{
	const size_t size = 50000;
	uint8_t *data, *got = malloc(size), *want = malloc(size);
	int i;

	for (i = 0; i < 60; i++) {
		data = fe_alloc(&f.fe, size);
		fill(data, size, i);
		fe_add(&f.fe, fe_tx(1), data, size, false);
	}
	fe_kick(&f.fe, fe_tx(1));
	for (i = 0; i < 60; i++) {
		read_exactly(f.client, got, size);
		fill(want, size, i);
		assert_memory_equal(got, want, size);
	}
	for (i = 0; i < 60; i++)
		assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
	free(got);
	free(want);
}

static void test_large_input(void **state)
{
	uint8_t *want = malloc(LARGE), *buf = fe_alloc(&f.fe, LARGE);
	size_t have = 0;
	int i;

	fill(want, LARGE, 3);
	for (i = 0; i < 60; i++)
		fe_add(&f.fe, fe_rx(1), buf + i * 5000, 5000, true);
	fe_kick(&f.fe, fe_rx(1));
	write_exactly(f.client, want, LARGE / 2);
	/* A buffer that is not full is followed by the next one. */
	for (i = 0; have < LARGE / 2; i++) {
		size_t len = fe_wait_used(&f.fe, fe_rx(1));

		assert_memory_equal(buf + i * 5000, want + have, len);
		have += len;
	}
	free(want);
}

/* The lower or the upper half of memory is shared, or no longer. */
static void share(bool upper, bool shared)
{
	const size_t half = FE_MEM_SIZE / 2, offset = upper ? half : 0;

	assert_int_equal(vc_unmap(f.fe.sock, GPA_BASE + offset, half, 0), 0);
	assert_int_equal(vc_map(f.fe.sock, GPA_BASE + offset, half,
				shared ? offset : 0, 3,
				shared ? f.fe.memfd : -1), 0);
}

/* The first @below bytes of the ring are in the lower half, the rest is not. */
static void ring_across(size_t below)
{
	size_t brk;

	fe_driver_reset(&f.fe);
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_queue_setup(&f.fe, fe_rx(1), 64);
	brk = f.fe.brk;
	f.fe.brk = FE_MEM_SIZE / 2 - below;
	fe_queue_setup(&f.fe, fe_tx(1), 64);
	f.fe.brk = brk;
	fe_send_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
}

/* Such a ring is a copy as a whole. */
static void test_ring_half_shared(void **state)
{
	static const size_t below[] = { 64 * 16, 64 * 16 + 192 };
	char words[16];
	size_t i;
	int n;

	for (i = 0; i < 4; i++) {
		share(i & 1, true);
		ring_across(below[i / 2]);
		for (n = 0; n < 70; n++) {
			snprintf(words, sizeof(words), "%zu, %d", i, n);
			guest_says(words);
			host_hears(words);
			assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
		}
		share(i & 1, false);
	}
}

/* What is queued when the host leaves is not for the next one. */
static void test_discard(void **state)
{
	const size_t size = 200000;
	char *data, c;
	int i;

	for (i = 0; i < 10; i++) {
		data = fe_alloc(&f.fe, size);
		memset(data, 'x', size);
		fe_add(&f.fe, fe_tx(1), data, size, false);
	}
	fe_kick(&f.fe, fe_tx(1));
	read_exactly(f.client, &c, 1);
	close(f.client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	for (i = 0; i < 10; i++)
		assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
	f.client = emulator_connect(&f.emu, "c1");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	guest_says("new");
	host_hears("new");
}

static void test_bad_buffer(void **state)
{
	take_config_event();
	f.fe.queues[fe_tx(1)].desc[0].addr = 0x1000;
	f.fe.queues[fe_tx(1)].desc[0].len = 8;
	fe_add_head(&f.fe, fe_tx(1), 0);
	fe_kick(&f.fe, fe_tx(1));
	broken_in_the_end();
	works_after_reset();
}

static void test_bad_ring(void **state)
{
	take_config_event();
	fe_driver_reset(&f.fe);
	set_reg(VIRTIO_PCI_COMMON_Q_SELECT, 2, 2);
	set_reg(VIRTIO_PCI_COMMON_Q_DESCLO, 8, 0xdead0000);
	set_reg(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	broken_in_the_end();
	works_after_reset();
}

/* Answers that come after a reset are for nobody. */
static void test_reset_on_the_way(void **state)
{
	int i;

	for (i = 0; i < 20; i++) {
		fe_add(&f.fe, fe_tx(1), fe_alloc(&f.fe, LARGE), LARGE, false);
		fe_kick(&f.fe, fe_tx(1));
		fe_driver_reset(&f.fe);
		driver_start();
		shutdown(f.client, SHUT_RD);
		close(f.client);
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
		f.client = emulator_connect(&f.emu, "c1");
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
		guest_says("well");
		host_hears("well");
	}
}

static void test_short_answer(void **state)
{
	take_config_event();
	vfio_proxy_lie = VP_SHORT;
	guest_says("lost");
	broken_in_the_end();
	vfio_proxy_lie = VP_HONEST;
	works_after_reset();
}

static void test_wrong_answer(void **state)
{
	vfio_proxy_lie = VP_WRONG_ID;
	guest_says("lost");
	expect_eof(f.fe.sock);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, pci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_features),
		TEST(test_both_ways),
		TEST(test_large_output),
		TEST(test_throttled_output),
		TEST(test_large_input),
		TEST(test_ring_half_shared),
		TEST(test_discard),
		TEST(test_bad_buffer),
		TEST(test_bad_ring),
		TEST(test_reset_on_the_way),
		TEST(test_short_answer),
		TEST(test_wrong_answer),
	};

	fe_use(&fe_remote_ops);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
