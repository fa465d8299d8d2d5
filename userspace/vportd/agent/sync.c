// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sync.c - guest-sync and guest-sync-delimited
 *
 * A client sends a number of its own making and knows that everything before
 * the reply with that number was meant for somebody else.
 */

#include <json-c/json.h>

#include "command.h"

int command_sync(struct command_call *call)
{
	command_result(call, json_object_get(command_arg(call, "id")));
	return 0;
}
