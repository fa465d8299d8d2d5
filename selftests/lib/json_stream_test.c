// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_stream_test.c - values out of a stream of bytes
 *
 * Each case is fed whole, then byte by byte, and must give the same calls both
 * times: "v TEXT" for a value, "e WHY" for an error, "s" for the sentinel.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "json_stream.h"

struct calls {
	struct json_stream *stream;
	char text[16384];
	size_t len;
	char apart[256];
	size_t apart_len;
	bool reset_on_value;
};

static void note(struct calls *calls, const char *kind, const char *text)
{
	int n = snprintf(calls->text + calls->len,
			 sizeof(calls->text) - calls->len, "%s%s\n", kind,
			 text);

	assert_true(n > 0 && (size_t)n < sizeof(calls->text) - calls->len);
	calls->len += n;
}

static bool on_text_begins(void *data, const char *outer, const char *inner)
{
	struct calls *calls = data;

	calls->apart_len = 0;
	return !strcmp(outer, "arguments") && !strcmp(inner, "apart");
}

static void on_text(void *data, const char *text, size_t len)
{
	struct calls *calls = data;

	assert_true(calls->apart_len + len < sizeof(calls->apart));
	memcpy(calls->apart + calls->apart_len, text, len);
	calls->apart_len += len;
	calls->apart[calls->apart_len] = '\0';
}

static bool note_apart(struct calls *calls, struct json_object *value)
{
	struct json_object *args = json_object_object_get(value, "arguments");
	struct json_object *apart = json_object_object_get(args, "apart");

	if (!json_stream_is_text(apart))
		return false;

	note(calls, "t ", calls->apart_len ? calls->apart : "");
	return true;
}

static void on_value(void *data, struct json_object *value)
{
	struct calls *calls = data;

	if (note_apart(calls, value))
		return;
	note(calls, "v ", value ? json_object_to_json_string_ext(
					  value, JSON_C_TO_STRING_PLAIN) :
				  "null");
	if (calls->reset_on_value)
		json_stream_reset(calls->stream);
}

static void on_error(void *data, const char *why)
{
	note(data, "e ", why);
}

static void on_sentinel(void *data)
{
	note(data, "s", "");
}

static const struct json_stream_ops ops = {
	.value = on_value,
	.error = on_error,
	.sentinel = on_sentinel,
	.text_begins = on_text_begins,
	.text = on_text,
};

static void calls_begin(struct calls *calls)
{
	memset(calls, 0, sizeof(*calls));
	assert_int_equal(0, json_stream_create(&ops, calls, &calls->stream));
}

static void calls_of(struct calls *calls, const char *in, size_t len,
		     size_t step)
{
	size_t i;

	calls_begin(calls);
	for (i = 0; i < len; i += step)
		json_stream_feed(calls->stream, in + i,
				 step < len - i ? step : len - i);
	json_stream_destroy(calls->stream);
}

static void check_len(const char *in, size_t len, const char *expected)
{
	static struct calls calls;
	static const size_t steps[] = { SIZE_MAX / 2, 1, 3, 7 };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		calls_of(&calls, in, len, steps[i]);
		assert_string_equal(expected, calls.text);
	}
}

static void check(const char *in, const char *expected)
{
	check_len(in, strlen(in), expected);
}

#define STRAY(x)	"e JSON parse error, stray '" x "'\n"
#define EXPECTING	"e JSON parse error, expecting value\n"
#define BAD_UTF8	"e JSON parse error, invalid UTF-8 sequence in string\n"
#define SURROGATE	"e JSON parse error, lone surrogate in string\n"
#define DUPLICATE	"e JSON parse error, duplicate key\n"
#define GOOD		"{\"execute\":\"x\"}"
#define GOOD_V		"v " GOOD "\n"

static void values_may_touch(void **state)
{
	check("{}{}[]", "v {}\nv {}\nv []\n");
	check("{\"a\":1}\n{\"b\":[1,2]}\r\n", "v {\"a\":1}\nv {\"b\":[1,2]}\n");
	check("\"a\"\"b\"", "v \"a\"\nv \"b\"\n");
	check(" \t\n {} ", "v {}\n");
}

