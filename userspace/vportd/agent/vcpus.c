// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vcpus.c - guest-get-vcpus
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "command.h"
#include "result.h"
#include "sysfile.h"

#define CPUS "/sys/devices/system/cpu"

/* A processor that cannot be taken offline has no file that says so. */
static int add_vcpu(struct json_object *result, unsigned int id)
{
	struct json_object *vcpu;
	char online[8] = "1";
	int err;

	err = sysfile_read_word(online, sizeof(online), CPUS "/cpu%u/online",
				id);
	if (err && err != -ENOENT)
		return err;

	vcpu = json_object_new_object();
	result_add_bool(vcpu, "online", strcmp(online, "0"));
	result_add_bool(vcpu, "can-offline", !err);
	result_add_int(vcpu, "logical-id", id);
	json_object_array_add(result, vcpu);
	return 0;
}

int command_get_vcpus(struct command_call *call)
{
	struct json_object *result;
	unsigned int *ids;
	size_t count;
	size_t i;
	int err;

	err = sysfile_numbered(CPUS, "cpu", &ids, &count);
	if (err)
		return command_error(call, err, CPUS ": %s", strerror(-err));

	result = json_object_new_array();
	for (i = 0; i < count && !err; i++)
		err = add_vcpu(result, ids[i]);
	free(ids);
	command_result(call, result);
	return err;
}
