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

#define SENTINEL	0xff

/* A number or keyword: the longest exact double has fewer characters. */
#define WORD_MAX	800

enum json_state {
	JSON_IDLE,	/* between values */
	JSON_INSIDE,	/* in brackets, between lexical elements */
	JSON_STRING,
	JSON_ESCAPE,	/* behind a backslash */
	JSON_UNICODE,	/* in the digits of \uXXXX */
	JSON_WORD,	/* in a number or a keyword */
	JSON_GARBAGE,	/* skipping what is no value */
	JSON_STATES,
};

typedef void (*json_state_fn)(struct json_stream *s, uint8_t c);

static const json_state_fn state_byte[JSON_STATES];

struct json_stream {
	const struct json_stream_ops *ops;
	void *data;
	bool feeding;
	bool stop;		/* reset by a callback */

	enum json_state state;
	bool bad;		/* the value has been complained about */
	bool line_start;	/* the byte before was a line feed */
	size_t depth;
	size_t size;		/* bytes of this value */
	size_t tokens;
	size_t members;		/* colons, so far */

	uint8_t quote;		/* which one ends the string */
	bool has_nul;		/* the last string has \u0000 in it */
	bool high;		/* a low surrogate must follow */
	uint8_t hex_digits;
	uint16_t hex;
	struct utf8_state utf8;

	size_t word_len;
	char word[WORD_MAX + 1];
	struct json_builder builder;
};

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
}

static void fail(struct json_stream *s, const char *why)
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
	fail(s, why);
}

static void stage_flush(struct json_stream *s)
{
	const char *why;

	if (s->bad)
		return;

	why = json_builder_flush(&s->builder);
	if (why)
		fail(s, why);
}

static void stage_put(struct json_stream *s, char c)
{
	const char *why;

	if (s->bad)
		return;

	why = json_builder_put(&s->builder, c);
	if (why)
		fail(s, why);
}

static void stage_puts(struct json_stream *s, const char *text)
{
	for (; *text; text++)
		stage_put(s, *text);
}

static void value_end(struct json_stream *s)
{
	struct json_object *value = NULL;
	const char *why;

	if (!s->bad) {
		why = json_builder_end(&s->builder, s->members, &value);
		if (why)
			fail(s, why);
	}
	if (s->bad) {
		value_restart(s);
		return;
	}

	value_restart(s);
	s->ops->value(s->data, value);
	json_object_put(value);
}

static void token(struct json_stream *s)
{
	if (++s->tokens == JSON_STREAM_MAX_TOKENS + 1)
		fail(s, "JSON token count limit exceeded");
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

/* Strings */

static void string_begin(struct json_stream *s, uint8_t quote)
{
	token(s);
	s->state = JSON_STRING;
	s->quote = quote;
	s->has_nul = false;
	s->high = false;
	s->utf8.left = 0;
	stage_put(s, '"');
}

static void string_end(struct json_stream *s)
{
	s->state = JSON_INSIDE;
	stage_put(s, '"');
	if (!s->depth)
		value_end(s);
}

static void fail_surrogate(struct json_stream *s)
{
	s->high = false;
	fail(s, "JSON parse error, lone surrogate in string");
}

static void state_string(struct json_stream *s, uint8_t c)
{
	if (!utf8_next(&s->utf8, c))
		fail(s, "JSON parse error, invalid UTF-8 sequence in string");
	if (s->high && c != '\\')
		fail_surrogate(s);

	if (c == s->quote) {
		string_end(s);
	} else if (c == '\\') {
		s->state = JSON_ESCAPE;
	} else {
		if (c == '"')
			stage_put(s, '\\');
		stage_put(s, c);
	}
}

static void state_escape(struct json_stream *s, uint8_t c)
{
	if (s->high && c != 'u')
		fail_surrogate(s);

	s->state = JSON_STRING;
	if (c == 'u') {
		s->state = JSON_UNICODE;
		s->hex_digits = 0;
		s->hex = 0;
	} else if (!memchr("\"'\\/bfnrt", c, 9)) {
		fail(s, "JSON parse error, invalid escape sequence in string");
	}

	if (c != '\'')
		stage_put(s, '\\');
	stage_put(s, c);
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
}

static void state_unicode(struct json_stream *s, uint8_t c)
{
	if (!isxdigit(c)) {
		fail(s, "JSON parse error, invalid hex escape in string");
		s->state = JSON_STRING;
		state_string(s, c);
		return;
	}

	s->hex = s->hex << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	stage_put(s, c);
	if (++s->hex_digits == 4)
		unicode_end(s);
}

/* Numbers and keywords */

/* As in QEMU, what is no int64 is a uint64, and what is neither a double. */
static void stage_number(struct json_stream *s, bool integer)
{
	if (!isfinite(strtod(s->word, NULL))) {
		fail(s, "JSON parse error, number out of range");
		return;
	}

	stage_puts(s, s->word);
	if (integer && !json_integer_fits(s->word))
		stage_puts(s, "e0");
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
		stage_puts(s, s->word);
	} else {
		snprintf(why, sizeof(why),
			 "JSON parse error, invalid keyword '%.32s'", s->word);
		fail(s, why);
	}

	if (s->depth)
		return;
	if (s->bad) {
		s->state = JSON_GARBAGE;
		return;
	}
	stage_put(s, ' ');	/* ends a number */
	value_end(s);
}

