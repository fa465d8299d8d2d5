// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_write_test.c - JSON text in QEMU's format
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "bytes.h"
#include "json_write.h"

static void assert_text(const char *expected, struct json_object *value,
			bool pretty)
{
	struct bytes out;

	bytes_init(&out, 4096);
	assert_int_equal(0, json_write(&out, value, pretty));
	assert_int_equal(0, bytes_append(&out, "", 1));
	assert_string_equal(expected, (const char *)bytes_peek(&out));
	bytes_finish(&out);
	json_object_put(value);
}

static void layout_is_qemus(void **state)
{
	assert_text("{\"return\": {}}",
		    json_tokener_parse("{\"return\":{}}"), false);
	assert_text("{\"a\": [1, true, null, \"x\"], \"b\": []}",
		    json_tokener_parse("{\"a\":[1,true,null,\"x\"],\"b\":[]}"),
		    false);
	assert_text("null", NULL, false);
}

static void pretty_layout_is_qemus(void **state)
{
	assert_text("{\n    \"a\": [\n        1,\n        2\n    ],\n"
		    "    \"b\": {\n    }\n}",
		    json_tokener_parse("{\"a\":[1,2],\"b\":{}}"), true);
}

static void text_is_ascii(void **state)
{
	assert_text("\"\\u00E9 \\u20AC \\uD83D\\uDE00 \\u007F\"",
		    json_object_new_string("é € 😀 \x7f"), false);
	assert_text("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u0000\"",
		    json_object_new_string_len("\"\\/\b\f\n\r\t\1\0", 10),
		    false);
}

static void bad_utf8_is_replaced(void **state)
{
	assert_text("\"\\uFFFDa\"", json_object_new_string("\xff" "a"), false);
	assert_text("\"\\uFFFD\"", json_object_new_string("\xc3"), false);
	assert_text("\"\\uFFFD\\uFFFD\"", json_object_new_string("\xc0\x80"),
		    false);
	assert_text("\"\\uFFFD\\uFFFD\\uFFFD\"",
		    json_object_new_string("\xed\xa0\x80"), false);
}

static void integers_are_exact(void **state)
{
	assert_text("9223372036854775807", json_object_new_int64(INT64_MAX),
		    false);
	assert_text("-9223372036854775808", json_object_new_int64(INT64_MIN),
		    false);
	assert_text("18446744073709551615", json_object_new_uint64(UINT64_MAX),
		    false);
	assert_text("0.10000000000000001", json_object_new_double(0.1), false);
}

static void full_queue_is_left_alone(void **state)
{
	struct json_object *value = json_object_new_string("abcdef");
	struct bytes out;

	bytes_init(&out, 8);
	assert_int_equal(0, bytes_append(&out, "xyz", 3));
	bytes_consume(&out, 1);
	assert_int_equal(-ENOBUFS, json_write(&out, value, false));
	assert_int_equal(2, bytes_len(&out));
	assert_memory_equal("yz", bytes_peek(&out), 2);
	bytes_finish(&out);
	json_object_put(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_is_qemus),
		cmocka_unit_test(pretty_layout_is_qemus),
		cmocka_unit_test(text_is_ascii),
		cmocka_unit_test(bad_utf8_is_replaced),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(full_queue_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
