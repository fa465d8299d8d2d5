// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_test.c - lines on standard error
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"

static char text[4096];
static int saved_stderr;

static void capture(int *ret_fd)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	*ret_fd = dup(fileno(file));
	fclose(file);
	saved_stderr = dup(STDERR_FILENO);
	dup2(*ret_fd, STDERR_FILENO);
}

static void captured(int fd)
{
	ssize_t len;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	len = pread(fd, text, sizeof(text) - 1, 0);
	assert_true(len >= 0);
	text[len] = '\0';
	close(fd);
}

static void line_names_the_program(void **state)
{
	int fd;

	capture(&fd);
	log_init("prog");
	log_warn("port %s: %d", "a.b", 7);
	captured(fd);
	assert_string_equal("prog: port a.b: 7\n", text);
}

static void line_begins_with_the_time(void **state)
{
	int fd, len = 0;

	capture(&fd);
	log_init("prog");
	log_set_timestamps(true);
	log_warn("words");
	log_set_timestamps(false);
	captured(fd);
	sscanf(text, "%*4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*6dZ prog: words%n", &len);
	assert_int_equal(len, strlen("2026-11-21T16:50:40.552548Z prog: words"));
}

static void level_drops_what_is_less_urgent(void **state)
{
	int fd;

	capture(&fd);
	log_init("prog");
	log_debug("unseen");
	log_set_level(LOG_DEBUG);
	log_debug("seen");
	log_set_level(LOG_INFO);
	captured(fd);
	assert_string_equal("prog: seen\n", text);
}

static void journal_gets_priorities(void **state)
{
	char stream[64];
	struct stat st;
	int fd;

	capture(&fd);
	assert_int_equal(0, fstat(fd, &st));
	snprintf(stream, sizeof(stream), "%llu:%llu",
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init("prog");
	log_err("broken");
	unsetenv("JOURNAL_STREAM");
	captured(fd);
	log_init("prog");
	assert_string_equal("<3>broken\n", text);
}

static void peer_cannot_start_a_line(void **state)
{
	int fd;

	capture(&fd);
	log_init("prog");
	log_info("%s", "a\nprog: forged\x1b[2J");
	captured(fd);
	assert_string_equal("prog: a?prog: forged?[2J\n", text);
}

static void long_line_is_cut(void **state)
{
	char big[2000];
	int fd;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	capture(&fd);
	log_info("%s", big);
	log_info("next");
	captured(fd);
	assert_true(strlen(text) < 1100);
	assert_non_null(strstr(text, "x\nprog: next\n"));
}

static bool frozen;

static bool may_log(void)
{
	return !frozen;
}

/* A file on a file system that is frozen would stop the program. */
static void file_has_times_and_rests(void **state)
{
	char line[128] = "";
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	log_init("prog");
	log_set_file(fileno(file), may_log);
	log_warn("a");
	frozen = true;
	capture(&fd);
	log_warn("b");
	captured(fd);
	log_set_file(-1, NULL);
	assert_string_equal("prog: b\n", text);

	rewind(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_true(strspn(line, "0123456789") >= 10);
	assert_string_equal(": warning: a\n",
			    strchr(line, '.') + 1 + 6);
	assert_null(fgets(line, sizeof(line), file));
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_names_the_program),
		cmocka_unit_test(line_begins_with_the_time),
		cmocka_unit_test(level_drops_what_is_less_urgent),
		cmocka_unit_test(journal_gets_priorities),
		cmocka_unit_test(peer_cannot_start_a_line),
		cmocka_unit_test(long_line_is_cut),
		cmocka_unit_test(file_has_times_and_rests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
