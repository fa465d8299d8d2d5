// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drain_test.c - what is still on its way: fsync(2), FIONREAD and TIOCOUTQ
 */

#include <stdio.h>
#include <sys/ioctl.h>

#include "fixture.h"

#define DATA	3000

FIXTURE(drain)
{
	int fd;
};

FIXTURE_SETUP(drain)
{
	self->fd = -1;
	PORT_SETUP();
	PORT_CONNECT(O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(drain)
{
	port_teardown(self->fd);
}

static int queued(int fd, unsigned long request)
{
	int bytes = -1;

	return ioctl(fd, request, &bytes) ? -errno : bytes;
}

TEST_F(drain, nothing_is_drained_at_once)
{
	EXPECT_EQ(0, fsync(self->fd));
	EXPECT_EQ(0, fdatasync(self->fd));
	EXPECT_EQ(0, queued(self->fd, TIOCOUTQ));
	EXPECT_EQ(0, queued(self->fd, FIONREAD));
}

TEST_F(drain, unread_bytes_are_counted)
{
	char buf[1000];

	ASSERT_EQ(0, host_send(PORT, DATA, 1));
	ASSERT_EQ(0, host_wait(PORT));
	ASSERT_EQ(0, port_read_pattern(self->fd, DATA - 1000, 1, 0, 500));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));
	EXPECT_EQ(1000, queued(self->fd, FIONREAD));
	EXPECT_EQ(1000, read(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(0, queued(self->fd, FIONREAD));
}

static void *call_fsync(void *data)
{
	struct call *call = data;

	call->ret = fsync(call->fd) ? -errno : 0;
	return NULL;
}

TEST_F(drain, fsync_waits_until_the_host_has_all)
{
	struct call call = { .fd = self->fd, .ret = 1 };
	pthread_t thread;
	ssize_t sum;

	sum = port_fill(self->fd, 1);
	ASSERT_LT(0, sum);
	EXPECT_LT(0, queued(self->fd, TIOCOUTQ));
	ASSERT_EQ(0, pthread_create(&thread, NULL, call_fsync, &call));
	ASSERT_EQ(0, host_expect(PORT, sum, 1));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, call.ret);
	EXPECT_EQ(0, queued(self->fd, TIOCOUTQ));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(drain, host_close_ends_fsync)
{
	struct call call = { .fd = self->fd };
	pthread_t thread;

	ASSERT_LT(0, port_fill(self->fd, 1));
	start_signals();
	EXPECT_EQ(-1, fsync(self->fd));
	EXPECT_EQ(EINTR, errno);
	stop_signals();
	ASSERT_EQ(0, pthread_create(&thread, NULL, call_fsync, &call));
	ASSERT_EQ(0, host_close(PORT));
	pthread_join(thread, NULL);
	/* 0: the host gave all buffers back before it said so. */
	EXPECT_TRUE(call.ret == -EIO || !call.ret);
}

TEST_F(drain, unplug_ends_fsync)
{
	struct call call = { .fd = self->fd };
	pthread_t thread;

	ASSERT_LT(0, port_fill(self->fd, 1));
	ASSERT_EQ(0, pthread_create(&thread, NULL, call_fsync, &call));
	ASSERT_EQ(0, host_unplug(PORT));
	pthread_join(thread, NULL);
	/* -EIO, 0: unplugging closes the host's end first. */
	EXPECT_TRUE(call.ret == -ENODEV || call.ret == -EIO || !call.ret);
}

TEST_F(drain, other_requests_are_refused)
{
	EXPECT_EQ(-ENOTTY, queued(self->fd, TIOCGWINSZ));
	EXPECT_EQ(-ENOTTY, queued(self->fd, 0xffffffff));
	EXPECT_EQ(-1, ioctl(self->fd, FIONREAD, bad_address()));
	EXPECT_EQ(EFAULT, errno);
}

TEST_HARNESS_MAIN