static void scalars_end_at_a_delimiter(void **state)
{
	check("1 ", "v 1\n");
	check("1", "");
	check("true{}", "v true\nv {}\n");
	check("null\n", "v null\n");
	check("-5\n1.5\n", "v -5\nv 1.5\n");
}

static void single_quotes(void **state)
{
	check("{'a':'b'}", "v {\"a\":\"b\"}\n");
	check("['\"', \"'\", '\\'', \"\\'\", '\\\"']",
	      "v [\"\\\"\",\"'\",\"'\",\"'\",\"\\\"\"]\n");
	check("['{', '[']{}", "v [\"{\",\"[\"]\nv {}\n");
}

static void sentinel_leaves_every_state(void **state)
{
	static const char *const heads[] = {
		"", "{", "{\"a", "{\"a\\", "{\"a\\u00", "{'a", "[1", "[tr",
		"{\"a\":1", "[[[[", "[\xc3", "[\"\xc3", "garb", "\"\\ud800",
	};
	char in[64];
	size_t i;
	struct calls calls;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		snprintf(in, sizeof(in), "%s\xff" GOOD, heads[i]);
		calls_of(&calls, in, strlen(in), 1);
		assert_non_null(strstr(calls.text, "s\n" GOOD_V));
		assert_string_equal(strstr(calls.text, "s\n"), "s\n" GOOD_V);
	}
	check("{\"a\xff{}", "s\nv {}\n");
	check("\xff\xff", "s\ns\n");
}

static void bad_value_is_one_error(void **state)
{
	check("{\"a\":tru}" GOOD,
	      "e JSON parse error, invalid keyword 'tru'\n" GOOD_V);
	check("{\"a\" 1}" GOOD,
	      "e JSON parse error, missing : in object pair\n" GOOD_V);
	check("{\"a\":1 \"b\":2}" GOOD,
	      "e JSON parse error, expected separator in dict\n" GOOD_V);
	check("[1 2]" GOOD,
	      "e JSON parse error, expected separator in list\n" GOOD_V);
	check("{1:2}" GOOD,
	      "e JSON parse error, key is not a string in object\n" GOOD_V);
	check("[foo, bar, {\"baz\": quux}]" GOOD,
	      "e JSON parse error, invalid keyword 'foo'\n" GOOD_V);
	check("[;;;]" GOOD, STRAY(";") GOOD_V);
	check("[1}" GOOD, "e JSON parse error, expected separator in list\n"
	      GOOD_V);
	check("]]]]\n" GOOD, STRAY("]") GOOD_V);
	check("hello world\n" GOOD,
	      "e JSON parse error, invalid keyword 'hello'\n" GOOD_V);
	check("%p" GOOD, STRAY("%") GOOD_V);
}

static void trailing_commas_and_comments_are_errors(void **state)
{
	check("[1,]{}", EXPECTING "v {}\n");
	check("{\"a\":1,}{}", EXPECTING "v {}\n");
	check("[/**/]{}", STRAY("/") "v {}\n");
	check("[NaN]{}", "e JSON parse error, invalid keyword 'NaN'\nv {}\n");
	check("[True]{}", "e JSON parse error, invalid keyword 'True'\nv {}\n");
}

static void control_character_does_not_wedge(void **state)
{
	check("{\x01" GOOD, STRAY("\\x01") GOOD_V);
	check("\x01" GOOD, STRAY("\\x01") GOOD_V);
	check("{\"a\x01" GOOD, STRAY("\\x01") GOOD_V);
	check("{\"a\":\"b\nc\"}\n" GOOD, STRAY("\\x0A") GOOD_V);
	check("{\"a\":\"b\tc\"}" GOOD, STRAY("\\x09") GOOD_V);
	check_len("[\0" GOOD, 2 + strlen(GOOD), STRAY("\\x00") GOOD_V);
	check("1\x01{}", "v 1\n" STRAY("\\x01") "v {}\n");
}

static void message_cut_short_does_not_hide_the_next(void **state)
{
	check("{\"execute\":\"x\"\n" GOOD "\n",
	      "e JSON parse error, expected separator in dict\n" GOOD_V);
	check("{\"execute\":\"x\n" GOOD "\n", STRAY("\\x0A") GOOD_V);
	check("{\"a\":tru,\"b\":{\n" GOOD "\n",
	      "e JSON parse error, invalid keyword 'tru'\n" GOOD_V);
	check("[\n{\"a\":1},\n{\"b\":2}\n]" GOOD,
	      "v [{\"a\":1},{\"b\":2}]\n" GOOD_V);
}

