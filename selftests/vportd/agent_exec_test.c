// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_exec_test.c - guest-exec and guest-exec-status, over a socket
 */

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "agent_process.h"

#define ERROR(desc) \
	"{\"error\":{\"class\":\"GenericError\",\"desc\":\"" desc "\"}}"
#define EXEC(args) "{\"execute\":\"guest-exec\",\"arguments\":{" args "}}"
#define SHELL(script) "\"path\":\"/bin/sh\",\"arg\":[\"-c\",\"" script "\"]"
#define CAPTURE(how) ",\"capture-output\":" how

static int client;

static int setup(void **state)
{
	client = client_connect(&test_agent);
	return 0;
}

static struct json_object *call(const char *request)
{
	struct json_object *result = NULL;
	struct json_object *reply;
	char *line;

	client_send(client, request, strlen(request));
	line = client_line(client);
	assert_non_null(line);
	reply = json_tokener_parse(line);
	if (!json_object_object_get_ex(reply, "return", &result))
		fail_msg("%.200s: %s", request, line);
	json_object_get(result);
	json_object_put(reply);
	free(line);
	return result;
}

static int start(const char *request)
{
	struct json_object *result = call(request);
	int pid = json_object_get_int(json_object_object_get(result, "pid"));

	json_object_put(result);
	assert_true(pid > 0);
	return pid;
}

static struct json_object *status(int pid)
{
	char request[96];

	snprintf(request, sizeof(request), "{\"execute\":\"guest-exec-status\","
		 "\"arguments\":{\"pid\":%d}}", pid);
	return call(request);
}

static bool has_exited(struct json_object *result)
{
	return json_object_get_boolean(json_object_object_get(result,
							      "exited"));
}

/* The number behind two other characters, in base64. */
static int number_in(const char *base64)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int bits = 0;
	char text[16] = "";
	size_t len = 0;
	int have = 0;

	for (; *base64 && *base64 != '=' && len < 15; base64++) {
		bits = bits << 6 | (strchr(digits, *base64) - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			text[len++] = bits >> have;
		}
	}
	return atoi(text + 2);
}

/* Asking is the only way to learn of the end. */
static struct json_object *end_of(int pid)
{
	struct json_object *result;
	int tries;

	for (tries = 0; tries < 10000; tries++) {
		result = status(pid);
		if (has_exited(result))
			return result;
		json_object_put(result);
		poll(NULL, 0, 1);
	}

	fail_msg("process %d does not end", pid);
	return NULL;
}

static void expect_end(const char *request, const char *expected)
{
	struct json_object *result = end_of(start(request));
	const char *text = json_object_to_json_string(result);

	if (!same_json(text, expected))
		fail_msg("%.200s: got %s, expected %s", request, text,
			 expected);
	json_object_put(result);
}

static void end_is_told(void **state)
{
	expect_end(EXEC("\"path\":\"true\""), "{\"exited\":true,\"exitcode\":0}");
	expect_end(EXEC(SHELL("exit 7")), "{\"exited\":true,\"exitcode\":7}");
	expect_end(EXEC(SHELL("kill -9 $$")), "{\"exited\":true,\"signal\":9}");
}

static void end_is_told_once(void **state)
{
	int pid = start(EXEC("\"path\":\"true\""));
	char expected[128];
	char request[96];

	json_object_put(end_of(pid));
	known_to_differ("other words");
	snprintf(request, sizeof(request), "{\"execute\":\"guest-exec-status\","
		 "\"arguments\":{\"pid\":%d}}", pid);
	snprintf(expected, sizeof(expected), ERROR("PID %d does not exist"),
		 pid);
	client_ask(client, request, expected);
}

static void output_is_captured(void **state)
{
	expect_end(EXEC(SHELL("echo out; echo err >&2") CAPTURE("true")),
		   "{\"exited\":true,\"exitcode\":0,\"out-data\":\"b3V0Cg==\","
		   "\"out-truncated\":false,\"err-data\":\"ZXJyCg==\","
		   "\"err-truncated\":false}");
	expect_end(EXEC(SHELL("echo out; echo err >&2") CAPTURE("false")),
		   "{\"exited\":true,\"exitcode\":0}");
	expect_end(EXEC("\"path\":\"true\"" CAPTURE("true")),
		   "{\"exited\":true,\"exitcode\":0}");
}

static void output_is_captured_as_told(void **state)
{
	static const char *const cases[][2] = {
		{ "none", "" },
		{ "stdout", ",\"out-data\":\"b3V0Cg==\","
			    "\"out-truncated\":false" },
		{ "stderr", ",\"err-data\":\"ZXJyCg==\","
			    "\"err-truncated\":false" },
		{ "separated", ",\"out-data\":\"b3V0Cg==\","
			       "\"out-truncated\":false,"
			       "\"err-data\":\"ZXJyCg==\","
			       "\"err-truncated\":false" },
		{ "merged", ",\"out-data\":\"b3V0CmVycgo=\","
			    "\"out-truncated\":false" },
	};
	char expected[256];
	char request[256];
	size_t i;

	known_to_differ("7.2 has no words for it, 10 and 11 lose output");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(request, sizeof(request),
			 EXEC(SHELL("echo out; echo err >&2")
			      CAPTURE("\"%s\"")), cases[i][0]);
		snprintf(expected, sizeof(expected),
			 "{\"exited\":true,\"exitcode\":0%s}", cases[i][1]);
		expect_end(request, expected);
	}
	client_ask(client, EXEC("\"path\":\"true\"" CAPTURE("\"x\"")),
		   ERROR("Parameter 'capture-output' does not accept value 'x'"));
	client_ask(client, EXEC("\"path\":\"true\"" CAPTURE("1")),
		   ERROR("Invalid parameter type for 'capture-output', "
			 "expected: GuestExecCaptureOutput"));
}

