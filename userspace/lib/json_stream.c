// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_stream.c - JSON values out of a stream of bytes, in QEMU's dialect
 *
 * json-c's tokener builds the values (json_builder.c); this framer stands before
 * it and makes out of QEMU's dialect what the tokener takes in its strict mode.
 * It follows brackets, strings and words byte by byte, so that it knows where a
 * value ends even when the value is bad, and it looks at what json-c is lenient
 * or silent about: control characters, escapes, surrogates, UTF-8 and numbers
 * out of range.
 *
 * Recovery
 * --------
 *
 * A bad value is told about once and then skipped up to its closing bracket.
 * Where that cannot be found, parsing resumes after the next of:
 *
 *  - the byte 0xFF, always;
 *  - an opening bracket at the start of a line;
 *  - any opening bracket, after a control character: no encoder writes one, so
 *    the sender was cut off or the line is noisy, and what came before counts
 *    for nothing.
 *
 * How the bytes were cut into pieces never matters: what reaches the tokener in
 * one call depends on the value alone.
 */

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "json_builder.h"
#include "json_lex.h"
#include "json_stream.h"
#include "json_stream_state.h"

#define SENTINEL	0xff

typedef void (*json_state_fn)(struct json_stream *s, uint8_t c);

static const json_state_fn state_byte[JSON_STATES];

/* Back to between values. */
static void value_restart(struct json_stream *s)
{
	json_builder_reset(&s->builder);
	s->state = JSON_IDLE;
	s->bad = false;
	s->depth = 0;
	s->size = 0;
	s->tokens = 0;
	s->members = 0;
	s->has_nul = false;
	s->member = false;
	s->apart = false;
	s->names[0][0] = '\0';
	s->names[1][0] = '\0';
}

void stream_fail(struct json_stream *s, const char *why)
{
	if (s->bad)
		return;

	s->bad = true;
	json_builder_reset(&s->builder);
	s->ops->error(s->data, why);
}

static void fail_stray(struct json_stream *s, uint8_t c)
{
	char why[48];

	if (c > 0x20 && c < 0x7f)
		snprintf(why, sizeof(why), "JSON parse error, stray '%c'", c);
	else
		snprintf(why, sizeof(why), "JSON parse error, stray '\\x%02X'",
			 c);
	stream_fail(s, why);
}

static void stage_flush(struct json_stream *s)
{
	const char *why;

	if (s->bad)
		return;

	why = json_builder_flush(&s->builder);
	if (why)
		stream_fail(s, why);
}

void stream_stage_put(struct json_stream *s, char c)
{
	const char *why;

	if (s->bad)
		return;

	why = json_builder_put(&s->builder, c);
	if (why)
		stream_fail(s, why);
}

void stream_stage_puts(struct json_stream *s, const char *text)
{
	for (; *text; text++)
		stream_stage_put(s, *text);
}

void stream_value_end(struct json_stream *s)
{
	struct json_object *value = NULL;
	const char *why;

	if (!s->bad) {
		why = json_builder_end(&s->builder, s->members, &value);
		if (why)
			stream_fail(s, why);
	}
	if (s->bad) {
		value_restart(s);
		return;
	}

	value_restart(s);
	s->ops->value(s->data, value);
	json_object_put(value);
}

