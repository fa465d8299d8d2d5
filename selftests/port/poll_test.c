// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * poll_test.c - poll(2) and epoll(7): what is reported when, and who is woken
 */

#include <sys/epoll.h>

#include "fixture.h"

FIXTURE(poll)
{
	int fd;
};

FIXTURE_SETUP(poll)
{
	self->fd = -1;
	PORT_SETUP();
	PORT_CONNECT(O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(poll)
{
	port_teardown(self->fd);
}

TEST_F(poll, idle_port_is_writable)
{
	EXPECT_EQ(POLLOUT, port_poll(self->fd, POLLIN | POLLOUT));
	EXPECT_EQ(0, port_poll(self->fd, POLLIN));
}

TEST_F(poll, data_is_readable)
{
	ASSERT_EQ(0, host_send(PORT, 10, 1));
	ASSERT_EQ(POLLIN, port_wait(self->fd, POLLIN));
	EXPECT_EQ(POLLIN | POLLOUT, port_poll(self->fd, POLLIN | POLLOUT));
	ASSERT_EQ(0, port_read_pattern(self->fd, 10, 1, 0, 10));
	EXPECT_EQ(POLLOUT, port_poll(self->fd, POLLIN | POLLOUT));
}

TEST_F(poll, full_port_is_not_writable)
{
	ssize_t sum = port_fill(self->fd, 1);

	ASSERT_LT(0, sum);
	EXPECT_EQ(0, port_poll(self->fd, POLLIN | POLLOUT));
	EXPECT_EQ(0, host_expect(PORT, sum, 1));
	EXPECT_EQ(POLLOUT, port_wait(self->fd, POLLOUT));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(poll, host_away_is_readable_and_hung_up)
{
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));
	EXPECT_EQ(POLLIN | POLLHUP, port_poll(self->fd, POLLIN | POLLOUT));
	EXPECT_EQ(POLLHUP, port_poll(self->fd, 0));

	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	EXPECT_EQ(POLLOUT, port_poll(self->fd, POLLIN | POLLOUT));
}

/* Whoever asks for it can tell a host that went from a port that did. */
TEST_F(poll, host_away_sends_no_more)
{
	EXPECT_EQ(0, port_poll(self->fd, POLLRDHUP));
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));
	EXPECT_EQ(POLLHUP | POLLRDHUP, port_poll(self->fd, POLLRDHUP));
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	EXPECT_EQ(0, port_poll(self->fd, POLLRDHUP));
	ASSERT_EQ(0, host_unplug(PORT));
	EXPECT_EQ(POLLHUP, port_poll(self->fd, POLLRDHUP));
}

TEST_F(poll, unplugged_port_is_hung_up_only)
{
	ASSERT_EQ(0, host_unplug(PORT));
	EXPECT_EQ(POLLHUP, port_wait(self->fd, 0));
	EXPECT_EQ(POLLHUP, port_poll(self->fd, POLLIN | POLLOUT));
}

TEST_F(poll, data_wakes)
{
	struct call call = { .fd = self->fd, .len = POLLIN };
	pthread_t waiter;

	ASSERT_EQ(0, pthread_create(&waiter, NULL, call_poll, &call));
	EXPECT_EQ(0, host_send(PORT, 10, 1));
	pthread_join(waiter, NULL);
	EXPECT_EQ(POLLIN, call.ret);
}

TEST_F(poll, host_close_wakes)
{
	struct call call = { .fd = self->fd };
	pthread_t waiter;

	ASSERT_EQ(0, pthread_create(&waiter, NULL, call_poll, &call));
	EXPECT_EQ(0, host_close(PORT));
	pthread_join(waiter, NULL);
	EXPECT_EQ(POLLHUP, call.ret);
}

