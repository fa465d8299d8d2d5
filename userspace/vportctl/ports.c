// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ports.c - the ports of this machine and what is known of them
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libudev.h>

#include "ports.h"

void ports_free(struct table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		free(table->rows[i].device);
		free(table->rows[i].name);
		free(table->rows[i].owner);
	}
	free(table->rows);
	table->rows = NULL;
	table->count = 0;
}

/* Our driver has it in sysfs, for everyone to read. */
static void read_attribute(struct udev_device *port, const char *attribute,
			   enum port_state *state)
{
	const char *value = udev_device_get_sysattr_value(port, attribute);

	if (value && (*value == '0' || *value == '1'))
		*state = *value == '1' ? PORT_OPEN : PORT_CLOSED;
}

static int table_add(struct table *table, struct udev_device *port)
{
	const char *name = udev_device_get_sysattr_value(port, "name");
	const char *sysname = udev_device_get_sysname(port);
	struct row *row;

	row = reallocarray(table->rows, table->count + 1, sizeof(*row));
	if (!row)
		return -ENOMEM;
	table->rows = row;

	row += table->count;
	row->device = strdup(sysname);
	row->name = name && *name ? strdup(name) : NULL;
	row->owner = NULL;
	row->owner_pid = 0;
	if (!row->device || (name && *name && !row->name)) {
		free(row->device);
		free(row->name);
		return -ENOMEM;
	}
	port_states_read(sysname, &row->states);
	read_attribute(port, "host_connected", &row->states.host);
	read_attribute(port, "guest_connected", &row->states.guest);
	table->count++;
	return 0;
}

static int table_scan(struct table *table, struct udev *udev,
		      struct udev_enumerate *list)
{
	struct udev_list_entry *entry;
	struct udev_device *port;
	int err;

	err = udev_enumerate_add_match_subsystem(list, "virtio-ports");
	if (err >= 0)
		err = udev_enumerate_scan_devices(list);
	if (err < 0)
		return err;

	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list)) {
		port = udev_device_new_from_syspath(
			udev, udev_list_entry_get_name(entry));
		if (!port)
			continue;	/* gone again */
		err = table_add(table, port);
		udev_device_unref(port);
		if (err)
			return err;
	}

	return 0;
}

static int table_enumerate(struct table *table)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *list;
	int err = -ENOMEM;

	if (!udev)
		return err;

	list = udev_enumerate_new(udev);
	if (list)
		err = table_scan(table, udev, list);
	udev_enumerate_unref(list);
	udev_unref(udev);
	return err;
}

/* vport0p10 comes after vport0p9. */
static int compare_rows(const void *a, const void *b)
{
	const struct row *left = a;
	const struct row *right = b;

	return strverscmp(left->device, right->device);
}

/* The first word of what it calls itself; to be freed. */
static char *process_name(const char *pid)
{
	char path[300];
	char name[64] = "?";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (file) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, "\n")] = '\0';
		fclose(file);
	}
	return strdup(name);
}

static void find_owned(struct table *table, const char *pid, const char *node)
{
	struct row *row;

	if (strncmp(node, "/dev/vport", 10))
		return;
	for (row = table->rows; row < table->rows + table->count; row++) {
		if (strcmp(row->device, node + 5) || row->owner)
			continue;
		row->owner = process_name(pid);
		row->owner_pid = atoi(pid);
	}
}

/* What a process has open that is not ours takes root to see. */
static void look_at_process(struct table *table, const char *pid)
{
	struct dirent *entry;
	char target[300];
	char path[300];
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, target,
				 sizeof(target) - 1);
		if (len <= 0)
			continue;
		target[len] = '\0';
		find_owned(table, pid, target);
	}
	closedir(dir);
}

void ports_find_owners(struct table *table)
{
	struct dirent *entry;
	DIR *dir;

	if (!table->count)
		return;
	dir = opendir("/proc");
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (isdigit((unsigned char)*entry->d_name))
			look_at_process(table, entry->d_name);
	}
	closedir(dir);
}

int ports_fill(struct table *table)
{
	int err = table_enumerate(table);

	if (err)
		return err;
	qsort(table->rows, table->count, sizeof(*table->rows), compare_rows);
	return 0;
}
