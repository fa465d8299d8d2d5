/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmdline.h - the command line
 */

#ifndef VPORTEMU_CMDLINE_H
#define VPORTEMU_CMDLINE_H

#include <stdbool.h>

struct machine;

struct cmdline {
	int argc;
	char **argv;
	const char *pidfile;	/* NULL: none */
	bool daemonize;
	bool stopped;		/* -S */
	bool no_sandbox;
	bool done;		/* help was asked for, and given */
};

/**
 * cmdline_scan() - look at all options
 * @cmdline: filled in
 *
 * What is wrong has been said when this fails.
 *
 * Return: 0, -EINVAL.
 */
int cmdline_scan(struct cmdline *cmdline, int argc, char **argv);

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
