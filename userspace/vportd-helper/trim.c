// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trim.c - guest-fstrim
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <json-c/json.h>

#include "job.h"
#include "mounts.h"

/* Return: 0, or -errno with @range as the kernel left it. */
static int trim(const char *dir, struct fstrim_range *range, const char **what)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	*what = "failed to open";
	if (fd < 0)
		return -errno;

	*what = "failed to trim";
	if (ioctl(fd, FITRIM, range))
		err = -errno;
	close(fd);
	return err;
}

static struct json_object *trim_mount(const struct mount *mount,
				      uint64_t minimum)
{
	struct fstrim_range range = { .len = UINT64_MAX, .minlen = minimum };
	struct json_object *path = json_object_new_object();
	const char *what;
	char text[256];
	int err;

	json_object_object_add(path, "path",
			       json_object_new_string(mount->target));
	err = trim(mount->dir, &range, &what);
	if (!err) {
		json_object_object_add(path, "minimum",
				       json_object_new_uint64(range.minlen));
		json_object_object_add(path, "trimmed",
				       json_object_new_uint64(range.len));
		return path;
	}

	if (err == -ENOTTY || err == -EOPNOTSUPP)
		snprintf(text, sizeof(text), "trim not supported");
	else
		snprintf(text, sizeof(text), "%s: %s", what, strerror(-err));
	json_object_object_add(path, "error", json_object_new_string(text));
	return path;
}

int job_fstrim(struct job *job)
{
	struct json_object *paths = json_object_new_array();
	struct json_object *result = json_object_new_object();
	uint64_t minimum = job_member_int(job->args, "minimum");
	struct mounts mounts;
	size_t i;
	int err;

	json_object_object_add(result, "paths", paths);
	job_result(job, result);
	err = mounts_load(job, &mounts);
	if (err)
		return err;

	for (i = 0; i < mounts.count; i++)
		json_object_array_add(paths, trim_mount(&mounts.list[i],
							minimum));
	mounts_free(&mounts);
	return 0;
}
