// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * freeze.c - guest-fsfreeze-freeze, -freeze-list and -thaw
 *
 * Between the first FIFREEZE and the last FITHAW nothing here may write to a
 * file system, not even a log.  What was mounted last is frozen first, so that
 * a file system in a file of another one is still before it.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <json-c/json.h>

#include "job.h"
#include "mounts.h"

static int run_hook(struct job *job, const char *what)
{
	const char *argv[] = { job->hook, what, NULL };
	struct program_output output;
	int status;

	if (!job->hook)
		return 0;
	if (access(job->hook, X_OK))
		return job_error(job, -errno,
				 "can't access fsfreeze hook '%s': %s",
				 job->hook, strerror(errno));

	status = program_run_within(argv, NULL, &output, job->hook_seconds);
	if (!status)
		return 0;
	job->changed |= status == -ETIMEDOUT;
	if (status == -ETIMEDOUT)
		return job_error(job, status,
				 "fsfreeze hook '%s %s' has not ended within %u s",
				 job->hook, what, job->hook_seconds);
	return job_error(job, -EIO,
			 "fsfreeze hook has failed with status %d%s%s", status,
			 *output.text ? ": " : "", output.text);
}

/* Thaw once for each time that it was frozen.  Return: whether it was. */
static bool thaw_mount(const struct mount *mount)
{
	int fd = open(mount->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool thawed = false;

	if (fd < 0)
		return false;
	while (!ioctl(fd, FITHAW, 0))
		thawed = true;
	close(fd);
	return thawed;
}

static size_t thaw_all(const struct mounts *mounts)
{
	size_t count = 0;
	size_t i;

	for (i = mounts->count; i--;)
		count += thaw_mount(&mounts->list[i]);
	return count;
}

/*
 * Return: 1, or 0 for what cannot be frozen or is already, or -errno with the
 *         error set.
 */
static int freeze_mount(struct job *job, const struct mount *mount)
{
	int fd = open(mount->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = 1;

	if (fd < 0)
		return job_error(job, -errno, "failed to open %s: %s",
				 mount->target, strerror(errno));

	if (ioctl(fd, FIFREEZE, 0))
		ret = errno == EOPNOTSUPP || errno == EBUSY ? 0 :
		      job_error(job, -errno, "failed to freeze %s: %s",
				mount->target, strerror(errno));
	close(fd);
	return ret;
}

static bool is_listed(struct json_object *targets, const char *target)
{
	size_t i;

	if (!targets)
		return true;

	for (i = 0; i < json_object_array_length(targets); i++) {
		if (!strcmp(json_object_get_string(json_object_array_get_idx(
				    targets, i)), target))
			return true;
	}
	return false;
}

static int freeze_listed(struct job *job, const struct mounts *mounts,
			 struct json_object *targets)
{
	int count = 0;
	size_t i;
	int ret;

	for (i = 0; i < mounts->count; i++) {
		if (!is_listed(targets, mounts->list[i].target))
			continue;
		ret = freeze_mount(job, &mounts->list[i]);
		if (ret < 0) {
			thaw_all(mounts);
			return ret;
		}
		count += ret;
	}

	job_result(job, json_object_new_int(count));
	return 0;
}

/* The error that counts is the one before. */
static void undo_hook(struct job *job)
{
	char *error = job->error;

	job->error = NULL;
	run_hook(job, "thaw");
	free(job->error);
	job->error = error;
}

/* Hooks that did their part before another one failed must undo it. */
int job_freeze_hook(struct job *job)
{
	int err = run_hook(job, "freeze");

	if (err)
		undo_hook(job);
	return err;
}

int job_freeze(struct job *job)
{
	struct mounts mounts;
	int err;

	err = mounts_load(job, &mounts);
	if (!err) {
		err = freeze_listed(job, &mounts, job_arg(job, "mountpoints"));
		mounts_free(&mounts);
	}
	if (err)
		undo_hook(job);
	return err;
}

int job_thaw(struct job *job)
{
	struct mounts mounts;
	int err;

	err = mounts_load(job, &mounts);
	if (err)
		return err;

	job_result(job, json_object_new_int(thaw_all(&mounts)));
	mounts_free(&mounts);
	return run_hook(job, "thaw");
}
