// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_stream_fuzz.c - any bytes into the JSON parser
 *
 * The first byte says how the rest is cut.  However that is, the calls must be
 * the same; and what comes out, written and read again, must be itself.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "bytes.h"
#include "json_stream.h"
#include "json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct calls {
	struct bytes text;
	struct json_object *last;
	unsigned int values;
	unsigned int errors;
};

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void on_value(void *data, struct json_object *value)
{
	struct calls *calls = data;

	must(!json_write(&calls->text, value, false), "cannot write");
	bytes_append(&calls->text, "\n", 1);
	json_object_put(calls->last);
	calls->last = json_object_get(value);
	calls->values++;
}

static void on_error(void *data, const char *why)
{
	struct calls *calls = data;

	bytes_append(&calls->text, "e", 1);
	bytes_append(&calls->text, why, strlen(why));
	calls->errors++;
}

static void on_sentinel(void *data)
{
	struct calls *calls = data;

	bytes_append(&calls->text, "s", 1);
}

static const struct json_stream_ops ops = {
	.value = on_value,
	.error = on_error,
	.sentinel = on_sentinel,
};

static void run(struct calls *calls, const uint8_t *data, size_t size,
		size_t step)
{
	struct json_stream *stream;
	size_t i;

	memset(calls, 0, sizeof(*calls));
	bytes_init(&calls->text, 64u << 20);
	must(!json_stream_create(&ops, calls, &stream), "no memory");
	for (i = 0; i < size; i += step)
		json_stream_feed(stream, data + i,
				 step < size - i ? step : size - i);
	json_stream_destroy(stream);
}

static void finish(struct calls *calls)
{
	bytes_finish(&calls->text);
	json_object_put(calls->last);
}

static int same_text(const struct bytes *a, const struct bytes *b)
{
	return bytes_len(a) == bytes_len(b) &&
	       (!bytes_len(a) ||
		!memcmp(bytes_peek(a), bytes_peek(b), bytes_len(a)));
}

/*
 * A double without a fraction comes back as an integer, as it does with QEMU,
 * and -0 then as 0; from there on the text stays what it is.
 */
static void check_round_trip(struct json_object *value)
{
	struct calls second;
	struct calls third;
	struct bytes text;

	bytes_init(&text, 64u << 20);
	must(!json_write(&text, value, false), "cannot write");
	bytes_append(&text, "\n", 1);
	run(&second, bytes_peek(&text), bytes_len(&text), SIZE_MAX / 2);
	must(second.values == 1 && !second.errors, "own text not understood");
	run(&third, bytes_peek(&second.text), bytes_len(&second.text),
	    SIZE_MAX / 2);
	must(same_text(&second.text, &third.text), "own text changes");
	finish(&second);
	finish(&third);
	bytes_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct calls whole;
	struct calls pieces;
	size_t step;

	if (!size)
		return 0;

	step = 1 + *data % 16;
	run(&whole, data + 1, size - 1, SIZE_MAX / 2);
	run(&pieces, data + 1, size - 1, step);
	must(same_text(&whole.text, &pieces.text), "pieces matter");
	if (whole.values)
		check_round_trip(whole.last);
	finish(&whole);
	finish(&pieces);
	return 0;
}
