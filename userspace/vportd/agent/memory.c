// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memory.c - guest-get-memory-blocks and guest-get-memory-block-info
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "command.h"
#include "result.h"
#include "sysfile.h"

#define MEMORY "/sys/devices/system/memory"

/* A kernel that cannot remove memory has no "removable". */
static int add_block(struct json_object *result, unsigned int id)
{
	struct json_object *block;
	char removable[8] = "0";
	char state[16];
	int err;

	err = sysfile_read_word(state, sizeof(state), MEMORY "/memory%u/state",
				id);
	if (err)
		return err;
	err = sysfile_read_word(removable, sizeof(removable),
				MEMORY "/memory%u/removable", id);
	if (err && err != -ENOENT)
		return err;

	block = json_object_new_object();
	result_add_bool(block, "online", !strcmp(state, "online"));
	result_add_bool(block, "can-offline", strcmp(removable, "0"));
	result_add_int(block, "phys-index", id);
	json_object_array_add(result, block);
	return 0;
}

int command_get_memory_blocks(struct command_call *call)
{
	struct json_object *result = json_object_new_array();
	unsigned int *ids;
	size_t count;
	size_t i;
	int err;

	command_result(call, result);
	err = sysfile_numbered(MEMORY, "memory", &ids, &count);
	/* Memory that comes in no blocks is none that could be taken away. */
	if (err == -ENOENT)
		return 0;
	if (err)
		return command_error(call, err, MEMORY ": %s", strerror(-err));

	for (i = 0; i < count && !err; i++)
		err = add_block(result, ids[i]);
	free(ids);
	return err;
}

int command_get_memory_block_info(struct command_call *call)
{
	struct json_object *result;
	char size[32];
	int err;

	err = sysfile_read_word(size, sizeof(size),
				MEMORY "/block_size_bytes");
	if (err)
		return command_error(call, err, MEMORY "/block_size_bytes: %s",
				     strerror(-err));

	result = json_object_new_object();
	result_add_uint(result, "size", strtoull(size, NULL, 16));
	command_result(call, result);
	return 0;
}
