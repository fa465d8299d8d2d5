// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list.c - vportctl list: the ports of this machine
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <libudev.h>

#include "log.h"
#include "port_state.h"
#include "vportctl.h"

struct row {
	char *device;
	char *name;		/* NULL: none */
	struct port_states states;
};

struct table {
	struct row *rows;
	size_t count;
};

static const char *const state_words[] = {
	[PORT_UNKNOWN] = "?",
	[PORT_CLOSED] = "closed",
	[PORT_OPEN] = "open",
};

static void table_free(struct table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		free(table->rows[i].device);
		free(table->rows[i].name);
	}
	free(table->rows);
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

static int table_fill(struct table *table)
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

static int widest(const struct table *table, const char *title, bool names)
{
	int width = strlen(title);
	size_t i;

	for (i = 0; i < table->count; i++) {
		const char *text = names ? table->rows[i].name :
					   table->rows[i].device;

		if (text && (int)strlen(text) > width)
			width = strlen(text);
	}

	return width;
}

/* The host chose the names, and a terminal obeys control characters. */
static void make_printable(char *text)
{
	for (; text && *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

static void print_table(const struct table *table)
{
	int device = widest(table, "DEVICE", false);
	int name = widest(table, "NAME", true);
	const struct row *row;
	size_t i;

	for (i = 0; i < table->count; i++)
		make_printable(table->rows[i].name);

	printf("%-*s  %-*s  %-6s  %s\n", device, "DEVICE", name, "NAME", "HOST",
	       "GUEST");
	for (row = table->rows; row < table->rows + table->count; row++)
		printf("%-*s  %-*s  %-6s  %s\n", device, row->device, name,
		       row->name ? row->name : "-",
		       state_words[row->states.host],
		       state_words[row->states.guest]);
}

static struct json_object *state_object(enum port_state state)
{
	return state ? json_object_new_boolean(state == PORT_OPEN) : NULL;
}

static struct json_object *row_object(const struct row *row)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "device",
			       json_object_new_string(row->device));
	json_object_object_add(object, "name",
			       row->name ? json_object_new_string(row->name) :
					   NULL);
	json_object_object_add(object, "host-open",
			       state_object(row->states.host));
	json_object_object_add(object, "guest-open",
			       state_object(row->states.guest));
	return object;
}

static int print_table_json(const struct table *table)
{
	struct json_object *array = json_object_new_array();
	size_t i;
	int err;

	for (i = 0; i < table->count; i++)
		json_object_array_add(array, row_object(&table->rows[i]));
	err = print_json(array);
	json_object_put(array);
	return err;
}

int run_list(const struct subcommand *self, int argc, char **argv)
{
	struct table table = { 0 };
	struct arguments args;
	int err;

	err = usage_parse(self, "j", 0, 0, argc, argv, &args);
	if (err != 1)
		return err ? EXIT_FAILURE : EXIT_SUCCESS;

	err = table_fill(&table);
	if (!err) {
		qsort(table.rows, table.count, sizeof(*table.rows),
		      compare_rows);
		if (args.json)
			err = print_table_json(&table);
		else
			print_table(&table);
	}
	if (err)
		log_err("list: %s", strerror(-err));

	table_free(&table);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
