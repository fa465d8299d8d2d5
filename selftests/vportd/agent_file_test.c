// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_file_test.c - guest-file-*, over a socket
 */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "agent_process.h"

#define ERROR(desc) \
	"{\"error\":{\"class\":\"GenericError\",\"desc\":\"" desc "\"}}"
#define ARGS(command, args) \
	"{\"execute\":\"guest-file-" command "\",\"arguments\":{" args "}}"

static int client;
static char path[] = "/tmp/agent-file-test.XXXXXX";

static int setup(void **state)
{
	int fd;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_int_equal(11, write(fd, "hello world", 11));
	close(fd);
	client = client_connect(&test_agent);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	return test_agent_end(state);
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
		fail_msg("%s: %s", request, line);
	json_object_get(result);
	json_object_put(reply);
	free(line);
	return result;
}

static long long open_as(const char *mode)
{
	struct json_object *result;
	char request[256];
	long long handle;

	snprintf(request, sizeof(request),
		 ARGS("open", "\"path\":\"%s\",\"mode\":\"%s\""), path, mode);
	result = call(request);
	handle = json_object_get_int64(result);
	json_object_put(result);
	return handle;
}

/* @more: the members behind the handle. */
static void ask(const char *command, long long handle, const char *more,
		const char *reply)
{
	char request[256];

	snprintf(request, sizeof(request),
		 ARGS("%s", "\"handle\":%lld%s"), command, handle, more);
	client_ask(client, request, reply);
}

/* The session that reads from it is on its way out. */
static void close_when_free(long long h)
{
	char request[128];
	char *line = NULL;
	int tries;

	snprintf(request, sizeof(request), ARGS("close", "\"handle\":%lld"), h);
	for (tries = 0; tries < 1000; tries++) {
		client_send(client, request, strlen(request));
		line = client_line(client);
		if (same_json(line, "{\"return\":{}}"))
			break;
		free(line);
		line = NULL;
	}
	assert_non_null(line);
	free(line);
}

static void reads_to_the_end(void **state)
{
	long long h = open_as("r");

	ask("read", h, ",\"count\":5",
	    "{\"return\":{\"count\":5,\"buf-b64\":\"aGVsbG8=\",\"eof\":false}}");
	ask("read", h, ",\"count\":0",
	    "{\"return\":{\"count\":0,\"buf-b64\":\"\",\"eof\":false}}");
	ask("read", h, "", "{\"return\":{\"count\":6,"
	    "\"buf-b64\":\"IHdvcmxk\",\"eof\":true}}");
	ask("read", h, ",\"count\":-1",
	    ERROR("value '-1' is invalid for argument count"));
	ask("read", h, ",\"count\":50331649",
	    ERROR("value '50331649' is invalid for argument count"));
	ask("write", h, ",\"buf-b64\":\"aGVs\"",
	    ERROR("failed to write to file: Bad file descriptor"));
	ask("close", h, "", "{\"return\":{}}");
}

static void seeks_by_number_and_word(void **state)
{
	long long h = open_as("r");

	ask("seek", h, ",\"offset\":-1,\"whence\":\"end\"",
	    "{\"return\":{\"position\":10,\"eof\":false}}");
	ask("seek", h, ",\"offset\":-2,\"whence\":1",
	    "{\"return\":{\"position\":8,\"eof\":false}}");
	ask("seek", h, ",\"offset\":-1,\"whence\":\"set\"",
	    ERROR("failed to seek file: Invalid argument"));
	ask("seek", h, ",\"offset\":0,\"whence\":7",
	    ERROR("invalid whence code 7"));
	ask("seek", h, ",\"offset\":0,\"whence\":\"foo\"",
	    ERROR("Parameter 'whence' does not accept value 'foo'"));
	ask("seek", h, ",\"offset\":0,\"whence\":true",
	    ERROR("Invalid parameter type for 'whence', "
		  "expected: GuestFileWhence"));
	ask("close", h, "", "{\"return\":{}}");
}

static void writes_what_is_decoded(void **state)
{
	long long h = open_as("w+");

	ask("write", h, ",\"buf-b64\":\"aGVs\\nbG8=aGVs\"",
	    "{\"return\":{\"count\":8,\"eof\":false}}");
	ask("write", h, ",\"buf-b64\":\"aGVs\",\"count\":1",
	    "{\"return\":{\"count\":1,\"eof\":false}}");
	ask("write", h, ",\"buf-b64\":\"aGVs\",\"count\":4",
	    ERROR("value '4' is invalid for argument count"));
	ask("write", h, ",\"buf-b64\":\"a GV\"",
	    ERROR("Base64 data contains invalid characters"));
	ask("flush", h, "", "{\"return\":{}}");
	ask("seek", h, ",\"offset\":0,\"whence\":0",
	    "{\"return\":{\"position\":0,\"eof\":false}}");
	ask("read", h, "", "{\"return\":{\"count\":9,"
	    "\"buf-b64\":\"aGVsbG9oZWxo\",\"eof\":true}}");
	ask("close", h, "", "{\"return\":{}}");
}

