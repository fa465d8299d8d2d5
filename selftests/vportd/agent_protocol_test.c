// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_protocol_test.c - the guest agent protocol, over a socket
 *
 * With AGENT=/usr/sbin/qemu-ga the same checks run against QEMU's agent.  Where
 * that is known to differ, the test says how and counts as skipped.
 */

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "agent_process.h"

#define PING		"{\"execute\":\"guest-ping\"}"
#define PONG		"{\"return\":{}}"
#define SYNC(id)	"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":" id "}}"
#define ERROR_OF(class, desc) \
	"{\"error\":{\"class\":\"" class "\",\"desc\":\"" desc "\"}"
#define ERROR(desc)	ERROR_OF("GenericError", desc) "}"
#define ERROR_ID(desc, id) ERROR_OF("GenericError", desc) ",\"id\":" id "}"

/* The lines of the reply may be this instead of a text to compare. */
#define ANY_ERROR	"?"

struct exchange {
	const char *name;
	const char *request;
	const char *replies[4];
	const char *qemu_ga;	/* how it differs */
};

static const struct exchange exchanges[] = {
	{ "ping", PING, { PONG } },
	{ "objects_may_touch", PING PING PING, { PONG, PONG, PONG } },
	{ "line_ends_are_blanks", "\r\n" PING "\r\n\n" PING "\n",
	  { PONG, PONG } },
	{ "single_quotes", "{'execute':'guest-ping'}", { PONG } },
	{ "sync_echoes", SYNC("123456789"), { "{\"return\":123456789}" } },
	{ "sync_largest", SYNC("9223372036854775807"),
	  { "{\"return\":9223372036854775807}" } },
	{ "sync_smallest", SYNC("-9223372036854775808"),
	  { "{\"return\":-9223372036854775808}" } },
	{ "sync_too_large", SYNC("9223372036854775808"), { ANY_ERROR } },
	{ "sync_far_too_large", SYNC("18446744073709551616"), { ANY_ERROR } },
	{ "sync_fraction", SYNC("1.0"),
	  { ERROR("Invalid parameter type for 'id', expected: integer") } },
	{ "sync_wrong_type", SYNC("\"1\""),
	  { ERROR("Invalid parameter type for 'id', expected: integer") } },
	{ "sync_null", SYNC("null"),
	  { ERROR("Invalid parameter type for 'id', expected: integer") } },
	{ "sync_without_id", "{\"execute\":\"guest-sync\"}",
	  { ERROR("Parameter 'id' is missing") } },
	{ "sync_unknown_argument",
	  "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":1,\"foo\":2}}",
	  { ERROR("Parameter 'foo' is unexpected") } },
	{ "ping_unknown_argument",
	  "{\"execute\":\"guest-ping\",\"arguments\":{\"foo\":2}}",
	  { ERROR("Parameter 'foo' is unexpected") } },
	{ "sync_delimited",
	  "{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":7}}",
	  { "\xff{\"return\":7}" } },
	{ "sync_delimited_error_is_plain",
	  "{\"execute\":\"guest-sync-delimited\"}" PING,
	  { ERROR("Parameter 'id' is missing"), PONG } },
	{ "id_is_echoed",
	  "{\"execute\":\"guest-ping\",\"id\":{\"a\":[1,null,\"x\"]}}",
	  { "{\"return\":{},\"id\":{\"a\":[1,null,\"x\"]}}" } },
	{ "id_null_is_echoed", "{\"execute\":\"guest-ping\",\"id\":null}",
	  { "{\"return\":{},\"id\":null}" } },
	{ "id_64_bits",
	  "{\"execute\":\"guest-ping\",\"id\":18446744073709551615}",
	  { "{\"return\":{},\"id\":18446744073709551615}" } },
	{ "id_is_echoed_on_error", "{\"execute\":\"nope\",\"id\":\"x\"}",
	  { ERROR_OF("CommandNotFound",
		     "The command nope has not been found")
	    ",\"id\":\"x\"}" } },
	{ "unknown_command", "{\"execute\":\"guest-pin\"}",
	  { ERROR_OF("CommandNotFound",
		     "The command guest-pin has not been found") "}" } },
	{ "unexpected_member", "{\"execute\":\"guest-ping\",\"x\":1}",
	  { ERROR("QMP input member 'x' is unexpected") } },
	{ "exec_oob_is_unexpected", "{\"exec-oob\":\"guest-ping\",\"id\":5}",
	  { ERROR_ID("QMP input member 'exec-oob' is unexpected", "5") } },
	{ "arguments_null",
	  "{\"execute\":\"guest-ping\",\"arguments\":null}",
	  { ERROR("QMP input member 'arguments' must be an object") } },
	{ "arguments_array", "{\"execute\":\"guest-ping\",\"arguments\":[]}",
	  { ERROR("QMP input member 'arguments' must be an object") } },
	{ "arguments_empty", "{\"execute\":\"guest-ping\",\"arguments\":{}}",
	  { PONG } },
	{ "execute_number", "{\"execute\":1,\"id\":2}",
	  { ERROR_ID("QMP input member 'execute' must be a string", "2") } },
	{ "execute_missing", "{\"id\":3}",
	  { ERROR_ID("QMP input lacks member 'execute'", "3") } },
	{ "no_object", "[]", { ERROR("QMP input must be a JSON object") } },
	{ "no_object_but_scalar", "null\n",
	  { ERROR("QMP input must be a JSON object") } },
	{ "no_object_but_string", "\"guest-ping\"",
	  { ERROR("QMP input must be a JSON object") } },
	{ "bad_value_then_good", "{\"execute\":foo}" PING,
	  { ANY_ERROR, PONG } },
	{ "missing_colon_then_good", "{\"execute\" \"x\"}" PING,
	  { ERROR("JSON parse error, missing : in object pair"), PONG } },
	{ "trailing_comma_then_good", "{\"execute\":\"guest-ping\",}" PING,
	  { ANY_ERROR, PONG } },
	{ "duplicate_key_then_good", "{\"id\":1,\"id\":2}" PING,
	  { ERROR("JSON parse error, duplicate key"), PONG } },
	{ "control_character_then_good", "{\x01" PING, { ANY_ERROR, PONG } },
	{ "line_feed_in_string_then_good", "{\"execute\":\"gu\n" PING,
	  { ANY_ERROR, PONG } },
	{ "text_then_good", "hello\n" PING, { ANY_ERROR, PONG } },
	{ "text_of_two_words_then_good", "hello world\n" PING,
	  { ANY_ERROR, PONG }, "an error for each word" },
	{ "stray_brackets_then_good", "]]]\n" PING, { ANY_ERROR, PONG },
	  "an error for each bracket" },
	{ "cut_short_then_good", "{\"execute\":\"guest-ping\"\n" PING "\n",
	  { ANY_ERROR, PONG }, "waits for a closing bracket for ever" },
	{ "bad_utf8_then_good", "{\"id\":\"\xc3(\"}" PING,
	  { ANY_ERROR, PONG } },
	{ "lone_surrogate_then_good", "{\"id\":\"\\ud800\"}" PING,
	  { ANY_ERROR, PONG } },
	{ "nul_in_name", "{\"execute\":\"guest-ping\\u0000\"}",
	  { ANY_ERROR } },
	{ "sentinel_alone", "\xff" PING, { PONG }, "an error for the byte" },
	{ "sentinel_in_string", "{\"execute\":\"\xff" PING, { PONG },
	  "an error for what was pending" },
	{ "sentinel_in_object", "{\"execute\":\xff" PING, { PONG },
	  "an error for what was pending" },
	{ "sentinels", "\xff\xff\xff" PING, { PONG },
	  "an error for each byte" },
};

