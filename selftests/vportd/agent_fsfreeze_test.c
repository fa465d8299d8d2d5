// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_fsfreeze_test.c - freezes and thaws: their order, and what else may run
 *
 * The helper is this file's: it notes what it is asked for and answers when
 * the test says so.
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
#include "helper.h"
#include "port.h"

struct port {
	char sent[4096];
	void *session;
};

static struct port ports[2];
static struct agent_conf conf;
static char dir[] = "/tmp/agent-freeze.XXXXXX";

/* What the helper is at. */
static char asked[256];
static struct command_call *call;
static void (*call_done)(struct command_call *call, int err);

bool port_write(struct port *port, const void *data, size_t len)
{
	strncat(port->sent, data, len);
	return true;
}

bool port_writable(const struct port *port)
{
	return true;
}

void port_resume_input(struct port *port)
{
}

void port_resume_output(struct port *port)
{
}

void exec_finish(void)
{
}

void helper_finish(void)
{
}

int helper_run(struct command_call *c, const char *name,
	       struct json_object *args,
	       void (*done)(struct command_call *call, int err))
{
	assert_null(call);
	snprintf(asked, sizeof(asked), "%s %s", name,
		 args ? json_object_to_json_string(args) : "");
	call = c;
	call_done = done;
	return -EINPROGRESS;
}

static int run_fast(struct command_call *c)
{
	return 0;
}

static const struct command_arg list_args[] = {
	{ "mountpoints", COMMAND_STRINGS, true },
	{ NULL },
};

