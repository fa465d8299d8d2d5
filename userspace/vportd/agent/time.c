// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * time.c - guest-get-time
 */

#include <errno.h>
#include <time.h>

#include <json-c/json.h>

#include "command.h"

int command_get_time(struct command_call *call)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return -errno;

	command_result(call, json_object_new_int64(now.tv_sec * 1000000000ll +
						   now.tv_nsec));
	return 0;
}
