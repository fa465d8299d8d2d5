// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * handles.c - the files that clients have open
 *
 * A handle belongs to no session: a client may open a file, leave, and write to
 * it when it is back.
 */

#include <errno.h>

#include <json-c/json.h>

#include "command.h"
#include "handles.h"

static struct file files[HANDLES_MAX];

static struct file *find_file(int64_t handle)
{
	size_t i;

	for (i = 0; i < HANDLES_MAX; i++) {
		if (files[i].handle == handle)
			return &files[i];
	}

	return NULL;
}

struct file *handles_unused(void)
{
	return find_file(0);
}

int handles_get(struct command_call *call, struct file **ret)
{
	int64_t handle = json_object_get_int64(command_arg(call, "handle"));
	struct file *file = handle > 0 ? find_file(handle) : NULL;

	if (!file)
		return command_error(call, -EBADF,
				     "handle '%lld' has not been found",
				     (long long)handle);
	if (file->leaving && !file->next) {
		file->next = call;
		return -EINPROGRESS;
	}
	if (file->busy)
		return command_error(call, -EBUSY,
				     "handle '%lld' is in use by another command",
				     (long long)handle);
	*ret = file;
	return 0;
}

void handles_released(void *data)
{
	struct file *file = data;
	struct command_call *call = file->next;

	file->busy = false;
	file->leaving = false;
	file->next = NULL;
	if (call)
		command_again(call);
}
