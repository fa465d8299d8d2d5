// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fsinfo.c - guest-get-fsinfo
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include <json-c/json.h>

#include "block.h"
#include "job.h"
#include "mounts.h"

static void add_size(struct json_object *info, const char *name, uint64_t blocks,
		     const struct statvfs *st)
{
	json_object_object_add(info, name,
			       json_object_new_uint64(blocks * st->f_frsize));
}

/* A file system that is not reachable has no sizes. */
static void add_sizes(struct json_object *info, const char *dir)
{
	struct statvfs st;

	if (statvfs(dir, &st))
		return;

	add_size(info, "used-bytes", st.f_blocks - st.f_bfree, &st);
	add_size(info, "total-bytes",
		 st.f_blocks - (st.f_bfree - st.f_bavail), &st);
	add_size(info, "total-bytes-privileged", st.f_blocks, &st);
}

static struct json_object *describe(const struct job *job,
				    const struct mount *mount)
{
	struct json_object *info = json_object_new_object();
	struct json_object *disks = json_object_new_array();
	char *path = block_find(job, mount->dev);
	const char *name = block_name(path ? path : mount->source);

	json_object_object_add(info, "name", json_object_new_string(name));
	json_object_object_add(info, "mountpoint",
			       json_object_new_string(mount->target));
	json_object_object_add(info, "type",
			       json_object_new_string(mount->type));
	add_sizes(info, mount->dir);
	if (path)
		block_add_addresses(job, path, disks);
	json_object_object_add(info, "disk", disks);
	free(path);
	return info;
}

int job_get_fsinfo(struct job *job)
{
	struct json_object *result;
	struct mounts mounts;
	size_t i;
	int err;

	err = mounts_load(job, &mounts);
	if (err)
		return err;

	result = json_object_new_array();
	for (i = 0; i < mounts.count; i++)
		json_object_array_add(result, describe(job, &mounts.list[i]));
	mounts_free(&mounts);
	job_result(job, result);
	return 0;
}
