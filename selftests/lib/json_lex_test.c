// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_lex_test.c - numbers and UTF-8
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "json_lex.h"

static void numbers(void **state)
{
	static const char *const good[] = { "0", "-0", "10", "1.5", "1e5",
					    "1E+5", "0.0e-0" };
	static const char *const bad[] = { "", "-", "+1", "01", "1.", ".1",
					   "1e", "1e+", "1x", "--1", "1.e1" };
	bool integer;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(json_is_number(good[i], &integer));
		assert_int_equal(!strpbrk(good[i], ".eE"), integer);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(json_is_number(bad[i], &integer));
}

static void integers(void **state)
{
	assert_true(json_integer_fits("18446744073709551615"));
	assert_false(json_integer_fits("18446744073709551616"));
	assert_true(json_integer_fits("-9223372036854775808"));
	assert_false(json_integer_fits("-9223372036854775809"));
}

static uint32_t decoded;

/* Against the definition: encode every number there is, and see. */
static bool accepts(const uint8_t *p, size_t len)
{
	struct utf8_state state = { 0 };
	size_t i;

	for (i = 0; i < len; i++) {
		if (!utf8_next(&state, p[i]))
			return false;
	}
	decoded = state.code;
	return !state.left;
}

static size_t encode(uint32_t c, size_t len, uint8_t *to)
{
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = len - 1; i; i--) {
		to[i] = 0x80 | (c & 0x3f);
		c >>= 6;
	}
	to[0] = len == 1 ? c : lead[len] | c;
	return len;
}

static void code_points(void **state)
{
	static const uint32_t end[] = { 0, 0x80, 0x800, 0x10000, 0x200000 };
	uint8_t text[4];
	uint32_t c;
	size_t len;

	for (len = 1; len <= 4; len++) {
		for (c = 0; c < end[len]; c++) {
			bool good = c >= end[len - 1] && c <= 0x10ffff &&
				    (c < 0xd800 || c > 0xdfff);

			encode(c, len, text);
			if (accepts(text, len) != good || (good && decoded != c))
				fail_msg("U+%04X in %zu bytes", c, len);
		}
	}
}

static void cut_short(void **state)
{
	assert_false(accepts((const uint8_t *)"\xe2\x82", 2));
	assert_false(accepts((const uint8_t *)"\xe2\x82 ", 3));
	assert_false(accepts((const uint8_t *)"\x80", 1));
	assert_false(accepts((const uint8_t *)"\xff", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(integers),
		cmocka_unit_test(code_points),
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
