// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_test.c - sessions of the agent: order of replies, barriers, limits
 *
 * The port and the table of commands are this file's: "slow" stays in progress
 * until the test says otherwise.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "command.h"
#include "context.h"
#include "handler.h"
#include "port.h"

#define MAX_SLOW 100

static struct command_call *slow[MAX_SLOW];
static int slow_count;

static char sent[1 << 16];
static size_t sent_len;
static bool full;
static int resumed;

bool port_write(struct port *port, const void *data, size_t len)
{
	assert_true(len < sizeof(sent) - sent_len);
	memcpy(sent + sent_len, data, len);
	sent_len += len;
	sent[sent_len] = '\0';
	return !full;
}

bool port_writable(const struct port *port)
{
	return !full;
}

void port_resume_input(struct port *port)
{
	resumed++;
}

void port_resume_output(struct port *port)
{
	resumed++;
}

void exec_finish(void)
{
}

void fsfreeze_finish(void)
{
}

void helper_finish(void)
{
}

static int run_fast(struct command_call *call)
{
	command_result(call, json_object_get(command_arg(call, "n")));
	return 0;
}

static int run_slow(struct command_call *call)
{
	assert_true(slow_count < MAX_SLOW);
	slow[slow_count++] = call;
	return -EINPROGRESS;
}

static int run_fails(struct command_call *call)
{
	return -EACCES;
}

static int run_explains(struct command_call *call)
{
	return command_error(call, -EACCES, "no %s here", "such");
}

static int run_large(struct command_call *call)
{
	char *text = malloc(PORT_WRITE_MAX);

	memset(text, 'x', PORT_WRITE_MAX);
	command_result(call, json_object_new_string_len(text, PORT_WRITE_MAX));
	free(text);
	return 0;
}

static const struct command_arg fast_args[] = {
	{ "n", COMMAND_INTEGER, true },
	{ "s", COMMAND_STRING, true },
	{ "b", COMMAND_BOOLEAN, true },
	{ "a", COMMAND_ARRAY, true },
	{ "o", COMMAND_OBJECT, true },
	{ NULL },
};

static const char *const two_names[] = { "fast", "silent", NULL };
static const char *const one_name[] = { "fast", NULL };

static const struct command commands[] = {
	{ "silent", run_fast, fast_args, COMMAND_SILENT },
	{ "thawed", run_fast, fast_args, COMMAND_FROZEN },
	{ "fast", run_fast, fast_args },
	{ "slow", run_slow },
	{ "sync", run_fast, fast_args, COMMAND_BARRIER },
	{ "fails", run_fails },
	{ "explains", run_explains },
	{ "large", run_large },
};

const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	}

	return NULL;
}

static void *session;
static struct agent_conf conf;
static char dir[] = "/tmp/agent-state.XXXXXX";

static int session_start(void **state)
{
	sent_len = 0;
	sent[0] = '\0';
	slow_count = 0;
	resumed = 0;
	full = false;
	conf = agent_conf_default;
	conf.state_dir = dir;
	agent_configure(&conf, NULL);
	return agent_handler.start(NULL, &session);
}

static int session_stop(void **state)
{
	if (session)
		agent_handler.stop(session);
	session = NULL;
	agent_finish();
	return 0;
}

static ssize_t input(const char *text)
{
	return agent_handler.input(session, text, strlen(text));
}

static void expect(const char *replies)
{
	assert_string_equal(replies, sent);
	sent_len = 0;
	sent[0] = '\0';
}

#define ERROR(desc) \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"" desc "\"}}\n"
#define FAST(n) "{'execute':'fast','arguments':{'n':" n "}}"
#define SYNC(n) "{'execute':'sync','arguments':{'n':" n "}}"
#define SLOW	"{'execute':'slow'}"
#define RETURN(n) "{\"return\": " n "}\n"

static void no_result_is_an_object(void **state)
{
	input("{'execute':'fast'}");
	expect(RETURN("{}"));
}

static void errors_have_a_text(void **state)
{
	input("{'execute':'fails'}");
	expect(ERROR("Permission denied"));
	input("{'execute':'explains'}");
	expect(ERROR("no such here"));
}

static void types_are_checked(void **state)
{
	static const char *const cases[][2] = {
		{ "{'n':'x'}", "'n', expected: integer" },
		{ "{'n':9223372036854775808}", "'n', expected: integer" },
		{ "{'s':1}", "'s', expected: string" },
		{ "{'b':0}", "'b', expected: boolean" },
		{ "{'a':{}}", "'a', expected: array" },
		{ "{'o':[]}", "'o', expected: object" },
	};
	char text[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
			 "{'execute':'fast','arguments':%s}", cases[i][0]);
		input(text);
		snprintf(text, sizeof(text),
			 ERROR("Invalid parameter type for %s"), cases[i][1]);
		expect(text);
	}
	input("{'execute':'fast','arguments':{'n':9223372036854775807,"
	      "'s':'','b':true,'a':[],'o':{}}}");
	expect(RETURN("9223372036854775807"));
}

static void replies_wait_for_their_turn(void **state)
{
	input(SLOW FAST("1") FAST("2"));
	expect("");
	command_result(slow[0], json_object_new_string("late"));
	command_done(slow[0], 0);
	expect(RETURN("\"late\"") RETURN("1") RETURN("2"));
	assert_true(resumed > 0);
}

static void one_runs_after_the_other(void **state)
{
	input(SLOW SLOW FAST("1"));
	assert_int_equal(1, slow_count);
	expect("");
	command_done(slow[0], -EIO);
	assert_int_equal(2, slow_count);
	expect(ERROR("Input/output error"));
	command_done(slow[1], 0);
	expect(RETURN("{}") RETURN("1"));
}

