/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_stream.h - JSON values out of a stream of bytes, in QEMU's dialect
 *
 * QMP and the guest agent protocol are streams of JSON values with nothing
 * between them: a value needs no newline after it, two may touch, strings may
 * be in single quotes, and the byte 0xFF, which JSON text never has, makes the
 * parser forget what it was in the middle of.
 *
 * Trust
 * -----
 *
 * The bytes come from the other side of a virtual machine's border.  A value's
 * size and depth are bounded; a bad one costs one call of error() and parsing
 * goes on behind it.
 */

#ifndef VPORT_JSON_STREAM_H
#define VPORT_JSON_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct json_stream;

#define JSON_STREAM_MAX_SIZE	(64u << 20)	/* bytes of one value, as QEMU */
#define JSON_STREAM_MAX_DEPTH	1024		/* nested brackets, as QEMU */
#define JSON_STREAM_MAX_TOKENS	(256u << 10)	/* each may cost 300 bytes */

struct json_stream_ops {
	/*
	 * value() - one whole value came in.
	 *
	 * @value, NULL for null, belongs to the stream: json_object_get() what
	 * is kept.  Integers are int64 or uint64 as QEMU's; larger ones and
	 * what has a fraction or an exponent are doubles.
	 *
	 * The stream must not be destroyed nor fed in here.  A call of
	 * json_stream_reset() is allowed and drops the rest of what is being
	 * fed.  The same holds for the other callbacks.
	 */
	void (*value)(void *data, struct json_object *value);

	/*
	 * error() - what came in is no JSON.
	 *
	 * @why is in QEMU's words ("JSON parse error, ...").
	 */
	void (*error)(void *data, const char *why);

	/*
	 * sentinel() - a byte 0xFF came in; the parser has been reset.
	 *
	 * Optional.
	 */
	void (*sentinel)(void *data);

	/*
	 * text_begins() - a string comes that is a member of a member.
	 *
	 * In {"arguments": {"x": "..."}} @outer is "arguments" and @inner is
	 * "x"; names with escapes in them, and of more than JSON_STREAM_NAME
	 * characters, are not told.  Where it says true the string goes to
	 * text(), piece by piece, and a
	 * value that no sender can make stands for it, for which
	 * json_stream_is_text() says true.  What came is void if error() or
	 * sentinel() follows instead of value().
	 *
	 * Optional, together with text().
	 */
	bool (*text_begins)(void *data, const char *outer, const char *inner);

	/*
	 * text() - @len more characters, escapes resolved.
	 *
	 * An escaped character outside of ASCII comes as the byte 0xFF.
	 */
	void (*text)(void *data, const char *text, size_t len);
};

#define JSON_STREAM_NAME 15

/* Whether a value stands for a string that went to text(). */
bool json_stream_is_text(struct json_object *value);

/* Return: 0 with the stream in @ret, or -ENOMEM. */
int json_stream_create(const struct json_stream_ops *ops, void *data,
		       struct json_stream **ret);

/* NULL is allowed. */
void json_stream_destroy(struct json_stream *stream);

/* Parse @len more bytes; the callbacks are called from in here, in order. */
void json_stream_feed(struct json_stream *stream, const void *data, size_t len);

/* Forget an unfinished value. */
void json_stream_reset(struct json_stream *stream);

#endif /* VPORT_JSON_STREAM_H */
