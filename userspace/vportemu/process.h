/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.h - whose the process is, where it lives and how long
 */

#ifndef VPORTEMU_PROCESS_H
#define VPORTEMU_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "opts.h"

struct error;

extern const struct opt_desc process_run_with_descs[];

/* What was asked for; all of it is done by process_settle(). */
struct process {
	char *root;		/* NULL: the one there is */
	bool has_user;
	char user[64];		/* for its groups; "": ids alone were given */
	uid_t uid;
	gid_t gid;
	bool exit_with_parent;
	pid_t parent;		/* as it was at the start */
};

/* The arguments of -run-with, -runas and -chroot.  Return: 0, -EINVAL. */
int process_run_with(struct process *process, const char *arg,
		     struct error *error);
int process_run_as(struct process *process, const char *user,
		   struct error *error);

/* @root is copied.  Return: 0, -ENOMEM. */
int process_set_root(struct process *process, const char *root,
		     struct error *error);

void process_finish(struct process *process);

/**
 * process_settle() - do it, when everything has been opened
 * @process: what was asked for
 * @error:   why not
 *
 * Return: 0, -errno; -ECANCELED when the parent has gone already.
 */
int process_settle(const struct process *process, struct error *error);

#endif /* VPORTEMU_PROCESS_H */
