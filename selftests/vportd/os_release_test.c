// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * os_release_test.c - the format of os-release(5)
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "os_release.h"

static char fields[8192];

static void on_field(void *data, const char *key, const char *value)
{
	strcat(fields, key);
	strcat(fields, "=<");
	strcat(fields, value);
	strcat(fields, ">\n");
}

static void check(const char *text, const char *expected)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(file);
	fields[0] = '\0';
	os_release_read(file, on_field, NULL);
	fclose(file);
	assert_string_equal(expected, fields);
}

static void assignments_are_read(void **state)
{
	check("ID=debian\nVERSION_ID=12\n", "ID=<debian>\nVERSION_ID=<12>\n");
	check("ID=debian", "ID=<debian>\n");
	check("ID=\n", "ID=<>\n");
	check("  ID=x  \n", "ID=<x>\n");
}

static void quotes_are_the_shells(void **state)
{
	check("A=\"two words\"\n", "A=<two words>\n");
	check("A='two words'\n", "A=<two words>\n");
	check("A=\"a\\\"b\\$c\\`d\\\\e\\n\"\n", "A=<a\"b$c`d\\e\\n>\n");
	check("A='a\\b'\n", "A=<a\\b>\n");
	check("A=a\\ b\n", "A=<a b>\n");
	check("A=\"it's\"\n", "A=<it's>\n");
	check("A=\"x\"'y'z\n", "A=<xyz>\n");
	check("A=\"open\n", "A=<open>\n");
	check("A=\\\n", "A=<\\>\n");
}

static void other_lines_are_skipped(void **state)
{
	check("# ID=no\n\nfoo\n=x\nA B=1\nOK=1\n", "OK=<1>\n");
}

static void overlong_line_is_skipped_whole(void **state)
{
	char text[10000];

	memset(text, 'x', sizeof(text));
	memcpy(text, "A=", 2);
	strcpy(text + 9000, "\nID=ok\n");
	check(text, "ID=<ok>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assignments_are_read),
		cmocka_unit_test(quotes_are_the_shells),
		cmocka_unit_test(other_lines_are_skipped),
		cmocka_unit_test(overlong_line_is_skipped_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