static bool is_expected(const char *line, const char *expected)
{
	struct json_object *reply;
	bool ok;

	if (strcmp(expected, ANY_ERROR))
		return same_json(line, expected);

	reply = json_tokener_parse(line);
	ok = json_object_object_get_ex(reply, "error", NULL);
	json_object_put(reply);
	return ok;
}

static void receive(int fd, const struct exchange *x)
{
	const char *const *expected;
	char *line;

	for (expected = x->replies; *expected; expected++) {
		line = client_line(fd);
		assert_non_null(line);
		if (!is_expected(line, *expected))
			fail_msg("got %s, expected %s", line, *expected);
		free(line);
	}
	client_sync(fd);
}

/* At once, then byte by byte: no client is promised how its bytes arrive. */
static void exchange(void **state)
{
	const struct exchange *x = *state;
	const char *p;
	int fd;

	if (x->qemu_ga)
		known_to_differ(x->qemu_ga);

	fd = client_connect(&test_agent);
	client_send(fd, x->request, strlen(x->request));
	receive(fd, x);
	for (p = x->request; *p; p++)
		client_send(fd, p, 1);
	receive(fd, x);
	client_close(fd);
}

static void reply_is_in_qemus_format(void **state)
{
	int fd = client_connect(&test_agent);
	char *line;

	client_send(fd, PING, strlen(PING));
	line = client_line(fd);
	assert_string_equal("{\"return\": {}}", line);
	free(line);

	client_send(fd, "{\"execute\":\"\xc3\xa9\"}", 16);
	line = client_line(fd);
	assert_non_null(strstr(line, "\"The command \\u00E9 has not been found\""));
	free(line);
	client_close(fd);
}

