// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_test.c - a port on a socket pair: order, back-pressure, ends
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "handler.h"
#include "port.h"

static sd_event *event;
static struct port *port;
static int host;

/* The handler */
static int starts;
static int stops;
static char got[1 << 20];
static size_t got_len;
static size_t take;		/* at most, each time */
static int start_err;
static int input_err;
static size_t more;		/* bytes to write when drained */
static int drains;
static int drops;
static bool busy;

/* The source */
static int eofs;
static int failure;
static int fulls;
static bool drop_old_on_eof;
static bool echo;
static bool destroy_on_event;

static int on_start(struct port *p, void **ret_state)
{
	if (start_err)
		return start_err;
	starts++;
	*ret_state = &starts;
	return 0;
}

static ssize_t on_input(void *state, const void *data, size_t len)
{
	assert_true(len > 0);
	if (input_err)
		return input_err;
	if (len > take)
		len = take;
	assert_true(len <= sizeof(got) - got_len);
	memcpy(got + got_len, data, len);
	got_len += len;
	if (echo)
		port_write(port, data, len);
	return len;
}

static void on_stop(void *state)
{
	stops++;
}

static void on_drained(void *state)
{
	static char piece[10000];

	drains++;
	while (more && port_writable(port)) {
		port_write(port, piece, sizeof(piece));
		more -= sizeof(piece);
	}
}

static void on_dropped(void *state)
{
	drops++;
}

static bool on_busy(const void *state)
{
	return busy;
}

static const struct handler_ops handler = {
	.name = "test",
	.start = on_start,
	.input = on_input,
	.drained = on_drained,
	.dropped = on_dropped,
	.busy = on_busy,
	.stop = on_stop,
};

/* One that minds its output itself. */
static const struct handler_ops duplex = {
	.name = "duplex",
	.duplex = true,
	.start = on_start,
	.input = on_input,
	.drained = on_drained,
	.stop = on_stop,
};

static struct port_setup setup;

static bool on_event(void *source, uint32_t revents)
{
	if (!destroy_on_event)
		return true;

	port_destroy(port);
	port = NULL;
	return false;
}

static void on_full(void *source)
{
	fulls++;
}

static void on_eof(void *source)
{
	eofs++;
	if (drop_old_on_eof)
		port_drop_old_output(port);
}

static void on_failed(void *source, int err)
{
	failure = err;
	port_destroy(port);
	port = NULL;
}

static const struct port_source_ops source_ops = {
	.event = on_event,
	.full = on_full,
	.eof = on_eof,
	.failed = on_failed,
};

static int begin_with(const struct handler_ops *ops)
{
	int fds[2];

	setup.handler = ops;
	starts = 0;
	stops = 0;
	got_len = 0;
	take = SIZE_MAX;
	start_err = 0;
	input_err = 0;
	more = 0;
	drains = 0;
	drops = 0;
	busy = false;
	eofs = 0;
	fulls = 0;
	drop_old_on_eof = false;
	echo = false;
	failure = 0;
	destroy_on_event = false;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds))
		return -1;
	host = fds[0];
	if (sd_event_new(&event) < 0)
		return -1;
	return port_create(event, &setup, fds[1], &source_ops, NULL, &port);
}

static int begin(void **state)
{
	return begin_with(&handler);
}

static int begin_duplex(void **state)
{
	return begin_with(&duplex);
}

static int end(void **state)
{
	port_destroy(port);
	port = NULL;
	sd_event_unref(event);
	close(host);
	assert_int_equal(starts, stops);
	return 0;
}

/* Until there is nothing left to do.  Return: turns of the loop. */
static int turns(void)
{
	int count = 0;

	while (sd_event_run(event, 0) > 0)
		assert_true(++count < 10000);
	return count;
}

static void host_sends(const char *text)
{
	assert_int_equal(strlen(text), send(host, text, strlen(text), 0));
}

/* All there is, through turns of the loop.  Return: how much. */
static size_t host_reads(char *to, size_t size)
{
	size_t len = 0;
	ssize_t n;

	for (;;) {
		n = read(host, to + len, size - len);
		if (n > 0)
			len += n;
		else if (!turns())
			return len;
	}
}

static void input_reaches_the_handler(void **state)
{
	host_sends("hello");
	turns();
	assert_int_equal(5, got_len);
	assert_memory_equal("hello", got, 5);
	assert_int_equal(0, turns());
}

static void what_is_not_taken_is_offered_again(void **state)
{
	take = 3;
	host_sends("abcdefgh");
	turns();
	assert_int_equal(3, got_len);
	host_sends("ijk");
	turns();
	assert_int_equal(3, got_len);

	port_resume_input(port);
	turns();
	assert_int_equal(6, got_len);
	take = SIZE_MAX;
	port_resume_input(port);
	turns();
	assert_int_equal(11, got_len);
	assert_memory_equal("abcdefghijk", got, 11);
}

