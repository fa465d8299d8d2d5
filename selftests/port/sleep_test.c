// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sleep_test.c - the machine goes to sleep and wakes up
 *
 * The kernel's own test of suspend puts devices to sleep and wakes them again.
 */

#include <stdio.h>

#include "fixture.h"

#define DATA	20000

static int write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	int ret = 0;

	if (!file)
		return -errno;
	if (fputs(text, file) < 0)
		ret = -EIO;
	if (fclose(file))
		ret = -errno;
	return ret;
}

static int sleep_and_wake(void)
{
	/* One second instead of five, where the kernel lets itself be told. */
	write_file("/sys/module/suspend/parameters/pm_test_delay", "1");
	return write_file("/sys/power/state", "freeze");
}

FIXTURE(sleep)
{
	int fd;
};

FIXTURE_SETUP(sleep)
{
	self->fd = -1;
	if (write_file("/sys/power/pm_test", "devices"))
		SKIP_TEST("the kernel cannot test its sleep");
	PORT_SETUP();
	self->fd = port_open(PORT, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
}

FIXTURE_TEARDOWN(sleep)
{
	port_teardown(self->fd);
}

TEST_F_TIMEOUT(sleep, unread_data_survives, 90)
{
	ASSERT_EQ(0, host_send(PORT, DATA, 1));
	ASSERT_EQ(0, host_wait(PORT));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));
	ASSERT_EQ(0, sleep_and_wake());
	EXPECT_EQ(0, port_read_pattern(self->fd, DATA, 1, 0, 4096));
}

TEST_F_TIMEOUT(sleep, both_ways_work_afterwards, 90)
{
	char buf[DATA];
	int i;

	pattern_fill(buf, sizeof(buf), 2, 0);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, sleep_and_wake());
		ASSERT_EQ(0, port_wait_host(self->fd, true));
		ASSERT_EQ(0, host_send(PORT, DATA, 1));
		EXPECT_EQ(0, port_read_pattern(self->fd, DATA, 1, 0, 4096));
		ASSERT_EQ(0, host_expect(PORT, DATA, 2));
		ASSERT_EQ((ssize_t)sizeof(buf),
			  write(self->fd, buf, sizeof(buf)));
		EXPECT_EQ(0, host_wait(PORT));
	}
}

TEST_F_TIMEOUT(sleep, ports_are_named_and_connected_as_before, 90)
{
	char node[300];

	ASSERT_EQ(0, sleep_and_wake());
	EXPECT_EQ(0, port_node(PORT, node, sizeof(node)));
	EXPECT_EQ(0, port_wait_host(self->fd, true));
	EXPECT_EQ(0, host_close(PORT));
	EXPECT_EQ(0, port_wait_host(self->fd, false));
}

TEST_HARNESS_MAIN
