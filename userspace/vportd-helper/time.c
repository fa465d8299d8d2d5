// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * time.c - guest-set-time
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "job.h"

#define NSEC_PER_SEC	1000000000LL

/* Years from 1970 to 2069: a real-time clock has two digits. */
#define SECONDS_MAX	3155760000LL

static int run_hwclock(struct job *job, const char *option, const char *what)
{
	char *path = program_find(job, "hwclock");
	const char *argv[] = { path, option, NULL };
	struct program_output output;
	int status;

	if (!path)
		return job_error(job, -ENOENT, "hwclock: no such program, %s",
				 what);

	status = program_run(argv, NULL, &output);
	free(path);
	if (!status)
		return 0;
	return job_error(job, -EIO, "%s%s%s", what, *output.text ? ": " : "",
			 output.text);
}

static int set_clock(struct job *job, int64_t nsec)
{
	struct timespec ts = {
		.tv_sec = nsec / NSEC_PER_SEC,
		.tv_nsec = nsec % NSEC_PER_SEC,
	};

	if (nsec < 0 || ts.tv_sec >= SECONDS_MAX)
		return job_error(job, -EINVAL, "Invalid time %lld",
				 (long long)nsec);
	if (clock_settime(CLOCK_REALTIME, &ts))
		return job_error(job, -errno, "Failed to set time to guest: %s",
				 strerror(errno));

	return 0;
}

int job_set_time(struct job *job)
{
	struct json_object *time = job_arg(job, "time");
	int err;

	if (!time)
		return run_hwclock(job, "-s",
			"hwclock failed to set system time to hardware clock");

	err = set_clock(job, json_object_get_int64(time));
	if (err)
		return err;
	return run_hwclock(job, "-w",
			"hwclock failed to set hardware clock to system time");
}
