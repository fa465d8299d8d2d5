// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * completion_test.c - what bash offers behind a vportctl
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command_run.h"

/* The words in @line, the last of which is to be completed. */
static void complete(const char *line)
{
	setenv("LINE", line, 1);
	assert_int_equal(0, command_run("bash -euc 'source completions/vportctl.bash; "
		"compopt() { :; }; read -ra COMP_WORDS <<<\"$LINE\"; "
		"[[ $LINE != *\" \" ]] || COMP_WORDS+=(\"\"); "
		"COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _vportctl; "
		"printf \"%%s\\n\" \"${COMPREPLY[@]}\"'"));
}

static void subcommands_and_options(void **state)
{
	complete("vportctl a");
	assert_string_equal("agent\n", output);
	complete("vportctl ping --c");
	assert_string_equal("--count=\n", output);
	complete("vportctl list --");
	assert_non_null(strstr(output, "--json\n"));
}

static void sockets_and_commands(void **state)
{
	complete("vportctl agent Makef");
	assert_string_equal("Makefile\n", output);
	complete("vportctl agent --timeout = 5 sock sh");
	assert_string_equal("shell\n", output);
	complete("vportctl agent sock put Makef");
	assert_string_equal("Makefile\n", output);
}

/* Nothing that --help shows is missing here, nor the other way round. */
static void all_subcommands_are_there(void **state)
{
	char expected[sizeof(output)];

	assert_int_equal(0, command_run("sh -c 'build/vportctl --help | "
		"sed -n \"s/^  \\([a-z]*\\) .*/\\1/p\"'"));
	strcpy(expected, output);
	complete("vportctl ");
	assert_non_null(strstr(output, "--help\n"));
	*strstr(output, "--help\n") = '\0';
	assert_string_equal(expected, output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subcommands_and_options),
		cmocka_unit_test(sockets_and_commands),
		cmocka_unit_test(all_subcommands_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