static void output_is_whole_and_in_order(void **state)
{
	static char text[300000];
	static char back[sizeof(text) + 100];
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = i * 7 % 251;
	for (i = 0; i < sizeof(text); i += 1000)
		port_write(port, text + i, 1000);
	assert_true(port_has_output(port));
	assert_int_equal(sizeof(text), host_reads(back, sizeof(back)));
	assert_memory_equal(text, back, sizeof(text));
	assert_false(port_has_output(port));
}

static void host_that_reads_wakes_nobody(void **state)
{
	char c;

	echo = true;
	host_sends("x");
	turns();
	assert_int_equal(1, read(host, &c, 1));
	assert_int_equal(0, turns());
}

static void full_output_stops_input(void **state)
{
	static char text[1 << 20];
	static char back[sizeof(text)];

	assert_true(port_writable(port));
	assert_false(port_write(port, text, sizeof(text)));
	assert_false(port_writable(port));
	turns();
	host_sends("later");
	turns();
	assert_int_equal(0, got_len);
	assert_true(fulls > 0);
	/* A host that does not read costs nothing. */
	assert_int_equal(0, turns());

	assert_int_equal(sizeof(text), host_reads(back, sizeof(back)));
	assert_true(port_writable(port));
	assert_int_equal(5, got_len);
}

/* The handler stopped because of the output, and nobody else resumes it. */
static void drained_output_resumes_input(void **state)
{
	static char text[1 << 20];
	static char back[sizeof(text)];

	take = 1;
	host_sends("ab");
	turns();
	assert_int_equal(1, got_len);
	port_write(port, text, sizeof(text));
	take = SIZE_MAX;
	host_reads(back, sizeof(back));
	assert_int_equal(2, got_len);
}

/* More than fits at once is written as there is room for it. */
static void handler_goes_on_when_drained(void **state)
{
	static char back[4000000];

	more = 3000000;
	port_resume_output(port);
	turns();
	assert_true(more > 2000000);
	assert_int_equal(1, drains);
	assert_int_equal(3000000, host_reads(back, sizeof(back)));
	assert_int_equal(0, more);
	assert_int_equal(0, turns());
}

static void dropped_output_is_told(void **state)
{
	static char text[1 << 20];

	port_write(port, text, sizeof(text));
	port_drop_output(port);
	assert_int_equal(1, drops);
	turns();
	assert_int_equal(1, drains);
}

static void port_is_busy_with_output_or_handler(void **state)
{
	static char text[1 << 20];

	assert_false(port_is_busy(port));
	busy = true;
	assert_true(port_is_busy(port));
	busy = false;
	port_write(port, text, sizeof(text));
	assert_true(port_is_busy(port));
}

static void full_output_does_not_stop_a_duplex_handler(void **state)
{
	static char text[1 << 20];

	port_write(port, text, sizeof(text));
	host_sends("ab");
	turns();
	assert_int_equal(2, got_len);
	port_drop_output(port);
	turns();
	assert_int_equal(1, drains);
}

static void dropped_output_is_gone(void **state)
{
	static char text[1 << 20];
	static char back[sizeof(text)];

	port_write(port, text, sizeof(text));
	port_drop_output(port);
	assert_false(port_has_output(port));
	assert_true(port_writable(port));
	assert_true(host_reads(back, sizeof(back)) < sizeof(text));
	assert_int_equal(0, fulls);
}

static void dropped_output_resumes_input(void **state)
{
	static char text[1 << 20];

	port_write(port, text, sizeof(text));
	host_sends("x");
	turns();
	assert_int_equal(0, got_len);
	port_drop_output(port);
	turns();
	assert_int_equal(1, got_len);
}

/* Old is what was queued before the mark. */
static void old_output_is_told_from_new(void **state)
{
	static char text[300000];
	static char back[sizeof(text) + 10];
	size_t len;
	size_t sent;

	/* The socket takes some at once; the rest stays below the mark. */
	port_write(port, text, sizeof(text));
	assert_true(port_has_output(port) && port_writable(port));
	sent = recv(host, back, sizeof(back), MSG_PEEK);
	assert_true(sent > 0);

	port_mark_output(port);
	drop_old_on_eof = true;
	echo = true;
	host_sends("new");
	shutdown(host, SHUT_WR);
	turns();
	len = host_reads(back, sizeof(back));
	assert_true(len < sizeof(text));
	assert_memory_equal("new", back + len - 3, 3);
}

