/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmdline.h - the command line
 */

#ifndef VPORTEMU_CMDLINE_H
#define VPORTEMU_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "process.h"

struct error;
struct machine;
struct option;

/* An option with its argument, from the command line or from a file. */
struct cmdline_item {
	const struct option *option;
	char *arg;		/* NULL: takes none */
	char *place;		/* in a file; NULL: on the command line */
};

struct cmdline {
	struct cmdline_item *items;
	size_t num_items;
	const char *pidfile;	/* NULL: none */
	struct process process;
	bool daemonize;
	bool stopped;		/* -S */
	bool no_sandbox;
	bool done;		/* help was asked for, and given */
};

/**
 * cmdline_scan() - look at all options
 * @cmdline: filled in; end with cmdline_finish()
 *
 * What is wrong has been said when this fails.
 *
 * Return: 0, -EINVAL.
 */
int cmdline_scan(struct cmdline *cmdline, int argc, char **argv);
void cmdline_finish(struct cmdline *cmdline);

/* Take the options of a file; add to the argument of an option. */
int cmdline_read(struct cmdline *cmdline, const char *path,
		 struct error *error);
int cmdline_set(struct cmdline *cmdline, const char *arg, struct error *error);

/**
 * cmdline_build() - make what the options describe
 * @cmdline: as scanned
 * @machine: an empty one
 *
 * What is wrong has been said when this fails.
 *
 * Return: 0, -errno.
 */
int cmdline_build(const struct cmdline *cmdline, struct machine *machine);

#endif /* VPORTEMU_CMDLINE_H */
