// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list.c - vportctl list: the ports of this machine
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "log.h"
#include "ports.h"
#include "vportctl.h"

enum column {
	COLUMN_DEVICE,
	COLUMN_NAME,
	COLUMN_HOST,
	COLUMN_GUEST,
	COLUMN_RECEIVED,
	COLUMN_SENT,
	COLUMN_OWNER,
	COLUMNS,
};

#define CELL_MAX 256

static const char *const titles[] = {
	[COLUMN_DEVICE] = "DEVICE",
	[COLUMN_NAME] = "NAME",
	[COLUMN_HOST] = "HOST",
	[COLUMN_GUEST] = "GUEST",
	[COLUMN_RECEIVED] = "RECEIVED",
	[COLUMN_SENT] = "SENT",
	[COLUMN_OWNER] = "OWNER",
};

static const char *const state_words[] = {
	[PORT_UNKNOWN] = "?",
	[PORT_CLOSED] = "closed",
	[PORT_OPEN] = "open",
};

/* The host chose the names, and a terminal obeys control characters. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

static void print_count(char *cell, int64_t count)
{
	if (count < 0)
		strcpy(cell, "?");
	else
		snprintf(cell, CELL_MAX, "%" PRId64, count);
}

static void print_owner(char *cell, const struct row *row)
{
	if (row->owner)
		snprintf(cell, CELL_MAX, "%s(%d)", row->owner, row->owner_pid);
	else
		strcpy(cell, row->states.guest == PORT_CLOSED ? "-" : "?");
}

static void print_cell(char *cell, const struct row *row, enum column column)
{
	switch (column) {
	case COLUMN_DEVICE:
		snprintf(cell, CELL_MAX, "%s", row->device);
		break;
	case COLUMN_NAME:
		snprintf(cell, CELL_MAX, "%s", row->name ? row->name : "-");
		break;
	case COLUMN_HOST:
		strcpy(cell, state_words[row->states.host]);
		break;
	case COLUMN_GUEST:
		strcpy(cell, state_words[row->states.guest]);
		break;
	case COLUMN_RECEIVED:
		print_count(cell, row->states.received);
		break;
	case COLUMN_SENT:
		print_count(cell, row->states.sent);
		break;
	default:
		print_owner(cell, row);
	}
	make_printable(cell);
}

static void measure(const struct table *table, int *widths)
{
	char cell[CELL_MAX];
	size_t i;
	int c;

	for (c = 0; c < COLUMNS; c++) {
		widths[c] = strlen(titles[c]);
		for (i = 0; i < table->count; i++) {
			print_cell(cell, &table->rows[i], c);
			if ((int)strlen(cell) > widths[c])
				widths[c] = strlen(cell);
		}
	}
}

/* Without blanks behind the last column. */
static void print_line(const int *widths, const struct row *row)
{
	char cell[CELL_MAX];
	int c;

	for (c = 0; c < COLUMNS; c++) {
		if (row)
			print_cell(cell, row, c);
		else
			strcpy(cell, titles[c]);
		if (c == COLUMN_RECEIVED || c == COLUMN_SENT)
			printf("%*s  ", widths[c], cell);
		else if (c < COLUMNS - 1)
			printf("%-*s  ", widths[c], cell);
		else
			printf("%s\n", cell);
	}
}

static void print_table(const struct table *table)
{
	int widths[COLUMNS];
	size_t i;

	measure(table, widths);
	print_line(widths, NULL);
	for (i = 0; i < table->count; i++)
		print_line(widths, &table->rows[i]);
}

static struct json_object *state_object(enum port_state state)
{
	return state ? json_object_new_boolean(state == PORT_OPEN) : NULL;
}

static struct json_object *count_object(int64_t count)
{
	return count < 0 ? NULL : json_object_new_int64(count);
}

static struct json_object *text_object(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static struct json_object *row_object(const struct row *row)
{
	struct json_object *object = json_object_new_object();
	const struct port_states *states = &row->states;

	json_object_object_add(object, "device", text_object(row->device));
	json_object_object_add(object, "name", text_object(row->name));
	json_object_object_add(object, "host-open", state_object(states->host));
	json_object_object_add(object, "guest-open",
			       state_object(states->guest));
	json_object_object_add(object, "bytes-received",
			       count_object(states->received));
	json_object_object_add(object, "bytes-sent",
			       count_object(states->sent));
	json_object_object_add(object, "owner", text_object(row->owner));
	json_object_object_add(object, "owner-pid",
			       count_object(row->owner ? row->owner_pid : -1));
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

	err = ports_fill(&table);
	if (!err) {
		ports_find_owners(&table);
		if (args.json)
			err = print_table_json(&table);
		else
			print_table(&table);
	}
	if (err)
		log_err("list: %s", strerror(-err));

	ports_free(&table);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