void stream_token(struct json_stream *s)
{
	s->member = false;
	if (++s->tokens == JSON_STREAM_MAX_TOKENS + 1)
		stream_fail(s, "JSON token count limit exceeded");
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_word(uint8_t c)
{
	return c < 0x80 && (isalnum(c) || c == '+' || c == '-' || c == '.' ||
			    c == '_');
}

/* Numbers and keywords */

/* As in QEMU, what is no int64 is a uint64, and what is neither a double. */
static void stage_number(struct json_stream *s, bool integer)
{
	if (!isfinite(strtod(s->word, NULL))) {
		stream_fail(s, "JSON parse error, number out of range");
		return;
	}

	stream_stage_puts(s, s->word);
	if (integer && !json_integer_fits(s->word))
		stream_stage_puts(s, "e0");
}

static void word_end(struct json_stream *s)
{
	char why[80];
	bool integer;

	s->word[s->word_len] = '\0';
	s->state = s->depth ? JSON_INSIDE : JSON_IDLE;

	if (json_is_number(s->word, &integer)) {
		stage_number(s, integer);
	} else if (!strcmp(s->word, "true") || !strcmp(s->word, "false") ||
		   !strcmp(s->word, "null")) {
		stream_stage_puts(s, s->word);
	} else {
		snprintf(why, sizeof(why),
			 "JSON parse error, invalid keyword '%.32s'", s->word);
		stream_fail(s, why);
	}

	if (s->depth)
		return;
	if (s->bad) {
		s->state = JSON_GARBAGE;
		return;
	}
	stream_stage_put(s, ' ');	/* ends a number */
	stream_value_end(s);
}

static void word_begin(struct json_stream *s, uint8_t c)
{
	stream_token(s);
	s->state = JSON_WORD;
	s->word_len = 0;
	s->word[s->word_len++] = c;
}

/* Structure */

static void open_bracket(struct json_stream *s, uint8_t c)
{
	stream_token(s);
	s->state = JSON_INSIDE;
	if (++s->depth == JSON_STREAM_MAX_DEPTH + 1)
		stream_fail(s, "JSON nesting depth limit exceeded");
	stream_stage_put(s, c);
}

/*
 * Encoders indent what is nested, so an object that opens at the start of a
 * line is a new message, provided that what it would be nested in is bad.
 * Whether it is takes the tokener to say.
 */
static void open_nested(struct json_stream *s, uint8_t c)
{
	open_bracket(s, c);
	if (c != '{' || !s->line_start)
		return;

	stage_flush(s);
	if (s->bad) {
		value_restart(s);
		state_byte[JSON_IDLE](s, c);
	}
}

static void close_bracket(struct json_stream *s, uint8_t c)
{
	stream_token(s);
	stream_stage_put(s, c);
	if (!--s->depth)
		stream_value_end(s);
}

static void colon(struct json_stream *s)
{
	stream_token(s);
	s->members++;
	/* json-c would cut the key short at the NUL. */
	if (s->has_nul)
		stream_fail(s, "JSON parse error, invalid character in key");
	if (!s->bad && (s->depth == 1 || s->depth == 2))
		string_keep_name(s);
	s->member = true;
	stream_stage_put(s, ':');
}

static void state_idle(struct json_stream *s, uint8_t c)
{
	if (is_space(c))
		return;

	s->size = 1;
	if (c == '{' || c == '[') {
		open_bracket(s, c);
	} else if (c == '"' || c == '\'') {
		string_begin(s, c);
	} else if (is_word(c)) {
		word_begin(s, c);
	} else {
		fail_stray(s, c);
		s->state = JSON_GARBAGE;
	}
}

static void state_inside(struct json_stream *s, uint8_t c)
{
	if (c == '{' || c == '[') {
		open_nested(s, c);
	} else if (c == '}' || c == ']') {
		close_bracket(s, c);
	} else if (c == '"' || c == '\'') {
		string_begin(s, c);
	} else if (c == ':') {
		colon(s);
	} else if (c == ',') {
		stream_token(s);
		stream_stage_put(s, c);
	} else if (is_word(c)) {
		word_begin(s, c);
	} else if (is_space(c)) {
		stream_stage_put(s, ' ');
	} else {
		fail_stray(s, c);
	}
}

static void state_garbage(struct json_stream *s, uint8_t c)
{
	if (c == '\n') {
		value_restart(s);
	} else if (c == '{' || c == '[') {
		value_restart(s);
		state_idle(s, c);
	}
}

static void state_word(struct json_stream *s, uint8_t c)
{
	if (!is_word(c)) {
		word_end(s);
		state_byte[s->state](s, c);
	} else if (s->word_len < WORD_MAX) {
		s->word[s->word_len++] = c;
	} else {
		stream_fail(s, "JSON parse error, number or keyword too long");
	}
}

static const json_state_fn state_byte[JSON_STATES] = {
	[JSON_IDLE] = state_idle,
	[JSON_INSIDE] = state_inside,
	[JSON_STRING] = string_char,
	[JSON_ESCAPE] = string_escape,
	[JSON_UNICODE] = string_unicode,
	[JSON_WORD] = state_word,
	[JSON_GARBAGE] = state_garbage,
};

static bool in_string(const struct json_stream *s)
{
	return s->state == JSON_STRING || s->state == JSON_ESCAPE ||
	       s->state == JSON_UNICODE;
}

static void feed_control(struct json_stream *s, uint8_t c)
{
	fail_stray(s, c);
	s->state = JSON_GARBAGE;
}

static void feed_byte(struct json_stream *s, uint8_t c)
{
	if (c == SENTINEL) {
		value_restart(s);
		s->line_start = false;
		if (s->ops->sentinel)
			s->ops->sentinel(s->data);
		return;
	}

	if (s->state != JSON_IDLE && ++s->size == JSON_STREAM_MAX_SIZE + 1)
		stream_fail(s, "JSON token size limit exceeded");

	if (c < 0x20 && (!is_space(c) || in_string(s))) {
		if (s->state == JSON_WORD)
			word_end(s);
		feed_control(s, c);
	} else {
		state_byte[s->state](s, c);
	}
	s->line_start = c == '\n';
}

int json_stream_create(const struct json_stream_ops *ops, void *data,
		       struct json_stream **ret)
{
	struct json_stream *s;

	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;

	s->ops = ops;
	s->data = data;
	*ret = s;
	return 0;
}

void json_stream_destroy(struct json_stream *s)
{
	if (!s)
		return;

	json_builder_finish(&s->builder);
	free(s);
}

void json_stream_feed(struct json_stream *s, const void *data, size_t len)
{
	const uint8_t *p = data;
	const uint8_t *end = p + len;

	s->feeding = true;
	while (p < end && !s->stop) {
		p += string_feed(s, p, end - p);
		if (p < end)
			feed_byte(s, *p++);
	}
	s->feeding = false;

	if (s->stop)
		json_stream_reset(s);
}

void json_stream_reset(struct json_stream *s)
{
	s->stop = s->feeding;
	if (s->feeding)
		return;

	value_restart(s);
	s->line_start = false;
}
