// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * open_test.c - open(2) and close(2) of a port
 */

#include <sys/stat.h>

#include "fixture.h"

FIXTURE(open)
{
	int fd;
};

FIXTURE_SETUP(open)
{
	self->fd = -1;
	PORT_SETUP();
	self->fd = port_open(PORT, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(open)
{
	port_teardown(self->fd);
}

TEST_F(open, second_open_is_busy)
{
	EXPECT_EQ(-EBUSY, port_open(PORT, O_RDWR));
	EXPECT_EQ(-EBUSY, port_open(PORT, O_RDONLY | O_NONBLOCK));
}

TEST_F(open, can_be_opened_again_after_close)
{
	int i;

	for (i = 0; i < 20; i++) {
		close(self->fd);
		self->fd = port_open(PORT, O_RDWR);
		ASSERT_LE(0, self->fd);
	}
}

TEST_F(open, stays_open_until_the_last_descriptor_is_closed)
{
	int copy = dup(self->fd);

	ASSERT_LE(0, copy);
	close(self->fd);
	EXPECT_EQ(-EBUSY, port_open(PORT, O_RDWR));
	self->fd = copy;
}

TEST_F(open, host_sees_open_and_close)
{
	EXPECT_EQ(0, host_await(PORT, true));
	close(self->fd);
	EXPECT_EQ(0, host_await(PORT, false));
	self->fd = port_open(PORT, O_RDWR);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(0, host_await(PORT, true));
}

TEST_F(open, close_discards_unread_data)
{
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, host_send(PORT, 1000, 1));
	ASSERT_EQ(0, host_wait(PORT));
	ASSERT_EQ(POLLIN, port_wait(self->fd, POLLIN));

	close(self->fd);
	self->fd = port_open(PORT, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, host_send(PORT, 1000, 2));
	EXPECT_EQ(0, port_read_pattern(self->fd, 1000, 2, 0, 1000));
}

TEST_F(open, close_delivers_what_was_written)
{
	char buf[4096];

	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	pattern_fill(buf, sizeof(buf), 3, 0);
	ASSERT_EQ(sizeof(buf), write(self->fd, buf, sizeof(buf)));
	close(self->fd);
	self->fd = -1;

	EXPECT_EQ(0, host_expect(PORT, sizeof(buf), 3));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(open, access_mode_is_kept)
{
	char c = 0;

	close(self->fd);
	self->fd = port_open(PORT, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(-1, write(self->fd, &c, 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(0, read(self->fd, &c, 1));	/* the host is away */

	close(self->fd);
	self->fd = port_open(PORT, O_WRONLY | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(-1, read(self->fd, &c, 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(-1, write(self->fd, &c, 1));
	EXPECT_EQ(EAGAIN, errno);
}

static int expected_errno(int flags)
{
	if (flags & O_EXCL)
		return EEXIST;
	return flags & O_DIRECTORY ? ENOTDIR : 0;
}

/* Flags that mean something for files only. */
TEST_F(open, flags_of_files_change_nothing)
{
	static const int flags[] = {
		O_TRUNC, O_APPEND, O_CREAT, O_CREAT | O_EXCL, O_SYNC, O_NOCTTY,
		O_NOFOLLOW, O_DIRECTORY,
	};
	char path[300];
	size_t i;
	int fd;

	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, port_node(PORT, path, sizeof(path)));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		fd = open(path, O_RDWR | O_CLOEXEC | flags[i], 0600);
		EXPECT_EQ(expected_errno(flags[i]), fd < 0 ? errno : 0);
		close(fd);
	}
}

/* The kernel asks the driver first, and refuses then. */
TEST_F(open, refused_open_leaves_the_port_free)
{
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(-EINVAL, port_open(PORT, O_RDWR | O_DIRECT));
	self->fd = port_open(PORT, O_RDWR);
	EXPECT_LE(0, self->fd);
}

/* Whoever only names it does not open it. */
TEST_F(open, path_alone_is_no_open)
{
	int path = port_open(PORT, O_PATH);

	EXPECT_LE(0, path);
	close(self->fd);
	EXPECT_EQ(0, host_await(PORT, false));
	close(path);
	self->fd = -1;
}

TEST_F(open, node_is_roots_alone)
{
	struct stat st;

	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ(S_IFCHR | 0600, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
}

TEST_F(open, cannot_seek)
{
	char c = 0;

	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_CUR));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->fd, &c, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(self->fd, &c, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
}

TEST_F(open, console_port_has_no_character_device)
{
	ASSERT_EQ(0, host_plug("test.console", "driver=virtconsole"));
	EXPECT_EQ(-ENXIO, port_open("test.console", O_RDWR));
	EXPECT_EQ(0, host_unplug("test.console"));
}

TEST_HARNESS_MAIN