static void what_is_void_is_done_in_its_order(void **state)
{
	input(SLOW SLOW SYNC("5"));
	expect(RETURN("5"));
	assert_int_equal(1, slow_count);
	input(SLOW);
	assert_int_equal(2, slow_count);
	command_done(slow[0], 0);
	assert_int_equal(3, slow_count);
	command_done(slow[2], 0);
	expect("");
	command_done(slow[1], 0);
	expect(RETURN("{}"));
}

static void sync_voids_what_came_before(void **state)
{
	input(SLOW FAST("1") SYNC("5") FAST("2"));
	expect(RETURN("5") RETURN("2"));
	command_done(slow[0], 0);
	expect("");
	input(FAST("3"));
	expect(RETURN("3"));
}

static void bad_sync_voids_nothing(void **state)
{
	input(SLOW "{'execute':'sync','x':1}");
	expect("");
	command_done(slow[0], 0);
	expect(RETURN("{}") ERROR("QMP input member 'x' is unexpected"));
}

static void sentinel_voids_what_came_before(void **state)
{
	input(SLOW FAST("1") "\xff" FAST("2"));
	expect(RETURN("2"));
	command_done(slow[0], 0);
	expect("");
}

static void call_may_outlive_its_session(void **state)
{
	input(SLOW);
	session_stop(state);
	command_result(slow[0], json_object_new_int(1));
	command_done(slow[0], 0);
	expect("");
}

static void calls_behind_a_slow_one_are_limited(void **state)
{
	static char text[4096];
	ssize_t taken;
	int calls = 0;

	memset(text, ' ', sizeof(text));
	memcpy(text, SLOW, strlen(SLOW));
	do {
		taken = agent_handler.input(session, text, sizeof(text));
		calls += taken == sizeof(text);
		assert_true(calls < 100);
	} while (taken == sizeof(text));
	assert_int_equal(64, calls);

	while (slow_count)
		command_done(slow[--slow_count], 0);
	assert_int_equal(0, slow_count);
}

static void bytes_behind_a_slow_one_are_limited(void **state)
{
	static char text[4096];
	size_t total = 0;
	ssize_t taken;

	memset(text, ' ', sizeof(text));
	input(SLOW);
	do {
		taken = agent_handler.input(session, text, sizeof(text));
		total += taken;
		assert_true(total < 2 << 20);
	} while (taken == sizeof(text));
	assert_in_range(total, 1 << 19, 1 << 20);
	command_done(slow[0], 0);
	assert_int_equal(sizeof(text), agent_handler.input(session, text,
							   sizeof(text)));
}

static void full_port_stops_input(void **state)
{
	static char text[3 * 4096];

	memset(text, ' ', sizeof(text));
	full = true;
	assert_int_equal(0, agent_handler.input(session, text, sizeof(text)));
	full = false;
	assert_int_equal(sizeof(text),
			 agent_handler.input(session, text, sizeof(text)));
}

static void reply_too_large_is_an_error(void **state)
{
	input("{'execute':'large','id':1}" FAST("1"));
	expect(ERROR("The reply is larger than 67112960 bytes") RETURN("1"));
}

#define REFUSED(name, why) \
	"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"Command " \
	name " has been disabled: " why "\"}}\n"

static void only_errors_of_silent_ones_are_told(void **state)
{
	input("{'execute':'silent'}" FAST("1")
	      "{'execute':'silent','arguments':{'x':1}}");
	expect(RETURN("1") ERROR("Parameter 'x' is unexpected"));
}

static void only_what_is_allowed_runs(void **state)
{
	conf.allow = one_name;
	input(SLOW FAST("1"));
	expect(REFUSED("slow", "the command is not allowed") RETURN("1"));
}

static void block_wins_over_allow(void **state)
{
	conf.allow = two_names;
	conf.block = one_name;
	input(FAST("1"));
	expect(REFUSED("fast", "the command is not allowed"));
}

static void only_thawing_runs_while_frozen(void **state)
{
	state_set_frozen(true);
	input(FAST("1") "{'execute':'thawed'}");
	expect(REFUSED("fast", "the agent is in frozen state") RETURN("{}"));
	state_set_frozen(false);
	input(FAST("1"));
	expect(RETURN("1"));
}

static void successor_knows_that_it_is_frozen(void **state)
{
	int64_t handle = state_next_handle();

	assert_int_equal(0, state_set_frozen(true));
	agent_finish();
	agent_configure(&conf, NULL);
	assert_true(agent_is_frozen());
	assert_int_equal(0, state_set_frozen(false));
	agent_finish();
	agent_configure(&conf, NULL);
	assert_false(agent_is_frozen());
	assert_int_equal(handle + 1, state_next_handle());
}

static int make_dir(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/qga.state", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, session_start, session_stop)
	const struct CMUnitTest tests[] = {
		TEST(no_result_is_an_object),
		TEST(errors_have_a_text),
		TEST(types_are_checked),
		TEST(replies_wait_for_their_turn),
		TEST(one_runs_after_the_other),
		TEST(what_is_void_is_done_in_its_order),
		TEST(sync_voids_what_came_before),
		TEST(bad_sync_voids_nothing),
		TEST(sentinel_voids_what_came_before),
		TEST(call_may_outlive_its_session),
		TEST(calls_behind_a_slow_one_are_limited),
		TEST(bytes_behind_a_slow_one_are_limited),
		TEST(full_port_stops_input),
		TEST(reply_too_large_is_an_error),
		TEST(only_errors_of_silent_ones_are_told),
		TEST(only_what_is_allowed_runs),
		TEST(block_wins_over_allow),
		TEST(only_thawing_runs_while_frozen),
		TEST(successor_knows_that_it_is_frozen),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
