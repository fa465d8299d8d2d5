// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_helper_test.c - commands that the helper program runs, over a socket
 *
 * The daemon is a copy, so that it finds another helper beside it: the real one
 * on a directory that stands for the system, or what a test puts there.
 */

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent_process.h"
#include "tree.h"

#define ERROR(desc) \
	"{\"error\":{\"class\":\"GenericError\",\"desc\":\"" desc "\"}}"
#define RUN(command) "{\"execute\":\"" command "\"}"
#define SHUTDOWN(mode) "{\"execute\":\"guest-shutdown\",\"arguments\":" \
	"{\"mode\":\"" mode "\"}}"
#define PING RUN("guest-ping")
#define PONG "{\"return\":{}}"

static struct agent_process agent;
static int client;

static void use_real_helper(void)
{
	char script[PATH_MAX];
	char here[PATH_MAX / 2];

	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(script, sizeof(script),
		 "exec %s/build/vportd-helper --root=%s\n", here, tree_root);
	tree_script("/vportd-helper", script);
}

static int setup(void **state)
{
	char command[256];

	tree_create();
	snprintf(command, sizeof(command), "cp build/vportd %s/vportd",
		 tree_root);
	assert_int_equal(0, system(command));
	use_real_helper();
	snprintf(command, sizeof(command), "%s/vportd -F%s/hook", tree_root,
		 tree_root);
	agent_process_start_program(&agent, command);
	client = client_connect(&agent);
	return 0;
}

static int teardown(void **state)
{
	int status;

	client_close_all();
	status = agent_process_stop(&agent);
	tree_remove();
	return status;
}

/* Opens when the other end does. */
static void meet(const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", tree_root, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
}

static void make_meeting(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", tree_root, name);
	assert_int_equal(0, mkfifo(path, 0600));
}

static void result_and_error_come_through(void **state)
{
	client_ask(client, "{\"execute\":\"guest-set-vcpus\",\"arguments\":"
			   "{\"vcpus\":[]}}", "{\"return\":0}");
	client_ask(client, SHUTDOWN("x"),
		   ERROR("mode is invalid (valid values are: "
			 "halt|powerdown|reboot"));
	tree_file("/proc/self/mountinfo", "20 1 0:5 / / rw - tmpfs tmpfs rw\n");
	client_ask(client, RUN("guest-get-fsinfo"), "{\"return\":[]}");
}

/* One too long for a message is passed as a file. */
static void long_request_comes_through(void **state)
{
	char request[8192];
	char reply[8192];
	char mode[4096];

	memset(mode, 'x', sizeof(mode) - 1);
	mode[sizeof(mode) - 1] = '\0';
	snprintf(request, sizeof(request),
		 "{\"execute\":\"guest-set-vcpus\",\"arguments\":{\"vcpus\":"
		 "[{\"logical-id\":1,\"online\":\"%s\"}]}}", mode);
	snprintf(reply, sizeof(reply), ERROR("Invalid parameter type for "
		 "'vcpus[0].online', expected: boolean"));
	client_ask(client, request, reply);
}

static void success_of_a_shutdown_is_silent(void **state)
{
	tree_script("/sbin/halt", "exit 0\n");
	client_send(client, SHUTDOWN("halt"), strlen(SHUTDOWN("halt")));
	client_ask(client, PING, PONG);
}

static void password_is_decoded(void **state)
{
	char *text;

	tree_script("/usr/sbin/chpasswd", "cat >${0%/*/*/*}/log\n");
	client_ask(client, "{\"execute\":\"guest-set-user-password\","
			   "\"arguments\":{\"username\":\"u\","
			   "\"password\":\"cCB3\",\"crypted\":false}}", PONG);
	text = tree_read("/log");
	assert_string_equal("u:p w\n", text);
	free(text);
	client_ask(client, "{\"execute\":\"guest-set-user-password\","
			   "\"arguments\":{\"username\":\"u\","
			   "\"password\":\"!\",\"crypted\":false}}",
		   ERROR("Base64 data contains invalid characters"));
}

