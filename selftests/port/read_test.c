// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * read_test.c - read(2) on a port: data, end of file, errors
 */

#include <limits.h>
#include <sys/uio.h>

#include "fixture.h"

FIXTURE(read)
{
	int fd;
};

FIXTURE_VARIANT(read)
{
	int flags;
	bool blocks;
};

FIXTURE_VARIANT_ADD(read, blocking)
{
	.flags = O_RDWR,
	.blocks = true,
};

FIXTURE_VARIANT_ADD(read, nonblocking)
{
	.flags = O_RDWR | O_NONBLOCK,
};

FIXTURE_SETUP(read)
{
	self->fd = -1;
	PORT_SETUP();
	PORT_CONNECT(variant->flags);
}

FIXTURE_TEARDOWN(read)
{
	port_teardown(self->fd);
}

TEST_F(read, empty_port)
{
	struct call call = { .fd = self->fd, .buf = &(char[8]){}, .len = 8 };
	pthread_t reader;

	if (!variant->blocks) {
		call_read(&call);
		EXPECT_EQ(-EAGAIN, call.ret);
		return;
	}
	ASSERT_EQ(0, pthread_create(&reader, NULL, call_read, &call));
	EXPECT_EQ(0, host_send(PORT, 8, 1));
	pthread_join(reader, NULL);
	EXPECT_EQ(8, call.ret);
	EXPECT_EQ(8, pattern_check(call.buf, 8, 1, 0));
}

TEST_F(read, returns_what_is_there)
{
	char buf[8192];
	ssize_t n;

	ASSERT_EQ(0, host_send(PORT, 100, 1));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));
	memset(buf, 0xcc, sizeof(buf));
	n = read(self->fd, buf, sizeof(buf));
	EXPECT_EQ(100, n);
	EXPECT_EQ(100, pattern_check(buf, 100, 1, 0));
	EXPECT_EQ((char)0xcc, buf[100]);
}

TEST_F(read, keeps_order_whatever_the_sizes)
{
	static const size_t chunks[] = { 1, 3, 4095, 4096, 4097, 65536 };
	size_t i;

	ASSERT_EQ(0, host_send(PORT, ARRAY_SIZE(chunks) * 20000, 7));
	for (i = 0; i < ARRAY_SIZE(chunks); i++)
		ASSERT_EQ(0, port_read_pattern(self->fd, 20000, 7, i * 20000,
					       chunks[i]));
}

TEST_F(read, a_megabyte_arrives_whole)
{
	ASSERT_EQ(0, host_send(PORT, 1 << 20, 9));
	EXPECT_EQ(0, port_read_pattern(self->fd, 1 << 20, 9, 0, 65536));
	EXPECT_EQ(0, host_wait(PORT));
}

TEST_F(read, end_of_file_while_the_host_is_away)
{
	char c;

	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));
	EXPECT_EQ(0, read(self->fd, &c, 1));
	EXPECT_EQ(0, read(self->fd, &c, 1));
}

TEST_F(read, data_comes_before_end_of_file)
{
	char c;

	ASSERT_EQ(0, host_send(PORT, 5000, 2));
	ASSERT_EQ(0, host_wait(PORT));
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));

	EXPECT_EQ(0, port_read_pattern(self->fd, 5000, 2, 0, 1000));
	EXPECT_EQ(0, read(self->fd, &c, 1));
}

TEST_F(read, host_close_wakes_the_reader)
{
	struct call call = { .fd = self->fd, .buf = &(char[8]){}, .len = 8 };
	pthread_t reader;

	if (!variant->blocks)
		SKIP(return, "never sleeps");
	ASSERT_EQ(0, pthread_create(&reader, NULL, call_read, &call));
	EXPECT_EQ(0, host_close(PORT));
	pthread_join(reader, NULL);
	EXPECT_EQ(0, call.ret);
}

TEST_F(read, host_comes_back)
{
	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, host_send(PORT, 100, 4));
	EXPECT_EQ(0, port_read_pattern(self->fd, 100, 4, 0, 100));
}

TEST_F_TIMEOUT(read, zero_bytes_return_at_once, 5)
{
	char c;

	EXPECT_EQ(0, read(self->fd, &c, 0));
}

TEST_F(read, bad_address_loses_nothing)
{
	ASSERT_EQ(0, host_send(PORT, 3000, 5));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));
	EXPECT_EQ(-1, read(self->fd, bad_address(), 1000));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, port_read_pattern(self->fd, 3000, 5, 0, 1000));
}

TEST_F(read, partly_bad_address_loses_nothing)
{
	char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ssize_t n;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + 4096, 4096));
	ASSERT_EQ(0, host_send(PORT, 3000, 6));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));

	/* Either the good part is delivered, or nothing was consumed. */
	n = read(self->fd, map + 4096 - 100, 1000);
	if (n < 0) {
		EXPECT_EQ(EFAULT, errno);
		n = 0;
	}
	EXPECT_EQ(n, pattern_check(map + 4096 - 100, n, 6, 0));
	EXPECT_EQ(0, port_read_pattern(self->fd, 3000 - n, 6, n, 1000));
}

TEST_F(read, absurd_counts_return_what_is_there)
{
	char *map = mmap(NULL, INT_MAX, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	volatile size_t all = SIZE_MAX;	/* the compiler would warn */

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, host_send(PORT, 100, 3));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));
	EXPECT_EQ(-1, read(self->fd, map, all));
	EXPECT_TRUE(errno == EFAULT || errno == EINVAL);
	EXPECT_EQ(100, read(self->fd, map, INT_MAX));
	EXPECT_EQ(100, pattern_check(map, 100, 3, 0));
	munmap(map, INT_MAX);
}

TEST_F_TIMEOUT(read, readv_returns_what_is_there, 5)
{
	char a[4], b[4], c[4];
	struct iovec iov[] = {
		{ a, sizeof(a) }, { b, sizeof(b) }, { c, sizeof(c) },
	};

	ASSERT_EQ(0, host_send(PORT, 8, 3));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));
	EXPECT_EQ(8, readv(self->fd, iov, 3));
	EXPECT_EQ(4, pattern_check(a, 4, 3, 0));
	EXPECT_EQ(4, pattern_check(b, 4, 3, 4));
}

TEST_F(read, signal_interrupts)
{
	char c;

	if (!variant->blocks)
		SKIP(return, "never sleeps");
	start_signals();
	EXPECT_EQ(-1, read(self->fd, &c, 1));
	EXPECT_EQ(EINTR, errno);
	stop_signals();
}

TEST_HARNESS_MAIN
