// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper_fuzz.c - any arguments for the commands of the helper
 *
 * The first byte says which command, the rest is JSON.  The system is an empty
 * directory; programs, the clock, file systems and users are left alone: what
 * would touch them is this file's.
 */

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int program_run_within(const char *const *argv, const char *input,
		       struct program_output *output, unsigned int seconds)
{
	if (output)
		strcpy(output->text, "no");
	return input && strlen(input) & 1;
}

int program_run(const char *const *argv, const char *input,
		struct program_output *output)
{
	return program_run_within(argv, input, output, 0);
}

char *program_find(const struct job *job, const char *name)
{
	return strdup(name);
}

int __wrap_clock_settime(clockid_t clock, const struct timespec *ts);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_setresuid(uid_t a, uid_t b, uid_t c);
int __wrap_setresgid(gid_t a, gid_t b, gid_t c);
int __wrap_initgroups(const char *user, gid_t group);

int __wrap_clock_settime(clockid_t clock, const struct timespec *ts)
{
	if (ts->tv_nsec < 0 || ts->tv_nsec >= 1000000000 || ts->tv_sec < 0)
		abort();
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	errno = EINVAL;
	return -1;
}

int __wrap_setresuid(uid_t a, uid_t b, uid_t c)
{
	return 0;
}

int __wrap_setresgid(gid_t a, gid_t b, gid_t c)
{
	return 0;
}

int __wrap_initgroups(const char *user, gid_t group)
{
	return 0;
}

/* What the daemon has checked before: type and presence of the arguments. */
struct target {
	int (*run)(struct job *job);
	const char *name;	/* of an argument that must be there */
	json_type type;
	bool (*check)(struct json_object *args);
};

static bool are_strings(struct json_object *array)
{
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++) {
		if (!json_object_is_type(json_object_array_get_idx(array, i),
					 json_type_string))
			return false;
	}
	return true;
}

static bool has_user_and_keys(struct json_object *args)
{
	return json_object_is_type(json_object_object_get(args, "username"),
				   json_type_string) &&
	       are_strings(json_object_object_get(args, "keys"));
}

static bool has_user(struct json_object *args)
{
	return json_object_is_type(json_object_object_get(args, "username"),
				   json_type_string);
}

static const struct target targets[] = {
	{ job_set_vcpus, "vcpus", json_type_array },
	{ job_set_memory_blocks, "mem-blks", json_type_array },
	{ job_set_time, "time", json_type_int },
	{ job_shutdown, "mode", json_type_string },
	{ job_set_user_password, "password", json_type_string, has_user },
	{ job_ssh_get, "username", json_type_string },
	{ job_ssh_add, "keys", json_type_array, has_user_and_keys },
	{ job_ssh_remove, "keys", json_type_array, has_user_and_keys },
	{ job_fstrim, "minimum", json_type_int },
	{ job_freeze, "mountpoints", json_type_array },
};

#define TARGETS (sizeof(targets) / sizeof(targets[0]))

static void make_system(char *root)
{
	char path[128];
	FILE *file;

	if (!mkdtemp(root))
		abort();
	snprintf(path, sizeof(path), "mkdir -p %s/etc %s/proc/self %s/home/u",
		 root, root, root);
	if (system(path))
		abort();
	snprintf(path, sizeof(path), "%s/etc/passwd", root);
	file = fopen(path, "w");
	fputs("u:x:65534:65534::/home/u:/bin/sh\n", file);
	fclose(file);
	snprintf(path, sizeof(path), "%s/proc/self/mountinfo", root);
	file = fopen(path, "w");
	fputs("20 1 8:1 / /home rw - ext4 /dev/sda1 rw\n", file);
	fclose(file);
}

static void run(const struct target *target, struct json_object *args)
{
	static char root[] = "/tmp/helper-fuzz.XXXXXX";
	struct job job = { .args = args, .root = root };

	if (root[sizeof(root) - 2] == 'X')
		make_system(root);
	if (!json_object_is_type(json_object_object_get(args, target->name),
				 target->type) ||
	    (target->check && !target->check(args)))
		return;

	if (target->run(&job) > 0)
		abort();
	json_object_put(job.result);
	free(job.error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *args;
	char *text;

	if (size < 2 || data[0] >= TARGETS)
		return 0;

	text = strndup((const char *)data + 1, size - 1);
	args = json_tokener_parse(text);
	free(text);
	if (json_object_is_type(args, json_type_object))
		run(&targets[data[0]], args);
	json_object_put(args);
	return 0;
}
