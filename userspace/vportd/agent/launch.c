// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * launch.c - start a program
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <unistd.h>

#include "launch.h"

void launch_close(struct launch_fds *fds)
{
	if (fds->in >= 0)
		close(fds->in);
	if (fds->out >= 0)
		close(fds->out);
	if (fds->err >= 0)
		close(fds->err);
	fds->in = fds->out = fds->err = -1;
}

static int add_fd(posix_spawn_file_actions_t *actions, int fd, int as)
{
	if (fd >= 0)
		return posix_spawn_file_actions_adddup2(actions, fd, as);

	return posix_spawn_file_actions_addopen(actions, as, "/dev/null",
						as ? O_WRONLY : O_RDONLY, 0);
}

static int add_fds(posix_spawn_file_actions_t *actions,
		   const struct launch_fds *fds)
{
	int err;

	err = add_fd(actions, fds->in, 0);
	if (!err)
		err = add_fd(actions, fds->out, 1);
	if (!err && fds->merged)
		err = posix_spawn_file_actions_adddup2(actions, 1, 2);
	else if (!err)
		err = add_fd(actions, fds->err, 2);
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	return err;
}

/* What the daemon blocks or ignores is no business of the program's. */
static int set_signals(posix_spawnattr_t *attr)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	err = posix_spawnattr_setsigmask(attr, &set);
	sigfillset(&set);
	if (!err)
		err = posix_spawnattr_setsigdefault(attr, &set);
	if (!err)
		err = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF);
	return err;
}

int launch_prepare(struct launch *launch, const struct launch_fds *fds)
{
	int err;

	err = posix_spawn_file_actions_init(&launch->actions);
	if (err)
		return -err;
	err = posix_spawnattr_init(&launch->attr);
	if (err) {
		posix_spawn_file_actions_destroy(&launch->actions);
		return -err;
	}

	err = add_fds(&launch->actions, fds);
	if (!err)
		err = set_signals(&launch->attr);
	if (err)
		launch_finish(launch);
	return -err;
}

void launch_run(struct launch *launch)
{
	launch->err = -posix_spawnp(&launch->pid, launch->path, &launch->actions,
				    &launch->attr, launch->argv, launch->envp);
}

void launch_finish(struct launch *launch)
{
	posix_spawnattr_destroy(&launch->attr);
	posix_spawn_file_actions_destroy(&launch->actions);
}

int launch_program(const char *path, char *const *argv, char *const *envp,
		   const struct launch_fds *fds, pid_t *ret)
{
	struct launch launch = { .path = path, .argv = argv, .envp = envp };
	int err;

	err = launch_prepare(&launch, fds);
	if (err)
		return err;
	launch_run(&launch);
	launch_finish(&launch);
	if (!launch.err)
		*ret = launch.pid;
	return launch.err;
}
