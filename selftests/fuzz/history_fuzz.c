// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * history_fuzz.c - a history under readers that come, go and fall behind
 *
 * Each byte that is written says where in the stream it is, so that every byte
 * that is read tells whether it is the right one.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

#define READERS	4

struct state {
	struct history history;
	uint64_t at[READERS];
};

static uint8_t byte_at(uint64_t at)
{
	return at * 131 + (at >> 8);
}

static uint64_t unread(const struct state *state)
{
	uint64_t at = state->history.start;
	unsigned int i;

	for (i = 0; i < READERS; i++) {
		if (state->at[i] > at)
			at = state->at[i];
	}
	return at;
}

/* What is accepted goes behind all that is there, and nothing is left out. */
static void write_some(struct state *state, size_t len)
{
	struct history *history = &state->history;
	uint8_t data[600];
	struct iovec iov[2] = { { data, len / 3 }, { data + len / 3,
						     len - len / 3 } };
	ssize_t done;
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = byte_at(history_waiting(history, 0) + i);
	done = history_write(history, iov, 2, unread(state));
	if (done > (ssize_t)len || (done < 0 && done != -EAGAIN))
		abort();
	if (history->policy == HISTORY_DROP_OLDEST && done != (ssize_t)len)
		abort();
}

static void read_some(struct state *state, unsigned int reader, size_t len)
{
	struct history *history = &state->history;
	uint64_t *at = &state->at[reader];
	struct iovec iov[2];
	int i, num;
	size_t k;

	if (*at < history->start)
		*at = history->start;
	num = history_peek(history, *at, iov);
	for (i = 0; i < num && len; i++) {
		for (k = 0; k < iov[i].iov_len && len; k++, len--) {
			if (((uint8_t *)iov[i].iov_base)[k] != byte_at(*at))
				abort();
			(*at)++;
		}
	}
	history_refill(history, unread(state));
}

static void check(const struct state *state)
{
	const struct history *history = &state->history;

	if (history->end - history->start > history->size ||
	    history->spill_tail > history->spill_size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history_config config = { .spill_path = "history_fuzz.spill" };
	struct state state = { .at = { 0 } };

	if (size < 2)
		return 0;
	config.policy = data[0] % 4;
	config.size = data[1] + 1;
	config.spill_size = data[0] * 4;
	if (history_init(&state.history, &config, NULL))
		return 0;
	for (data += 2, size -= 2; size >= 2; data += 2, size -= 2) {
		if (data[0] % 2)
			write_some(&state, 2 * data[1]);
		else
			read_some(&state, data[0] / 2 % READERS, data[1]);
		check(&state);
	}
	history_finish(&state.history);
	return 0;
}