static void duplicate_keys_are_errors(void **state)
{
	check("{\"a\":1,\"a\":2}{}", DUPLICATE "v {}\n");
	check("{\"a\":1,'\\u0061':2}{}", DUPLICATE "v {}\n");
	check("[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]{}", DUPLICATE "v {}\n");
	check("[{\"a\":1},{\"a\":2}]", "v [{\"a\":1},{\"a\":2}]\n");
	check("{\"a:\":\"::\"}", "v {\"a:\":\"::\"}\n");
}

static void strings_are_unicode(void **state)
{
	check("\"\\u00e9\\uD83D\\uDE00\"", "v \"é😀\"\n");
	check("\"é€😀\"", "v \"é€😀\"\n");
	check("\"\xc2\x80\uffff\U00010000\U0010ffff\"",
	      "v \"\xc2\x80\uffff\U00010000\U0010ffff\"\n");
	check("{\"é\":'ü\"'}", "v {\"é\":\"ü\\\"\"}\n");
	check("{\"é\":1,\"\\u00e9\":2}{}", DUPLICATE "v {}\n");
	check("\"\\uD83D\"{}", SURROGATE "v {}\n");
	check("\"\\uD83D\\n\"{}", SURROGATE "v {}\n");
	check("\"\\uD83D\\u0041\"{}", SURROGATE "v {}\n");
	check("\"\\uDE00\"{}", SURROGATE "v {}\n");
	check("\"\\uD83Dx\"{}", SURROGATE "v {}\n");
	check("\"\\u12g4\"{}",
	      "e JSON parse error, invalid hex escape in string\nv {}\n");
	check("\"\\u12\"{}",
	      "e JSON parse error, invalid hex escape in string\nv {}\n");
	check("\"\\x\"{}",
	      "e JSON parse error, invalid escape sequence in string\nv {}\n");
}

static void bad_utf8_is_an_error(void **state)
{
	check("\"\xc3\"{}", BAD_UTF8 "v {}\n");
	check("\"\x80\"{}", BAD_UTF8 "v {}\n");
	check("\"\xc0\x80\"{}", BAD_UTF8 "v {}\n");
	check("\"\xe0\x80\x80\"{}", BAD_UTF8 "v {}\n");
	check("\"\xed\xa0\x80\"{}", BAD_UTF8 "v {}\n");
	check("\"\xf4\x90\x80\x80\"{}", BAD_UTF8 "v {}\n");
	check("\"\xf5\"{}", BAD_UTF8 "v {}\n");
	check("[\xc3\xa9]{}", STRAY("\\xC3") "v {}\n");
}

static void nul_is_a_character_but_not_in_keys(void **state)
{
	check("\"a\\u0000b\"", "v \"a\\u0000b\"\n");
	check("{\"execute\\u0000\":1}{}",
	      "e JSON parse error, invalid character in key\nv {}\n");
}

static void numbers_follow_the_rfc(void **state)
{
	static const char *const bad[] = { "01", "-", "+1", ".5", "1.", "1e",
					   "1e+", "-01", "0x10", "1.e1" };
	char in[32];
	char expected[64];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(in, sizeof(in), "[%s]{}", bad[i]);
		snprintf(expected, sizeof(expected),
			 "e JSON parse error, invalid keyword '%s'\nv {}\n",
			 bad[i]);
		check(in, expected);
	}
	check("[0,-0,10,1e2,1.25E-2]", "v [0,0,10,1e2,1.25E-2]\n");
	check("[1e999]{}", "e JSON parse error, number out of range\nv {}\n");
}

static struct json_object *kept;

static void keep(void *data, struct json_object *value)
{
	kept = json_object_get(value);
}

static struct json_object *parse_one(const char *text)
{
	static const struct json_stream_ops keep_ops = {
		.value = keep,
		.error = on_error,
	};
	struct json_stream *stream;

	kept = NULL;
	assert_int_equal(0, json_stream_create(&keep_ops, NULL, &stream));
	json_stream_feed(stream, text, strlen(text));
	json_stream_destroy(stream);
	assert_non_null(kept);
	return kept;
}

