// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_test.c - the driver's tracepoints, and what they say
 */

#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "fixture.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCE	TRACEFS "/instances/vport"
#define EVENTS		INSTANCE "/events/virtio_console"
#define TRACE_MAX	65536

FIXTURE(trace)
{
	char trace[TRACE_MAX];
	unsigned int device;	/* N and M of /dev/vportNpM */
	unsigned int id;
	int fd;
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -EIO;
}

/* What was traced so far. */
static int read_trace(char *text)
{
	FILE *file = fopen(INSTANCE "/trace", "r");
	size_t n;

	if (!file)
		return -errno;
	n = fread(text, 1, TRACE_MAX - 1, file);
	text[n] = 0;
	fclose(file);
	return 0;
}

FIXTURE_SETUP(trace)
{
	char node[300];

	self->fd = -1;
	if (mount("tracefs", TRACEFS, "tracefs", 0, NULL) && errno != EBUSY)
		SKIP_TEST("the kernel has no tracefs");
	if (access(TRACEFS "/events/virtio_console", F_OK))
		SKIP_TEST("the driver has no tracepoints");
	ASSERT_TRUE(!mkdir(INSTANCE, 0700) || errno == EEXIST);
	ASSERT_EQ(0, write_file(INSTANCE "/trace", ""));
	ASSERT_EQ(0, write_file(EVENTS "/enable", "1"));
	PORT_SETUP();
	ASSERT_EQ(0, port_node(PORT, node, sizeof(node)));
	ASSERT_EQ(2, sscanf(node, "/dev/vport%up%u", &self->device, &self->id));
	self->fd = port_open(PORT, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
}

FIXTURE_TEARDOWN(trace)
{
	port_teardown(self->fd);
	write_file(EVENTS "/enable", "0");
	rmdir(INSTANCE);
}

/* Return: how often there is a line that ends so. */
static int lines(const char *trace, const char *end)
{
	char wanted[128];
	int count = 0;

	snprintf(wanted, sizeof(wanted), ": %s\n", end);
	while ((trace = strstr(trace, wanted))) {
		trace += strlen(wanted) - 1;
		count++;
	}
	return count;
}

/* "EVENT: vportNpM WHAT" */
#define PORT_LINES(event, what) ({					\
	char end_[96];							\
									\
	snprintf(end_, sizeof(end_), event ": vport%up%u " what,	\
		 self->device, self->id);				\
	lines(self->trace, end_); })

/* "vcon_control_in: virtioN id=M WHAT", or _out */
#define CONTROL_LINES(direction, what) ({				\
	char end_[96];							\
									\
	snprintf(end_, sizeof(end_),					\
		 "vcon_control_" direction ": virtio%u id=%u " what,	\
		 self->device, self->id);				\
	lines(self->trace, end_); })

TEST_F(trace, control_messages_are_told_both_ways)
{
	ASSERT_EQ(0, host_await(PORT, true));
	ASSERT_EQ(0, read_trace(self->trace));
	EXPECT_EQ(1, CONTROL_LINES("in", "PORT_ADD 1"));
	EXPECT_EQ(1, CONTROL_LINES("out", "PORT_READY 1"));
	EXPECT_LE(1, CONTROL_LINES("in", "PORT_NAME 1"));
	EXPECT_EQ(1, CONTROL_LINES("out", "PORT_OPEN 1"));
	EXPECT_LE(1, CONTROL_LINES("in", "PORT_OPEN 1"));
}

TEST_F(trace, both_ends_open_and_close)
{
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, read_trace(self->trace));
	EXPECT_EQ(1, PORT_LINES("vcon_guest_open", "1"));
	EXPECT_EQ(1, PORT_LINES("vcon_host_open", "1"));
	EXPECT_EQ(1, PORT_LINES("vcon_host_open", "0"));
	EXPECT_EQ(1, PORT_LINES("vcon_guest_open", "0"));
	EXPECT_EQ(1, CONTROL_LINES("out", "PORT_OPEN 0"));
}

TEST_F(trace, data_is_told_with_its_length)
{
	char buf[1234];

	ASSERT_EQ(0, host_send(PORT, 567, 1));
	ASSERT_EQ(0, host_wait(PORT));
	ASSERT_EQ(567, read(self->fd, buf, sizeof(buf)));
	pattern_fill(buf, sizeof(buf), 2, 0);
	ASSERT_EQ(0, host_expect(PORT, sizeof(buf), 2));
	ASSERT_EQ(1234, write(self->fd, buf, sizeof(buf)));
	ASSERT_EQ(0, host_wait(PORT));
	ASSERT_EQ(0, read_trace(self->trace));
	EXPECT_EQ(1, PORT_LINES("vcon_read", "bytes=567"));
	EXPECT_EQ(1, PORT_LINES("vcon_write", "bytes=1234"));
	EXPECT_EQ(1, PORT_LINES("vcon_send", "bytes=1234"));
}

TEST_F(trace, ports_come_and_go)
{
	ASSERT_EQ(0, host_unplug(PORT));
	ASSERT_EQ(0, read_trace(self->trace));
	EXPECT_EQ(1, PORT_LINES("vcon_plug", "1"));
	EXPECT_EQ(1, PORT_LINES("vcon_plug", "0"));
	EXPECT_EQ(1, CONTROL_LINES("in", "PORT_REMOVE 1"));
}

TEST_HARNESS_MAIN
