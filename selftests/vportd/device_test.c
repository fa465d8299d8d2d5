// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_test.c - a device node from open to unplug
 *
 * open() and the port are this file's; what the port would tell of epoll and
 * read() is said by the tests.
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "handler.h"
#include "port.h"

#define NODE "/dev/vport0p1"

struct port {
	int fd;
};

static void on_host(void *state, bool here)
{
}

static const struct handler_ops handler = { .name = "test" };
static const struct handler_ops lasting_handler = {
	.name = "test",
	.host = on_host,
};
static const struct port_source_ops *ops;
static void *source;

static int open_errno;
static int opens;
static int drops;
static int marks;
static int old_drops;
static int restarts;
static bool tells_host;		/* the handler wants to know */
static char hosts[16];		/* what it was told: + came, - left */
static struct port_setup setup;
static int destroyed;
static int holds;
static int releases;
static int resumes;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, NODE))
		return __real_open(path, flags, 0);

	assert_int_equal(O_RDWR | O_NONBLOCK | O_CLOEXEC,
			 flags & (O_ACCMODE | O_NONBLOCK | O_CLOEXEC));
	opens++;
	errno = open_errno;
	return open_errno ? -1 : __real_open("/dev/null", O_RDWR | O_CLOEXEC);
}

int port_create(sd_event *e, const struct port_setup *s, int fd,
		const struct port_source_ops *source_ops, void *data,
		struct port **ret)
{
	struct port *port = malloc(sizeof(*port));

	ops = source_ops;
	source = data;
	port->fd = fd;
	*ret = port;
	return 0;
}

void port_destroy(struct port *port)
{
	if (!port)
		return;
	destroyed++;
	if (port->fd >= 0)
		close(port->fd);
	free(port);
}

void port_drop_output(struct port *port)
{
	drops++;
}

void port_mark_output(struct port *port)
{
	marks++;
}

void port_drop_old_output(struct port *port)
{
	old_drops++;
}

int port_attach(struct port *port, int fd)
{
	port->fd = fd;
	return 0;
}

void port_detach(struct port *port)
{
	close(port->fd);
	port->fd = -1;
}

void port_resume_input(struct port *port)
{
	resumes++;
}

int port_restart(struct port *port)
{
	restarts++;
	return 0;
}

void port_hold_input(struct port *port)
{
	holds++;
}

void port_release_input(struct port *port)
{
	releases++;
}

bool port_tell_host(struct port *port, bool here)
{
	if (tells_host)
		strcat(hosts, here ? "+" : "-");
	return tells_host;
}

static sd_event *event;
static struct device *device;

static int begin(void **state)
{
	open_errno = 0;
	opens = 0;
	drops = 0;
	old_drops = 0;
	marks = 0;
	restarts = 0;
	tells_host = false;
	hosts[0] = '\0';
	setup = (struct port_setup){
		.handler = &handler, .name = "name", .devnode = NODE,
	};
	destroyed = 0;
	holds = 0;
	resumes = 0;
	releases = 0;
	return sd_event_new(&event) < 0;
}

static int end(void **state)
{
	device_destroy(device);
	device = NULL;
	sd_event_unref(event);
	return 0;
}

static void open_device(void)
{
	if (tells_host)
		setup.handler = &lasting_handler;
	assert_int_equal(0, device_create(event, &setup, &device));
}

/* Whether a timer fires within @usec. */
static bool fires(uint64_t usec)
{
	return sd_event_run(event, usec) > 0;
}

static void stays_open_while_hosts_come_and_go(void **state)
{
	int i;

	open_device();
	for (i = 0; i < 5; i++) {
		assert_true(ops->event(source, EPOLLOUT));
		assert_true(ops->event(source, EPOLLIN | EPOLLHUP));
		ops->eof(source);
	}
	assert_int_equal(1, opens);
	assert_int_equal(0, destroyed);
	assert_int_equal(5, restarts);
	assert_int_equal(5, drops);
}

/* Only when somebody wants it, and never for somebody before. */
static void node_on_demand(void **state)
{
	tells_host = true;
	setup.on_demand = true;
	open_device();
	assert_int_equal(0, opens);
	ops->demand(source, true);
	assert_int_equal(1, opens);
	ops->event(source, EPOLLIN | EPOLLOUT);
	ops->demand(source, false);
	assert_string_equal("+-", hosts);
	assert_int_equal(0, destroyed);
	ops->demand(source, true);
	ops->event(source, EPOLLIN | EPOLLOUT);
	assert_string_equal("+-+", hosts);
	assert_int_equal(2, opens);
	assert_int_equal(0, drops);
}

