// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options_test.c - vportd as a person or a service manager starts it
 */

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent_process.h"

static char output[4096];

/* Both streams go to @output.  Return: the exit status. */
__attribute__((format(printf, 1, 2)))
static int run(const char *format, ...)
{
	char command[512];
	va_list args;
	size_t len;
	FILE *pipe;
	int n;

	n = sprintf(command, "timeout 10 build/vportd ");
	va_start(args, format);
	n += vsnprintf(command + n, sizeof(command) - n - 6, format, args);
	va_end(args);
	strcpy(command + n, " 2>&1");

	pipe = popen(command, "r");
	assert_non_null(pipe);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

static void bad_option_is_one_line(void **state)
{
	static const char *const cases[][2] = {
		{ "--frob", "vportd: --frob: unknown option, see --help\n" },
		{ "-x", "vportd: -x: unknown option, see --help\n" },
		{ "-vx", "vportd: -x: unknown option, see --help\n" },
		{ "--path", "vportd: --path: needs an argument, see --help\n" },
		{ "-p", "vportd: -p: needs an argument, see --help\n" },
		{ "--verbose=1",
		  "vportd: --verbose=1: takes no argument, see --help\n" },
		{ "frob", "vportd: frob: unexpected argument, see --help\n" },
		{ "--agent-version=", "vportd: --agent-version=: expected 1 to "
		  "64 printable ASCII characters without blanks\n" },
		{ "--agent-version='1 2'", "vportd: --agent-version=1 2: "
		  "expected 1 to 64 printable ASCII characters without "
		  "blanks\n" },
		{ "-m frob", "vportd: frob: unknown method, expected "
			     "virtio-serial or unix-listen\n" },
		{ "-p /nonexistent",
		  "vportd: /nonexistent: No such file or directory\n" },
		{ "-p /dev/null",
		  "vportd: /dev/null: not a virtio-serial port\n" },
		{ "-m unix-listen -p /nonexistent/sock",
		  "vportd: /nonexistent/sock: No such file or directory\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(1, run("%s", cases[i][0]));
		assert_string_equal(cases[i][1], output);
	}
}

static void path_too_long_is_one_line(void **state)
{
	char path[200];

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(1, run("-m unix-listen -p %s", path));
	assert_non_null(strstr(output, ": File name too long\n"));
}

static void help_and_version(void **state)
{
	assert_int_equal(0, run("--help"));
	assert_memory_equal("Usage: vportd ", output, 14);
	assert_int_equal(0, run("-V"));
	assert_memory_equal("vportd ", output, 7);
}

static void socket_in_use_is_refused(void **state)
{
	struct agent_process agent;
	char expected[200];
	int fd;

	agent_process_start(&agent);
	assert_int_equal(1, run("-m unix-listen -p %s", agent.path));
	snprintf(expected, sizeof(expected),
		 "vportd: %s: Address already in use\n", agent.path);
	assert_string_equal(expected, output);

	fd = client_connect(&agent);
	client_sync(fd);
	client_close(fd);
	assert_int_equal(0, agent_process_stop(&agent));
}

static void file_in_the_way_is_kept(void **state)
{
	char path[] = "/tmp/options-test.XXXXXX";
	int fd = mkstemp(path);

	assert_int_equal(1, run("-m unix-listen -p %s", path));
	assert_int_equal(0, unlink(path));
	close(fd);
}

/* A process of its own, ready when it has said so. */
static pid_t start_notifying(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char text[64] = "";
	pid_t pid;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s.notify", path);
	assert_int_equal(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	pid = fork();
	if (!pid) {
		setenv("NOTIFY_SOCKET", addr.sun_path, 1);
		execl("build/vportd", "vportd", "-m", "unix-listen", "-p",
		      path, NULL);
		_exit(127);
	}

	assert_int_equal(1, poll(&pfd, 1, 10000));
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal("READY=1", text);
	unlink(addr.sun_path);
	close(fd);
	return pid;
}

static int stop(pid_t pid, int signal)
{
	int status;

	kill(pid, signal);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A killed one leaves its socket behind; the next one takes the place. */
static void readiness_and_abandoned_socket(void **state)
{
	char path[64];
	pid_t pid;

	snprintf(path, sizeof(path), "/tmp/options-test.%d", getpid());
	pid = start_notifying(path);
	assert_int_equal(-1, stop(pid, SIGKILL));
	assert_int_equal(0, access(path, F_OK));

	pid = start_notifying(path);
	assert_int_equal(0, stop(pid, SIGINT));
	assert_int_equal(-1, access(path, F_OK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_option_is_one_line),
		cmocka_unit_test(path_too_long_is_one_line),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(socket_in_use_is_refused),
		cmocka_unit_test(file_in_the_way_is_kept),
		cmocka_unit_test(readiness_and_abandoned_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
