// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_hold_test.c - input between two hosts, of which it is not known whose it is
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "handler.h"
#include "port.h"

/* What happened: input as it is, '!' another's, '?' unsure, '$' the end. */
static char notes[65536];
static struct port *port;
static sd_event *event;
static int host;

static int on_start(struct port *p, void **ret_state)
{
	*ret_state = notes;
	return 0;
}

static ssize_t on_input(void *state, const void *data, size_t len)
{
	strncat(notes, data, len);
	return len;
}

static void on_stop(void *state)
{
}

static bool on_event(void *source, uint32_t revents)
{
	return true;
}

static void on_eof(void *source)
{
	strcat(notes, "$");
}

static void on_changed(void *source)
{
	strcat(notes, "!");
	port_release_input(port);
}

static void on_unsure(void *source)
{
	strcat(notes, "?");
}

static void on_failed(void *source, int err)
{
	fail_msg("%s", strerror(-err));
}

static const struct handler_ops handler = {
	.name = "test",
	.start = on_start,
	.input = on_input,
	.stop = on_stop,
};

static const struct port_setup setup = { .handler = &handler };

static const struct port_source_ops source_ops = {
	.event = on_event,
	.eof = on_eof,
	.changed = on_changed,
	.unsure = on_unsure,
	.failed = on_failed,
};

static int begin(void **state)
{
	int fds[2];

	notes[0] = '\0';
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) ||
	    sd_event_new(&event) < 0)
		return -1;
	host = fds[0];
	if (port_create(event, &setup, fds[1], &source_ops, NULL, &port))
		return -1;
	port_hold_input(port);
	return 0;
}

static int end(void **state)
{
	port_destroy(port);
	sd_event_unref(event);
	close(host);
	return 0;
}

static void host_sends(const char *text)
{
	assert_int_equal(strlen(text), write(host, text, strlen(text)));
}

static void turns(void)
{
	int count = 0;

	while (sd_event_run(event, 0) > 0)
		assert_true(++count < 1000);
}

/* More may come: it is not what came before that goes on. */
static void input_without_end_is_anothers(void **state)
{
	host_sends("new");
	turns();
	assert_string_equal("!new", notes);
	host_sends("er");
	turns();
	assert_string_equal("!newer", notes);
}

/* And until the source knows better, nothing of it is told. */
static void input_with_end_is_unsure(void **state)
{
	host_sends("who");
	shutdown(host, SHUT_WR);
	turns();
	assert_int_equal('?', notes[0]);
	assert_null(strpbrk(notes, "who!$"));

	notes[0] = '\0';
	port_release_input(port);
	turns();
	assert_memory_equal("who$", notes, 4);
}

static void end_alone_is_one(void **state)
{
	shutdown(host, SHUT_WR);
	turns();
	assert_int_equal('$', notes[0]);
	assert_null(strpbrk(notes, "!?"));
}

/* So much at once was there before. */
static void much_input_is_not_held(void **state)
{
	static char text[40001];

	memset(text, 'x', sizeof(text) - 1);
	host_sends(text);
	shutdown(host, SHUT_WR);
	turns();
	assert_memory_equal(text, notes, sizeof(text) - 1);
	assert_int_equal('$', notes[sizeof(text) - 1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(input_without_end_is_anothers),
		TEST(input_with_end_is_unsure),
		TEST(end_alone_is_one),
		TEST(much_input_is_not_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
