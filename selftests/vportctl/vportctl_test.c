// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vportctl_test.c - the program as a person runs it
 */

#include <errno.h>
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
#include "command_run.h"

#define run(...) command_run("build/vportctl " __VA_ARGS__)

static struct agent_process agent;
/*
 * A peer that says @hello, then answers line after line with the next of
 * @replies; "%s" in one is the number in the line.
 */
struct peer {
	pid_t pid;
	char path[96];
};

static void answer(FILE *stream, const char *reply, const char *line)
{
	const char *id = strstr(line, "\"id\": ");
	const char *hole = strstr(reply, "%s");

	if (!hole) {
		fputs(reply, stream);
	} else {
		fwrite(reply, 1, hole - reply, stream);
		if (id)
			fprintf(stream, "%ld", atol(id + 6));
		fputs(hole + 2, stream);
	}
	fflush(stream);
}

static void peer_serve(int listener, const char *hello,
		       const char *const *replies)
{
	FILE *stream = fdopen(accept(listener, NULL, NULL), "r+");
	char line[4096];

	fputs(hello, stream);
	fflush(stream);
	while (*replies && fgets(line, sizeof(line), stream))
		answer(stream, *replies++, line);
	fclose(stream);
	_exit(0);
}

static void peer_start(struct peer *peer, const char *hello,
		       const char *const *replies)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(peer->path, sizeof(peer->path), "%s/peer", agent.dir);
	strcpy(addr.sun_path, peer->path);
	assert_int_equal(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_int_equal(0, listen(fd, 1));
	peer->pid = fork();
	if (!peer->pid)
		peer_serve(fd, hello, replies);
	close(fd);
}

static void peer_end(struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	waitpid(peer->pid, NULL, 0);
	unlink(peer->path);
}

static void result_is_pretty_json(void **state)
{
	assert_int_equal(0, run("agent %s guest-ping", agent.path));
	assert_string_equal("{\n}\n", output);
	assert_int_equal(0, run("agent %s guest-sync '{\"id\": 42}'",
				agent.path));
	assert_string_equal("42\n", output);
	assert_int_equal(0, run("agent %s guest-info", agent.path));
	assert_non_null(strstr(output, "\n    \"supported_commands\": [\n"));
}

static void agents_error_is_one_line(void **state)
{
	assert_int_equal(1, run("agent %s nope", agent.path));
	assert_one_line("vportctl: nope: CommandNotFound: The command nope has "
			"not been found\n");
	assert_int_equal(1, run("agent %s guest-sync", agent.path));
	assert_one_line("vportctl: guest-sync: GenericError: Parameter 'id' is "
			"missing\n");
}

static void bad_arguments_are_one_line(void **state)
{
	assert_int_equal(1, run("agent %s guest-sync '{\"id\": 1'",
				agent.path));
	assert_one_line("vportctl: {\"id\": 1: expected one JSON object\n");
	assert_int_equal(1, run("agent %s guest-sync '[1]'", agent.path));
	assert_one_line("vportctl: [1]: expected one JSON object\n");
	assert_int_equal(1, run("agent %s guest-sync '{} {}'", agent.path));
	assert_one_line("vportctl: {} {}: expected one JSON object\n");
	assert_int_equal(1, run("agent %s guest-sync '{foo}'", agent.path));
	assert_one_line("vportctl: {foo}: JSON parse error, invalid keyword "
			"'foo'; expected one JSON object\n");
}

static void no_such_socket_is_one_line(void **state)
{
	assert_int_equal(1, run("agent /nonexistent guest-ping"));
	assert_one_line("vportctl: /nonexistent: No such file or directory\n");
	assert_int_equal(1, run("agent /dev/../etc/passwd guest-ping"));
	assert_one_line("vportctl: /dev/../etc/passwd: expected a unix socket "
			"or a character device\n");
	assert_int_equal(1, run("ping nonexistent"));
	assert_one_line("vportctl: nonexistent: no port of this name, see "
			"vportctl list, and no file\n");
}

static void stale_replies_are_skipped(void **state)
{
	static const char *const replies[] = {
		"{\"return\": {\"stale\": 1}}\n{\"error\": {}}\nrubbish [[[ {"
		"\xff{\"return\": 1}\n\xff{\"return\": %s}\n",
		"{\"event\": \"X\"}\n{\"return\": {\"fresh\": true}}\n",
		NULL,
	};
	struct peer peer;

	peer_start(&peer, "{\"return\": \"cut off", replies);
	assert_int_equal(0, run("agent %s guest-x", peer.path));
	assert_string_equal("{\n    \"fresh\": true\n}\n", output);
	peer_end(&peer);
}

