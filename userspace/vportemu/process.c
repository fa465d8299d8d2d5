// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process.c - whose the process is, where it lives and how long
 *
 * What the command line names is opened before; what a monitor names later is
 * looked for in the new root, with the rights of the new user.
 */

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "error.h"
#include "opts.h"
#include "process.h"

struct run_with_options {
	bool async_teardown;
	bool exit_with_parent;
	const char *chroot;
	const char *user;
};

const struct opt_desc process_run_with_descs[] = {
	{ "async-teardown", OPT_BOOL,
	  offsetof(struct run_with_options, async_teardown) },
	{ "chroot", OPT_STRING, offsetof(struct run_with_options, chroot) },
	{ "exit-with-parent", OPT_BOOL,
	  offsetof(struct run_with_options, exit_with_parent) },
	{ "user", OPT_STRING, offsetof(struct run_with_options, user) },
	{ NULL }
};

/* `UID:GID`, both in decimal. */
static bool parse_ids(struct process *process, const char *text)
{
	unsigned long long uid, gid;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	uid = strtoull(text, &end, 10);
	if (*end != ':' || end[1] < '0' || end[1] > '9')
		return false;
	gid = strtoull(end + 1, &end, 10);
	/* The last one means "none" to the kernel. */
	if (*end || uid >= UINT32_MAX || gid >= UINT32_MAX)
		return false;
	process->uid = uid;
	process->gid = gid;
	return true;
}

int process_run_as(struct process *process, const char *user,
		   struct error *error)
{
	const struct passwd *entry = getpwnam(user);

	if (entry && strlen(user) < sizeof(process->user)) {
		process->uid = entry->pw_uid;
		process->gid = entry->pw_gid;
		strcpy(process->user, user);
	} else if (parse_ids(process, user)) {
		*process->user = '\0';
	} else {
		return error_set(error, -EINVAL,
				 "User \"%s\" doesn't exist (and is not <uid>:<gid>)",
				 user);
	}
	process->has_user = true;
	return 0;
}

int process_set_root(struct process *process, const char *root,
		     struct error *error)
{
	char *copy = strdup(root);

	if (!copy)
		return error_set(error, -ENOMEM, "out of memory");

	free(process->root);
	process->root = copy;
	return 0;
}

int process_run_with(struct process *process, const char *arg,
		     struct error *error)
{
	struct run_with_options options = { .chroot = NULL };
	struct opts opts;
	int ret;

	ret = opts_parse(&opts, arg, NULL, error);
	if (ret)
		return ret;
	ret = opts_apply(&opts, process_run_with_descs, NULL, &options, error);
	/* The guest's memory, of which there may be much, is the VMM's. */
	if (!ret && options.async_teardown)
		ret = error_set(error, -EINVAL,
				"Parameter 'async-teardown' does not accept value 'on'");
	if (!ret && options.user)
		ret = process_run_as(process, options.user, error);
	if (!ret && options.chroot)
		ret = process_set_root(process, options.chroot, error);
	if (!ret && opts_has(&opts, "exit-with-parent"))
		process->exit_with_parent = options.exit_with_parent;
	opts_finish(&opts);
	return ret;
}

void process_finish(struct process *process)
{
	free(process->root);
}

static int change_root(const char *root, struct error *error)
{
	if (!chroot(root) && !chdir("/"))
		return 0;

	return error_set(error, -errno, "chroot failed: '%s': %s", root,
			 strerror(errno));
}

static int change_groups(const struct process *process)
{
	if (*process->user)
		return initgroups(process->user, process->gid);

	return setgroups(1, &process->gid);
}

static int change_user(const struct process *process, struct error *error)
{
	if (setgid(process->gid))
		return error_set(error, -errno, "Failed to setgid(%u): %s",
				 process->gid, strerror(errno));
	if (change_groups(process))
		return error_set(error, -errno,
				 "Failed to initgroups(\"%s\", %u): %s",
				 process->user, process->gid, strerror(errno));
	if (setuid(process->uid))
		return error_set(error, -errno, "Failed to setuid(%u): %s",
				 process->uid, strerror(errno));
	if (process->uid && !setuid(0))
		return error_set(error, -EPERM,
				 "Dropping privileges failed");
	return 0;
}

/* A new user takes the wish for the signal away, so this comes last. */
static int follow_parent(const struct process *process, struct error *error)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		return error_set(error, -errno, "exit-with-parent: %s",
				 strerror(errno));
	if (getppid() != process->parent)
		return error_set(error, -ECANCELED,
				 "exit-with-parent: the parent has gone");
	return 0;
}

int process_settle(const struct process *process, struct error *error)
{
	int ret = 0;

	if (process->root)
		ret = change_root(process->root, error);
	if (!ret && process->has_user)
		ret = change_user(process, error);
	if (!ret && process->exit_with_parent)
		ret = follow_parent(process, error);
	return ret;
}
