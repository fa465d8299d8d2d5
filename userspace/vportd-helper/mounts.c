// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mounts.c - file systems on block devices
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <libmount/libmount.h>

#include "job.h"
#include "mounts.h"

/* btrfs has an anonymous number of its own; its device's is the source's. */
static dev_t device_of(struct libmnt_fs *fs)
{
	const char *source = mnt_fs_get_source(fs);
	dev_t dev = mnt_fs_get_devno(fs);
	struct stat st;

	if (major(dev) || !source || strcmp(mnt_fs_get_fstype(fs), "btrfs"))
		return dev;

	return stat(source, &st) || !S_ISBLK(st.st_mode) ? 0 : st.st_rdev;
}

static bool is_wanted(const struct mounts *mounts, struct libmnt_fs *fs,
		      dev_t dev)
{
	const char *source = mnt_fs_get_source(fs);
	size_t i;

	if (!major(dev) || !source || *source != '/' || !strncmp(source, "//", 2))
		return false;

	for (i = 0; i < mounts->count; i++) {
		if (mounts->list[i].dev == dev)
			return false;
	}
	return true;
}

static void add(struct job *job, struct mounts *mounts, struct libmnt_fs *fs,
		dev_t dev)
{
	struct mount *mount = &mounts->list[mounts->count++];

	mount->target = mnt_fs_get_target(fs);
	mount->dir = job_path(job, "%s", mount->target);
	mount->type = mnt_fs_get_fstype(fs);
	mount->source = mnt_fs_get_source(fs);
	mount->dev = dev;
}

static void reverse(struct mounts *mounts)
{
	struct mount mount;
	size_t i;

	for (i = 0; i < mounts->count / 2; i++) {
		mount = mounts->list[i];
		mounts->list[i] = mounts->list[mounts->count - 1 - i];
		mounts->list[mounts->count - 1 - i] = mount;
	}
}

static int collect(struct job *job, struct mounts *mounts)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	dev_t dev;

	mounts->list = calloc(mnt_table_get_nents(mounts->table) + 1,
			      sizeof(*mounts->list));
	if (!mounts->list || !iter) {
		mnt_free_iter(iter);
		return -ENOMEM;
	}

	while (!mnt_table_next_fs(mounts->table, iter, &fs)) {
		dev = device_of(fs);
		if (is_wanted(mounts, fs, dev))
			add(job, mounts, fs, dev);
	}
	mnt_free_iter(iter);
	reverse(mounts);
	return 0;
}

int mounts_load(struct job *job, struct mounts *ret)
{
	char *path = job_path(job, "/proc/self/mountinfo");
	struct mounts mounts = { .table = mnt_new_table() };
	FILE *file = fopen(path, "re");
	int err = file ? -ENOMEM : -errno;

	/* By its name, libmount would follow that first, link by link. */
	if (file && mounts.table)
		err = mnt_table_parse_stream(mounts.table, file, path);
	if (file)
		fclose(file);
	if (!err)
		err = collect(job, &mounts);
	if (err > 0)
		err = -EIO;
	if (err) {
		job_error(job, err, "%s: %s", path, strerror(-err));
		mounts_free(&mounts);
	} else {
		*ret = mounts;
	}
	free(path);
	return err;
}

void mounts_free(struct mounts *mounts)
{
	size_t i;

	for (i = 0; i < mounts->count; i++)
		free((char *)mounts->list[i].dir);
	free(mounts->list);
	mnt_unref_table(mounts->table);
	memset(mounts, 0, sizeof(*mounts));
}
