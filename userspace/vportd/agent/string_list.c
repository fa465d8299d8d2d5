// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * string_list.c - strings of JSON as C has them
 */

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "string_list.h"

static bool has_nul(struct json_object *string)
{
	return strlen(json_object_get_string(string)) !=
	       (size_t)json_object_get_string_len(string);
}

bool strings_have_nul(struct json_object *value)
{
	size_t len;
	size_t i;

	if (json_object_is_type(value, json_type_string))
		return has_nul(value);
	if (!json_object_is_type(value, json_type_array))
		return false;

	len = json_object_array_length(value);
	for (i = 0; i < len; i++) {
		if (strings_have_nul(json_object_array_get_idx(value, i)))
			return true;
	}
	return false;
}

char **strings_from_json(const char *first, struct json_object *array)
{
	size_t len = array ? json_object_array_length(array) : 0;
	char **list = calloc(len + 2, sizeof(*list));
	size_t n = 0;
	size_t i;

	if (!list)
		return NULL;

	if (first)
		list[n++] = (char *)first;
	for (i = 0; i < len; i++)
		list[n++] = (char *)json_object_get_string(
			json_object_array_get_idx(array, i));
	return list;
}
