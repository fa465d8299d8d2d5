// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * schema.c - query-qmp-schema: what commands and events there are
 *
 * Made of the table of commands and of that of types, so that it says what is so.
 * As with QEMU's, types have numbers for names.
 */

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "schema.h"

#define NAME_SIZE	16

struct schema {
	struct json_object *list;
	struct json_object *arrays;	/* those in it, as members */
	unsigned int types;		/* with numbers for names */
};

static const struct {
	const char *name;
	const char *json_type;
} builtins[] = {
	{ "any", "value" },
	{ "bool", "boolean" },
	{ "int", "int" },
	{ "str", "string" },
};

#define NUM_BUILTINS	(sizeof(builtins) / sizeof(builtins[0]))

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
	size_t i;

	for (i = 0; i < NUM_BUILTINS; i++)
		add_string(add_entry(schema, builtins[i].name, "builtin"),
			   "json-type", builtins[i].json_type);
}

/* The name that a type without brackets has here. */
static void plain_name(const char *type, size_t len, char name[NAME_SIZE])
{
	unsigned int i;

	for (i = 0; i < NUM_BUILTINS; i++) {
		if (strlen(builtins[i].name) == len &&
		    !strncmp(builtins[i].name, type, len)) {
			snprintf(name, NAME_SIZE, "%s", builtins[i].name);
			return;
		}
	}
	for (i = 0; schema_types[i].name; i++) {
		if (strlen(schema_types[i].name) == len &&
		    !strncmp(schema_types[i].name, type, len))
			break;
	}
	snprintf(name, NAME_SIZE, "%u", i);
}

/* The same for all; an array is described when it is first named. */
static void type_name(struct schema *schema, const char *type,
		      char name[NAME_SIZE])
{
	char element[NAME_SIZE - 2];
	size_t len = strlen(type);

	if (*type != '[') {
		plain_name(type, len, name);
		return;
	}
	plain_name(type + 1, len - 2, name);
	snprintf(element, sizeof(element), "%.12s", name);
	snprintf(name, NAME_SIZE, "[%s]", element);
	if (json_object_object_get_ex(schema->arrays, name, NULL))
		return;
	json_object_object_add(schema->arrays, name, NULL);
	add_string(add_entry(schema, name, "array"), "element-type", element);
}

static void add_member(struct schema *schema, struct json_object *list,
		       const char *key, const struct schema_member *member)
{
	struct json_object *entry = json_object_new_object();
	char type[NAME_SIZE];

	type_name(schema, member->type, type);
	add_string(entry, key, member->name);
	add_string(entry, "type", type);
	if (member->optional)
		json_object_object_add(entry, "default", NULL);
	json_object_array_add(list, entry);
}

static struct json_object *list_members(struct schema *schema, const char *key,
					const struct schema_member *member)
{
	struct json_object *list = json_object_new_array();

	for (; member->name; member++)
		add_member(schema, list, key, member);
	return list;
}

static void describe_values(struct json_object *entry,
			    const char *const *value)
{
	struct json_object *members = json_object_new_array(), *member;
	struct json_object *values = json_object_new_array();

	for (; *value; value++) {
		member = json_object_new_object();
		add_string(member, "name", *value);
		json_object_array_add(members, member);
		json_object_array_add(values, json_object_new_string(*value));
	}
	json_object_object_add(entry, "members", members);
	json_object_object_add(entry, "values", values);
}

/* Those of the table; their places in it are their names. */
static void add_types(struct schema *schema)
{
	const struct schema_type *type;
	struct json_object *entry;
	char name[NAME_SIZE];

	for (type = schema_types; type->name; type++) {
		snprintf(name, sizeof(name), "%u", schema->types++);
		entry = add_entry(schema, name,
				  type->members ? "object" : "enum");
		if (!type->members) {
			describe_values(entry, type->values);
			continue;
		}
		json_object_object_add(entry, "members",
			list_members(schema, "name", type->members));
		if (!type->tag)
			continue;
		add_string(entry, "tag", type->tag);
		json_object_object_add(entry, "variants",
			list_members(schema, "case", type->cases));
	}
}

/* An object type for arguments or data.  Its name is written to @name. */
static void add_object(struct schema *schema, const struct qmp_arg *args,
		       char name[NAME_SIZE])
{
	static const char *const types[] = {
		[QMP_STRING]	= "str",
		[QMP_BOOL]	= "bool",
		[QMP_INT]	= "int",
		[QMP_OBJECT]	= "any",
		[QMP_ARRAY]	= "[any]",
		[QMP_ANY]	= "any",
	};
	struct schema_member members[QMP_MAX_ARGS + 1] = { { NULL } };
	struct json_object *entry;
	unsigned int i;

	for (i = 0; i < QMP_MAX_ARGS && args[i].name; i++)
		members[i] = (struct schema_member) {
			args[i].name, types[args[i].type], !args[i].required
		};
	snprintf(name, NAME_SIZE, "%u", schema->types++);
	entry = add_entry(schema, name, "object");
	json_object_object_add(entry, "members",
			       list_members(schema, "name", members));
}

static void add_command(struct schema *schema,
			const struct qmp_command *command, const char *nothing)
{
	struct json_object *entry;
	char args[NAME_SIZE], returns[NAME_SIZE];

	snprintf(args, sizeof(args), "%s", nothing);
	snprintf(returns, sizeof(returns), "%s", nothing);
	if (command->args[0].name)
		add_object(schema, command->args, args);
	if (command->returns)
		type_name(schema, command->returns, returns);
	entry = add_entry(schema, command->name, "command");
	add_string(entry, "arg-type", args);
	add_string(entry, "ret-type", returns);
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
	char data[NAME_SIZE];
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
	struct schema schema = {
		.list = json_object_new_array(),
		.arrays = json_object_new_object(),
	};
	const struct qmp_command *command;
	unsigned int i;
	char nothing[NAME_SIZE];

	add_builtins(&schema);
	add_types(&schema);
	add_object(&schema, none, nothing);
	add_command(&schema, &capabilities, nothing);
	for (i = 0; (command = qmp_command_at(i)); i++)
		add_command(&schema, command, nothing);
	add_events(&schema, nothing);
	json_object_put(schema.arrays);
	*ret = schema.list;
	return 0;
}
