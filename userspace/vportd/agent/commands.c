// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * commands.c - the table of commands
 */

#include <string.h>

#include "command.h"

static const struct command_arg sync_args[] = {
	{ "id", COMMAND_INTEGER },
	{ NULL },
};

static const struct command commands[] = {
	{ "guest-sync-delimited", command_sync, sync_args,
	  COMMAND_BARRIER | COMMAND_DELIMITED },
	{ "guest-sync", command_sync, sync_args, COMMAND_BARRIER },
	{ "guest-ping", command_ping },
	{ "guest-info", command_info },
	{ "guest-get-host-name", command_get_host_name },
	{ "guest-get-osinfo", command_get_osinfo },
	{ "guest-get-time", command_get_time },
	{ "guest-get-timezone", command_get_timezone },
	{ "guest-get-users", command_get_users },
	{ "guest-get-load", command_get_load },
	{ "guest-get-cpustats", command_get_cpustats },
	{ "guest-get-diskstats", command_get_diskstats },
	{ "guest-get-vcpus", command_get_vcpus },
	{ "guest-get-memory-blocks", command_get_memory_blocks },
	{ "guest-get-memory-block-info", command_get_memory_block_info },
	{ "guest-network-get-interfaces", command_network_get_interfaces },
	{ "guest-network-get-route", command_network_get_route },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}

	return NULL;
}

const struct command *command_at(size_t i)
{
	return i < COMMANDS ? &commands[i] : NULL;
}
