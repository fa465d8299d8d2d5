// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exec_test.c - programs behind a port
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "handler_fixture.h"

#define EXEC "handler = exec\ncommand = "
#define PER_HOST "start = connected\n"

static void wait_until_childless(void)
{
	int i;

	for (i = 0; i < 500; i++) {
		if (waitid(P_ALL, 0, NULL, WEXITED | WNOHANG | WNOWAIT) &&
		    errno == ECHILD)
			return;
		sd_event_run(fixture_event, 20000);
	}
	fail_msg("a child is still there");
}

static void program_is_behind_the_port(void **state)
{
	fixture_start(EXEC "/bin/cat\n");
	host_sends("echo", 4);
	host_gets("echo");
	host_comes();
	host_leaves();
	host_sends("same", 4);
	host_gets("same");
}

static void program_gets_words_and_environment(void **state)
{
	fixture_start(EXEC "sh -c 'echo $0 $A $B $PWD' %n:%d:%p\n"
		      "environment = A=1 'B=%n x'\ndirectory = /usr\n"
		      "restart = no\n");
	host_gets("org.test:vport0p7:/dev/vport0p7 1 org.test x /usr\n");
}

/* All of the output comes, then the next process. */
static void program_is_started_again(void **state)
{
	fixture_start(EXEC "sh -c 'echo x >>%s/log; read x; echo got $x'\n"
		      "restart-delay = 0\n");
	host_sends("a\n", 2);
	host_gets("got a\n");
	wait_for_file("log", "x\nx\n");
	host_sends("b\n", 2);
	host_gets("got b\n");
}

static void success_is_not_tried_again(void **state)
{
	fixture_start(EXEC "sh -c 'echo x >>%s/log; read y; exit $y'\n"
		      "restart = on-failure\nrestart-delay = 0\n");
	wait_for_file("log", "x\n");
	host_sends("1\n", 2);
	wait_for_file("log", "x\nx\n");
	host_sends("0\n", 2);

	/* Nobody hears this, and nobody is stopped by it. */
	host_sends("1\n", 2);
	host_sends("1\n", 2);
	turns();
	wait_for_file("log", "x\nx\n");
}

static void program_per_host(void **state)
{
	fixture_start(EXEC "sh -c 'echo begin >>%s/log; cat; "
		      "echo end >>%s/log'\n" PER_HOST);
	turns();
	assert_int_equal(-1, access("log", F_OK));
	host_comes();
	host_sends("1", 1);
	host_gets("1");
	host_leaves();
	host_comes();
	host_sends("2", 1);
	host_gets("2");
	wait_for_file("log", "begin\nend\nbegin\n");
	host_leaves();
	wait_for_file("log", "begin\nend\nbegin\nend\n");
}

/* What a program says after its host has left is not for the next one. */
static void late_output_is_nobodys(void **state)
{
	fixture_start(EXEC "sh -c 'echo hello; cat >/dev/null; echo late'\n"
		      PER_HOST);
	host_comes();
	host_gets("hello\n");
	host_leaves();
	host_comes();
	host_gets("hello\n");
}

/* SIGTERM does not do, SIGKILL does; the next host does not wait for either. */
static void stubborn_program_is_ended(void **state)
{
	fixture_start(EXEC "sh -c 'trap \"\" TERM; echo up; "
		      "while :; do sleep 1; done </dev/null'\n"
		      PER_HOST "stop-timeout = 50ms\n");
	host_comes();
	host_gets("up\n");
	host_leaves();
	host_comes();
	host_gets("up\n");
	fixture_stop();
	wait_until_childless();
}

static void orphans_do_not_hold_the_port(void **state)
{
	fixture_start(EXEC "sh -c 'sleep 5 2>/dev/null & echo x'\nrestart-delay = 0\n");
	host_gets("x\n");
	host_gets("x\n");
}

static void program_that_is_not_there_is_tried_again(void **state)
{
	char path[128];

	fixture_start(EXEC "%s/prog\nrestart-delay = 0\n");
	turns();
	write_file("prog", "#!/bin/sh\necho here\n");
	snprintf(path, sizeof(path), "chmod +x %s/prog", fixture_dir);
	assert_int_equal(0, system(path));
	host_gets("here\n");
}

static void node_is_passed_as_systemd_does(void **state)
{
	char path[128];

	write_file("node", "");
	snprintf(path, sizeof(path), "%s/node", fixture_dir);
	fixture_devnode = path;
	fixture_start(EXEC "sh -c 'test \"$LISTEN_PID\" = $$ && "
		      "echo $LISTEN_FDS $LISTEN_FDNAMES >&3'\n"
		      "port = listen-fd\nrestart = on-failure\n");
	wait_for_file("node", "1 org.test\n");
}

static void program_may_open_the_node_itself(void **state)
{
	char path[128];

	write_file("node", "");
	snprintf(path, sizeof(path), "%s/node", fixture_dir);
	fixture_devnode = path;
	fixture_start(EXEC "sh -c 'echo mine >%p'\nport = path\n"
		      "restart = on-failure\n");
	wait_for_file("node", "mine\n");
}

/* The port is left to it, and is no less there when it has ended. */
static void program_with_the_node_may_end(void **state)
{
	fixture_start("handler = exec\nport = path\nrestart = no\n"
		      "command = sh -c 'echo x >>%s/ran'\n");
	wait_for_file("ran", "x\n");
	while (sd_event_run(fixture_event, 1500000) > 0)
		;
	assert_non_null(fixture_port);
	wait_for_file("ran", "x\n");
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
	const struct CMUnitTest tests[] = {
		TEST(program_is_behind_the_port),
		TEST(program_gets_words_and_environment),
		TEST(program_is_started_again),
		TEST(success_is_not_tried_again),
		TEST(program_per_host),
		TEST(late_output_is_nobodys),
		TEST(stubborn_program_is_ended),
		TEST(orphans_do_not_hold_the_port),
		TEST(program_that_is_not_there_is_tried_again),
		TEST(node_is_passed_as_systemd_does),
		TEST(program_may_open_the_node_itself),
		TEST(program_with_the_node_may_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
