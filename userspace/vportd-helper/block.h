/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block.h - block devices and where they are plugged in
 */

#ifndef HELPER_BLOCK_H
#define HELPER_BLOCK_H

#include <sys/types.h>

struct job;
struct json_object;

/* Return: the device's directory in sysfs, to be passed to free(), or NULL. */
char *block_find(const struct job *job, dev_t dev);

/* The same for a name, as "vda". */
char *block_find_name(const struct job *job, const char *name);

/* The last part of a path. */
const char *block_name(const char *path);

/* Return: a GuestDiskAddress, or NULL for a device that is on no bus. */
struct json_object *block_address(const struct job *job, const char *path);

/* Append the addresses of the disks that a device is made of to @array. */
void block_add_addresses(const struct job *job, const char *path,
			 struct json_object *array);

/*
 * Call @found with each directory entry of @path/slaves; the device of a
 * volume, an array or an encrypted disk has some.
 */
void block_each_slave(const struct job *job, const char *path,
		      void (*found)(const struct job *job, const char *slave,
				    void *data), void *data);

#endif /* HELPER_BLOCK_H */
