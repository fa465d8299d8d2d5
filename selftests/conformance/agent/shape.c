// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shape.c - whether a value looks as it should
 */

#include <stddef.h>
#include <string.h>

#include <json-c/json.h>

#include "shape.h"

typedef void (*keep_fn)(const char *name, long long number);

static bool is_base64(const char *text)
{
	return strlen(text) % 4 == 0 &&
	       !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789+/=")];
}

struct kind {
	const char *word;
	json_type type;
	json_type other;	/* or that */
};

static const struct kind kinds[] = {
	{ "@int", json_type_int, json_type_int },
	{ "@number", json_type_int, json_type_double },
	{ "@bool", json_type_boolean, json_type_boolean },
	{ "@string", json_type_string, json_type_string },
};

static bool word_matches(const char *word, struct json_object *value,
			 keep_fn keep)
{
	size_t i;

	if (!strcmp(word, "@any"))
		return true;
	if (!strncmp(word, "@keep ", 6)) {
		keep(word + 6, json_object_get_int64(value));
		return json_object_is_type(value, json_type_int);
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(word, kinds[i].word))
			return json_object_is_type(value, kinds[i].type) ||
			       json_object_is_type(value, kinds[i].other);
	}

	if (!json_object_is_type(value, json_type_string))
		return false;
	if (!strcmp(word, "@base64"))
		return is_base64(json_object_get_string(value));
	if (*word == '~')
		return strstr(json_object_get_string(value), word + 1);
	return !strcmp(word, json_object_get_string(value));
}

static bool array_matches(struct json_object *shape, struct json_object *value,
			  keep_fn keep)
{
	size_t len = json_object_array_length(shape);
	struct json_object *first;
	bool each;
	size_t i;

	if (!json_object_is_type(value, json_type_array))
		return false;
	first = len ? json_object_array_get_idx(shape, 0) : NULL;
	each = json_object_is_type(first, json_type_string) &&
	       !strcmp(json_object_get_string(first), "@each");
	if (!each && len != json_object_array_length(value))
		return false;

	for (i = 0; i < json_object_array_length(value); i++) {
		if (!shape_matches(json_object_array_get_idx(shape, each ? 1 : i),
				   json_object_array_get_idx(value, i), keep))
			return false;
	}
	return true;
}

/* Whether the shape has a place for a member of this name. */
static bool is_foreseen(struct json_object *shape, const char *name)
{
	size_t len = strlen(name);

	json_object_object_foreach(shape, key, unused) {
		(void)unused;
		if (!strncmp(key, name, len) &&
		    (!key[len] || !strcmp(key + len, "?")))
			return true;
	}
	return false;
}

static bool member_matches(const char *key, struct json_object *shape,
			   struct json_object *value, keep_fn keep)
{
	size_t len = strcspn(key, "?");
	struct json_object *member;
	char name[64];

	memcpy(name, key, len);
	name[len] = '\0';
	if (!json_object_object_get_ex(value, name, &member))
		return key[len];
	return shape_matches(shape, member, keep);
}

static bool object_matches(struct json_object *shape, struct json_object *value,
			   keep_fn keep)
{
	bool more = false;

	if (!json_object_is_type(value, json_type_object))
		return false;
	json_object_object_foreach(shape, key, member) {
		if (!strcmp(key, "@more"))
			more = true;
		else if (!member_matches(key, member, value, keep))
			return false;
	}

	if (more)
		return true;
	json_object_object_foreach(value, name, unused) {
		(void)unused;
		if (!is_foreseen(shape, name))
			return false;
	}
	return true;
}

bool shape_matches(struct json_object *shape, struct json_object *value,
		   keep_fn keep)
{
	switch (json_object_get_type(shape)) {
	case json_type_string:
		return word_matches(json_object_get_string(shape), value, keep);
	case json_type_array:
		return array_matches(shape, value, keep);
	case json_type_object:
		return object_matches(shape, value, keep);
	default:
		return json_object_equal(shape, value);
	}
}
