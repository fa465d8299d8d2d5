// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * time.c - guest-get-time and guest-get-timezone
 */

#include <errno.h>
#include <time.h>

#include <json-c/json.h>

#include "command.h"
#include "result.h"

int command_get_time(struct command_call *call)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return -errno;

	command_result(call, json_object_new_int64(now.tv_sec * 1000000000ll +
						   now.tv_nsec));
	return 0;
}

/* The zone may have been changed since the last time: look again. */
int command_get_timezone(struct command_call *call)
{
	struct json_object *result;
	time_t now = time(NULL);
	struct tm local;

	tzset();
	if (!localtime_r(&now, &local))
		return command_error(call, -EOVERFLOW,
				     "The time has no local form");

	result = json_object_new_object();
	result_add_int(result, "offset", local.tm_gmtoff);
	result_add_text(result, "zone", local.tm_zone);
	command_result(call, result);
	return 0;
}