static void integers_beyond_64_bits_are_doubles(void **state)
{
	struct json_object *v;

	v = parse_one("9223372036854775807 ");
	assert_int_equal(json_type_int, json_object_get_type(v));
	assert_true(json_object_get_int64(v) == INT64_MAX);
	json_object_put(v);

	v = parse_one("-9223372036854775808 ");
	assert_true(json_object_get_int64(v) == INT64_MIN);
	json_object_put(v);

	v = parse_one("9223372036854775808 ");
	assert_int_equal(json_type_int, json_object_get_type(v));
	assert_true(json_object_get_uint64(v) == 1ull << 63);
	json_object_put(v);

	v = parse_one("18446744073709551616 ");
	assert_int_equal(json_type_double, json_object_get_type(v));
	json_object_put(v);

	v = parse_one("-9223372036854775809 ");
	assert_int_equal(json_type_double, json_object_get_type(v));
	json_object_put(v);
}

static char *repeat(const char *unit, size_t count, const char *tail)
{
	size_t len = strlen(unit);
	char *text = malloc(len * count + strlen(tail) + 1);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < count; i++)
		memcpy(text + i * len, unit, len);
	strcpy(text + len * count, tail);
	return text;
}

static void depth_is_limited(void **state)
{
	static struct calls calls;
	char *close = repeat("]", JSON_STREAM_MAX_DEPTH, "");
	char *open = repeat("[", JSON_STREAM_MAX_DEPTH, close);
	char *over;

	calls_of(&calls, open, strlen(open), SIZE_MAX / 2);
	assert_memory_equal("v [[", calls.text, 4);
	free(open);

	open = repeat("[", JSON_STREAM_MAX_DEPTH + 1, close);
	over = repeat(open, 1, "]" GOOD);
	check(over, "e JSON nesting depth limit exceeded\n" GOOD_V);
	free(over);
	free(open);
	free(close);

	over = repeat("[", 100000, "\n" GOOD);
	check(over, "e JSON nesting depth limit exceeded\n" GOOD_V);
	free(over);
}

static void tokens_are_limited(void **state)
{
	char *in = repeat("1,", JSON_STREAM_MAX_TOKENS / 2, "1]" GOOD);
	char *whole = repeat("[", 1, in);

	check(whole, "e JSON token count limit exceeded\n" GOOD_V);
	free(whole);
	free(in);
}

static void size_is_limited(void **state)
{
	static struct calls calls;
	static char chunk[1 << 20];
	size_t i;

	memset(chunk, 'x', sizeof(chunk));
	calls_begin(&calls);
	json_stream_feed(calls.stream, "[\"", 2);
	for (i = 0; i < JSON_STREAM_MAX_SIZE >> 20; i++)
		json_stream_feed(calls.stream, chunk, sizeof(chunk));
	assert_string_equal("e JSON token size limit exceeded\n", calls.text);
	json_stream_feed(calls.stream, "\"]" GOOD, 2 + strlen(GOOD));
	assert_string_equal("e JSON token size limit exceeded\n" GOOD_V,
			    calls.text);
	json_stream_destroy(calls.stream);
}

static void long_strings_are_whole(void **state)
{
	char *text = repeat("0123456789'\\n", 10000, "\"");
	char *in = repeat("\"", 1, text);
	struct json_object *v = parse_one(in);

	assert_int_equal(12 * 10000, json_object_get_string_len(v));
	json_object_put(v);
	free(in);
	free(text);
}

static void reset_in_a_callback_drops_the_rest(void **state)
{
	static struct calls calls;

	calls_begin(&calls);
	calls.reset_on_value = true;
	json_stream_feed(calls.stream, "{}{}[", 5);
	assert_string_equal("v {}\n", calls.text);
	json_stream_feed(calls.stream, "[]", 2);
	assert_string_equal("v {}\nv []\n", calls.text);
	json_stream_destroy(calls.stream);
}

static void reset_forgets_an_unfinished_value(void **state)
{
	static struct calls calls;

	calls_begin(&calls);
	json_stream_feed(calls.stream, "{\"a\":[tru", 9);
	json_stream_reset(calls.stream);
	json_stream_feed(calls.stream, "{}", 2);
	assert_string_equal("v {}\n", calls.text);
	json_stream_destroy(calls.stream);
}

