// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_builder.c - a JSON value out of characters, with json-c's tokener
 */

#include <string.h>

#include <json-c/json.h>

#include "json_builder.h"
#include "json_stream.h"

/* After a larger value the tokener's memory is given back. */
#define TOKENER_KEEP (64u << 10)

#define EXPECTING_VALUE "JSON parse error, expecting value"

static const char *const tokener_errors[] = {
	[json_tokener_error_depth] = "JSON nesting depth limit exceeded",
	[json_tokener_error_parse_array] =
		"JSON parse error, expected separator in list",
	[json_tokener_error_parse_object_key_name] =
		"JSON parse error, key is not a string in object",
	[json_tokener_error_parse_object_key_sep] =
		"JSON parse error, missing : in object pair",
	[json_tokener_error_parse_object_value_sep] =
		"JSON parse error, expected separator in dict",
};

static const char *tokener_error(enum json_tokener_error err)
{
	if (err < sizeof(tokener_errors) / sizeof(tokener_errors[0]) &&
	    tokener_errors[err])
		return tokener_errors[err];

	return EXPECTING_VALUE;
}

/* One level more than is let through, and json-c counts from one. */
static bool builder_prepare(struct json_builder *b)
{
	if (b->tokener)
		return true;

	b->tokener = json_tokener_new_ex(JSON_STREAM_MAX_DEPTH + 2);
	if (!b->tokener)
		return false;

	json_tokener_set_flags(b->tokener,
			       JSON_TOKENER_STRICT |
			       JSON_TOKENER_ALLOW_TRAILING_CHARS);
	return true;
}

const char *json_builder_flush(struct json_builder *b)
{
	enum json_tokener_error err;

	if (!b->staged)
		return NULL;
	if (!builder_prepare(b))
		return "JSON parse error, out of memory";

	b->value = json_tokener_parse_ex(b->tokener, b->stage, b->staged);
	b->total += b->staged;
	b->staged = 0;
	err = json_tokener_get_error(b->tokener);
	if (err == json_tokener_success)
		b->whole = true;
	else if (err != json_tokener_continue)
		return tokener_error(err);

	return NULL;
}

const char *json_builder_put(struct json_builder *b, char c)
{
	const char *why = NULL;

	if (b->staged == sizeof(b->stage))
		why = json_builder_flush(b);
	if (!why)
		b->stage[b->staged++] = c;

	return why;
}

static size_t count_members(struct json_object *value)
{
	size_t count = 0;
	size_t i;

	if (json_object_is_type(value, json_type_object)) {
		count = json_object_object_length(value);
		json_object_object_foreach(value, key, member) {
			(void)key;
			count += count_members(member);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (i = 0; i < json_object_array_length(value); i++)
			count += count_members(
				json_object_array_get_idx(value, i));
	}

	return count;
}

/*
 * json-c lets the last of equal keys win without a word, but then fewer members
 * are left than there were colons.
 */
const char *json_builder_end(struct json_builder *b, size_t members,
			     struct json_object **ret)
{
	const char *why;

	why = json_builder_flush(b);
	if (!why && !b->whole)
		why = EXPECTING_VALUE;
	if (!why && count_members(b->value) != members)
		why = "JSON parse error, duplicate key";
	if (why)
		return why;

	*ret = b->value;
	b->value = NULL;
	json_builder_reset(b);
	return NULL;
}

void json_builder_reset(struct json_builder *b)
{
	if (b->total > TOKENER_KEEP)
		json_builder_finish(b);
	else if (b->tokener)
		json_tokener_reset(b->tokener);

	json_object_put(b->value);
	b->value = NULL;
	b->whole = false;
	b->total = 0;
	b->staged = 0;
}

void json_builder_finish(struct json_builder *b)
{
	if (b->tokener)
		json_tokener_free(b->tokener);
	b->tokener = NULL;
	json_object_put(b->value);
	b->value = NULL;
}
