/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - how far a transfer is, on a terminal
 */

#ifndef VPORTCTL_PROGRESS_H
#define VPORTCTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *name;
	int64_t total;		/* -1: not known */
	int64_t started_ms;
	int64_t shown_ms;
	bool visible;
};

/* Nothing is shown where standard error is no terminal. */
void progress_begin(struct progress *progress, const char *name, int64_t total);

void progress_show(struct progress *progress, int64_t done);

/* Leave the last state on the terminal. */
void progress_end(struct progress *progress, int64_t done);

#endif /* VPORTCTL_PROGRESS_H */