static struct json_object *ask_for(int fd, const char *command)
{
	struct json_object *result;
	struct json_object *reply;
	char request[64];
	char *line;

	snprintf(request, sizeof(request), "{\"execute\":\"%s\"}", command);
	client_send(fd, request, strlen(request));
	line = client_line(fd);
	assert_non_null(line);
	reply = json_tokener_parse(line);
	free(line);
	assert_true(json_object_object_get_ex(reply, "return", &result));
	json_object_get(result);
	json_object_put(reply);
	return result;
}

static const char *get_string(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		fail_msg("no member %s", key);
	assert_true(json_object_is_type(value, json_type_string));
	return json_object_get_string(value);
}

/* Every command that guest-info lists is there, and says no to rubbish. */
static void info_tells_the_truth(void **state)
{
	int fd = client_connect(&test_agent);
	struct json_object *info = ask_for(fd, "guest-info");
	struct json_object *list;
	struct json_object *entry;
	char request[128];
	size_t i;
	char *line;

	get_string(info, "version");
	assert_true(json_object_object_get_ex(info, "supported_commands",
					      &list));
	assert_true(json_object_array_length(list) >= 7);
	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		assert_true(json_object_object_get_ex(entry, "success-response",
						      NULL));
		if (!json_object_get_boolean(
			    json_object_object_get(entry, "enabled")))
			continue;
		snprintf(request, sizeof(request),
			 "{\"execute\":\"%s\",\"arguments\":{\"no\":1}}",
			 get_string(entry, "name"));
		client_send(fd, request, strlen(request));
		line = client_line(fd);
		assert_non_null(strstr(line, "GenericError"));
		free(line);
	}
	json_object_put(info);
	client_close(fd);
}

static void host_name_is_the_systems(void **state)
{
	int fd = client_connect(&test_agent);
	struct json_object *result = ask_for(fd, "guest-get-host-name");
	char name[256];

	assert_int_equal(0, gethostname(name, sizeof(name)));
	assert_string_equal(name, get_string(result, "host-name"));
	json_object_put(result);
	client_close(fd);
}

static void time_is_now(void **state)
{
	int fd = client_connect(&test_agent);
	struct json_object *result = ask_for(fd, "guest-get-time");
	long long diff = json_object_get_int64(result) / 1000000000 -
			 time(NULL);

	assert_true(diff >= -10 && diff <= 10);
	json_object_put(result);
	client_close(fd);
}

static void osinfo_names_the_kernel(void **state)
{
	int fd = client_connect(&test_agent);
	struct json_object *result = ask_for(fd, "guest-get-osinfo");

	get_string(result, "id");
	get_string(result, "kernel-release");
	get_string(result, "kernel-version");
	get_string(result, "machine");
	json_object_put(result);
	client_close(fd);
}

/* What Proxmox does for each command. */
static void sync_and_command_in_one_go(void **state)
{
	static const char both[] =
		"{\"execute\":\"guest-sync-delimited\",\"arguments\":"
		"{\"id\":99}}\n" PING "\n";
	int round;
	int fd;

	for (round = 0; round < 50; round++) {
		fd = client_connect(&test_agent);
		client_ask(fd, both, "\xff{\"return\":99}");
		client_ask(fd, "", PONG);
		client_close(fd);
	}
}

