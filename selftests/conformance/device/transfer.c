// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transfer.c - bytes with a pattern, from one end of a port to the other
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "transfer.h"

#define MAX_INPUT	8	/* buffers in the ring */

static uint8_t pattern(size_t at)
{
	return at * 7 + (at >> 8) * 13 + (at >> 16) * 29;
}

void *pattern_fill(void *buf, size_t start, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		((uint8_t *)buf)[i] = pattern(start + i);
	return buf;
}

void pattern_check(const void *buf, size_t start, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (((const uint8_t *)buf)[i] != pattern(start + i))
			fail_msg("byte %zu is not what was sent", start + i);
	}
}

void host_reads(int fd, size_t start, size_t len)
{
	uint8_t *buf = malloc(len);

	assert_non_null(buf);
	read_exactly(fd, buf, len);
	pattern_check(buf, start, len);
	free(buf);
}

void host_writes(int fd, size_t start, size_t len)
{
	uint8_t *buf = malloc(len);

	assert_non_null(buf);
	write_exactly(fd, pattern_fill(buf, start, len), len);
	free(buf);
}

void transfer_out(struct dut *dut, int client, size_t size, unsigned int count)
{
	struct front_end *fe = &dut->fe;
	void *buf = fe_alloc(fe, size);
	unsigned int i;

	for (i = 0; i < count; i++) {
		fe_add(fe, fe_tx(1), pattern_fill(buf, i * size, size), size,
		       false);
		fe_kick(fe, fe_tx(1));
		host_reads(client, i * size, size);
		assert_int_equal(fe_wait_used(fe, fe_tx(1)), 0);
	}
}

/* How much of a buffer is filled is up to the device; it is used in order. */
void transfer_in(struct dut *dut, int client, size_t size, unsigned int count)
{
	struct front_end *fe = &dut->fe;
	void *bufs[MAX_INPUT];
	size_t done = 0, total = size * count;
	unsigned int i;
	int64_t len;

	for (i = 0; i < MAX_INPUT; i++) {
		bufs[i] = fe_alloc(fe, size);
		fe_add(fe, fe_rx(1), bufs[i], size, true);
	}
	fe_kick(fe, fe_rx(1));
	host_writes(client, 0, total);
	for (i = 0; done < total; i++) {
		len = fe_wait_used(fe, fe_rx(1));
		assert_in_range(len, 1, size);
		pattern_check(bufs[i % MAX_INPUT], done, len);
		done += len;
		fe_add(fe, fe_rx(1), bufs[i % MAX_INPUT], size, true);
		fe_kick(fe, fe_rx(1));
	}
	assert_int_equal(done, total);
}

void queue_output(struct dut *dut, size_t size, unsigned int count)
{
	struct front_end *fe = &dut->fe;
	unsigned int i;

	for (i = 0; i < count; i++)
		fe_add(fe, fe_tx(1),
		       pattern_fill(fe_alloc(fe, size), i * size, size), size,
		       false);
	fe_kick(fe, fe_tx(1));
}
