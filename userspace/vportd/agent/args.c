// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * args.c - arguments against a command's table of them
 */

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <json-c/json.h>

#include "command.h"
#include "json_stream.h"

struct type {
	json_type json;
	const char *word;
};

static const struct type types[COMMAND_TYPES] = {
	[COMMAND_STRING] = { json_type_string, "string" },
	[COMMAND_INTEGER] = { json_type_int, "integer" },
	[COMMAND_BOOLEAN] = { json_type_boolean, "boolean" },
	[COMMAND_ARRAY] = { json_type_array, "array" },
	[COMMAND_OBJECT] = { json_type_object, "object" },
	[COMMAND_STRINGS] = { json_type_array, "array" },
	[COMMAND_BASE64] = { json_type_string, "string" },
	[COMMAND_ANY] = { json_type_null, "any" },
};

/* json-c keeps what is too large for int64 as uint64, under the same type. */
static bool is_int64(struct json_object *value)
{
	return json_object_get_int64(value) != INT64_MAX ||
	       json_object_get_uint64(value) == INT64_MAX;
}

static bool has_type(struct json_object *value, enum command_type type)
{
	if (type == COMMAND_ANY)
		return true;
	if (type == COMMAND_BASE64 && json_stream_is_text(value))
		return true;
	if (!json_object_is_type(value, types[type].json))
		return false;

	return type != COMMAND_INTEGER || is_int64(value);
}

static bool is_known(const struct command_arg *args, const char *name)
{
	for (; args && args->name; args++) {
		if (!strcmp(args->name, name))
			return true;
	}

	return false;
}

/* Return: 0, or -EINVAL with the error set. */
static int check_strings(struct command_call *call, const char *name,
			 struct json_object *array)
{
	size_t len = json_object_array_length(array);
	size_t i;

	for (i = 0; i < len; i++) {
		if (!json_object_is_type(json_object_array_get_idx(array, i),
					 json_type_string))
			return command_error(call, -EINVAL,
				"Invalid parameter type for '%s[%zu]', expected: string",
				name, i);
	}

	return 0;
}

/* Return: 0, or -EINVAL with the error set. */
static int check_arg(struct command_call *call, const struct command_arg *arg,
		     struct json_object *value)
{
	if (!has_type(value, arg->type))
		return command_error(call, -EINVAL,
				"Invalid parameter type for '%s', expected: %s",
				arg->name, types[arg->type].word);
	if (arg->type == COMMAND_STRINGS)
		return check_strings(call, arg->name, value);

	return 0;
}

int command_check_args(struct command_call *call,
		       const struct command_arg *args,
		       struct json_object *given)
{
	const struct command_arg *arg;
	struct json_object *value;

	for (arg = args; arg && arg->name; arg++) {
		if (!json_object_object_get_ex(given, arg->name, &value)) {
			if (arg->optional)
				continue;
			return command_error(call, -EINVAL,
					     "Parameter '%s' is missing",
					     arg->name);
		}
		if (check_arg(call, arg, value))
			return -EINVAL;
	}

	if (!given)
		return 0;
	json_object_object_foreach(given, name, unused) {
		(void)unused;
		if (!is_known(args, name))
			return command_error(call, -EINVAL,
					     "Parameter '%s' is unexpected",
					     name);
	}
	return 0;
}