/* The client itself gets an answer after a sync, another one at once. */
static void slow_one_blocks_nobody(void **state)
{
	int other = client_connect(&agent);

	make_meeting("meet");
	tree_script("/sbin/halt", "cat ${0%/*/*}/meet; exit 1\n");
	client_send(client, SHUTDOWN("halt"), strlen(SHUTDOWN("halt")));
	client_ask(other, PING, PONG);
	client_sync(client);
	client_ask(client, PING, PONG);
	meet("meet");
	client_ask(client, PING, PONG);
}

/* What is mounted here cannot be frozen, but the hook does not know. */
static void hook_holds_nobody_up(void **state)
{
	static const char freeze[] = RUN("guest-fsfreeze-freeze");
	int other = client_connect(&agent);
	char *log;

	make_meeting("meet");
	tree_file("/proc/self/mountinfo", "20 1 0:5 / / rw - tmpfs tmpfs rw\n");
	tree_script("/hook", "echo $1 >>${0%/*}/hook.log\n"
			     "[ $1 != freeze ] || cat ${0%/*}/meet\n");
	client_send(client, freeze, strlen(freeze));
	client_ask(other, PING, PONG);
	client_ask(other, RUN("guest-fsfreeze-status"),
		   "{\"return\":\"thawed\"}");
	meet("meet");
	client_ask(client, "", "{\"return\":0}");
	client_ask(client, RUN("guest-fsfreeze-thaw"), "{\"return\":0}");
	log = tree_read("/hook.log");
	assert_string_equal("freeze\nthaw\n", log);
	free(log);
}

/* A client that has no more to say waits for what it has asked. */
static void reply_comes_after_a_half_close(void **state)
{
	char *line;

	make_meeting("meet");
	tree_script("/sbin/halt", "cat ${0%/*/*}/meet; exit 1\n");
	client_send(client, SHUTDOWN("halt"), strlen(SHUTDOWN("halt")));
	client_half_close(client);
	meet("meet");
	line = client_line(client);
	assert_non_null(line);
	assert_non_null(strstr(line, "child process has failed to shutdown"));
	free(line);
	assert_null(client_line(client));
}

static void dead_helper_is_told_and_replaced(void **state)
{
	tree_script("/vportd-helper", "exit 1\n");
	client_ask(client, RUN("guest-get-disks"),
		   ERROR("the helper program ended in the middle of "
			 "guest-get-disks"));
	use_real_helper();
	client_ask(client, RUN("guest-get-disks"), "{\"return\":[]}");
}

static void missing_helper_is_told(void **state)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/vportd-helper", tree_root);
	unlink(path);
	client_ask(client, RUN("guest-get-disks"),
		   ERROR("vportd-helper: not found beside vportd nor in "
			 "../libexec/vport"));
}

static void jobs_are_limited(void **state)
{
	char path[96];
	char *line;
	int fd;
	int i;

	make_meeting("meet");
	snprintf(path, sizeof(path), "%s/meet", tree_root);
	fd = open(path, O_RDWR | O_CLOEXEC);
	tree_script("/sbin/halt", "cat ${0%/*/*}/meet; exit 1\n");
	/* Each on a session of its own, of which a sync makes a new one. */
	for (i = 0; i < 33; i++) {
		client_send(client, SHUTDOWN("halt"), strlen(SHUTDOWN("halt")));
		if (i < 32)
			client_sync(client);
	}
	line = client_line(client);
	assert_non_null(strstr(line, "32 commands are in progress"));
	free(line);
	/* They end, whether they have opened it yet or not. */
	unlink(path);
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(result_and_error_come_through),
		TEST(long_request_comes_through),
		TEST(success_of_a_shutdown_is_silent),
		TEST(password_is_decoded),
		TEST(slow_one_blocks_nobody),
		TEST(hook_holds_nobody_up),
		TEST(reply_comes_after_a_half_close),
		TEST(dead_helper_is_told_and_replaced),
		TEST(missing_helper_is_told),
		TEST(jobs_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
