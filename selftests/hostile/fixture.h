/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture.h - what the tests of a hostile host begin with
 */

#ifndef VPORT_HOSTILE_FIXTURE_H
#define VPORT_HOSTILE_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "script.h"

/* Ids and names of the ports in most tests. */
#define PORT	1
#define NAME	"hostile.port"

/*
 * A device, with more features than most; with one port whose host end is open,
 * and our end of it.
 */
#define DEVICE_SETUP(s) DEVICE_SETUP_WITH(s, 0)
#define DEVICE_SETUP_WITH(s, more) do {					\
	struct vcon_mock_plug plug_ = PLUG_DEFAULT;			\
	plug_.features |= more;						\
	(s)->fd = -1;							\
	ASSERT_EQ(0, script_plug(s, &plug_));				\
	ASSERT_TRUE((s)->bound);					\
} while (0)

#define PORT_SETUP(s, file, flags) PORT_SETUP_WITH(s, file, flags, 0)
#define PORT_SETUP_WITH(s, file, flags, more) do {			\
	DEVICE_SETUP_WITH(s, more);					\
	ASSERT_EQ(0, script_port(s, PORT, NAME));			\
	*(file) = script_node_open(s, PORT, flags);			\
	ASSERT_LE(0, *(file));						\
	ASSERT_EQ(0, script_hear(s, PORT, VIRTIO_CONSOLE_PORT_OPEN, 1));	\
} while (0)

/* Return: what poll() says of @fd once one of @events is there, or -1. */
static inline short wait_for(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, SCRIPT_TIMEOUT_MS) == 1 ? pfd.revents : -1;
}

/* Return: what poll() says of @fd at once. */
static inline short poll_now(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, 0) < 0 ? -1 : pfd.revents;
}

/* Return: as read() and write(), but -errno. */
static inline ssize_t read_some(int fd, void *data, size_t len)
{
	ssize_t n = read(fd, data, len);

	return n < 0 ? -errno : n;
}

static inline ssize_t write_some(int fd, const void *data, size_t len)
{
	ssize_t n = write(fd, data, len);

	return n < 0 ? -errno : n;
}

/* Return: bytes written until the port takes no more, or -errno. */
static inline ssize_t fill(int fd)
{
	static char buf[4096];
	ssize_t n, sum = 0;

	while ((n = write_some(fd, buf, sizeof(buf))) > 0)
		sum += n;
	return n == -EAGAIN ? sum : n;
}

static inline void ignore_signal(int number)
{
}

/* Signals from now on, again and again: the first may come too early. */
static inline void start_signals(void)
{
	struct sigaction action = { .sa_handler = ignore_signal };
	struct itimerval often = {
		.it_interval.tv_usec = 20000,
		.it_value.tv_usec = 20000,
	};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static inline void stop_signals(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval) { 0 }, NULL);
}

#endif /* VPORT_HOSTILE_FIXTURE_H */