static void pipelined_replies_keep_order(void **state)
{
	/* qemu-ga stops reading while its replies are not fetched. */
	const int count = agent_is_qemu_ga() ? 100 : 1000;
	int fd = client_connect(&test_agent);
	char text[64];
	int i;

	for (i = 0; i < count; i++) {
		snprintf(text, sizeof(text),
			 "{\"execute\":\"guest-ping\",\"id\":%d}", i);
		client_send(fd, text, strlen(text));
	}
	for (i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "{\"return\":{},\"id\":%d}", i);
		client_ask(fd, "", text);
	}
	client_close(fd);
}

static void new_client_gets_a_fresh_parser(void **state)
{
	static const char *const heads[] = { "{\"execute\":", "{\"a", "[[[",
					     "tru", "{\"a\\" };
	size_t i;
	int fd;

	known_to_differ("the parser's state is not reset between clients");
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		fd = client_connect(&test_agent);
		client_sync(fd);
		client_send(fd, heads[i], strlen(heads[i]));
		client_close(fd);
		fd = client_connect(&test_agent);
		client_ask(fd, PING, PONG);
		client_sync(fd);
		client_close(fd);
	}
}

static void client_that_resets_does_no_harm(void **state)
{
	int round;
	int i;
	int fd;

	known_to_differ("exits when a client resets the connection");
	for (round = 0; round < 20; round++) {
		fd = client_connect(&test_agent);
		for (i = 0; i < 100; i++)
			client_send(fd, "{\"execute\":\"guest-info\"}", 24);
		client_close(fd);	/* with replies unread: a reset */
	}
	fd = client_connect(&test_agent);
	client_ask(fd, PING, PONG);
	client_close(fd);
}

static void clients_do_not_wait_for_each_other(void **state)
{
	int first = client_connect(&test_agent);
	int second;

	known_to_differ("one client at a time");
	client_send(first, "{\"execute\":", 11);
	second = client_connect(&test_agent);
	client_ask(second, PING, PONG);
	client_ask(first, "\"guest-ping\"}", PONG);
	client_close(first);
	client_close(second);
}

static void clients_beyond_the_limit_wait(void **state)
{
	int fds[40];
	int i;

	known_to_differ("one client at a time");
	for (i = 0; i < 40; i++) {
		fds[i] = client_connect(&test_agent);
		client_send(fds[i], PING, strlen(PING));
	}
	for (i = 0; i < 40; i++) {
		client_ask(fds[i], "", PONG);
		client_close(fds[i]);
	}
}

static void half_closed_client_gets_its_replies(void **state)
{
	int fd = client_connect(&test_agent);

	client_send(fd, PING PING, 2 * strlen(PING));
	shutdown(fd, SHUT_WR);
	client_ask(fd, "", PONG);
	client_ask(fd, "", PONG);
	assert_null(client_line(fd));
	client_close(fd);
}

#define TEST(name) cmocka_unit_test_teardown(name, test_agent_end)
#define EXCHANGES (sizeof(exchanges) / sizeof(exchanges[0]))

int main(void)
{
	const struct CMUnitTest others[] = {
		TEST(reply_is_in_qemus_format),
		TEST(info_tells_the_truth),
		TEST(host_name_is_the_systems),
		TEST(time_is_now),
		TEST(osinfo_names_the_kernel),
		TEST(sync_and_command_in_one_go),
		TEST(pipelined_replies_keep_order),
		TEST(new_client_gets_a_fresh_parser),
		TEST(client_that_resets_does_no_harm),
		TEST(clients_do_not_wait_for_each_other),
		TEST(clients_beyond_the_limit_wait),
		TEST(half_closed_client_gets_its_replies),
	};
	struct CMUnitTest tests[EXCHANGES + sizeof(others) / sizeof(others[0])];
	size_t i;

	memset(tests, 0, sizeof(tests));
	for (i = 0; i < EXCHANGES; i++) {
		tests[i].name = exchanges[i].name;
		tests[i].test_func = exchange;
		tests[i].teardown_func = test_agent_end;
		tests[i].initial_state = (void *)&exchanges[i];
	}
	memcpy(tests + EXCHANGES, others, sizeof(others));

	print_message("agent: %s\n", agent_program());
	return _cmocka_run_group_tests("agent_protocol", tests,
				       sizeof(tests) / sizeof(tests[0]),
				       test_agent_start, test_agent_stop);
}
