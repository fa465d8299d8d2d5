// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox_test.c - what the process can still do once it has started
 *
 * All other tests run under the sandbox, too.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "error.h"
#include "port_fixture.h"
#include "sandbox.h"

/* A line of the process's status, as a number. */
static int status_of(pid_t pid, const char *name)
{
	char path[64], line[256];
	int value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, strlen(name)))
			value = atoi(line + strlen(name));
	}
	fclose(file);
	return value;
}

static void start(const char *option)
{
	begin();
	emulator_arg(&f.emu, "-chardev null,id=c %s", option);
	emulator_start(&f.emu);
	attach(true);
}

static void test_default(void **state)
{
	start("");
	assert_int_equal(status_of(f.emu.pid, "Seccomp:"), 2);
	assert_int_equal(status_of(f.emu.pid, "NoNewPrivs:"), 1);
	end();
}

static void test_options(void **state)
{
	start("-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	assert_int_equal(status_of(f.emu.pid, "Seccomp:"), 2);
	end();
	start("-sandbox off");
	assert_int_equal(status_of(f.emu.pid, "Seccomp:"), 0);
	end();
}

#define ADD(id, type, data) \
	"{'execute': 'chardev-add', 'arguments': {'id': '" id "', 'backend': {'type': '" type "', 'data': {" data "}}}}"
#define ADDRESS(type, data) \
	"'addr': {'type': '" type "', 'data': {" data "}}"

/* All that a monitor can ask for at run time is still there. */
static void test_character_devices(void **state)
{
	static const char *const adds[] = {
		ADD("x", "pty", "'path': '/tmp/vportemu-sandbox-link'"),
		ADD("x", "socket", ADDRESS("unix", "'path': '/tmp/vportemu-sandbox'")),
		ADD("x", "socket", ADDRESS("unix", "'path': '/tmp/vportemu-sandbox'") ", 'max-clients': 3"),
		ADD("x", "socket", ADDRESS("inet", "'host': 'localhost', 'port': '0'")),
		ADD("x", "socket", ADDRESS("inet", "'host': '127.0.0.1', 'port': '0'")),
		ADD("x", "udp", "'remote': {'type': 'inet', 'data': {'host': '127.0.0.1', 'port': '9'}}"),
		ADD("x", "file", "'out': '/tmp/vportemu-sandbox', 'logfile': '/tmp/vportemu-sandbox-log'"),
		ADD("x", "ringbuf", "'history-size': 4096, 'history-policy': 'spill', 'history-spill': '/tmp/vportemu-sandbox'"),
		ADD("x", "hub", "'chardevs': ['n']"),
		ADD("x", "mux", "'chardev': 'n'"),
	};
	char line[512];
	size_t i;

	start("-chardev null,id=n");
	for (i = 0; i < sizeof(adds) / sizeof(adds[0]); i++) {
		write_exactly(f.qmp, adds[i], strlen(adds[i]));
		qmp_read(f.qmp, line, sizeof(line));
		if (strncmp(line, "{\"return\": ", 11))
			fail_msg("%s: %s", adds[i], line);
		qmp_expect(f.qmp, "{'execute': 'chardev-remove', 'arguments': {'id': 'x'}}",
			   NULL);
	}
	unlink("/tmp/vportemu-sandbox");
	unlink("/tmp/vportemu-sandbox-log");

	/* Not every kernel has vsock; but it is not we who refuse it. */
	write_exactly(f.qmp, ADD("x", "socket", ADDRESS("vsock", "'cid': '1', 'port': '7777'")),
		      strlen(ADD("x", "socket", ADDRESS("vsock", "'cid': '1', 'port': '7777'"))));
	qmp_read(f.qmp, line, sizeof(line));
	assert_null(strstr(line, "not permitted"));
	end();
}

static void run_program(void)
{
	char name[] = "true";
	char *const argv[] = { name, NULL };

	execv("/bin/true", argv);
}

static void map_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	_exit(at == MAP_FAILED && errno == EPERM ? 42 : 1);
}

static void open_raw_socket(void)
{
	_exit(socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM ? 42 : 1);
}

static void change_user(void)
{
	_exit(setuid(1) && errno == EPERM ? 42 : 1);
}

/* In a process of its own; what becomes of it. */
static int try_inside(void (*act)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (sandbox_enter())
			_exit(2);
		act();
		_exit(3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_denied(void **state)
{
	int status = try_inside(run_program);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
	assert_int_equal(WEXITSTATUS(try_inside(map_code)), 42);
	assert_int_equal(WEXITSTATUS(try_inside(open_raw_socket)), 42);
	assert_int_equal(WEXITSTATUS(try_inside(change_user)), 42);
}

static void test_words(void **state)
{
	struct error error;
	bool on = true;

	assert_int_equal(sandbox_parse("off", &on, &error), 0);
	assert_false(on);
	assert_int_equal(sandbox_parse("on,spawn=allow", &on, &error), -EINVAL);
	assert_string_equal(error.text, "Parameter 'spawn' does not accept value 'allow', expected 'deny'");
	assert_int_equal(sandbox_parse("maybe", &on, &error), -EINVAL);
	assert_string_equal(error.text, "Parameter 'enable' expects 'on' or 'off'");
	assert_int_equal(sandbox_parse("on,x=y", &on, &error), -EINVAL);
	assert_string_equal(error.text, "Invalid parameter 'x'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_character_devices),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
