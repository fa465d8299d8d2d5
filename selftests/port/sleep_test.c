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

FIXTURE(sleep)
{
	int fd;
};

/* What the machine would do: s2idle, S3, S4.  It stops short of that. */
FIXTURE_VARIANT(sleep)
{
	const char *state;
	int rounds;
	int slower;		/* than others; by this much fewer rounds, if any */
};

FIXTURE_VARIANT_ADD(sleep, to_idle)
{
	.state = "freeze",
	.rounds = 30,
	.slower = 1,
};

FIXTURE_VARIANT_ADD(sleep, to_memory)
{
	.state = "mem",
	.rounds = 30,
	.slower = 1,
};

FIXTURE_VARIANT_ADD(sleep, to_disk)
{
	.state = "disk",
	.rounds = 20,
	.slower = 10,		/* the kernel waits five seconds, busily */
};

static bool can_sleep(const char *state)
{
	char states[64] = "";
	FILE *file = fopen("/sys/power/state", "r");

	if (!file)
		return false;
	if (!fgets(states, sizeof(states), file))
		states[0] = 0;
	fclose(file);
	return strstr(states, state);
}

static int sleep_and_wake(const char *state)
{
	return write_file("/sys/power/state", state);
}

FIXTURE_SETUP(sleep)
{
	self->fd = -1;
	if (write_file("/sys/power/pm_test", "devices"))
		SKIP_TEST("the kernel cannot test its sleep");
	if (!can_sleep(variant->state))
		SKIP_TEST("the machine does not sleep so deeply");
	if (variant->slower > 1 && !getenv("VPORT_ROUNDS"))
		SKIP_TEST("takes long; VPORT_ROUNDS= asks for it");
	/* No five seconds each time, where the kernel lets itself be told. */
	write_file("/sys/module/suspend/parameters/pm_test_delay", "0");
	/* No memory is freed for an image that will not be made. */
	write_file("/sys/power/image_size", "1000000000000");
	PORT_SETUP();
	PORT_CONNECT(O_RDWR | O_NONBLOCK);
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
	ASSERT_EQ(0, sleep_and_wake(variant->state));
	EXPECT_EQ(0, port_read_pattern(self->fd, DATA, 1, 0, 4096));
}

TEST_F_TIMEOUT(sleep, both_ways_work_afterwards, 90)
{
	char buf[DATA];
	int i;

	pattern_fill(buf, sizeof(buf), 2, 0);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, sleep_and_wake(variant->state));
		ASSERT_EQ(0, port_wait_host(self->fd, true));
		ASSERT_EQ(0, host_send(PORT, DATA, 1));
		EXPECT_EQ(0, port_read_pattern(self->fd, DATA, 1, 0, 4096));
		ASSERT_EQ(0, host_expect(PORT, DATA, 2));
		ASSERT_EQ((ssize_t)sizeof(buf),
			  write(self->fd, buf, sizeof(buf)));
		EXPECT_EQ(0, host_wait(PORT));
	}
}

TEST_F_TIMEOUT(sleep, again_and_again_nothing_is_lost_either_way, 900)
{
	uint64_t in = 0, out = 0;
	int count = rounds(variant->rounds) / variant->slower ?: 1;
	char buf[4096];
	ssize_t n;
	int i;

	ASSERT_EQ(0, host_send(PORT, count * DATA, 1));
	ASSERT_EQ(0, host_expect(PORT, count * sizeof(buf), 2));
	for (i = 0; i < count; i++) {
		pattern_fill(buf, sizeof(buf), 2, out);
		for (n = 0; n < (ssize_t)sizeof(buf);) {
			port_wait(self->fd, POLLOUT);
			n += write(self->fd, buf + n, sizeof(buf) - n);
		}
		out += n;
		ASSERT_EQ(0, sleep_and_wake(variant->state));
		ASSERT_EQ(0, port_read_pattern(self->fd, DATA, 1, in, 4096));
		in += DATA;
	}
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F_TIMEOUT(sleep, ports_are_named_and_connected_as_before, 90)
{
	char node[300];

	ASSERT_EQ(0, sleep_and_wake(variant->state));
	EXPECT_EQ(0, port_node(PORT, node, sizeof(node)));
	EXPECT_EQ(0, port_wait_host(self->fd, true));
	EXPECT_EQ(0, host_close(PORT));
	EXPECT_EQ(0, port_wait_host(self->fd, false));
}

TEST_HARNESS_MAIN
