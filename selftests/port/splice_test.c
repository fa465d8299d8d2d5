// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * splice_test.c - splice(2) and sendfile(2) from and to a port
 */

#include <sys/sendfile.h>

#include "fixture.h"

#define STREAM	(1 << 20)

FIXTURE(splice)
{
	int fd;
	int pipe[2];
};

FIXTURE_SETUP(splice)
{
	self->fd = self->pipe[0] = self->pipe[1] = -1;
	PORT_SETUP();
	ASSERT_EQ(0, pipe(self->pipe));
	PORT_CONNECT(O_RDWR);
}

FIXTURE_TEARDOWN(splice)
{
	close(self->pipe[0]);
	close(self->pipe[1]);
	port_teardown(self->fd);
}

TEST_F(splice, port_to_pipe)
{
	size_t sum = 0;
	ssize_t n;

	ASSERT_EQ(0, host_send(PORT, STREAM, 1));
	while (sum < STREAM) {
		n = splice(self->fd, NULL, self->pipe[1], NULL, STREAM - sum, 0);
		ASSERT_LT(0, n);
		ASSERT_EQ(0, port_read_pattern(self->pipe[0], n, 1, sum, n));
		sum += n;
	}
	EXPECT_EQ(POLLOUT, port_poll(self->fd, POLLIN | POLLOUT));
}

TEST_F(splice, pipe_to_port)
{
	size_t sum = 0, left;
	char buf[16384];
	ssize_t n;

	ASSERT_EQ(0, host_expect(PORT, STREAM, 1));
	while (sum < STREAM) {
		pattern_fill(buf, sizeof(buf), 1, sum);
		ASSERT_EQ((ssize_t)sizeof(buf),
			  write(self->pipe[1], buf, sizeof(buf)));
		for (left = sizeof(buf); left; left -= n) {
			n = splice(self->pipe[0], NULL, self->fd, NULL, left, 0);
			ASSERT_LT(0, n);
		}
		sum += sizeof(buf);
	}
	EXPECT_EQ(0, host_wait(PORT));
}

/* Splice small pieces until the port takes no more; returns their bytes. */
static ssize_t splice_until_full(int out, int in, int port)
{
	ssize_t n, sum = 0;
	char buf[1000];

	do {
		pattern_fill(buf, sizeof(buf), 1, sum);
		if (write(in, buf, sizeof(buf)) != sizeof(buf))
			return -errno;
		n = splice(out, NULL, port, NULL, sizeof(buf), SPLICE_F_NONBLOCK);
		if (n > 0)
			sum += n;
	} while (n == sizeof(buf));

	return n < 0 && errno != EAGAIN ? -errno : sum;
}

TEST_F(splice, full_port_leaves_the_rest_in_the_pipe)
{
	ssize_t taken, left;
	size_t sum;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	ASSERT_EQ(0, host_request("hold " PORT));
	taken = splice_until_full(self->pipe[0], self->pipe[1], self->fd);
	ASSERT_LT(0, taken);
	left = 1000 - taken % 1000;
	sum = taken + left;

	/* All of it arrives once the host reads. */
	ASSERT_EQ(0, host_expect(PORT, sum, 1));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	ASSERT_EQ(left, splice(self->pipe[0], NULL, self->fd, NULL, left, 0));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(splice, file_to_port_by_sendfile)
{
	char path[] = "/tmp/splice.XXXXXX";
	static char data[STREAM];
	off_t offset = 0;
	ssize_t n;
	int file;

	file = mkstemp(path);
	ASSERT_LE(0, file);
	unlink(path);
	pattern_fill((uint8_t *)data, sizeof(data), 1, 0);
	ASSERT_EQ((ssize_t)sizeof(data), write(file, data, sizeof(data)));

	ASSERT_EQ(0, host_expect(PORT, STREAM, 1));
	while (offset < STREAM) {
		n = sendfile(self->fd, file, &offset, STREAM - offset);
		ASSERT_LT(0, n);
	}
	EXPECT_EQ(0, host_wait(PORT));
	close(file);
}

static void *splice_in(void *data)
{
	struct call *call = data;
	int *pipe = call->buf;

	call->ret = splice(call->fd, NULL, pipe[1], NULL, call->len, 0);
	if (call->ret < 0)
		call->ret = -errno;
	return NULL;
}

TEST_F(splice, unplug_wakes_it)
{
	struct call call = { .fd = self->fd, .buf = self->pipe, .len = 4096 };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, splice_in, &call));
	EXPECT_EQ(0, host_unplug(PORT));
	pthread_join(thread, NULL);
	EXPECT_EQ(-ENODEV, call.ret);
}

TEST_HARNESS_MAIN
