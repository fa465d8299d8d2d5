// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * console_test.c - a console port as a terminal, /dev/hvcN
 */

#include <stdio.h>
#include <termios.h>

#include "fixture.h"

#define CONSOLE	"test.console"
#define DATA	16000		/* less than the terminal's buffers hold */

FIXTURE(console)
{
	int fd;
};

/* Return: the terminal that works: all others of the driver are not there. */
static int open_terminal(void)
{
	struct termios mode;
	char path[32];
	int i, fd;

	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/dev/hvc%d", i);
		fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			continue;
		tcgetattr(fd, &mode);
		cfmakeraw(&mode);
		tcsetattr(fd, TCSANOW, &mode);
		return fd;
	}
	return -ENODEV;
}

FIXTURE_SETUP(console)
{
	char path[300];

	self->fd = -1;
	if (host_connect())
		SKIP_TEST("no control port: not started by vmhost");
	ASSERT_EQ(0, host_plug(CONSOLE, "driver=virtconsole"));
	ASSERT_EQ(0, host_open(CONSOLE));
	ASSERT_EQ(0, port_node(CONSOLE, path, sizeof(path)));
	/* The driver opens the port when the terminal is there. */
	ASSERT_EQ(0, host_await(CONSOLE, true));
	self->fd = open_terminal();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(console)
{
	close(self->fd);
	host_request("remove " CONSOLE);
}

TEST_F(console, output_arrives)
{
	char buf[DATA];
	size_t sum = 0;
	ssize_t n;

	ASSERT_EQ(0, host_expect(CONSOLE, DATA, 1));
	pattern_fill(buf, DATA, 1, 0);
	while (sum < DATA) {
		n = write(self->fd, buf + sum, DATA - sum);
		ASSERT_LT(0, n);
		sum += n;
	}
	EXPECT_EQ(0, host_wait(CONSOLE));
}

TEST_F(console, input_arrives)
{
	ASSERT_EQ(0, host_send(CONSOLE, DATA, 2));
	EXPECT_EQ(0, port_read_pattern(self->fd, DATA, 2, 0, 1000));
}

TEST_F(console, unplug_hangs_up)
{
	struct call call = { .fd = self->fd, .buf = &(char[8]){}, .len = 8 };
	pthread_t reader;

	ASSERT_EQ(0, pthread_create(&reader, NULL, call_read, &call));
	EXPECT_EQ(0, host_unplug(CONSOLE));
	pthread_join(reader, NULL);
	EXPECT_TRUE(call.ret == 0 || call.ret == -EIO);
}

TEST_HARNESS_MAIN