TEST_F(poll, space_wakes)
{
	struct call call = { .fd = self->fd, .len = POLLOUT };
	pthread_t waiter;
	ssize_t sum;

	sum = port_fill(self->fd, 1);
	ASSERT_LT(0, sum);
	ASSERT_EQ(0, pthread_create(&waiter, NULL, call_poll, &call));
	EXPECT_EQ(0, host_expect(PORT, sum, 1));
	pthread_join(waiter, NULL);
	EXPECT_EQ(POLLOUT, call.ret);
	EXPECT_EQ(0, host_wait(PORT));
}

FIXTURE(epoll)
{
	int fd;
	int ep;
	struct epoll_event event;
};

/* Edges of EPOLLIN and EPOLLHUP; the state there already is taken off. */
FIXTURE_SETUP(epoll)
{
	self->fd = -1;
	self->event.events = EPOLLIN | EPOLLET;
	PORT_SETUP();
	PORT_CONNECT(O_RDWR | O_NONBLOCK);
	self->ep = epoll_create1(0);
	ASSERT_LE(0, self->ep);
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_ADD, self->fd,
			       &self->event));
	ASSERT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));
}

FIXTURE_TEARDOWN(epoll)
{
	close(self->ep);
	port_teardown(self->fd);
}

TEST_F(epoll, data_is_one_edge)
{
	ASSERT_EQ(0, host_send(PORT, 10, 1));
	ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, -1));
	EXPECT_EQ(EPOLLIN, self->event.events);
	EXPECT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));
	EXPECT_EQ(POLLIN, port_poll(self->fd, POLLIN));
}

TEST_F(epoll, more_data_is_another_edge)
{
	ASSERT_EQ(0, host_send(PORT, 10, 1));
	ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, -1));
	ASSERT_EQ(0, host_send(PORT, 10, 2));
	ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, -1));
	EXPECT_EQ(0, port_read_pattern(self->fd, 10, 1, 0, 10));
	EXPECT_EQ(0, port_read_pattern(self->fd, 10, 2, 0, 10));
}

TEST_F(epoll, host_close_and_open_are_edges)
{
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, -1));
	EXPECT_EQ(EPOLLIN | EPOLLHUP, self->event.events);
	EXPECT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));

	/* Nothing is left to report, so the edge shows as its end. */
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	EXPECT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));
}

TEST_F(epoll, host_close_is_an_edge_of_its_end)
{
	self->event.events = EPOLLRDHUP | EPOLLET;
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_MOD, self->fd, &self->event));
	ASSERT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, -1));
	EXPECT_EQ(EPOLLRDHUP | EPOLLHUP, self->event.events);
	EXPECT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));
}

TEST_F(epoll, space_is_an_edge)
{
	ssize_t sum;

	self->event.events = EPOLLOUT | EPOLLET;
	sum = port_fill(self->fd, 1);
	ASSERT_LT(0, sum);
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_MOD, self->fd, &self->event));
	ASSERT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));
	ASSERT_EQ(0, host_expect(PORT, sum, 1));
	ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, -1));
	EXPECT_EQ(EPOLLOUT, self->event.events);
	EXPECT_EQ(0, host_wait(PORT));
	EXPECT_EQ(POLLOUT, port_poll(self->fd, POLLOUT));
}

TEST_F(epoll, host_open_is_an_edge)
{
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));
	self->event.events = EPOLLOUT | EPOLLET;
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_MOD, self->fd, &self->event));
	/* That it is away. */
	ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, 0));
	ASSERT_EQ(EPOLLHUP, self->event.events);
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, -1));
	EXPECT_EQ(EPOLLOUT, self->event.events);
	EXPECT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));
}

TEST_F(epoll, unplug_is_an_edge)
{
	ASSERT_EQ(0, host_unplug(PORT));
	do {
		ASSERT_EQ(1, epoll_wait(self->ep, &self->event, 1, -1));
	} while (self->event.events != EPOLLHUP);
	EXPECT_EQ(0, epoll_wait(self->ep, &self->event, 1, 0));
}

TEST_HARNESS_MAIN
