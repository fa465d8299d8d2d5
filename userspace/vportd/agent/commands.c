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

static const struct command_arg open_args[] = {
	{ "path", COMMAND_STRING, false, true },
	{ "mode", COMMAND_STRING, true, true },
	{ NULL },
};

static const struct command_arg handle_args[] = {
	{ "handle", COMMAND_INTEGER, false, true },
	{ NULL },
};

static const struct command_arg read_args[] = {
	{ "handle", COMMAND_INTEGER, false, true },
	{ "count", COMMAND_INTEGER, true, true },
	{ NULL },
};

static const struct command_arg write_args[] = {
	{ "handle", COMMAND_INTEGER, false, true },
	{ "buf-b64", COMMAND_BASE64 },
	{ "count", COMMAND_INTEGER, true, true },
	{ NULL },
};

static const struct command_arg seek_args[] = {
	{ "handle", COMMAND_INTEGER, false, true },
	{ "offset", COMMAND_INTEGER },
	{ "whence", COMMAND_ANY },
	{ NULL },
};

static const struct command_arg exec_args[] = {
	{ "path", COMMAND_STRING, false, true },
	{ "arg", COMMAND_STRINGS, true, true },
	{ "env", COMMAND_STRINGS, true },
	{ "input-data", COMMAND_BASE64, true },
	{ "capture-output", COMMAND_ANY, true },
	{ NULL },
};

static const struct command_arg pid_args[] = {
	{ "pid", COMMAND_INTEGER, false, true },
	{ NULL },
};

static const struct command_arg freeze_args[] = {
	{ "mountpoints", COMMAND_STRINGS, true, true },
	{ NULL },
};

static const struct command_arg trim_args[] = {
	{ "minimum", COMMAND_INTEGER, true, true },
	{ NULL },
};

static const struct command_arg password_args[] = {
	{ "username", COMMAND_STRING, false, true },
	{ "password", COMMAND_BASE64 },
	{ "crypted", COMMAND_BOOLEAN, false, true },
	{ NULL },
};

static const struct command_arg user_args[] = {
	{ "username", COMMAND_STRING, false, true },
	{ NULL },
};

static const struct command_arg add_keys_args[] = {
	{ "username", COMMAND_STRING, false, true },
	{ "keys", COMMAND_STRINGS, false, true },
	{ "reset", COMMAND_BOOLEAN, true, true },
	{ NULL },
};

static const struct command_arg remove_keys_args[] = {
	{ "username", COMMAND_STRING, false, true },
	{ "keys", COMMAND_STRINGS, false, true },
	{ NULL },
};

static const struct command_arg time_args[] = {
	{ "time", COMMAND_INTEGER, true, true },
	{ NULL },
};

static const struct command_arg vcpus_args[] = {
	{ "vcpus", COMMAND_ARRAY, false, true },
	{ NULL },
};

static const struct command_arg blocks_args[] = {
	{ "mem-blks", COMMAND_ARRAY, false, true },
	{ NULL },
};

static const struct command_arg shutdown_args[] = {
	{ "mode", COMMAND_STRING, true, true },
	{ NULL },
};

static const struct command commands[] = {
	{ "guest-sync-delimited", command_sync, sync_args,
	  COMMAND_BARRIER | COMMAND_DELIMITED | COMMAND_FROZEN |
	  COMMAND_QUIET },
	{ "guest-sync", command_sync, sync_args,
	  COMMAND_BARRIER | COMMAND_FROZEN | COMMAND_QUIET },
	{ "guest-ping", command_ping, NULL, COMMAND_FROZEN | COMMAND_QUIET },
	{ "guest-info", command_info, NULL, COMMAND_FROZEN | COMMAND_QUIET },
	{ "guest-get-host-name", command_get_host_name, NULL,
	  COMMAND_QUIET },
	{ "guest-get-osinfo", command_get_osinfo, NULL,
	  COMMAND_QUIET },
	{ "guest-get-time", command_get_time, NULL,
	  COMMAND_QUIET },
	{ "guest-exec", command_exec, exec_args },
	{ "guest-exec-status", command_exec_status, pid_args, COMMAND_QUIET },
	{ "guest-fsfreeze-freeze", command_fsfreeze },
	{ "guest-fsfreeze-freeze-list", command_fsfreeze, freeze_args },
	{ "guest-fsfreeze-status", command_fsfreeze_status, NULL,
	  COMMAND_FROZEN | COMMAND_QUIET },
	{ "guest-fsfreeze-thaw", command_fsfreeze, NULL, COMMAND_FROZEN },
	{ "guest-fstrim", command_remote, trim_args },
	{ "guest-get-disks", command_remote, NULL, COMMAND_QUIET },
	{ "guest-get-fsinfo", command_remote, NULL, COMMAND_QUIET },
	{ "guest-set-memory-blocks", command_remote, blocks_args },
	{ "guest-set-time", command_remote, time_args },
	{ "guest-set-user-password", command_set_user_password, password_args },
	{ "guest-set-vcpus", command_remote, vcpus_args },
	{ "guest-shutdown", command_remote, shutdown_args, COMMAND_SILENT },
	{ "guest-ssh-add-authorized-keys", command_remote, add_keys_args },
	{ "guest-ssh-get-authorized-keys", command_remote, user_args,
	  COMMAND_QUIET },
	{ "guest-ssh-remove-authorized-keys", command_remote,
	  remove_keys_args },
	{ "guest-suspend-disk", command_remote, NULL, COMMAND_SILENT },
	{ "guest-suspend-hybrid", command_remote, NULL, COMMAND_SILENT },
	{ "guest-suspend-ram", command_remote, NULL, COMMAND_SILENT },
	{ "guest-file-open", command_file_open, open_args },
	{ "guest-file-close", command_file_close, handle_args,
	  COMMAND_QUIET },
	{ "guest-file-read", command_file_read, read_args,
	  COMMAND_QUIET },
	{ "guest-file-write", command_file_write, write_args,
	  COMMAND_QUIET },
	{ "guest-file-seek", command_file_seek, seek_args,
	  COMMAND_QUIET },
	{ "guest-file-flush", command_file_flush, handle_args,
	  COMMAND_QUIET },
	{ "guest-get-timezone", command_get_timezone, NULL,
	  COMMAND_QUIET },
	{ "guest-get-users", command_get_users, NULL,
	  COMMAND_QUIET },
	{ "guest-get-load", command_get_load, NULL,
	  COMMAND_QUIET },
	{ "guest-get-cpustats", command_get_cpustats, NULL,
	  COMMAND_QUIET },
	{ "guest-get-diskstats", command_get_diskstats, NULL,
	  COMMAND_QUIET },
	{ "guest-get-vcpus", command_get_vcpus, NULL,
	  COMMAND_QUIET },
	{ "guest-get-memory-blocks", command_get_memory_blocks, NULL,
	  COMMAND_QUIET },
	{ "guest-get-memory-block-info", command_get_memory_block_info, NULL,
	  COMMAND_QUIET },
	{ "guest-network-get-interfaces", command_network_get_interfaces, NULL,
	  COMMAND_QUIET },
	{ "guest-network-get-route", command_network_get_route, NULL,
	  COMMAND_QUIET },
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
