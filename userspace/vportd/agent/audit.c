// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * audit.c - what the host had done, for the log
 *
 * The table of a command's arguments says which of them are shown; passwords
 * and contents of files are not.
 */

#include <stdio.h>

#include <json-c/json.h>

#include "command.h"
#include "context.h"
#include "log.h"

#define AUDIT_MAX 256		/* of all arguments; a log line has its end, too */

static void describe(char *text, size_t size, const struct command_call *call,
		     const struct command *command)
{
	const struct command_arg *arg;
	struct json_object *value;
	size_t len = 0;

	*text = '\0';
	for (arg = command->args; arg && arg->name; arg++) {
		value = command_arg(call, arg->name);
		if (!arg->logged || !value || len >= size)
			continue;
		len += snprintf(text + len, size - len, " %s=%.200s", arg->name,
				json_object_get_string(value));
	}
}

void command_audit(const struct command_call *call,
		   const struct command *command)
{
	bool quiet = command->flags & COMMAND_QUIET;
	char args[AUDIT_MAX];

	/* The log may be in a file that cannot be written now. */
	if (state_is_frozen() || !log_wants(quiet ? LOG_DEBUG : LOG_INFO))
		return;

	describe(args, sizeof(args), call, command);
	log_line(quiet ? LOG_DEBUG : LOG_INFO, "agent: %s%s", command->name,
		 args);
}
