// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * info.c - guest-ping and guest-info
 */

#include <json-c/json.h>

#include "command.h"
#include "context.h"
#include "result.h"

int command_ping(struct command_call *call)
{
	return 0;
}

static struct json_object *describe(const struct command *command)
{
	struct json_object *info = json_object_new_object();

	result_add_bool(info, "enabled", !command_refusal(command));
	result_add_text(info, "name", command->name);
	result_add_bool(info, "success-response",
			!(command->flags & COMMAND_SILENT));
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

	result_add_text(result, "version", agent_conf()->version);
	json_object_object_add(result, "supported_commands", supported);
	command_result(call, result);
	return 0;
}
