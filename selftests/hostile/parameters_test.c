// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parameters_test.c - the module's parameters: what they do, and their bounds
 */

#include <stdio.h>

#include "fixture.h"

/* The driver as it was, whatever came of a test. */
static int load_as_before(void)
{
	int ret = script_insmod("");

	return ret == -EEXIST ? 0 : ret;
}

FIXTURE(bounds)
{
	int unused;
};

FIXTURE_VARIANT(bounds)
{
	const char *name;
	const char *low, *high;			/* that are accepted */
	const char *too_low, *too_high;		/* NULL: there is no such number */
	const char *expected;			/* the bounds, as the message has them */
};

FIXTURE_VARIANT_ADD(bounds, rx_buffer_bytes)
{
	.name = "rx_buffer_bytes",
	.low = "64", .high = "65536", .too_low = "63", .too_high = "65537",
	.expected = "64 to 65536",
};

FIXTURE_VARIANT_ADD(bounds, rx_buffers)
{
	.name = "rx_buffers",
	.low = "0", .high = "32768", .too_high = "32769",
	.expected = "0 to 32768",
};

FIXTURE_VARIANT_ADD(bounds, tx_limit_bytes)
{
	.name = "tx_limit_bytes",
	.low = "4096", .high = "67108864", .too_low = "4095",
	.too_high = "67108865",
	.expected = "4096 to 67108864",
};

FIXTURE_SETUP(bounds)
{
	ASSERT_EQ(0, script_rmmod());
}

FIXTURE_TEARDOWN(bounds)
{
	EXPECT_EQ(0, load_as_before());
}

static int load(const char *name, const char *value)
{
	char parameters[64];

	snprintf(parameters, sizeof(parameters), "%s=%s", name, value);
	return script_insmod(parameters);
}

/* Return: lines that the driver has printed since @from, if all are @expected. */
static int messages(int log, const char *expected)
{
	char record[8192];
	int lines = 0;
	ssize_t n;

	while ((n = read(log, record, sizeof(record) - 1)) > 0) {
		record[n] = 0;
		if (!strstr(record, "virtio_console:"))
			continue;
		if (!strstr(record, expected))
			return -EPROTO;
		lines++;
	}
	return errno == EAGAIN ? lines : -errno;
}

static int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

TEST_F(bounds, are_accepted)
{
	EXPECT_EQ(0, load(variant->name, variant->low));
	EXPECT_EQ(0, script_rmmod());
	EXPECT_EQ(0, load(variant->name, variant->high));
	EXPECT_EQ(0, script_rmmod());
}

TEST_F(bounds, beyond_them_the_module_is_refused_with_one_line)
{
	const char *values[] = { variant->too_low, variant->too_high,
				 "4294967295" };
	char expected[128];
	unsigned int i;
	int log;

	log = open_log();
	ASSERT_LE(0, log);
	for (i = 0; i < 3; i++) {
		if (!values[i])
			continue;
		EXPECT_EQ(-EINVAL, load(variant->name, values[i]));
		snprintf(expected, sizeof(expected),
			 "virtio_console: %s is %s, expected %s\n",
			 variant->name, values[i], variant->expected);
		EXPECT_EQ(1, messages(log, expected));
	}
	close(log);
}

TEST_F(bounds, what_is_no_number_is_refused)
{
	static const char * const values[] = { "", "-1", "many", "4294967296" };
	unsigned int i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		EXPECT_GT(0, load(variant->name, values[i]));
}

FIXTURE(effect)
{
	struct script s;
	int fd;
};

FIXTURE_SETUP(effect)
{
	ASSERT_EQ(0, script_rmmod());
	ASSERT_EQ(0, script_insmod("rx_buffer_bytes=64 rx_buffers=3 tx_limit_bytes=4096"));
	PORT_SETUP(&self->s, &self->fd, O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(effect)
{
	close(self->fd);
	script_close(&self->s);
	EXPECT_EQ(0, script_rmmod());
	EXPECT_EQ(0, load_as_before());
}

TEST_F(effect, buffers_for_the_host_are_so_many_and_so_large)
{
	struct vcon_mock_buf buf;
	char data[256];
	int i;

	EXPECT_EQ(3, script_stat(&self->s, PORT, "rx_buffers"));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, script_take(&self->s, queue_of_port(PORT), &buf,
					 NULL, NULL));
		EXPECT_EQ(64, buf.size);
		memset(data, 'a' + i, 64);
		ASSERT_EQ(0, script_give(&self->s, &buf, data, 64, 64));
	}
	EXPECT_EQ(-ETIMEDOUT, script_take_now(&self->s, queue_of_port(PORT),
					      &buf));
	ASSERT_LT(0, wait_for(self->fd, POLLIN));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(64, read_some(self->fd, data, 64));
		EXPECT_EQ('a' + i, data[0]);
		EXPECT_EQ('a' + i, data[63]);
	}
	EXPECT_EQ(0, script_take(&self->s, queue_of_port(PORT), &buf, NULL,
				 NULL));
}

TEST_F(effect, so_much_is_taken_from_a_writer)
{
	EXPECT_EQ(4096, fill(self->fd));
	EXPECT_EQ(4096, script_stat(&self->s, PORT, "tx_bytes_queued"));
}

TEST_HARNESS_MAIN
