// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_text.c - JSON from the command line and to standard output
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "bytes.h"
#include "json_stream.h"
#include "json_write.h"
#include "log.h"
#include "vportctl.h"

static int print_value(struct json_object *value, bool pretty)
{
	struct bytes out;
	int err;

	bytes_init(&out, SIZE_MAX / 4);
	err = json_write(&out, value, pretty);
	if (!err)
		err = bytes_append(&out, "\n", 1);
	if (!err && fwrite(bytes_peek(&out), bytes_len(&out), 1, stdout) != 1)
		err = -EIO;
	bytes_finish(&out);
	return err;
}

int print_json(struct json_object *value)
{
	return print_value(value, true);
}

int print_json_line(struct json_object *value)
{
	int err = print_value(value, false);

	return err || fflush(stdout) ? -EIO : 0;
}

struct parsed {
	struct json_object *value;
	unsigned int count;
	char why[128];
};

static void on_value(void *data, struct json_object *value)
{
	struct parsed *parsed = data;

	if (!parsed->count++)
		parsed->value = json_object_get(value);
}

static void on_error(void *data, const char *why)
{
	struct parsed *parsed = data;

	if (!*parsed->why)
		snprintf(parsed->why, sizeof(parsed->why), "%s", why);
}

static const struct json_stream_ops parse_ops = {
	.value = on_value,
	.error = on_error,
};

int parse_arguments(const char *text, struct json_object **ret)
{
	struct parsed parsed = { 0 };
	struct json_stream *stream;
	int err;

	if (!text) {
		*ret = json_object_new_object();
		return 0;
	}

	err = json_stream_create(&parse_ops, &parsed, &stream);
	if (err)
		return err;
	json_stream_feed(stream, text, strlen(text));
	json_stream_feed(stream, "\n", 1);
	json_stream_destroy(stream);

	if (parsed.count == 1 && !*parsed.why &&
	    json_object_is_type(parsed.value, json_type_object)) {
		*ret = parsed.value;
		return 0;
	}

	json_object_put(parsed.value);
	log_err("%s: %s%sexpected one JSON object", text, parsed.why,
		*parsed.why ? "; " : "");
	return -EINVAL;
}