static void new_file_is_for_all(void **state)
{
	struct stat st;

	assert_int_equal(0, unlink(path));
	ask("close", open_as("a"), "", "{\"return\":{}}");
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0666, st.st_mode & 07777);
}

static void handle_outlives_its_client(void **state)
{
	long long h = open_as("r");

	client_close(client);
	client = client_connect(&test_agent);
	ask("read", h, ",\"count\":2", "{\"return\":{\"count\":2,"
	    "\"buf-b64\":\"aGU=\",\"eof\":false}}");
	ask("close", h, "", "{\"return\":{}}");
}

static void unknown_handle_is_told(void **state)
{
	static const char *const commands[] = { "read", "flush", "close" };
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		ask(commands[i], 7, "", ERROR("handle '7' has not been found"));
		ask(commands[i], 0, "", ERROR("handle '0' has not been found"));
	}
}

static void bad_open_is_told(void **state)
{
	client_ask(client, ARGS("open", "\"path\":\"/nonexistent\""),
		   ERROR("failed to open file '/nonexistent' (mode: 'r'): "
			 "No such file or directory"));
	client_ask(client, ARGS("open", "\"path\":\"/\",\"mode\":\"rw\""),
		   ERROR("invalid file open mode 'rw'"));
}

static void directory_is_refused(void **state)
{
	known_to_differ("opens directories, which it cannot read");
	client_ask(client, ARGS("open", "\"path\":\"/\""),
		   ERROR("failed to open file '/' (mode: 'r'): "
			 "Is a directory"));
}

/* Neither the open nor the read waits for somebody to write. */
static void pipe_does_not_block(void **state)
{
	long long h;
	int fd;

	assert_int_equal(0, unlink(path));
	assert_int_equal(0, mkfifo(path, 0600));
	h = open_as("r");
	ask("read", h, "", "{\"return\":{\"count\":0,\"buf-b64\":\"\","
	    "\"eof\":true}}");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ask("read", h, "", ERROR("failed to read file: "
				 "Resource temporarily unavailable"));
	close(fd);
	ask("close", h, "", "{\"return\":{}}");
}

static const size_t read_max = 48 << 20;

/* The most there is, of a file without end: only its size is looked at. */
static void read_may_be_large(void **state)
{
	struct json_object *result;
	long before;
	char request[128];
	long long h;
	char *line;

	result = call(ARGS("open", "\"path\":\"/dev/zero\""));
	h = json_object_get_int64(result);
	json_object_put(result);
	before = agent_process_memory(&test_agent);
	snprintf(request, sizeof(request),
		 ARGS("read", "\"handle\":%lld,\"count\":%zu"), h, read_max);
	client_send(client, request, strlen(request));
	line = client_line(client);
	assert_non_null(line);
	assert_true(strlen(line) > read_max / 3 * 4);
	assert_non_null(strstr(line, "\"count\": 50331648"));
	free(line);
	if (!agent_is_qemu_ga() && !agent_is_wrapped())
		assert_true(agent_process_memory(&test_agent) < before + 2048);
	ask("close", h, "", "{\"return\":{}}");
}

/* Of files in /proc nothing can be had without the risk of waiting. */
static void file_that_may_block_is_read_whole(void **state)
{
	static char text[32 << 20];
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	struct json_object *result;
	char request[128];
	size_t len = 0;
	long long h;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - len)) > 0)
		len += n;
	close(fd);
	result = call(ARGS("open", "\"path\":\"/proc/kallsyms\""));
	h = json_object_get_int64(result);
	json_object_put(result);

	snprintf(request, sizeof(request),
		 ARGS("read", "\"handle\":%lld,\"count\":%zu"), h, read_max);
	result = call(request);
	assert_int_equal(len, json_object_get_int64(
		json_object_object_get(result, "count")));
	assert_int_equal((len + 2) / 3 * 4, json_object_get_string_len(
		json_object_object_get(result, "buf-b64")));
	assert_true(json_object_get_boolean(
		json_object_object_get(result, "eof")));
	json_object_put(result);
	ask("close", h, "", "{\"return\":{}}");
}