static void word_begin(struct json_stream *s, uint8_t c)
{
	token(s);
	s->state = JSON_WORD;
	s->word_len = 0;
	s->word[s->word_len++] = c;
}

/* Structure */

static void open_bracket(struct json_stream *s, uint8_t c)
{
	token(s);
	s->state = JSON_INSIDE;
	if (++s->depth == JSON_STREAM_MAX_DEPTH + 1)
		fail(s, "JSON nesting depth limit exceeded");
	stage_put(s, c);
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
	token(s);
	stage_put(s, c);
	if (!--s->depth)
		value_end(s);
}

static void colon(struct json_stream *s)
{
	token(s);
	s->members++;
	/* json-c would cut the key short at the NUL. */
	if (s->has_nul)
		fail(s, "JSON parse error, invalid character in key");
	stage_put(s, ':');
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
		token(s);
		stage_put(s, c);
	} else if (is_word(c)) {
		word_begin(s, c);
	} else if (is_space(c)) {
		stage_put(s, ' ');
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
		fail(s, "JSON parse error, number or keyword too long");
	}
}

static const json_state_fn state_byte[JSON_STATES] = {
	[JSON_IDLE] = state_idle,
	[JSON_INSIDE] = state_inside,
	[JSON_STRING] = state_string,
	[JSON_ESCAPE] = state_escape,
	[JSON_UNICODE] = state_unicode,
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
		fail(s, "JSON token size limit exceeded");

	if (c < 0x20 && (!is_space(c) || in_string(s))) {
		if (s->state == JSON_WORD)
			word_end(s);
		feed_control(s, c);
	} else {
		state_byte[s->state](s, c);
	}
	s->line_start = c == '\n';
}

/* The bulk of a large message is plain text in a string. */
static size_t feed_plain(struct json_stream *s, const uint8_t *p, size_t len)
{
	struct json_builder *b = &s->builder;
	size_t max = sizeof(b->stage) - b->staged;
	size_t n;

	if (s->state != JSON_STRING || s->bad || s->high || s->utf8.left)
		return 0;
	if (max > JSON_STREAM_MAX_SIZE - s->size)
		max = JSON_STREAM_MAX_SIZE - s->size;
	if (len > max)
		len = max;

	for (n = 0; n < len; n++) {
		if (p[n] < 0x20 || p[n] >= 0x80 || p[n] == '"' ||
		    p[n] == '\'' || p[n] == '\\')
			break;
		b->stage[b->staged + n] = p[n];
	}

	b->staged += n;
	s->size += n;
	if (n)
		s->line_start = false;
	return n;
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
		p += feed_plain(s, p, end - p);
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
