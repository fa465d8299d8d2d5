// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * access.c - which commands may be called now
 */

#include <string.h>

#include "command.h"
#include "context.h"

static bool is_listed(const char *const *names, const char *name)
{
	for (; names && *names; names++) {
		if (!strcmp(*names, name))
			return true;
	}

	return false;
}

const char *command_refusal(const struct command *command)
{
	const struct agent_conf *conf = agent_conf();

	if (state_is_frozen() && !(command->flags & COMMAND_FROZEN))
		return "the agent is in frozen state";
	if ((conf->allow && !is_listed(conf->allow, command->name)) ||
	    is_listed(conf->block, command->name))
		return "the command is not allowed";

	return NULL;
}
