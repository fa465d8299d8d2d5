// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sysfs_test.c - attributes of a port that can be waited for
 */

#include <stdio.h>

#include "fixture.h"

FIXTURE(sysfs)
{
	int fd;
	int host;
	int guest;
};

/* Return: the attribute, as poll() wants it: read once. */
static int open_attribute(const char *node, const char *name)
{
	char path[400], buf[8];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/%s",
		 strrchr(node, '/') + 1, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return read(fd, buf, sizeof(buf)) > 0 ? fd : -EIO;
}

static int value(int fd)
{
	char buf[8] = "";

	return pread(fd, buf, sizeof(buf) - 1, 0) > 0 ? atoi(buf) : -1;
}

FIXTURE_SETUP(sysfs)
{
	char node[300];

	self->fd = self->host = self->guest = -1;
	PORT_SETUP();
	ASSERT_EQ(0, port_node(PORT, node, sizeof(node)));
	self->host = open_attribute(node, "host_connected");
	ASSERT_LE(0, self->host);
	self->guest = open_attribute(node, "guest_connected");
	ASSERT_LE(0, self->guest);
}

FIXTURE_TEARDOWN(sysfs)
{
	close(self->host);
	close(self->guest);
	port_teardown(self->fd);
}

TEST_F(sysfs, host_connected_wakes)
{
	EXPECT_EQ(0, value(self->host));
	EXPECT_EQ(0, port_poll(self->host, POLLPRI));
	ASSERT_EQ(0, host_open(PORT));
	EXPECT_LT(0, port_wait(self->host, POLLPRI));
	EXPECT_EQ(1, value(self->host));
	EXPECT_EQ(0, port_poll(self->host, POLLPRI));
	ASSERT_EQ(0, host_close(PORT));
	EXPECT_LT(0, port_wait(self->host, POLLPRI));
	EXPECT_EQ(0, value(self->host));
}

TEST_F(sysfs, guest_connected_wakes)
{
	EXPECT_EQ(0, value(self->guest));
	self->fd = port_open(PORT, O_RDWR);
	ASSERT_LE(0, self->fd);
	EXPECT_LT(0, port_wait(self->guest, POLLPRI));
	EXPECT_EQ(1, value(self->guest));
	close(self->fd);
	self->fd = -1;
	EXPECT_LT(0, port_wait(self->guest, POLLPRI));
	EXPECT_EQ(0, value(self->guest));
}

TEST_HARNESS_MAIN
