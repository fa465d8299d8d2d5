/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - things that happen all the time, told on request
 *
 * One line each, to standard error or to a file.  What nobody has asked for costs
 * one look at a flag.
 */

#ifndef VPORT_TRACE_H
#define VPORT_TRACE_H

#include <stdbool.h>
#include <stddef.h>

struct trace_event {
	const char *name;	/* NULL ends a list */
	bool enabled;
};

#define trace(event, ...) \
	do { \
		if (__builtin_expect((event)->enabled, 0)) \
			trace_line((event)->name, __VA_ARGS__); \
	} while (0)

__attribute__((format(printf, 2, 3)))
void trace_line(const char *name, const char *format, ...);

/**
 * trace_open() - go on in a file, which is emptied
 * @path: the file
 *
 * Return: 0, -errno.
 */
int trace_open(const char *path);

/**
 * trace_enable() - ask for events, or for them no longer
 * @events:  all there are
 * @pattern: which of them, as a shell's pattern
 * @on:      yes or no
 *
 * Return: how many there are of that name.
 */
unsigned int trace_enable(struct trace_event *events, const char *pattern,
			  bool on);

/* Is it a pattern, which may fit nothing, and not a name? */
bool trace_is_pattern(const char *text);

#endif /* VPORT_TRACE_H */
