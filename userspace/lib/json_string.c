// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_string.c - strings for json_stream.c
 *
 * A string goes to the tokener with the rest of its value or, where the user of
 * the stream wants it, apart: megabytes of base64 are then never in memory as a
 * whole.
 *
 * The tokener gets ASCII alone: in its strict mode some versions of json-c take
 * the bytes of other characters for control characters.
 */

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "json_stream_state.h"

/* A double beyond all numbers: stage_number() lets none of them through. */
#define TEXT_APART "1e999"

bool json_stream_is_text(struct json_object *value)
{
	return json_object_is_type(value, json_type_double) &&
	       isinf(json_object_get_double(value));
}

static bool goes_apart(const struct json_stream *s)
{
	return s->member && s->depth == 2 && !s->bad && s->ops->text_begins &&
	       s->ops->text_begins(s->data, s->names[0], s->names[1]);
}

void string_keep_name(struct json_stream *s)
{
	const struct json_builder *b = &s->builder;
	char *name = s->names[s->depth - 1];
	size_t len = 0;

	while (s->name_total == b->total && len < JSON_STREAM_NAME &&
	       s->name_at + len < b->staged &&
	       b->stage[s->name_at + len] != '"') {
		name[len] = b->stage[s->name_at + len];
		len++;
	}
	if (s->name_at + len >= b->staged || b->stage[s->name_at + len] != '"')
		len = 0;
	name[len] = '\0';
}

/* One character of a string, its escapes resolved. */
static void text_put(struct json_stream *s, char c)
{
	if (!s->bad)
		s->ops->text(s->data, &c, 1);
}

void string_begin(struct json_stream *s, uint8_t quote)
{
	s->apart = goes_apart(s);
	stream_token(s);
	s->state = JSON_STRING;
	s->quote = quote;
	s->has_nul = false;
	s->high = false;
	s->utf8.left = 0;
	if (s->apart)
		return;

	stream_stage_put(s, '"');
	s->name_at = s->builder.staged;
	s->name_total = s->builder.total;
}

static void string_end(struct json_stream *s)
{
	s->state = JSON_INSIDE;
	if (s->apart)
		stream_stage_puts(s, TEXT_APART);
	else
		stream_stage_put(s, '"');
	s->apart = false;
	if (!s->depth)
		stream_value_end(s);
}

static void fail_surrogate(struct json_stream *s)
{
	s->high = false;
	stream_fail(s, "JSON parse error, lone surrogate in string");
}

static void stage_character(struct json_stream *s, uint32_t code)
{
	char text[32];

	if (code < 0x10000)
		snprintf(text, sizeof(text), "\\u%04" PRIx32, code);
	else
		snprintf(text, sizeof(text), "\\u%04" PRIx32 "\\u%04" PRIx32,
			 0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
	stream_stage_puts(s, text);
}

void string_char(struct json_stream *s, uint8_t c)
{
	if (!utf8_next(&s->utf8, c))
		stream_fail(s, "JSON parse error, invalid UTF-8 sequence in string");
	if (s->high && c != '\\')
		fail_surrogate(s);

	if (c == s->quote) {
		string_end(s);
	} else if (c == '\\') {
		s->state = JSON_ESCAPE;
	} else if (s->apart) {
		text_put(s, c);
	} else if (c & 0x80) {
		if (!s->utf8.left)
			stage_character(s, s->utf8.code);
	} else {
		if (c == '"')
			stream_stage_put(s, '\\');
		stream_stage_put(s, c);
	}
}

/* What the letter behind a backslash stands for. */
static char escaped_char(char c)
{
	static const char letters[] = "b\bf\fn\nr\rt\t";
	const char *p;

	for (p = letters; *p; p += 2) {
		if (*p == c)
			return p[1];
	}

	return c;
}

void string_escape(struct json_stream *s, uint8_t c)
{
	if (s->high && c != 'u')
		fail_surrogate(s);

	s->state = JSON_STRING;
	if (c == 'u') {
		s->state = JSON_UNICODE;
		s->hex_digits = 0;
		s->hex = 0;
	} else if (!memchr("\"'\\/bfnrt", c, 9)) {
		stream_fail(s, "JSON parse error, invalid escape sequence in string");
	}

	if (s->apart) {
		if (c != 'u')
			text_put(s, escaped_char(c));
		return;
	}
	if (c != '\'')
		stream_stage_put(s, '\\');
	stream_stage_put(s, c);
}

static void unicode_end(struct json_stream *s)
{
	bool high = s->hex >= 0xd800 && s->hex <= 0xdbff;
	bool low = s->hex >= 0xdc00 && s->hex <= 0xdfff;

	s->state = JSON_STRING;
	if (!s->hex)
		s->has_nul = true;
	if (low != s->high)
		fail_surrogate(s);
	s->high = high;
	if (s->apart && !high)
		text_put(s, s->hex < 0x80 ? s->hex : 0xff);
}

void string_unicode(struct json_stream *s, uint8_t c)
{
	if (!isxdigit(c)) {
		stream_fail(s, "JSON parse error, invalid hex escape in string");
		s->state = JSON_STRING;
		string_char(s, c);
		return;
	}

	s->hex = s->hex << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	if (!s->apart)
		stream_stage_put(s, c);
	if (++s->hex_digits == 4)
		unicode_end(s);
}

/* Neither the end of a string nor something to look at. */
static bool is_plain(uint8_t c)
{
	static const bool special[256] = {
		[0 ... 0x1f] = true,
		[0x80 ... 0xff] = true,
		['"'] = true, ['\''] = true, ['\\'] = true,
	};

	return !special[c];
}

/* The bulk of a large message is plain text in a string. */
size_t string_feed(struct json_stream *s, const uint8_t *p, size_t len)
{
	struct json_builder *b = &s->builder;
	size_t max = s->apart ? len : sizeof(b->stage) - b->staged;
	size_t n;

	if (s->state != JSON_STRING || s->bad || s->high || s->utf8.left)
		return 0;
	if (max > JSON_STREAM_MAX_SIZE - s->size)
		max = JSON_STREAM_MAX_SIZE - s->size;
	if (len > max)
		len = max;

	for (n = 0; n < len && is_plain(p[n]); n++)
		;
	if (!n)
		return 0;

	if (s->apart) {
		s->ops->text(s->data, (const char *)p, n);
	} else {
		memcpy(b->stage + b->staged, p, n);
		b->staged += n;
	}
	s->size += n;
	s->line_start = false;
	return n;
}