static const struct command commands[] = {
	{ "guest-fsfreeze-freeze", command_fsfreeze },
	{ "guest-fsfreeze-freeze-list", command_fsfreeze, list_args },
	{ "guest-fsfreeze-thaw", command_fsfreeze, NULL, COMMAND_FROZEN },
	{ "guest-fsfreeze-status", command_fsfreeze_status, NULL,
	  COMMAND_FROZEN },
	{ "ping", run_fast, NULL, COMMAND_FROZEN },
	{ "other", run_fast },
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

static int setup(void **state)
{
	int i;

	conf = agent_conf_default;
	conf.state_dir = dir;
	*asked = '\0';
	call = NULL;
	agent_configure(&conf, NULL);
	for (i = 0; i < 2; i++) {
		*ports[i].sent = '\0';
		if (agent_handler.start(&ports[i], &ports[i].session))
			return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	int i;

	for (i = 0; i < 2; i++)
		agent_handler.stop(ports[i].session);
	state_set_frozen(false);
	agent_finish();
	return 0;
}

#define RUN(name)	"{'execute':'" name "'}"
#define FREEZE		RUN("guest-fsfreeze-freeze")
#define THAW		RUN("guest-fsfreeze-thaw")
#define STATUS		RUN("guest-fsfreeze-status")
#define RETURN(n)	"{\"return\": " n "}\n"
#define REFUSED(name)	"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": " \
	"\"Command " name " has been disabled: the agent is in frozen state\"}}\n"

static void ask(int client, const char *text)
{
	agent_handler.input(ports[client].session, text, strlen(text));
}

static void expect(int client, const char *replies)
{
	assert_string_equal(replies, ports[client].sent);
	*ports[client].sent = '\0';
}

/* The helper has done @name, with @count as its result or an error. */
static void answer(const char *name, int count, int err)
{
	struct command_call *c = call;

	assert_string_equal(name, asked);
	assert_non_null(c);
	call = NULL;
	if (!err)
		command_result(c, json_object_new_int(count));
	else
		command_error(c, err, "it went wrong");
	call_done(c, err);
}

#define HOOK_DONE	answer("guest-fsfreeze-hook ", 0, 0)
#define FREEZE_DONE(n)	answer("guest-fsfreeze-freeze ", n, 0)
#define THAW_DONE(n)	answer("guest-fsfreeze-thaw ", n, 0)
#define WRONG "{\"error\": {\"class\": \"GenericError\", \"desc\": \"it went wrong\"}}\n"

static void freeze_and_thaw(void **state)
{
	ask(0, FREEZE);
	HOOK_DONE;
	expect(0, "");
	FREEZE_DONE(3);
	expect(0, RETURN("3"));
	ask(0, STATUS RUN("other") RUN("ping"));
	expect(0, RETURN("\"frozen\"") REFUSED("other") RETURN("{}"));

	ask(0, THAW);
	THAW_DONE(3);
	ask(0, STATUS RUN("other"));
	expect(0, RETURN("3") RETURN("\"thawed\"") RETURN("{}"));
}

static void list_goes_to_the_helper(void **state)
{
	ask(0, "{'execute':'guest-fsfreeze-freeze-list',"
	       "'arguments':{'mountpoints':['/a']}}");
	HOOK_DONE;
	answer("guest-fsfreeze-freeze { \"mountpoints\": [ \"\\/a\" ] }", 1, 0);
	expect(0, RETURN("1"));
}

static void nothing_frozen_is_thawed(void **state)
{
	ask(0, FREEZE);
	HOOK_DONE;
	FREEZE_DONE(0);
	ask(0, STATUS);
	expect(0, RETURN("0") RETURN("\"thawed\""));
}

static void failed_hook_freezes_nothing(void **state)
{
	ask(0, FREEZE STATUS);
	answer("guest-fsfreeze-hook ", 0, -EIO);
	expect(0, WRONG RETURN("\"thawed\""));
	assert_null(call);
}

static void failed_freeze_is_thawed(void **state)
{
	ask(0, FREEZE STATUS);
	HOOK_DONE;
	answer("guest-fsfreeze-freeze ", 0, -EIO);
	expect(0, WRONG RETURN("\"thawed\""));
}

static void failed_thaw_hook_is_thawed(void **state)
{
	state_set_frozen(true);
	ask(0, THAW STATUS);
	answer("guest-fsfreeze-thaw ", 0, -EIO);
	expect(0, WRONG RETURN("\"thawed\""));
}

static void hook_holds_nobody_up(void **state)
{
	ask(0, FREEZE);
	ask(1, RUN("ping") RUN("other") STATUS);
	expect(1, RETURN("{}") RETURN("{}") RETURN("\"thawed\""));
	HOOK_DONE;
	ask(1, RUN("ping") RUN("other"));
	expect(1, RETURN("{}") REFUSED("other"));
	FREEZE_DONE(1);
}

/* Not before the freeze, which it would not undo. */
static void thaw_waits_for_the_freeze(void **state)
{
	ask(0, FREEZE);
	ask(1, THAW);
	HOOK_DONE;
	FREEZE_DONE(2);
	expect(0, RETURN("2"));
	expect(1, "");
	THAW_DONE(2);
	expect(1, RETURN("2"));
	ask(1, STATUS);
	expect(1, RETURN("\"thawed\""));
}

static void second_freeze_is_refused(void **state)
{
	ask(0, FREEZE);
	ask(1, FREEZE);
	HOOK_DONE;
	FREEZE_DONE(2);
	expect(1, "{\"error\": {\"class\": \"GenericError\", \"desc\": "
		  "\"Command guest-fsfreeze-freeze has been disabled: "
		  "the agent is in frozen state\"}}\n");
	ask(1, FREEZE);
	expect(1, REFUSED("guest-fsfreeze-freeze"));
}

static void freeze_outlives_its_client(void **state)
{
	ask(0, FREEZE);
	agent_handler.stop(ports[0].session);
	HOOK_DONE;
	FREEZE_DONE(1);
	ask(1, STATUS);
	expect(1, RETURN("\"frozen\""));
	assert_int_equal(0, agent_handler.start(&ports[0], &ports[0].session));
}

static int make_dir(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	return rmdir(dir);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(freeze_and_thaw),
		TEST(list_goes_to_the_helper),
		TEST(nothing_frozen_is_thawed),
		TEST(failed_hook_freezes_nothing),
		TEST(failed_freeze_is_thawed),
		TEST(failed_thaw_hook_is_thawed),
		TEST(hook_holds_nobody_up),
		TEST(thaw_waits_for_the_freeze),
		TEST(second_freeze_is_refused),
		TEST(freeze_outlives_its_client),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
