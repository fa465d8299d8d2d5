// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * os.c - guest-get-osinfo and guest-get-host-name
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <json-c/json.h>

#include "command.h"
#include "os_release.h"

struct os_field {
	const char *key;	/* in os-release(5) */
	const char *member;
};

static const struct os_field os_fields[] = {
	{ "NAME", "name" },
	{ "PRETTY_NAME", "pretty-name" },
	{ "VERSION", "version" },
	{ "VERSION_ID", "version-id" },
	{ "VARIANT", "variant" },
	{ "VARIANT_ID", "variant-id" },
	{ "ID", "id" },
};

static void add_field(void *data, const char *key, const char *value)
{
	size_t i;

	for (i = 0; i < sizeof(os_fields) / sizeof(os_fields[0]); i++) {
		if (!strcmp(os_fields[i].key, key))
			json_object_object_add(data, os_fields[i].member,
					       json_object_new_string(value));
	}
}

/* The first that is there. */
static FILE *open_os_release(void)
{
	const char *override = getenv("QGA_OS_RELEASE");
	FILE *file;

	if (override)
		return fopen(override, "re");

	file = fopen("/etc/os-release", "re");
	return file ? file : fopen("/usr/lib/os-release", "re");
}

int command_get_osinfo(struct command_call *call)
{
	struct json_object *result;
	struct utsname uts;
	FILE *file;

	if (uname(&uts))
		return -errno;

	result = json_object_new_object();
	file = open_os_release();
	if (file) {
		os_release_read(file, add_field, result);
		fclose(file);
	}

	json_object_object_add(result, "kernel-release",
			       json_object_new_string(uts.release));
	json_object_object_add(result, "kernel-version",
			       json_object_new_string(uts.version));
	json_object_object_add(result, "machine",
			       json_object_new_string(uts.machine));
	command_result(call, result);
	return 0;
}

int command_get_host_name(struct command_call *call)
{
	struct json_object *result;
	char name[256];

	if (gethostname(name, sizeof(name)))
		return -errno;

	name[sizeof(name) - 1] = '\0';
	result = json_object_new_object();
	json_object_object_add(result, "host-name",
			       json_object_new_string(name));
	command_result(call, result);
	return 0;
}
