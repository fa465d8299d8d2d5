// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * info.c - guest-ping and guest-info
 */

#include <json-c/json.h>

#include "command.h"

/* The QEMU whose schema this is; clients print it, store it, compare it. */
const char *agent_version = "11.1.3";

int command_ping(struct command_call *call)
{
	return 0;
}

static struct json_object *describe(const struct command *command)
{
	struct json_object *info = json_object_new_object();

	json_object_object_add(info, "enabled", json_object_new_boolean(true));
	json_object_object_add(info, "name",
			       json_object_new_string(command->name));
	json_object_object_add(info, "success-response",
			       json_object_new_boolean(true));
	return info;
}

int command_info(struct command_call *call)
{
	struct json_object *supported = json_object_new_array();
	struct json_object *result = json_object_new_object();
	const struct command *command;
	size_t i;

	for (i = 0; (command = command_at(i)); i++)
		json_object_array_add(supported, describe(command));

	json_object_object_add(result, "version",
			       json_object_new_string(agent_version));
	json_object_object_add(result, "supported_commands", supported);
	command_result(call, result);
	return 0;
}
