/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_stream_state.h - what the framer remembers between two bytes
 *
 * For json_stream.c and json_string.c alone.
 */

#ifndef VPORT_JSON_STREAM_STATE_H
#define VPORT_JSON_STREAM_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "json_builder.h"
#include "json_lex.h"
#include "json_stream.h"

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

	bool member;		/* a colon was the last token */
	bool apart;		/* the string goes to ops->text() */
	size_t name_at;		/* where in the stage the string begins */
	size_t name_total;	/* characters before that stage */
	char names[2][JSON_STREAM_NAME + 1];	/* at depth 1 and 2 */

	size_t word_len;
	char word[WORD_MAX + 1];
	struct json_builder builder;
};

/* json_stream.c */

/* Complain about the value, once. */
void stream_fail(struct json_stream *s, const char *why);

/* A lexical element begins. */
void stream_token(struct json_stream *s);

/* Characters for the tokener. */
void stream_stage_put(struct json_stream *s, char c);
void stream_stage_puts(struct json_stream *s, const char *text);

/* The outermost value is complete. */
void stream_value_end(struct json_stream *s);

/* json_string.c */

void string_begin(struct json_stream *s, uint8_t quote);

/* Remember the string before a colon, as long as it is in one stage. */
void string_keep_name(struct json_stream *s);

/* Return: bytes of @p that were plain text inside of a string. */
size_t string_feed(struct json_stream *s, const uint8_t *p, size_t len);

/* The states in a string, for each byte that string_feed() leaves. */
void string_char(struct json_stream *s, uint8_t c);
void string_escape(struct json_stream *s, uint8_t c);
void string_unicode(struct json_stream *s, uint8_t c);

#endif /* VPORT_JSON_STREAM_STATE_H */
