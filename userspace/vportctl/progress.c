// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * progress.c - how far a transfer is, on a terminal
 */

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define BAR_WIDTH	30
#define SHOW_MS		100

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, const char *name, int64_t total)
{
	progress->name = name;
	progress->total = total;
	progress->started_ms = now_ms();
	progress->shown_ms = 0;
	progress->visible = isatty(STDERR_FILENO);
}

static void draw_bar(int64_t done, int64_t total)
{
	int filled = total > 0 ? done * BAR_WIDTH / total : BAR_WIDTH;
	char bar[BAR_WIDTH + 1];

	if (filled > BAR_WIDTH)
		filled = BAR_WIDTH;
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '=', filled);
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, " [%s] %3d%%", bar, filled * 100 / BAR_WIDTH);
}

static void draw(const struct progress *progress, int64_t done, int64_t now)
{
	double mib = done / 1048576.0;
	double seconds = (now - progress->started_ms) / 1000.0;

	fprintf(stderr, "\r%s", progress->name);
	if (progress->total >= 0)
		draw_bar(done, progress->total);
	fprintf(stderr, " %.1f MiB", mib);
	if (seconds > 0)
		fprintf(stderr, " %.1f MiB/s", mib / seconds);
	fputs("\033[K", stderr);
}

void progress_show(struct progress *progress, int64_t done)
{
	int64_t now = now_ms();

	if (!progress->visible || now - progress->shown_ms < SHOW_MS)
		return;
	progress->shown_ms = now;
	draw(progress, done, now);
}

void progress_end(struct progress *progress, int64_t done)
{
	if (!progress->visible)
		return;
	draw(progress, done, now_ms());
	fputc('\n', stderr);
}
