// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * result.c - members of a result, one line each
 */

#include <json-c/json.h>

#include "result.h"

void result_add_int(struct json_object *object, const char *name, int64_t n)
{
	json_object_object_add(object, name, json_object_new_int64(n));
}

void result_add_uint(struct json_object *object, const char *name, uint64_t n)
{
	json_object_object_add(object, name, json_object_new_uint64(n));
}

void result_add_bool(struct json_object *object, const char *name, bool value)
{
	json_object_object_add(object, name, json_object_new_boolean(value));
}

void result_add_text(struct json_object *object, const char *name,
		     const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}
