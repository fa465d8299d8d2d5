// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * members.c - arguments that are arrays of objects
 *
 * The daemon has looked at the arguments themselves; what is in them is any
 * JSON that the host chose to send.
 */

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "job.h"

static bool is_known(const struct job_member *members, const char *name)
{
	for (; members->name; members++) {
		if (!strcmp(members->name, name))
			return true;
	}

	return false;
}

static int check_object(struct job *job, struct json_object *object,
			const char *name, size_t i,
			const struct job_member *members)
{
	const struct job_member *m;
	struct json_object *value;

	for (m = members; m->name; m++) {
		if (!json_object_object_get_ex(object, m->name, &value)) {
			if (m->optional)
				continue;
			return job_error(job, -EINVAL,
					 "Parameter '%s[%zu].%s' is missing",
					 name, i, m->name);
		}
		if (!json_object_is_type(value, m->type))
			return job_error(job, -EINVAL,
				"Invalid parameter type for '%s[%zu].%s', expected: %s",
				name, i, m->name, m->word);
	}

	json_object_object_foreach(object, key, unused) {
		(void)unused;
		if (!is_known(members, key))
			return job_error(job, -EINVAL,
				"Parameter '%s[%zu].%s' is unexpected", name, i,
				key);
	}
	return 0;
}

int job_check_members(struct job *job, struct json_object *array,
		      const char *name, const struct job_member *members)
{
	size_t len = json_object_array_length(array);
	struct json_object *object;
	int err = 0;
	size_t i;

	for (i = 0; i < len && !err; i++) {
		object = json_object_array_get_idx(array, i);
		if (!json_object_is_type(object, json_type_object))
			err = job_error(job, -EINVAL,
				"Invalid parameter type for '%s[%zu]', expected: object",
				name, i);
		else
			err = check_object(job, object, name, i, members);
	}

	return err;
}

int64_t job_member_int(struct json_object *object, const char *name)
{
	return json_object_get_int64(json_object_object_get(object, name));
}

bool job_member_bool(struct json_object *object, const char *name)
{
	return json_object_get_boolean(json_object_object_get(object, name));
}