static void node_on_demand_that_is_busy_is_tried_again(void **state)
{
	setup.on_demand = true;
	open_errno = EBUSY;
	open_device();
	ops->demand(source, true);
	ops->demand(source, true);
	assert_int_equal(1, opens);
	device_retry(device);
	assert_int_equal(1, resumes);
	open_errno = 0;
	ops->demand(source, true);
	assert_int_equal(2, opens);
	assert_int_equal(0, destroyed);
}

static void no_host_at_start_is_no_host_leaving(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->eof(source);
	assert_int_equal(0, restarts);
	assert_false(fires(0));
}

/* Data, end of file, and only then the news that the host is there. */
static void data_before_the_connect_is_kept(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->input(source);
	ops->eof(source);
	ops->event(source, EPOLLIN | EPOLLOUT);
	assert_int_equal(0, drops);
	assert_int_equal(0, restarts);
	assert_false(fires(300000));
	assert_int_equal(0, drops);
}

static void replies_nobody_fetches_are_dropped(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLOUT);
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->eof(source);
	assert_int_equal(1, drops);
	assert_int_equal(1, restarts);
	ops->input(source);
	ops->input(source);
	ops->eof(source);
	assert_false(fires(1000000));
	assert_true(fires(10000000));
	assert_int_equal(2, drops);
	assert_int_equal(2, restarts);
	assert_false(fires(300000));
}

/* A machine that starts has much to do before it hears of its first host. */
static void first_of_all_clients_is_waited_for(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->input(source);
	ops->eof(source);
	assert_false(fires(3000000));
	assert_int_equal(0, drops);
	assert_true(fires(10000000));
	assert_int_equal(1, drops);
	assert_int_equal(1, restarts);
}

static void answers_to_nobody_do_not_stop_input(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLOUT);
	ops->full(source);
	assert_int_equal(0, drops);
	ops->event(source, EPOLLIN | EPOLLHUP);
	assert_int_equal(1, drops);
	ops->input(source);
	ops->full(source);
	assert_int_equal(2, drops);
}

/* read() knows before poll() has told: its replies are the next client's. */
static void host_leaves_between_poll_and_read(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLOUT);
	ops->input(source);
	ops->eof(source);
	assert_int_equal(1, old_drops);

	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->eof(source);
	ops->event(source, EPOLLOUT);
	assert_int_equal(0, drops);
	assert_int_equal(0, restarts);
	assert_false(fires(300000));
}

/* A busy guest serves a client for a while before it hears that it is there. */
static void request_before_the_news_of_its_host_is_answered(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLOUT);
	ops->input(source);
	ops->input(source);
	assert_int_equal(1, marks);
	ops->event(source, EPOLLIN | EPOLLHUP);
	assert_int_equal(1, old_drops);
	ops->full(source);
	ops->changed(source);
	ops->event(source, EPOLLIN | EPOLLOUT);
	assert_false(fires(300000));
	assert_int_equal(0, drops);
	assert_int_equal(0, restarts);

	/* The same request is long ago when the next one leaves. */
	ops->event(source, EPOLLIN | EPOLLHUP);
	assert_int_equal(1, drops);
	ops->changed(source);
	assert_int_equal(1, restarts);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

/* The news of its host may be on its way when the last one's time is over. */
static void request_has_a_time_of_its_own(void **state)
{
	uint64_t begin;
	int i;

	open_device();
	ops->event(source, EPOLLIN | EPOLLOUT);
	ops->input(source);
	ops->event(source, EPOLLIN | EPOLLHUP);
	for (i = 0; i < 8; i++) {
		begin = now_us();
		ops->input(source);
		if (fires(100000)) {
			/* Then it is the machine that was late. */
			assert_in_range(now_us() - begin, 240000, UINT64_MAX);
			return;
		}
	}
	assert_int_equal(0, drops);
}

static void request_of_a_host_without_a_next_one_is_dropped(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLOUT);
	ops->input(source);
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->eof(source);
	assert_int_equal(0, restarts);
	assert_true(fires(1000000));
	assert_int_equal(1, drops);
	assert_int_equal(1, restarts);

	ops->event(source, EPOLLIN | EPOLLOUT);
	assert_false(fires(300000));
	assert_int_equal(1, restarts);
}

/* What is held is the new host's, and the session with the old one ends. */
static void held_input_is_for_a_new_session(void **state)
{
	open_device();
	ops->event(source, EPOLLOUT);
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->unsure(source);
	releases = 0;
	ops->event(source, EPOLLIN | EPOLLOUT);
	assert_int_equal(1, restarts);
	assert_int_equal(1, releases);
}

static void unplug_closes_without_retry(void **state)
{
	open_device();
	ops->event(source, EPOLLHUP);
	ops->failed(source, -ENODEV);
	assert_int_equal(1, destroyed);
	assert_false(fires(0));
	assert_int_equal(1, opens);

	device_retry(device);
	assert_int_equal(2, opens);
}