/* Any bytes, cut anywhere, give the same calls. */
static void pieces_do_not_matter(void **state)
{
	static const char alphabet[] = "{{}}[[]]::,,\"\"''\\u0dD8e1 \n\ttrnul"
				       "-.\x01\xff\xc3\xa9";
	static struct calls whole;
	static struct calls pieces;
	unsigned int seed = 7;
	char in[200];
	size_t len;
	size_t i;
	int round;

	for (round = 0; round < 20000; round++) {
		len = rand_r(&seed) % sizeof(in);
		for (i = 0; i < len; i++)
			in[i] = alphabet[rand_r(&seed) %
					 (sizeof(alphabet) - 1)];
		calls_of(&whole, in, len, SIZE_MAX / 2);
		calls_of(&pieces, in, len, 1 + round % 5);
		assert_string_equal(whole.text, pieces.text);
	}
}

static void strings_that_are_wanted_go_apart(void **state)
{
	check("{'arguments':{'apart':'plain'}}", "t plain\n");
	check("{\"a\":1,\"arguments\" : {\"b\":[{}],\"apart\" : \"\"},\"c\":2}",
	      "t \n");
	check("{'arguments':{'apart':'a\"\\n\\/\\u0041\\\\'}}",
	      "t a\"\n/A\\\n");
	check("{'arguments':{'apart':'\\u00e4\\ud83d\\ude00'}}",
	      "t \xff\xff\n");
	check("{'arguments':{'apart':'a'}} [1]", "t a\nv [1]\n");
}

static void other_strings_stay(void **state)
{
	static const char *const same[] = {
		"{\"arguments\":{\"other\":\"a\"}}",
		"{\"other\":{\"apart\":\"a\"}}",
		"{\"arguments\":{\"apart\":1}}",
		"{\"arguments\":{\"apart\":[\"a\"]}}",
		"{\"arguments\":{\"a\":{\"apart\":\"b\"}}}",
		"{\"arguments\":[\"apart\",\"a\"]}",
		"{\"arguments\":{},\"apart\":\"a\"}",
	};
	char expected[64];
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		snprintf(expected, sizeof(expected), "v %s\n", same[i]);
		check(same[i], expected);
	}
	check("{'arguments':{'\\u0061part':'a'}}",
	      "v {\"arguments\":{\"apart\":\"a\"}}\n");
}

static void bad_strings_apart_are_errors(void **state)
{
	check("{'arguments':{'apart':'\\q'}}",
	      "e JSON parse error, invalid escape sequence in string\n");
	check("{'arguments':{'apart':'a' 'b'}}",
	      "e JSON parse error, expected separator in dict\n");
	check("{'arguments':{'apart':1e999}}",
	      "e JSON parse error, number out of range\n");
	check("{'arguments':{'apart':'a','apart':'b'}}",
	      "e JSON parse error, duplicate key\n");
	check("{'arguments':{'apart':'a\xff[1]", "s\nv [1]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_may_touch),
		cmocka_unit_test(scalars_end_at_a_delimiter),
		cmocka_unit_test(single_quotes),
		cmocka_unit_test(sentinel_leaves_every_state),
		cmocka_unit_test(bad_value_is_one_error),
		cmocka_unit_test(trailing_commas_and_comments_are_errors),
		cmocka_unit_test(control_character_does_not_wedge),
		cmocka_unit_test(message_cut_short_does_not_hide_the_next),
		cmocka_unit_test(duplicate_keys_are_errors),
		cmocka_unit_test(strings_are_unicode),
		cmocka_unit_test(bad_utf8_is_an_error),
		cmocka_unit_test(nul_is_a_character_but_not_in_keys),
		cmocka_unit_test(numbers_follow_the_rfc),
		cmocka_unit_test(integers_beyond_64_bits_are_doubles),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(tokens_are_limited),
		cmocka_unit_test(size_is_limited),
		cmocka_unit_test(long_strings_are_whole),
		cmocka_unit_test(reset_in_a_callback_drops_the_rest),
		cmocka_unit_test(reset_forgets_an_unfinished_value),
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(strings_that_are_wanted_go_apart),
		cmocka_unit_test(other_strings_stay),
		cmocka_unit_test(bad_strings_apart_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
