// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * signal_test.c - SIGIO and what it says
 */

#include "fixture.h"

FIXTURE(signal)
{
	int fd;
	sigset_t set;
};

/* Return: what the next signal says, or -errno. */
static int next_code(const sigset_t *set, int fd)
{
	siginfo_t info;

	if (sigwaitinfo(set, &info) < 0)
		return -errno;
	return info.si_fd == fd ? info.si_code : -EBADF;
}

/* A real-time signal, of which none is merged with another. */
FIXTURE_SETUP(signal)
{
	self->fd = -1;
	PORT_SETUP();
	sigemptyset(&self->set);
	sigaddset(&self->set, SIGRTMIN);
	sigaddset(&self->set, SIGIO);
	sigprocmask(SIG_BLOCK, &self->set, NULL);
	self->fd = port_open(PORT, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, fcntl(self->fd, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(self->fd, F_SETSIG, SIGRTMIN));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK | O_ASYNC));
	/* That it has opened is said after the port can be seen to be open. */
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(POLL_OUT, next_code(&self->set, self->fd));
}

FIXTURE_TEARDOWN(signal)
{
	port_teardown(self->fd);
}

TEST_F(signal, data_is_poll_in)
{
	ASSERT_EQ(0, host_send(PORT, 10, 1));
	EXPECT_EQ(POLL_IN, next_code(&self->set, self->fd));
	EXPECT_EQ(POLLIN, port_poll(self->fd, POLLIN));
}

TEST_F_TIMEOUT(signal, space_is_poll_out, 15)
{
	ssize_t sum;

	sum = port_fill(self->fd, 1);
	ASSERT_LT(0, sum);
	ASSERT_EQ(0, host_expect(PORT, sum, 1));
	EXPECT_EQ(POLL_OUT, next_code(&self->set, self->fd));
	EXPECT_EQ(POLLOUT, port_wait(self->fd, POLLOUT));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(signal, host_close_is_poll_hup)
{
	ASSERT_EQ(0, host_close(PORT));
	EXPECT_EQ(POLL_HUP, next_code(&self->set, self->fd));
}

TEST_F(signal, host_open_is_poll_out)
{
	int code;

	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(POLL_HUP, next_code(&self->set, self->fd));
	ASSERT_EQ(0, host_open(PORT));
	/* That it has closed may be said twice. */
	do {
		code = next_code(&self->set, self->fd);
	} while (code == POLL_HUP);
	EXPECT_EQ(POLL_OUT, code);
}

TEST_F(signal, unplug_is_poll_hup)
{
	ASSERT_EQ(0, host_unplug(PORT));
	EXPECT_EQ(POLL_HUP, next_code(&self->set, self->fd));
}

TEST_HARNESS_MAIN