static void agent_that_has_missed_a_sync_is_asked_again(void **state)
{
	static const char *const replies[] = {
		"", "\xff{\"return\": %s}\n", "{\"return\": {\"fresh\": true}}\n",
		NULL,
	};
	struct peer peer;

	peer_start(&peer, "", replies);
	assert_int_equal(0, run("agent --timeout=10 %s guest-x", peer.path));
	assert_string_equal("{\n    \"fresh\": true\n}\n", output);
	peer_end(&peer);
}

static void silent_peer_runs_into_the_time_limit(void **state)
{
	static const char *const replies[] = { "", "", "", "", "", "", NULL };
	struct peer peer;
	char expected[200];

	peer_start(&peer, "", replies);
	assert_int_equal(1, run("agent --timeout=0.2 %s guest-ping",
				peer.path));
	snprintf(expected, sizeof(expected),
		 "vportctl: %s: no guest agent has answered within 0.2 s; it "
		 "may be down, or busy with another client\n", peer.path);
	assert_one_line(expected);
	peer_end(&peer);
}

static void peer_that_hangs_up_is_told(void **state)
{
	static const char *const replies[] = { "\xff{\"return\": %s}\n", NULL };
	struct peer peer;

	peer_start(&peer, "", replies);
	assert_int_equal(1, run("agent %s guest-ping", peer.path));
	assert_one_line("vportctl: guest-ping: connection closed before the "
			"reply\n");
	peer_end(&peer);
}

static void shutdown_needs_no_reply(void **state)
{
	static const char *const replies[] = { "\xff{\"return\": %s}\n", NULL };
	struct peer peer;

	peer_start(&peer, "", replies);
	assert_int_equal(0, run("agent %s guest-shutdown", peer.path));
	assert_string_equal("", output);
	peer_end(&peer);
}

static void options_stand_anywhere(void **state)
{
	assert_int_equal(0, run("agent %s guest-sync --timeout=3 '{\"id\": 5}'",
				agent.path));
	assert_string_equal("5\n", output);
	assert_int_equal(0, run("ping %s --count 1", agent.path));
	assert_int_equal(125, run("agent %s exec --timeout=3 -- true",
				  agent.path));
}

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n"

static void monitor_is_negotiated_with(void **state)
{
	static const char *const replies[] = {
		"{\"return\": {}}\n",
		"{\"event\": \"STOP\"}\n{\"return\": {\"running\": true}}\n",
		NULL,
	};
	struct peer peer;

	peer_start(&peer, GREETING, replies);
	assert_int_equal(0, run("qmp %s query-status", peer.path));
	assert_string_equal("{\n    \"running\": true\n}\n", output);
	peer_end(&peer);
}

static void monitor_is_no_agent(void **state)
{
	static const char *const replies[] = { "", NULL };
	struct peer peer;
	char expected[200];

	peer_start(&peer, GREETING, replies);
	assert_int_equal(1, run("agent %s guest-ping", peer.path));
	snprintf(expected, sizeof(expected), "vportctl: %s: is a QMP monitor, "
		 "expected a guest agent\n", peer.path);
	assert_one_line(expected);
	peer_end(&peer);
}

static void monitors_error_is_one_line(void **state)
{
	static const char *const replies[] = {
		"{\"return\": {}}\n",
		"{\"error\": {\"class\": \"GenericError\", "
		"\"desc\": \"no\\nway\"}}\n",
		NULL,
	};
	struct peer peer;

	peer_start(&peer, GREETING, replies);
	assert_int_equal(1, run("qmp %s stop '{}'", peer.path));
	assert_one_line("vportctl: stop: GenericError: no?way\n");
	peer_end(&peer);
}

static void list_has_a_title_and_json(void **state)
{
	assert_int_equal(0, run("list"));
	assert_memory_equal("DEVICE", output, 6);
	assert_non_null(strstr(output, "NAME"));
	assert_int_equal(0, run("list --json"));
	assert_memory_equal("[\n", output, 2);
}

