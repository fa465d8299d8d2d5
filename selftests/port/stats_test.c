// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stats_test.c - what a port counts, in debugfs
 */

#include <stdio.h>

#include "fixture.h"

#define DEBUGFS	"/sys/kernel/debug/virtio-ports"
#define DATA	10000

FIXTURE(stats)
{
	char path[400];
	int fd;
};

/* Return: the number behind "@name: ", or -ENOENT. */
static long long count(const char *path, const char *name)
{
	size_t len = strlen(name);
	long long value = -ENOENT;
	char line[300];
	FILE *file;

	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, len) && line[len] == ':')
			value = atoll(line + len + 1);
	if (file)
		fclose(file);
	return value;
}

FIXTURE_SETUP(stats)
{
	char node[300];

	self->fd = -1;
	if (access(DEBUGFS, F_OK))
		SKIP_TEST("no " DEBUGFS);
	PORT_SETUP();
	self->fd = port_open(PORT, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, port_node(PORT, node, sizeof(node)));
	snprintf(self->path, sizeof(self->path), DEBUGFS "/%s",
		 strrchr(node, '/') + 1);
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
}

FIXTURE_TEARDOWN(stats)
{
	port_teardown(self->fd);
}

TEST_F(stats, state_is_that_of_the_port)
{
	EXPECT_EQ(1, count(self->path, "guest_connected"));
	EXPECT_EQ(1, count(self->path, "host_connected"));
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));
	EXPECT_EQ(0, count(self->path, "host_connected"));
}

/* Scripts look for these, in the words of the kernel's own driver. */
TEST_F(stats, fields_are_those_of_old)
{
	static const char * const lines[] = {
		"name: " PORT "\n", "guest_connected: 1\n",
		"host_connected: 1\n", "outvq_full: 0\n", "\nbytes_sent: ",
		"\nbytes_received: ", "\nbytes_discarded: ",
		"is_console: no\n", "console_vtermno: 0\n",
	};
	char text[4096] = "";
	FILE *file;
	size_t i;

	file = fopen(self->path, "r");
	ASSERT_NE(NULL, file);
	ASSERT_LT(0, fread(text, 1, sizeof(text) - 1, file));
	fclose(file);
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		EXPECT_NE(NULL, strstr(text, lines[i]));
}

TEST_F(stats, bytes_are_those_that_were_moved)
{
	long long received = count(self->path, "bytes_received");
	long long sent = count(self->path, "bytes_sent");
	char buf[DATA];

	ASSERT_EQ(0, host_send(PORT, DATA, 1));
	ASSERT_EQ(0, port_read_pattern(self->fd, DATA, 1, 0, 4096));
	EXPECT_EQ(DATA, count(self->path, "bytes_received") - received);

	pattern_fill(buf, sizeof(buf), 2, 0);
	ASSERT_EQ(0, host_expect(PORT, sizeof(buf), 2));
	ASSERT_EQ((ssize_t)sizeof(buf), write(self->fd, buf, sizeof(buf)));
	ASSERT_EQ(0, host_wait(PORT));
	EXPECT_EQ(DATA, count(self->path, "bytes_sent") - sent);
}

TEST_F(stats, unread_bytes_are_counted_as_discarded)
{
	long long before = count(self->path, "bytes_discarded");

	ASSERT_EQ(0, host_send(PORT, DATA, 1));
	ASSERT_EQ(0, host_wait(PORT));
	ASSERT_EQ(0, port_read_pattern(self->fd, DATA - 1, 1, 0, 500));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));
	close(self->fd);
	self->fd = port_open(PORT, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(1, count(self->path, "bytes_discarded") - before);
}

TEST_F(stats, queue_is_seen_to_fill_and_to_empty)
{
	ssize_t sum;

	if (count(self->path, "tx_buffers") < 0)
		SKIP(return, "the driver does not say what is in its queue");
	EXPECT_EQ(0, count(self->path, "outvq_full"));
	sum = port_fill(self->fd, 1);
	ASSERT_LT(0, sum);
	EXPECT_EQ(1, count(self->path, "outvq_full"));
	EXPECT_LT(0, count(self->path, "tx_buffers"));
	EXPECT_LT(0, count(self->path, "tx_full"));
	EXPECT_LE(count(self->path, "tx_buffers"),
		  count(self->path, "tx_messages"));
	ASSERT_EQ(0, host_expect(PORT, sum, 1));
	ASSERT_EQ(0, host_wait(PORT));
	ASSERT_EQ(0, fsync(self->fd));
	EXPECT_EQ(0, count(self->path, "tx_bytes_queued"));
	EXPECT_EQ(0, count(self->path, "outvq_full"));
}

TEST_HARNESS_MAIN
