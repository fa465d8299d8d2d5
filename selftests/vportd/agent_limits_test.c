// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_limits_test.c - what a client can make the agent hold, and how long
 *
 * As agent_protocol_test.c, it runs against qemu-ga, too.
 */

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent_process.h"

#define PING	"{\"execute\":\"guest-ping\"}"
#define PONG	"{\"return\":{}}"
#define ERROR(desc) \
	"{\"error\":{\"class\":\"GenericError\",\"desc\":\"" desc "\"}}"

/* Send requests until the agent has taken none for a while. */
static void flood(int fd, const char *request)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	size_t total = 0;
	ssize_t n;

	while (poll(&pfd, 1, 300) == 1) {
		n = send(fd, request, strlen(request),
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			total += n;
		assert_true(total < 64u << 20);
	}
}

static void client_that_never_reads(void **state)
{
	static const char request[] = "{\"execute\":\"guest-info\"}";
	int other;
	long ticks;
	int fd;

	known_to_differ("spins while a client does not read");
	fd = client_connect(&test_agent);
	flood(fd, request);

	ticks = agent_process_ticks(&test_agent);
	other = client_connect(&test_agent);
	client_ask(other, PING, PONG);
	poll(NULL, 0, 500);	/* the time over which work is counted */
	ticks = agent_process_ticks(&test_agent) - ticks;
	if (!agent_is_wrapped())
		assert_true(ticks <= 2);
	if (!agent_is_wrapped())
		assert_true(agent_process_memory(&test_agent) < 4096);

	client_close(fd);
	client_ask(other, PING, PONG);
	client_close(other);
}

static void slow_reader_gets_everything(void **state)
{
	const int total = 3000;
	int fd = client_connect(&test_agent);
	pid_t writer;
	int i;

	/* A second process writes, so that neither side waits for ever. */
	writer = fork();
	if (!writer) {
		for (i = 0; i < total; i++)
			client_send(fd, "{\"execute\":\"guest-info\"}", 24);
		_exit(0);
	}
	for (i = 0; i < total; i++) {
		char *line = client_line(fd);

		assert_non_null(line);
		assert_non_null(strstr(line, "guest-sync"));
		free(line);
	}
	assert_int_equal(writer, waitpid(writer, NULL, 0));
	client_sync(fd);
	client_close(fd);
}

/* A request with an id of so many brackets, which adds to its own. */
static void send_nested(int fd, int depth)
{
	static const char head[] = "{\"execute\":\"guest-ping\",\"id\":";
	char brackets[2048];

	memset(brackets, '[', depth);
	memset(brackets + depth, ']', depth);
	client_send(fd, head, strlen(head));
	client_send(fd, brackets, 2 * depth);
	client_send(fd, "}", 1);
}

static void deep_nesting(void **state)
{
	char *line;
	int fd;

	known_to_differ("an error for each bracket beyond the limit");
	fd = client_connect(&test_agent);
	send_nested(fd, 1023);
	line = client_line(fd);
	assert_non_null(strstr(line, "{\"return\": {}, \"id\": [["));
	free(line);
	send_nested(fd, 1024);
	client_ask(fd, "", ERROR("JSON nesting depth limit exceeded"));
	client_sync(fd);
	client_close(fd);
}

static void large_message_leaves_no_memory_behind(void **state)
{
	static char chunk[1 << 16];
	int fd = client_connect(&test_agent);
	long before;
	int i;

	client_ask(fd, PING, PONG);
	before = agent_process_memory(&test_agent);

	memset(chunk, 'x', sizeof(chunk));
	client_send(fd, "{\"execute\":\"guest-ping\",\"x\":\"", 29);
	for (i = 0; i < 16 << 4; i++)
		client_send(fd, chunk, sizeof(chunk));
	client_ask(fd, "\"}", ERROR("QMP input member 'x' is unexpected"));
	client_sync(fd);
	if (!agent_is_qemu_ga() && !agent_is_wrapped())
		assert_true(agent_process_memory(&test_agent) < before + 512);
	client_close(fd);
}

static void limit_descriptors(rlim_t soft)
{
	struct rlimit limit;

	assert_int_equal(0, prlimit(test_agent.pid, RLIMIT_NOFILE, NULL, &limit));
	limit.rlim_cur = soft;
	assert_int_equal(0, prlimit(test_agent.pid, RLIMIT_NOFILE, &limit, NULL));
}

/* Who came while there was no descriptor for him is let in when there is. */
static void client_waits_for_a_descriptor(void **state)
{
	int first;
	int other;

	known_to_differ("serves one client at a time");
	if (agent_is_wrapped())
		skip();
	first = client_connect(&test_agent);
	client_ask(first, PING, PONG);
	limit_descriptors(3);
	other = client_connect(&test_agent);
	/* The second answer comes after the attempt to let the other one in. */
	client_ask(first, PING, PONG);
	client_ask(first, PING, PONG);
	limit_descriptors(1024);
	client_ask(other, PING, PONG);
	client_close(other);
	client_close(first);
}

static void message_above_the_limit_is_refused(void **state)
{
	static char chunk[1 << 16];
	int fd;
	int i;

	known_to_differ("an error for every piece of what is left");
	fd = client_connect(&test_agent);
	memset(chunk, 'x', sizeof(chunk));
	client_send(fd, "{\"id\":\"", 7);
	for (i = 0; i < 65 << 4; i++)
		client_send(fd, chunk, sizeof(chunk));
	client_ask(fd, "\"}", ERROR("JSON token size limit exceeded"));
	client_ask(fd, PING, PONG);
	client_sync(fd);
	client_close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, test_agent_end)
	const struct CMUnitTest tests[] = {
		TEST(client_that_never_reads),
		TEST(slow_reader_gets_everything),
		TEST(deep_nesting),
		TEST(large_message_leaves_no_memory_behind),
		TEST(client_waits_for_a_descriptor),
		TEST(message_above_the_limit_is_refused),
	};

	print_message("agent: %s\n", agent_program());
	return cmocka_run_group_tests(tests, test_agent_start, test_agent_stop);
}
