/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ratelimit.h - messages that a peer can cause are not repeated without end
 */

#ifndef VPORT_RATELIMIT_H
#define VPORT_RATELIMIT_H

#include <stdbool.h>
#include <time.h>

/* Enough to see what goes wrong. */
#define RATELIMIT_BURST		10
#define RATELIMIT_SECONDS	5

struct ratelimit {
	time_t start;		/* of the burst that is counted */
	unsigned int count;
};

/* May one more be said now? */
static inline bool ratelimit_allows(struct ratelimit *limit)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - limit->start >= RATELIMIT_SECONDS) {
		limit->start = now.tv_sec;
		limit->count = 0;
	}
	return limit->count++ < RATELIMIT_BURST;
}

#endif /* VPORT_RATELIMIT_H */
