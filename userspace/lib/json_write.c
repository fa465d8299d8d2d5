// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_write.c - JSON text as QEMU prints it
 */

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "bytes.h"
#include "json_write.h"

struct writer {
	struct bytes *out;
	bool pretty;
	unsigned int depth;
	int err;		/* the first one */
};

static void write_value(struct writer *w, struct json_object *value);

static void put(struct writer *w, const char *text, size_t len)
{
	if (!w->err)
		w->err = bytes_append(w->out, text, len);
}

static void puts_plain(struct writer *w, const char *text)
{
	put(w, text, strlen(text));
}

static void new_line(struct writer *w)
{
	unsigned int i;

	if (!w->pretty)
		return;

	put(w, "\n", 1);
	for (i = 0; i < w->depth; i++)
		put(w, "    ", 4);
}

#define REPLACEMENT	0xfffd

/*
 * One code point from @p; what is no UTF-8 is the replacement character and
 * one byte long, so that the rest of the string is still seen.
 */
static uint32_t next_char(const uint8_t *p, const uint8_t *end, size_t *ret_len)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = *p;
	size_t len = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 :
		     c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
	size_t i;

	*ret_len = 1;
	if (len == 1)
		return c;
	if (!len || len > (size_t)(end - p))
		return REPLACEMENT;

	c &= 0x7f >> len;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < smallest[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return REPLACEMENT;

	*ret_len = len;
	return c;
}

static void put_escaped(struct writer *w, uint32_t c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *p;
	char text[16];
	int len;

	for (p = letters; *p; p += 2) {
		if (c == (uint8_t)*p) {
			text[0] = '\\';
			text[1] = p[1];
			put(w, text, 2);
			return;
		}
	}

	if (c > 0xffff)
		len = snprintf(text, sizeof(text), "\\u%04X\\u%04X",
			       0xd800 + ((c - 0x10000) >> 10),
			       0xdc00 + ((c - 0x10000) & 0x3ff));
	else
		len = snprintf(text, sizeof(text), "\\u%04X", c);
	put(w, text, len);
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void write_string(struct writer *w, const char *text, size_t text_len)
{
	const uint8_t *p = (const uint8_t *)text;
	const uint8_t *end = p + text_len;
	const uint8_t *run;
	size_t len;

	put(w, "\"", 1);
	while (p < end) {
		for (run = p; p < end && is_plain(*p);)
			p++;
		put(w, (const char *)run, p - run);
		if (p == end)
			break;
		put_escaped(w, next_char(p, end, &len));
		p += len;
	}
	put(w, "\"", 1);
}

static void write_integer(struct writer *w, struct json_object *value)
{
	int64_t number = json_object_get_int64(value);
	char text[24];

	/* Only what is beyond int64 is kept unsigned; get_int64() clamps it. */
	if (number == INT64_MAX)
		snprintf(text, sizeof(text), "%" PRIu64,
			 json_object_get_uint64(value));
	else
		snprintf(text, sizeof(text), "%" PRId64, number);
	puts_plain(w, text);
}

static void write_double(struct writer *w, struct json_object *value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.17g", json_object_get_double(value));
	puts_plain(w, text);
}

static void next_member(struct writer *w, bool *first)
{
	if (!*first)
		puts_plain(w, w->pretty ? "," : ", ");
	*first = false;
	new_line(w);
}

static void write_object(struct writer *w, struct json_object *object)
{
	bool first = true;

	put(w, "{", 1);
	w->depth++;
	json_object_object_foreach(object, key, value) {
		next_member(w, &first);
		write_string(w, key, strlen(key));
		put(w, ": ", 2);
		write_value(w, value);
	}
	w->depth--;
	new_line(w);
	put(w, "}", 1);
}

static void write_array(struct writer *w, struct json_object *array)
{
	size_t len = json_object_array_length(array);
	bool first = true;
	size_t i;

	put(w, "[", 1);
	w->depth++;
	for (i = 0; i < len; i++) {
		next_member(w, &first);
		write_value(w, json_object_array_get_idx(array, i));
	}
	w->depth--;
	new_line(w);
	put(w, "]", 1);
}

static void write_value(struct writer *w, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		puts_plain(w, "null");
		break;
	case json_type_boolean:
		puts_plain(w, json_object_get_boolean(value) ? "true" :
							       "false");
		break;
	case json_type_int:
		write_integer(w, value);
		break;
	case json_type_double:
		write_double(w, value);
		break;
	case json_type_string:
		write_string(w, json_object_get_string(value),
			     json_object_get_string_len(value));
		break;
	case json_type_object:
		write_object(w, value);
		break;
	case json_type_array:
		write_array(w, value);
		break;
	}
}

int json_write(struct bytes *out, struct json_object *value, bool pretty)
{
	struct writer w = { .out = out, .pretty = pretty };
	size_t before = bytes_len(out);

	write_value(&w, value);
	if (w.err)
		out->tail = out->head + before;

	return w.err;
}
