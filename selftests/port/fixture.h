/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture.h - what the port tests begin with
 */

#ifndef VPORT_TEST_FIXTURE_H
#define VPORT_TEST_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "host.h"
#include "pattern.h"

#define PORT	"test.port"

/* Leave a test from its setup, too: older harnesses go on to its body. */
#define SKIP_TEST(reason) SKIP(longjmp(_metadata->env, 1), reason)

/* A port of its own for each test, so that none sees what another left. */
#define PORT_SETUP() do {						\
	if (host_connect())						\
		SKIP_TEST("no control port: not started by vmhost");	\
	ASSERT_EQ(0, host_plug(PORT, ""));				\
} while (0)

/* Open it at both ends. */
#define PORT_CONNECT(flags) do {					\
	self->fd = port_open(PORT, flags);				\
	ASSERT_LE(0, self->fd);						\
	ASSERT_EQ(0, host_open(PORT));					\
	ASSERT_EQ(0, port_wait_host(self->fd, true));			\
} while (0)

/* How often a test does what it does: VPORT_ROUNDS, where that is set. */
static inline int rounds(int otherwise)
{
	const char *text = getenv("VPORT_ROUNDS");

	return text ? atoi(text) : otherwise;
}

static inline void port_teardown(int fd)
{
	if (fd >= 0)
		close(fd);
	host_request("remove " PORT);
}

/* Return: an address where nothing is. */
static inline void *bad_address(void)
{
	void *map = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0);

	return map == MAP_FAILED ? NULL : map;
}

/* Return: what poll() says of @fd at once. */
static inline short port_poll(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, 0) < 0 ? -1 : pfd.revents;
}

/* Wait until @events are there; the harness limits how long. */
static inline short port_wait(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	if (fd < 0)
		return -1;
	return poll(&pfd, 1, -1) < 0 ? -1 : pfd.revents;
}

/* How long data that is on its way may take, on a busy machine. */
#define DATA_TIMEOUT_MS	30000

/*
 * Return: 0 when @len bytes of the pattern were read, -ETIMEDOUT if they do not
 * come to a non-blocking descriptor, -EILSEQ or -errno.
 */
static inline int port_read_pattern(int fd, size_t len, uint32_t seed,
				    uint64_t offset, size_t chunk)
{
	char buf[65536];
	ssize_t n;

	while (len) {
		n = read(fd, buf, len < chunk ? len : chunk);
		if (n < 0 && errno == EAGAIN) {
			if (!poll(&(struct pollfd){ fd, POLLIN }, 1,
				  DATA_TIMEOUT_MS))
				return -ETIMEDOUT;
			continue;
		}
		if (n <= 0)
			return n ? -errno : -EPIPE;
		if (pattern_check(buf, n, seed, offset) < (size_t)n)
			return -EILSEQ;
		len -= n;
		offset += n;
	}
	return 0;
}

/* Return: bytes of the pattern, from @offset, written until EAGAIN, or -errno. */
static inline ssize_t port_fill_once(int fd, uint32_t seed, ssize_t offset)
{
	char buf[4096];
	ssize_t n, sum = 0;

	for (;;) {
		pattern_fill(buf, sizeof(buf), seed, offset + sum);
		n = write(fd, buf, sizeof(buf));
		if (n < 0 && errno == EAGAIN)
			return sum;
		if (n <= 0)
			return n ? -errno : -EIO;
		sum += n;
	}
}

/*
 * Fill the port and everything behind it up to a host that does not read.  What
 * the host can still take it has taken by the time it answers a request.
 *
 * Return: bytes of the pattern written, or -errno.
 */
static inline ssize_t port_fill(int fd, uint32_t seed)
{
	ssize_t n, sum = 0;

	while ((n = port_fill_once(fd, seed, sum)) > 0) {
		sum += n;
		if (host_request("query " HOST_CONTROL))
			return -EREMOTEIO;
	}
	return n ? n : sum;
}

static inline void ignore_signal(int signal_number)
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
	struct itimerval never = { 0 };

	setitimer(ITIMER_REAL, &never, NULL);
}

/* A call in a thread of its own. */
struct call {
	int fd;
	void *buf;
	size_t len;
	ssize_t ret;		/* -errno on failure */
};

static inline void *call_read(void *data)
{
	struct call *call = data;

	call->ret = read(call->fd, call->buf, call->len);
	if (call->ret < 0)
		call->ret = -errno;
	return NULL;
}

static inline void *call_write(void *data)
{
	struct call *call = data;

	call->ret = write(call->fd, call->buf, call->len);
	if (call->ret < 0)
		call->ret = -errno;
	return NULL;
}

/* Writes until that fails: a port that goes may make room first. */
static inline void *call_write_on(void *data)
{
	struct call *call = data;

	do {
		call_write(call);
	} while (call->ret > 0);
	return NULL;
}

/* Waits for the events in len; ret is what came. */
static inline void *call_poll(void *data)
{
	struct call *call = data;

	call->ret = port_wait(call->fd, call->len);
	return NULL;
}

#endif /* VPORT_TEST_FIXTURE_H */