/* What the host took is no longer among the old. */
static void old_output_that_is_sent_is_not_dropped(void **state)
{
	static char text[300000];
	static char back[sizeof(text)];

	port_write(port, text, sizeof(text));
	port_mark_output(port);
	assert_true(port_has_output(port));
	assert_int_equal(sizeof(text), host_reads(back, sizeof(back)));

	port_write(port, text, sizeof(text));
	assert_true(port_has_output(port));
	drop_old_on_eof = true;
	shutdown(host, SHUT_WR);
	turns();
	assert_int_equal(sizeof(text), host_reads(back, sizeof(back)));
}

static void restart_resumes_input(void **state)
{
	take = 0;
	host_sends("x");
	turns();
	host_sends("y");
	take = SIZE_MAX;
	assert_int_equal(0, port_restart(port));
	turns();
	assert_int_equal(1, got_len);
	assert_int_equal('y', got[0]);
}

static void write_above_the_limit_fails_the_port(void **state)
{
	char *text = calloc(1, PORT_WRITE_MAX);
	int i;

	for (i = 0; i < 3; i++)
		port_write(port, text, PORT_WRITE_MAX);
	free(text);
	assert_int_equal(0, failure);
	turns();
	assert_int_equal(-ENOBUFS, failure);
}

static void much_input_gives_others_a_turn(void **state)
{
	static char text[4096];
	int sent = 0;

	while (send(host, text, sizeof(text), MSG_DONTWAIT) > 0)
		sent += sizeof(text);
	assert_true(sent > 100000);
	take = SIZE_MAX;
	turns();
	assert_int_equal(sent, got_len);
}

static void end_of_file_is_told(void **state)
{
	host_sends("x");
	shutdown(host, SHUT_WR);
	turns();
	assert_int_equal(1, got_len);
	assert_true(eofs > 0);
}

static void deaf_host_is_still_heard(void **state)
{
	host_sends("ab");
	shutdown(host, SHUT_RD);
	assert_true(port_write(port, "x", 1));
	assert_true(port_write(port, "x", 1));
	assert_false(port_has_output(port));
	turns();
	assert_int_equal(2, got_len);
	assert_int_equal(0, failure);
}

static void handlers_error_is_told(void **state)
{
	input_err = -EPROTO;
	host_sends("x");
	turns();
	assert_int_equal(-EPROTO, failure);
	assert_int_equal(1, stops);
}

static void source_may_destroy_the_port(void **state)
{
	destroy_on_event = true;
	host_sends("x");
	turns();
	assert_null(port);
	assert_int_equal(0, got_len);
}

static void restart_forgets_input(void **state)
{
	take = 1;
	host_sends("abc");
	turns();
	take = SIZE_MAX;
	assert_int_equal(0, port_restart(port));
	assert_int_equal(2, starts);
	assert_int_equal(1, stops);
	host_sends("d");
	turns();
	assert_int_equal(2, got_len);
	assert_memory_equal("ad", got, 2);
}

static void failed_restart_leaves_no_session(void **state)
{
	start_err = -ENOMEM;
	assert_int_equal(-ENOMEM, port_restart(port));
	assert_int_equal(1, stops);
}

static void failed_start_leaves_the_descriptor(void **state)
{
	struct port *other;
	int fds[2];

	start_err = -ENOMEM;
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	assert_int_equal(-ENOMEM, port_create(event, &setup, fds[0],
					      &source_ops, NULL, &other));
	assert_true(fcntl(fds[0], F_GETFD) >= 0);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(input_reaches_the_handler),
		TEST(what_is_not_taken_is_offered_again),
		TEST(output_is_whole_and_in_order),
		TEST(host_that_reads_wakes_nobody),
		TEST(full_output_stops_input),
		TEST(drained_output_resumes_input),
		TEST(handler_goes_on_when_drained),
		TEST(dropped_output_is_told),
		TEST(port_is_busy_with_output_or_handler),
		cmocka_unit_test_setup_teardown(
			full_output_does_not_stop_a_duplex_handler,
			begin_duplex, end),
		TEST(dropped_output_is_gone),
		TEST(dropped_output_resumes_input),
		TEST(old_output_is_told_from_new),
		TEST(old_output_that_is_sent_is_not_dropped),
		TEST(restart_resumes_input),
		TEST(write_above_the_limit_fails_the_port),
		TEST(much_input_gives_others_a_turn),
		TEST(end_of_file_is_told),
		TEST(deaf_host_is_still_heard),
		TEST(handlers_error_is_told),
		TEST(source_may_destroy_the_port),
		TEST(restart_forgets_input),
		TEST(failed_restart_leaves_no_session),
		TEST(failed_start_leaves_the_descriptor),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
