// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lines_test.c - what the host says goes to a file or a journal, line by line
 *
 * The journal and the system's log are sockets of the test's, in a /run and a
 * /dev that nobody else sees.
 */

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "handler_fixture.h"

#define LOG "handler = log\nto = file:%s/%n.log\n"

static void say(const char *text)
{
	host_sends(text, strlen(text));
	turns();
}

static void lines_are_appended(void **state)
{
	write_file("org.test.log", "before\n");
	fixture_start(LOG);
	say("one\ntw");
	wait_for_file("org.test.log", "before\none\n");
	say("o\n\n");
	wait_for_file("org.test.log", "before\none\ntwo\n\n");
}

static void unfinished_line_ends_with_its_host(void **state)
{
	fixture_start(LOG);
	host_comes();
	say("half");
	host_leaves();
	wait_for_file("org.test.log", "half\n");
	host_comes();
	say("a");
	fixture_stop();
	wait_for_file("org.test.log", "half\na\n");
}

static void control_characters_are_replaced(void **state)
{
	fixture_start(LOG);
	host_sends("a\tb\033[31m\0c\r\nd\177\n", 15);
	turns();
	wait_for_file("org.test.log", "a\tb?[31m?c\nd?\n");
}

static void long_line_is_cut(void **state)
{
	static char line[8193];
	char path[128];
	FILE *file;
	int i;

	fixture_start(LOG);
	memset(line, 'x', 8192);
	say(line);
	say("yz\n");
	snprintf(path, sizeof(path), "%s/org.test.log", fixture_dir);
	file = fopen(path, "re");
	for (i = 0; i < 8191; i++)
		assert_int_equal('x', fgetc(file));
	assert_int_equal('\n', fgetc(file));
	assert_int_equal('x', fgetc(file));
	assert_int_equal('y', fgetc(file));
	fclose(file);
}

static void full_file_makes_way(void **state)
{
	static char line[2001];
	int i;

	memset(line, 'a', 2000);
	line[1999] = '\n';
	fixture_start(LOG "max-size = 4K\nkeep-files = 2\n");
	for (i = 0; i < 7; i++) {
		line[0] = '0' + i;
		say(line);
	}
	wait_for_file("org.test.log", line);
	line[0] = '4';
	{
		char both[4001];

		memcpy(both, line, 2000);
		line[0] = '5';
		memcpy(both + 2000, line, 2001);
		wait_for_file("org.test.log.1", both);
		both[0] = '2';
		both[2000] = '3';
		wait_for_file("org.test.log.2", both);
	}
	assert_int_equal(0, chdir(fixture_dir));
	assert_int_equal(-1, access("org.test.log.3", F_OK));
	assert_int_equal(0, chdir("/"));
}

static void renamed_file_is_opened_anew(void **state)
{
	char old[128];
	char new[128];

	snprintf(old, sizeof(old), "%s/org.test.log", fixture_dir);
	snprintf(new, sizeof(new), "%s/moved", fixture_dir);
	fixture_start(LOG);
	say("1\n");
	assert_int_equal(0, rename(old, new));
	say("2\n");
	wait_for_file("moved", "1\n");
	wait_for_file("org.test.log", "2\n");
}

/* For the rest of the tests, too. */
static void hide_directories(void)
{
	if (!unshare(CLONE_NEWNS) &&
	    !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    !mount("test", "/run", "tmpfs", 0, NULL) &&
	    !mount("test", "/dev", "tmpfs", 0, NULL))
		return;
	print_message("no file systems of one's own here\n");
	skip();
}

static int receive_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, path);
	assert_int_equal(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	return fd;
}

/* The fields of the next entry, each with a line's end on either side. */
static void next_entry(int log, char *entry, size_t size)
{
	ssize_t n;

	wait_for_input(log);
	entry[0] = '\n';
	n = recv(log, entry + 1, size - 2, 0);
	assert_true(n > 0);
	entry[n + 1] = '\0';
}

static void journal_gets_lines_with_the_name(void **state)
{
	char entry[4096];
	int journal;

	hide_directories();
	assert_int_equal(0, mkdir("/run/systemd", 0700) ||
			    mkdir("/run/systemd/journal", 0700));
	journal = receive_at("/run/systemd/journal/socket");
	fixture_start("handler = log\n");
	say("one\nMESSAGE=t\033wo\n");

	next_entry(journal, entry, sizeof(entry));
	assert_non_null(strstr(entry, "\nMESSAGE=one\n"));
	assert_non_null(strstr(entry, "\nVPORT_NAME=org.test\n"));
	assert_non_null(strstr(entry, "\nSYSLOG_IDENTIFIER=org.test\n"));
	assert_non_null(strstr(entry, "\nPRIORITY=6\n"));
	next_entry(journal, entry, sizeof(entry));
	assert_non_null(strstr(entry, "\nMESSAGE=MESSAGE=t?wo\n"));
	close(journal);
}

/* Where there is no journal, and where it is said so. */
static void syslog_gets_lines_with_the_name(void **state)
{
	char entry[4096];
	int log;

	hide_directories();
	log = receive_at("/dev/log");
	fixture_start("handler = log\n");
	say("one\n");
	next_entry(log, entry, sizeof(entry));
	assert_non_null(strstr(entry, "org.test: one"));
	assert_non_null(strstr(entry, "<30>"));
	fixture_stop();

	fixture_start("handler = log\nto = syslog\n");
	say("two\n");
	next_entry(log, entry, sizeof(entry));
	assert_non_null(strstr(entry, "org.test: two"));
	closelog();
	close(log);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
	const struct CMUnitTest tests[] = {
		TEST(lines_are_appended),
		TEST(unfinished_line_ends_with_its_host),
		TEST(control_characters_are_replaced),
		TEST(long_line_is_cut),
		TEST(full_file_makes_way),
		TEST(renamed_file_is_opened_anew),
		TEST(journal_gets_lines_with_the_name),
		TEST(syslog_gets_lines_with_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
