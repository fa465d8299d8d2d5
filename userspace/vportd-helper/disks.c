// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * disks.c - guest-get-disks
 */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "block.h"
#include "job.h"
#include "smart.h"

static void add_dev(struct json_object *array, const char *name)
{
	char dev[NAME_MAX + 8];

	snprintf(dev, sizeof(dev), "/dev/%s", name);
	json_object_array_add(array, json_object_new_string(dev));
}

static void add_slave(const struct job *job, const char *slave, void *data)
{
	add_dev(data, slave);
}

static struct json_object *describe(const char *name, bool partition,
				    struct json_object *dependencies)
{
	struct json_object *disk = json_object_new_object();
	char dev[NAME_MAX + 8];

	snprintf(dev, sizeof(dev), "/dev/%s", name);
	json_object_object_add(disk, "name", json_object_new_string(dev));
	json_object_object_add(disk, "partition",
			       json_object_new_boolean(partition));
	json_object_object_add(disk, "dependencies", dependencies);
	return disk;
}

static void add_partitions(const char *path, const char *name,
			   struct json_object *result)
{
	struct json_object *dependencies;
	struct dirent *entry;
	char file[PATH_MAX];
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		snprintf(file, sizeof(file), "%s/%s/partition", path,
			 entry->d_name);
		if (*entry->d_name == '.' || access(file, F_OK))
			continue;
		dependencies = json_object_new_array();
		add_dev(dependencies, name);
		json_object_array_add(result, describe(entry->d_name, true,
						       dependencies));
	}
	if (dir)
		closedir(dir);
}

static void add_alias(const struct job *job, const char *name,
		      struct json_object *disk)
{
	char alias[256];

	if (!job_read_word(job, alias, sizeof(alias), "/sys/block/%s/dm/name",
			   name) && *alias)
		json_object_object_add(disk, "alias",
				       json_object_new_string(alias));
}

static void add_disk(const struct job *job, const char *name,
		     struct json_object *result)
{
	struct json_object *dependencies = json_object_new_array();
	struct json_object *disk = describe(name, false, dependencies);
	char *path = block_find_name(job, name);
	struct json_object *address = NULL;

	if (path) {
		block_each_slave(job, path, add_slave, dependencies);
		address = block_address(job, path);
	}
	if (address)
		json_object_object_add(disk, "address", address);
	add_alias(job, name, disk);
	if (!strncmp(name, "nvme", 4) && !*job->root)
		smart_add(name, disk);
	json_object_array_add(result, disk);
	if (path)
		add_partitions(path, name, result);
	free(path);
}

int job_get_disks(struct job *job)
{
	struct json_object *result = json_object_new_array();
	char *path = job_path(job, "/sys/block");
	struct dirent *entry;
	char size[32];
	DIR *dir;

	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		/* An empty drive, or a loop device without a file. */
		if (*entry->d_name != '.' &&
		    !job_read_word(job, size, sizeof(size),
				   "/sys/block/%s/size", entry->d_name) &&
		    strcmp(size, "0"))
			add_disk(job, entry->d_name, result);
	}
	if (dir)
		closedir(dir);
	free(path);
	job_result(job, result);
	return 0;
}