/* Others go on while a client does not fetch what it has asked for. */
static void reader_that_stops_blocks_its_handle_alone(void **state)
{
	char request[128];
	char expected[96];
	struct json_object *result;
	int other;
	long long h;

	known_to_differ("serves one client at a time");
	result = call(ARGS("open", "\"path\":\"/dev/zero\""));
	h = json_object_get_int64(result);
	json_object_put(result);
	snprintf(request, sizeof(request),
		 ARGS("read", "\"handle\":%lld,\"count\":%zu"), h, read_max);
	client_send(client, request, strlen(request));
	assert_int_equal(1, recv(client, expected, 1, 0));

	other = client_connect(&test_agent);
	client_sync(other);
	snprintf(request, sizeof(request), ARGS("close", "\"handle\":%lld"), h);
	snprintf(expected, sizeof(expected),
		 ERROR("handle '%lld' is in use by another command"), h);
	client_ask(other, request, expected);
	client_close(client);
	client = other;
	close_when_free(h);
}

/* 32 MiB, with 12 bytes in front that are decoded on their own. */
static void write_may_be_large(void **state)
{
	static char chunk[1 << 16];
	long long h = open_as("w+");
	char head[128];
	struct stat st;
	long before;
	int i;

	client_sync(client);
	before = agent_process_memory(&test_agent);
	memset(chunk, 'Q', sizeof(chunk));
	snprintf(head, sizeof(head), "{\"execute\":\"guest-file-write\","
		 "\"arguments\":{\"handle\":%lld,\"buf-b64\":\"aGVs\\nbG8=", h);
	client_send(client, head, strlen(head));
	for (i = 0; i < 600; i++)
		client_send(client, chunk, sizeof(chunk));
	client_ask(client, "\"}}",
		   "{\"return\":{\"count\":29491205,\"eof\":false}}");
	if (!agent_is_qemu_ga() && !agent_is_wrapped())
		assert_true(agent_process_memory(&test_agent) < before + 2048);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(29491205, st.st_size);
	ask("seek", h, ",\"offset\":29491199,\"whence\":0",
	    "{\"return\":{\"position\":29491199,\"eof\":false}}");
	ask("read", h, "", "{\"return\":{\"count\":6,"
	    "\"buf-b64\":\"QQQQQQQQ\",\"eof\":true}}");
	ask("close", h, "", "{\"return\":{}}");
}

/* Nothing of a request that is no good ends up in the file. */
static void bad_write_writes_nothing(void **state)
{
	static char text[200000];
	long long h = open_as("w+");
	struct stat st;

	memset(text, 'Q', sizeof(text));
	sprintf(text, "{\"execute\":\"guest-file-write\",\"arguments\":"
		"{\"handle\":%lld,\"buf-b64\":\"", h);
	text[strlen(text)] = 'Q';
	strcpy(text + sizeof(text) - 5, "-\"}}");
	client_ask(client, text,
		   ERROR("Base64 data contains invalid characters"));
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0, st.st_size);

	/* The name may be spelled in any way. */
	ask("write", h, ",\"buf\\u002db64\":\"aGVs\"",
	    "{\"return\":{\"count\":3,\"eof\":false}}");
	ask("close", h, "", "{\"return\":{}}");
}

static void open_files_are_limited(void **state)
{
	char expected[256];
	char request[128];
	long long first = open_as("r");
	int i;

	known_to_differ("opens as many as it may have descriptors");
	for (i = 1; i < 256; i++)
		assert_int_equal(first + i, open_as("r"));
	snprintf(request, sizeof(request), ARGS("open", "\"path\":\"%s\""),
		 path);
	snprintf(expected, sizeof(expected),
		 ERROR("failed to open file '%s' (mode: 'r'): "
		       "256 files are open"), path);
	client_ask(client, request, expected);
	for (i = 0; i < 256; i++)
		ask("close", first + i, "", "{\"return\":{}}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(reads_to_the_end),
		TEST(seeks_by_number_and_word),
		TEST(writes_what_is_decoded),
		TEST(new_file_is_for_all),
		TEST(handle_outlives_its_client),
		TEST(unknown_handle_is_told),
		TEST(bad_open_is_told),
		TEST(directory_is_refused),
		TEST(pipe_does_not_block),
		TEST(read_may_be_large),
		TEST(file_that_may_block_is_read_whole),
		TEST(reader_that_stops_blocks_its_handle_alone),
		TEST(write_may_be_large),
		TEST(bad_write_writes_nothing),
		TEST(open_files_are_limited),
	};

	return cmocka_run_group_tests(tests, test_agent_start, test_agent_stop);
}
