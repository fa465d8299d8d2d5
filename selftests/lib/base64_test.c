// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * base64_test.c - bytes as text, and back
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base64.h"

/* Memory of the exact size, so that a byte too many is seen. */
static ssize_t decode(const char *text, char *ret)
{
	size_t len = strlen(text);
	char *copy = memcpy(malloc(len + 1), text, len);
	char *data = malloc(len / 4 * 3 + 3);
	struct base64_decoder decoder = { 0 };
	ssize_t n;

	n = base64_decode_more(&decoder, data, copy, len);
	if (n > 0)
		memcpy(ret, data, n);
	free(data);
	free(copy);
	return n;
}

static void every_length_comes_back(void **state)
{
	char bytes[256];
	char back[256];
	char text[400];
	size_t len;

	for (len = 0; len < sizeof(bytes); len++)
		bytes[len] = len * 7;
	for (len = 0; len <= sizeof(bytes); len++) {
		base64_encode(text, bytes, len);
		text[BASE64_LEN(len)] = '\0';
		assert_int_equal(len, decode(text, back));
		assert_memory_equal(bytes, back, len);
	}
}

static void text_may_come_in_pieces(void **state)
{
	static const char text[] = "aGVs\nbG8=aGVsbG8+/w==";
	static const char bytes[] = "hellohello>\xff";
	struct base64_decoder decoder;
	char data[32];
	size_t step;
	size_t at;
	size_t n;

	for (step = 1; step < sizeof(text); step++) {
		memset(&decoder, 0, sizeof(decoder));
		n = 0;
		for (at = 0; at < sizeof(text) - 1; at += step)
			n += base64_decode_more(&decoder, data + n, text + at,
						step < sizeof(text) - 1 - at ?
						step : sizeof(text) - 1 - at);
		assert_int_equal(sizeof(bytes) - 1, n);
		assert_memory_equal(bytes, data, n);
	}
}

static void text_is_the_standards(void **state)
{
	char text[9] = "";

	base64_encode(text, "\xfb\xff\x00z", 4);
	assert_string_equal("+/8Aeg==", text);
}

static void rubbish_is_refused(void **state)
{
	static const char *const cases[] = {
		"a", "=", "a=", "a===", "ab=c", "a b", "ab\rc", "ab-_", "\x80",
	};
	char data[8];
	size_t i;

	/* Less than a group, but nothing wrong with it. */
	assert_int_equal(0, decode(cases[0], data));
	for (i = 1; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(-EBADMSG, decode(cases[i], data));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(text_may_come_in_pieces),
		cmocka_unit_test(text_is_the_standards),
		cmocka_unit_test(rubbish_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