static void busy_node_is_tried_again(void **state)
{
	open_errno = EBUSY;
	open_device();
	assert_int_equal(1, opens);
	assert_true(fires(3000000));
	assert_int_equal(2, opens);

	open_errno = 0;
	device_retry(device);
	assert_int_equal(3, opens);
	device_retry(device);
	assert_int_equal(3, opens);
	assert_false(fires(0));
}

static void broken_port_is_tried_again(void **state)
{
	open_device();
	ops->failed(source, -EIO);
	assert_int_equal(1, destroyed);
	assert_true(fires(3000000));
	assert_int_equal(2, opens);
}

static void destroy_while_replies_wait(void **state)
{
	open_device();
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->input(source);
	device_destroy(device);
	device = NULL;
	assert_int_equal(1, destroyed);
	assert_false(fires(300000));
}

/* One that outlives its hosts is told of them instead. */
static void handler_that_wants_to_know_is_told(void **state)
{
	tells_host = true;
	open_device();
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->eof(source);
	assert_string_equal("", hosts);
	ops->event(source, EPOLLIN | EPOLLOUT);
	ops->event(source, EPOLLIN | EPOLLHUP);
	assert_string_equal("+", hosts);
	ops->eof(source);
	ops->eof(source);
	assert_string_equal("+-", hosts);
	assert_int_equal(0, restarts);

	/* Data that comes before the news of its host is news enough. */
	ops->input(source);
	assert_string_equal("+-+", hosts);
}

/* One host left and another came before the first one's end was read. */
static void host_that_comes_at_once_is_another(void **state)
{
	tells_host = true;
	open_device();
	ops->event(source, EPOLLOUT);
	ops->event(source, EPOLLIN | EPOLLHUP);
	assert_int_equal(1, holds);
	ops->changed(source);
	assert_string_equal("+-", hosts);
	assert_int_equal(2, releases);
	ops->input(source);
	ops->event(source, EPOLLIN | EPOLLOUT);
	assert_string_equal("+-++", hosts);

	tells_host = false;
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->changed(source);
	assert_int_equal(1, restarts);
	assert_int_equal(4, releases);
}

/* Data and an end: whose it was shows the next host, or that there is none. */
static void data_at_the_end_is_decided_on(void **state)
{
	tells_host = true;
	open_device();
	ops->event(source, EPOLLOUT);
	ops->event(source, EPOLLIN | EPOLLHUP);
	releases = 0;
	ops->unsure(source);
	ops->unsure(source);
	assert_int_equal(0, releases);
	ops->event(source, EPOLLIN | EPOLLOUT);
	assert_string_equal("+-+", hosts);
	assert_int_equal(1, releases);
	assert_false(fires(100000));

	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->unsure(source);
	assert_true(fires(1000000));
	assert_int_equal(2, releases);
	assert_string_equal("+-+", hosts);
	ops->eof(source);
	assert_string_equal("+-+-", hosts);
}

static void output_for_any_host_is_kept(void **state)
{
	tells_host = true;
	setup.keep_output = true;
	open_device();
	ops->event(source, EPOLLOUT);
	ops->event(source, EPOLLIN | EPOLLHUP);
	ops->eof(source);
	ops->input(source);
	ops->full(source);
	assert_false(fires(300000));
	ops->event(source, EPOLLOUT);
	ops->eof(source);
	assert_int_equal(0, drops);
	assert_int_equal(0, old_drops);
}

static void node_left_to_a_program_is_not_opened(void **state)
{
	setup.closed = true;
	open_device();
	assert_int_equal(0, opens);
	assert_non_null(ops);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(stays_open_while_hosts_come_and_go),
		TEST(node_on_demand),
		TEST(node_on_demand_that_is_busy_is_tried_again),
		TEST(no_host_at_start_is_no_host_leaving),
		TEST(data_before_the_connect_is_kept),
		TEST(replies_nobody_fetches_are_dropped),
		TEST(first_of_all_clients_is_waited_for),
		TEST(answers_to_nobody_do_not_stop_input),
		TEST(host_leaves_between_poll_and_read),
		TEST(request_before_the_news_of_its_host_is_answered),
		TEST(request_has_a_time_of_its_own),
		TEST(request_of_a_host_without_a_next_one_is_dropped),
		TEST(held_input_is_for_a_new_session),
		TEST(unplug_closes_without_retry),
		TEST(busy_node_is_tried_again),
		TEST(broken_port_is_tried_again),
		TEST(destroy_while_replies_wait),
		TEST(handler_that_wants_to_know_is_told),
		TEST(host_that_comes_at_once_is_another),
		TEST(data_at_the_end_is_decided_on),
		TEST(output_for_any_host_is_kept),
		TEST(node_left_to_a_program_is_not_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
