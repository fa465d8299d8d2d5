// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_run.c - run a command to its end, as a person does
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "command_run.h"

char output[65536];

int command_run(const char *format, ...)
{
	char command[1024] = "timeout 20 ";
	va_list args;
	size_t len;
	FILE *pipe;
	int n = strlen(command);

	va_start(args, format);
	n += vsnprintf(command + n, sizeof(command) - n - 6, format, args);
	va_end(args);
	strcpy(command + n, " 2>&1");

	pipe = popen(command, "re");
	assert_non_null(pipe);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

void assert_one_line(const char *text)
{
	assert_string_equal(text, output);
	assert_ptr_equal(strchr(output, '\n'), output + strlen(output) - 1);
}
