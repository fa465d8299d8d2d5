/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * launch.h - start a program
 */

#ifndef VPORTD_LAUNCH_H
#define VPORTD_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

/* What the program gets as 0, 1 and 2; -1 means /dev/null. */
struct launch_fds {
	int in;
	int out;
	int err;
	bool merged;		/* 2 is what 1 is */
};

/* Close those that are not -1. */
void launch_close(struct launch_fds *fds);

/**
 * launch_program() - start a program
 * @path: looked for in PATH if it has no slash
 * @argv: its arguments
 * @envp: its environment
 * @fds:  all that it has of ours; they stay the caller's
 * @ret:  its process
 *
 * The signals' masks and dispositions are as in a shell.
 *
 * Return: 0, or -errno, also where it could not be executed.
 */
int launch_program(const char *path, char *const *argv, char *const *envp,
		  const struct launch_fds *fds, pid_t *ret);

#endif /* VPORTD_LAUNCH_H */
