/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.h - file systems on block devices
 */

#ifndef HELPER_MOUNTS_H
#define HELPER_MOUNTS_H

#include <stddef.h>
#include <sys/types.h>

struct job;
struct libmnt_table;

struct mount {
	const char *dir;	/* where it is mounted, seen from here */
	const char *target;	/* as the host is told */
	const char *type;
	const char *source;
	dev_t dev;
};

struct mounts {
	struct libmnt_table *table;
	struct mount *list;	/* the last one mounted comes first */
	size_t count;
};

/**
 * mounts_load() - what is mounted now
 * @job: names the root, gets the error
 * @ret: end with mounts_free()
 *
 * Each file system is there once, at the place where it was mounted first.
 * Those without a device, of the network or of memory, are not.
 *
 * Return: 0 or -errno.
 */
int mounts_load(struct job *job, struct mounts *ret);

void mounts_free(struct mounts *mounts);

#endif /* HELPER_MOUNTS_H */
