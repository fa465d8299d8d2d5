// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * write_test.c - write(2) on a port: what is taken arrives, once and in order
 */

#include <limits.h>
#include <sys/uio.h>

#include "fixture.h"

#define BIG	(1 << 20)

FIXTURE(write)
{
	int fd;
	char *big;
};

FIXTURE_VARIANT(write)
{
	int flags;
	bool blocks;
};

FIXTURE_VARIANT_ADD(write, blocking)
{
	.flags = O_RDWR,
	.blocks = true,
};

FIXTURE_VARIANT_ADD(write, nonblocking)
{
	.flags = O_RDWR | O_NONBLOCK,
};

FIXTURE_SETUP(write)
{
	self->fd = -1;
	PORT_SETUP();
	self->big = malloc(BIG);
	ASSERT_NE(NULL, self->big);
	pattern_fill(self->big, BIG, 1, 0);
	self->fd = port_open(PORT, variant->flags);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(write)
{
	port_teardown(self->fd);
	free(self->big);
}

TEST_F(write, waits_for_the_host)
{
	struct call call = { .fd = self->fd, .buf = self->big, .len = 100 };
	pthread_t writer;

	if (!variant->blocks) {
		call_write(&call);
		EXPECT_EQ(-EAGAIN, call.ret);
		return;
	}
	ASSERT_EQ(0, pthread_create(&writer, NULL, call_write, &call));
	EXPECT_EQ(0, host_open(PORT));
	pthread_join(writer, NULL);
	EXPECT_EQ(100, call.ret);
	EXPECT_EQ(0, host_expect(PORT, 100, 1));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(write, a_full_ring_empties_in_order)
{
	ssize_t sum;

	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));

	/* The host reads nothing: socket and ring fill up. */
	sum = port_fill(self->fd, 2);
	ASSERT_LT(0, sum);
	EXPECT_EQ(0, host_expect(PORT, sum, 2));
	EXPECT_EQ(0, host_wait(PORT));
	EXPECT_LT(0, port_wait(self->fd, POLLOUT) & POLLOUT);
}

TEST_F(write, blocked_writer_goes_on_when_the_host_reads)
{
	struct call call = { .fd = self->fd, .buf = self->big, .len = 4096 };
	pthread_t writer;
	ssize_t sum;

	if (!variant->blocks)
		SKIP(return, "never sleeps");
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	sum = port_fill(self->fd, 2);
	ASSERT_LT(0, sum);
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));

	pattern_fill(self->big, 4096, 2, sum);
	ASSERT_EQ(0, pthread_create(&writer, NULL, call_write, &call));
	EXPECT_EQ(0, host_expect(PORT, sum + 4096, 2));
	pthread_join(writer, NULL);
	EXPECT_EQ(4096, call.ret);
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(write, a_megabyte_is_written_by_one_call)
{
	if (!variant->blocks)
		SKIP(return, "takes what there is room for");
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, host_expect(PORT, BIG, 1));
	ASSERT_EQ(BIG, write(self->fd, self->big, BIG));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(write, a_megabyte_arrives_whole)
{
	size_t sum = 0;
	ssize_t n;

	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, host_expect(PORT, BIG, 1));
	while (sum < BIG) {
		n = write(self->fd, self->big + sum, BIG - sum);
		if (n < 0 && errno == EAGAIN) {
			port_wait(self->fd, POLLOUT);
			continue;
		}
		ASSERT_LT(0, n);
		sum += n;
	}
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(write, small_writes_arrive_in_order)
{
	size_t sum = 0;
	ssize_t n;

	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, host_expect(PORT, 20000, 1));
	while (sum < 20000) {
		n = write(self->fd, self->big + sum, 1 + sum % 32);
		if (n < 0 && errno == EAGAIN) {
			port_wait(self->fd, POLLOUT);
			continue;
		}
		ASSERT_LT(0, n);
		sum += n;
	}
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(write, zero_bytes_return_at_once)
{
	EXPECT_EQ(0, write(self->fd, self->big, 0));
}

TEST_F(write, bad_address_sends_nothing)
{
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	EXPECT_EQ(-1, write(self->fd, bad_address(), 1000));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1000, write(self->fd, self->big, 1000));
	EXPECT_EQ(0, host_expect(PORT, 1000, 1));
	EXPECT_EQ(0, host_wait(PORT));
}

/* What can be read is sent, or nothing is. */
TEST_F(write, partly_bad_address_sends_the_good_part)
{
	char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ssize_t n;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + 4096, 4096));
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	memcpy(map + 4096 - 100, self->big, 100);
	n = write(self->fd, map + 4096 - 100, 1000);
	if (n < 0) {
		EXPECT_EQ(EFAULT, errno);
		n = 0;
	}
	EXPECT_GE(100, n);
	ASSERT_EQ(1000, write(self->fd, self->big + n, 1000));
	EXPECT_EQ(0, host_expect(PORT, n + 1000, 1));
	EXPECT_EQ(0, host_wait(PORT));
}

/* As the driver was told to; the in-tree one takes as much as its ring. */
static size_t port_limit(void)
{
	FILE *file = fopen("/sys/module/virtio_console/parameters/tx_limit_bytes",
			   "re");
	size_t limit = 0;

	if (file && fscanf(file, "%zu", &limit) != 1)
		limit = 0;
	if (file)
		fclose(file);
	return limit;
}

/* More than the port ever takes at once, and more than there can be. */
TEST_F(write, absurd_counts_do_no_harm)
{
	char *map = mmap(NULL, INT_MAX, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	volatile size_t all = SIZE_MAX;	/* the compiler would warn */
	ssize_t n;

	if (variant->blocks)
		SKIP(return, "would wait until all of it is written");
	if (port_limit() > BIG)
		SKIP(return, "the port takes more than the host could check");
	ASSERT_NE(MAP_FAILED, map);
	memcpy(map, self->big, BIG);
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	EXPECT_EQ(-1, write(self->fd, map, all));
	EXPECT_TRUE(errno == EFAULT || errno == EINVAL);
	n = write(self->fd, map, INT_MAX);
	EXPECT_LT(0, n);
	EXPECT_GE(BIG, n);
	EXPECT_EQ(0, host_expect(PORT, n, 1));
	EXPECT_EQ(0, host_wait(PORT));
	munmap(map, INT_MAX);
}

TEST_F(write, writev_gathers)
{
	struct iovec iov[] = {
		{ self->big, 10 },
		{ self->big + 10, 0 },
		{ self->big + 10, 4000 },
		{ self->big + 4010, 5990 },
	};

	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	EXPECT_EQ(10000, writev(self->fd, iov, ARRAY_SIZE(iov)));
	EXPECT_EQ(0, host_expect(PORT, 10000, 1));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(write, signal_interrupts)
{
	if (!variant->blocks)
		SKIP(return, "never sleeps");
	start_signals();
	EXPECT_EQ(-1, write(self->fd, self->big, 1));
	EXPECT_EQ(EINTR, errno);
	stop_signals();
}

TEST_HARNESS_MAIN
