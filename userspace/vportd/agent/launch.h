/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * launch.h - start a program
 */

#ifndef VPORTD_LAUNCH_H
#define VPORTD_LAUNCH_H

#include <spawn.h>
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

struct launch {
	const char *path;	/* looked for in PATH if it has no slash */
	char *const *argv;
	char *const *envp;

	/* What came of it. */
	int err;		/* 0, or -errno, also where it cannot be executed */
	pid_t pid;

	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
};

/**
 * launch_prepare() - make ready to start a program
 * @launch: with its path, arguments and environment, which are borrowed
 * @fds:    all that it will have of ours, to be closed after launch_run()
 *
 * The signals' masks and dispositions will be as in a shell.
 *
 * Return: 0, with launch_finish() to follow, or -errno.
 */
int launch_prepare(struct launch *launch, const struct launch_fds *fds);

/**
 * launch_run() - start the program
 * @launch: gets its number, or the error
 *
 * Returns when the program is loaded, which takes as long as its file system
 * does; allocates nothing.
 *
 * Context: Any thread.
 */
void launch_run(struct launch *launch);

void launch_finish(struct launch *launch);

/**
 * launch_program() - all of the above, for a file system that answers
 * @path: looked for in PATH if it has no slash
 * @argv: its arguments
 * @envp: its environment
 * @fds:  all that it has of ours; they stay the caller's
 * @ret:  its process
 *
 * Return: 0, or -errno, also where it could not be executed.
 */
int launch_program(const char *path, char *const *argv, char *const *envp,
		  const struct launch_fds *fds, pid_t *ret);

#endif /* VPORTD_LAUNCH_H */