static void help_is_for_all(void **state)
{
	static const char *const names[] = { "", "agent", "list", "qmp" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(0, run("%s --help", names[i]));
		assert_memory_equal("Usage: vportctl ", output, 16);
		assert_non_null(strstr(output + 16, names[i]));
	}
	assert_int_equal(0, run("--version"));
	assert_memory_equal("vportctl ", output, 9);
}

static void bad_usage_is_one_line(void **state)
{
	static const char *const cases[][2] = {
		{ "", "vportctl: no subcommand, see vportctl --help\n" },
		{ "frob", "vportctl: frob: unknown subcommand, see vportctl "
			  "--help\n" },
		{ "list x", "vportctl: list: x: unexpected argument, see "
			    "vportctl list --help\n" },
		{ "list --timeout=1", "vportctl: list: --timeout=1: unknown "
				      "option, see vportctl list --help\n" },
		{ "agent --frob", "vportctl: agent: --frob: unknown option, "
				  "see vportctl agent --help\n" },
		{ "agent --timeout", "vportctl: agent: --timeout: needs an "
				     "argument, see vportctl agent --help\n" },
		{ "agent --timeout=no a b",
		  "vportctl: --timeout=no: expected seconds, more than 0 and "
		  "up to 86400\n" },
		{ "qmp --timeout=-1 a b",
		  "vportctl: --timeout=-1: expected seconds, more than 0 and "
		  "up to 86400\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(1, run("%s", cases[i][0]));
		assert_one_line(cases[i][1]);
	}
	assert_int_equal(1, run("agent sock"));
	assert_one_line("vportctl: agent: too few arguments, expected "
			"[--timeout=SECONDS] PORT COMMAND [ARGUMENT]..., see "
			"vportctl agent --help\n");
}

static void strange_ends_of_programs_are_told(void **state)
{
	static const char *const no_pid[] = {
		"\xff{\"return\": %s}\n", "{\"return\": {}}\n", NULL
	};
	static const char *const no_code[] = {
		"\xff{\"return\": %s}\n", "{\"return\": {\"pid\": 1}}\n",
		"{\"return\": {\"exited\": true}}\n", NULL
	};
	struct peer peer;

	peer_start(&peer, "", no_pid);
	assert_int_equal(125, run("agent %s exec true", peer.path));
	assert_one_line("vportctl: guest-exec: a pid was expected, there is none\n");
	peer_end(&peer);
	peer_start(&peer, "", no_code);
	assert_int_equal(125, run("agent %s exec true", peer.path));
	assert_one_line("vportctl: guest-exec-status: exitcode or signal was "
			"expected, there is neither\n");
	peer_end(&peer);
}

static void full_disk_is_a_failure(void **state)
{
	assert_int_equal(1, run("--version >/dev/full"));
	assert_int_equal(1, command_run("sh -c 'build/vportctl --version >&-'"));
	assert_one_line("vportctl: standard output: cannot write\n");
}

/* As "vportctl list | head -1" has it: nobody wants to be told. */
static void reader_that_has_enough_is_no_error(void **state)
{
	int ends[2];

	assert_int_equal(0, pipe(ends));
	assert_int_equal(9, dup2(ends[1], 9));
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(1, run("--help >&9"));
	assert_string_equal("", output);
	close(9);
}

static int begin(void **state)
{
	agent_process_start(&agent);
	return 0;
}

static int end(void **state)
{
	return agent_process_stop(&agent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(result_is_pretty_json),
		cmocka_unit_test(agents_error_is_one_line),
		cmocka_unit_test(bad_arguments_are_one_line),
		cmocka_unit_test(no_such_socket_is_one_line),
		cmocka_unit_test(stale_replies_are_skipped),
		cmocka_unit_test(agent_that_has_missed_a_sync_is_asked_again),
		cmocka_unit_test(silent_peer_runs_into_the_time_limit),
		cmocka_unit_test(peer_that_hangs_up_is_told),
		cmocka_unit_test(shutdown_needs_no_reply),
		cmocka_unit_test(monitor_is_negotiated_with),
		cmocka_unit_test(monitor_is_no_agent),
		cmocka_unit_test(monitors_error_is_one_line),
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(list_has_a_title_and_json),
		cmocka_unit_test(help_is_for_all),
		cmocka_unit_test(bad_usage_is_one_line),
		cmocka_unit_test(strange_ends_of_programs_are_told),
		cmocka_unit_test(full_disk_is_a_failure),
		cmocka_unit_test(reader_that_has_enough_is_no_error),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
