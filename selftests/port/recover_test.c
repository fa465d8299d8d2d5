// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recover_test.c - hosts that leave while the port is full
 *
 * QEMU does not return the buffer that it was sending when its client left.
 */

#include "fixture.h"

/* More than the ring has descriptors. */
#define CYCLES	150

FIXTURE(recover)
{
	int fd;
};

FIXTURE_SETUP(recover)
{
	self->fd = -1;
	PORT_SETUP();
	self->fd = port_open(PORT, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(recover)
{
	port_teardown(self->fd);
}

TEST_F_TIMEOUT(recover, writes_go_on_after_many_disconnects_while_full, 120)
{
	char buf[65536];
	size_t sum = 0;
	ssize_t n;
	int i;

	for (i = 0; i < CYCLES; i++) {
		ASSERT_EQ(0, host_open(PORT));
		ASSERT_EQ(0, port_wait_host(self->fd, true));
		ASSERT_LT(0, port_fill(self->fd, 1));
		ASSERT_EQ(0, host_close(PORT));
		ASSERT_EQ(0, port_wait_host(self->fd, false));
	}
	/* What came too late for the last client is not for the next one. */
	fsync(self->fd);

	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, host_expect(PORT, 1 << 20, 2));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	while (sum < 1 << 20) {
		pattern_fill(buf, sizeof(buf), 2, sum);
		n = write(self->fd, buf, sizeof(buf));
		ASSERT_LT(0, n);
		sum += n;
	}
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_HARNESS_MAIN