static void program_gets_what_it_was_given(void **state)
{
	expect_end(EXEC("\"path\":\"cat\",\"input-data\":\"aGVsbG8=\""
			CAPTURE("true")),
		   "{\"exited\":true,\"exitcode\":0,\"out-data\":\"aGVsbG8=\","
		   "\"out-truncated\":false}");
	expect_end(EXEC("\"path\":\"env\",\"env\":[\"A=1\"]" CAPTURE("true")),
		   "{\"exited\":true,\"exitcode\":0,\"out-data\":\"QT0xCg==\","
		   "\"out-truncated\":false}");
	/* One that does not read is no trouble. */
	expect_end(EXEC("\"path\":\"true\",\"input-data\":\"aGVsbG8=\""),
		   "{\"exited\":true,\"exitcode\":0}");
}

/* More than a pipe and a piece hold, through input and output. */
static void much_goes_through(void **state)
{
	static const char tail[] = "\",\"path\":\"cat\"" CAPTURE("true") "}}";
	static char request[400100];
	struct json_object *result;
	struct json_object *out;
	int len;

	len = sprintf(request, "{\"execute\":\"guest-exec\",\"arguments\":"
			       "{\"input-data\":\"");
	memset(request + len, 'Q', 400000);
	strcpy(request + len + 400000, tail);
	result = end_of(start(request));
	assert_true(json_object_object_get_ex(result, "out-data", &out));
	assert_int_equal(400000, json_object_get_string_len(out));
	assert_memory_equal(request + len, json_object_get_string(out), 400000);
	json_object_put(result);
}

static void output_has_a_limit(void **state)
{
	struct json_object *result = end_of(start(
		EXEC(SHELL("head -c 17000000 /dev/zero") CAPTURE("true"))));
	struct json_object *cut;
	struct json_object *out;

	assert_true(json_object_object_get_ex(result, "out-data", &out));
	assert_true(json_object_object_get_ex(result, "out-truncated", &cut));
	assert_true(json_object_get_boolean(cut));
	assert_int_equal(((16 << 20) + 2) / 3 * 4,
			 json_object_get_string_len(out));
	json_object_put(result);
}

static void running_one_blocks_nobody(void **state)
{
	int pid = start(EXEC("\"path\":\"cat\",\"input-data\":\"\""));
	int slow = start(EXEC("\"path\":\"sleep\",\"arg\":[\"1000\"]"));
	struct json_object *result = status(slow);

	assert_false(has_exited(result));
	json_object_put(result);
	json_object_put(end_of(pid));
	client_sync(client);
	assert_int_equal(0, kill(slow, SIGKILL));
	json_object_put(end_of(slow));
}

/* What it left behind prints its own number, so that it can be ended here. */
static void daemon_left_behind_is_not_waited_for(void **state)
{
	struct json_object *result;
	int left;

	known_to_differ("waits until the daemon ends, too");
	result = end_of(start(EXEC(SHELL("sleep 1000 & printf 'a=%05d' $!")
				   CAPTURE("true"))));
	left = number_in(json_object_get_string(
		json_object_object_get(result, "out-data")));
	json_object_put(result);
	assert_int_equal(0, kill(left, SIGKILL));
	client_sync(client);
}

static void bad_requests_are_told(void **state)
{
	/* A memory checker does not let the parent know. */
	if (!agent_is_wrapped())
		client_ask(client, EXEC("\"path\":\"/nonexistent\""),
			   ERROR("Guest agent command failed, error was 'Failed "
				 "to execute child process "
				 "\u201c/nonexistent\u201d "
				 "(No such file or directory)'"));
	client_ask(client, EXEC("\"path\":\"true\",\"arg\":[1]"),
		   ERROR("Invalid parameter type for 'arg[0]', "
			 "expected: string"));
	client_ask(client, EXEC("\"path\":\"true\",\"input-data\":\"a b\""),
		   ERROR("Base64 data contains invalid characters"));
	client_ask(client, EXEC("\"arg\":[]"),
		   ERROR("Parameter 'path' is missing"));
	known_to_differ("takes what is before the NUL");
	client_ask(client, EXEC("\"path\":\"true\",\"arg\":[\"a\\u0000b\"]"),
		   ERROR("Parameter 'arg' has a NUL inside"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, test_agent_end)
	const struct CMUnitTest tests[] = {
		TEST(end_is_told),
		TEST(end_is_told_once),
		TEST(output_is_captured),
		TEST(output_is_captured_as_told),
		TEST(program_gets_what_it_was_given),
		TEST(much_goes_through),
		TEST(output_has_a_limit),
		TEST(running_one_blocks_nobody),
		TEST(daemon_left_behind_is_not_waited_for),
		TEST(bad_requests_are_told),
	};

	return cmocka_run_group_tests(tests, test_agent_start, test_agent_stop);
}
