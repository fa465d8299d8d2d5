// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * schema.c - query-qmp-schema: what commands and events there are
 *
 * Made of the table of commands, so that it says what is so.  What is inside of
 * objects that are returned is not described: their type is "any".
 */

#include <json-c/json.h>
#include <stdio.h>

#include "command.h"

struct schema {
	struct json_object *list;
	unsigned int types;		/* with numbers for names */
};

static void add_string(struct json_object *object, const char *name,
		       const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

static struct json_object *add_entry(struct schema *schema, const char *name,
				     const char *meta_type)
{
	struct json_object *entry = json_object_new_object();

	add_string(entry, "name", name);
	add_string(entry, "meta-type", meta_type);
	json_object_array_add(schema->list, entry);
	return entry;
}

static void add_builtins(struct schema *schema)
{
	static const struct {
		const char *name;
		const char *json_type;
	} builtins[] = {
		{ "any", "value" },
		{ "bool", "boolean" },
		{ "int", "int" },
		{ "str", "string" },
	};
	size_t i;

	for (i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		add_string(add_entry(schema, builtins[i].name, "builtin"),
			   "json-type", builtins[i].json_type);
	add_string(add_entry(schema, "[any]", "array"), "element-type", "any");
}

/* An object type for arguments or data.  Its name is written to @name. */
static void add_object(struct schema *schema, const struct qmp_arg *args,
		       char name[16])
{
	static const char *const types[] = {
		[QMP_STRING]	= "str",
		[QMP_BOOL]	= "bool",
		[QMP_INT]	= "int",
		[QMP_OBJECT]	= "any",
		[QMP_ARRAY]	= "[any]",
		[QMP_ANY]	= "any",
	};
	struct json_object *entry, *members, *member;
	unsigned int i;

	snprintf(name, 16, "%u", schema->types++);
	entry = add_entry(schema, name, "object");
	members = json_object_new_array();
	for (i = 0; i < QMP_MAX_ARGS && args[i].name; i++) {
		member = json_object_new_object();
		add_string(member, "name", args[i].name);
		add_string(member, "type", types[args[i].type]);
		if (!args[i].required)
			json_object_object_add(member, "default", NULL);
		json_object_array_add(members, member);
	}
	json_object_object_add(entry, "members", members);
}

static void add_command(struct schema *schema,
			const struct qmp_command *command, const char *nothing)
{
	const char *const returns[] = {
		[QMP_RETURN_NOTHING]	= nothing,
		[QMP_RETURN_OBJECT]	= "any",
		[QMP_RETURN_LIST]	= "[any]",
		[QMP_RETURN_STRING]	= "str",
		[QMP_RETURN_ANY]	= "any",
	};
	struct json_object *entry;
	char args[16];

	snprintf(args, sizeof(args), "%s", nothing);
	if (command->args[0].name)
		add_object(schema, command->args, args);
	entry = add_entry(schema, command->name, "command");
	add_string(entry, "arg-type", args);
	add_string(entry, "ret-type", returns[command->returns]);
	if (command->allow_oob)
		json_object_object_add(entry, "allow-oob",
				       json_object_new_boolean(true));
}

static void add_events(struct schema *schema, const char *nothing)
{
	static const struct {
		const char *name;
		struct qmp_arg data[QMP_MAX_ARGS];
	} events[] = {
		{ "DEVICE_DELETED", { { "device", QMP_STRING, true },
				      { "path", QMP_STRING, true } } },
		{ "RESET", { { "guest", QMP_BOOL, true },
			     { "reason", QMP_STRING, true } } },
		{ "RESUME" },
		{ "SHUTDOWN", { { "guest", QMP_BOOL, true },
				{ "reason", QMP_STRING, true } } },
		{ "STOP" },
		{ "VSERPORT_CHANGE", { { "open", QMP_BOOL, true },
				       { "id", QMP_STRING, true } } },
		{ "X_CHARDEV_CLIENTS", { { "id", QMP_STRING, true },
					 { "present", QMP_BOOL, true } } },
	};
	char data[16];
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		snprintf(data, sizeof(data), "%s", nothing);
		if (events[i].data[0].name)
			add_object(schema, events[i].data, data);
		add_string(add_entry(schema, events[i].name, "event"),
			   "arg-type", data);
	}
}

int qmp_query_schema(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error)
{
	static const struct qmp_command capabilities = {
		"qmp_capabilities", .args = { { "enable", QMP_ARRAY, false } },
	};
	static const struct qmp_arg none[QMP_MAX_ARGS];
	struct schema schema = { .list = json_object_new_array() };
	const struct qmp_command *command;
	unsigned int i;
	char nothing[16];

	add_builtins(&schema);
	add_object(&schema, none, nothing);
	add_command(&schema, &capabilities, nothing);
	for (i = 0; (command = qmp_command_at(i)); i++)
		add_command(&schema, command, nothing);
	add_events(&schema, nothing);
	*ret = schema.list;
	return 0;
}
