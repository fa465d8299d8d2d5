// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probe_test.c - devices that cannot be had, and devices that go or sleep at the
 * wrong moment
 */

#include <stdio.h>

#include "fixture.h"

FIXTURE(probe)
{
	struct script s;
	struct vcon_mock_plug plug;
};

FIXTURE_SETUP(probe)
{
	self->s.fd = -1;
	self->plug = (struct vcon_mock_plug) PLUG_DEFAULT;
}

FIXTURE_TEARDOWN(probe)
{
	script_close(&self->s);
}

/* Return: whether the driver takes a device of this many ports. */
static bool takes(struct vcon_mock_plug *plug, uint32_t max_ports)
{
	struct script s = { .fd = -1 };
	bool bound;

	plug->config.max_ports = max_ports;
	bound = !script_plug(&s, plug) && s.bound;
	script_close(&s);
	return bound;
}

TEST_F(probe, numbers_of_ports_that_cannot_be)
{
	static const uint32_t max_ports[] = {
		0, 0x8001, 0xffff, 0x10000, INT32_MAX, 1u << 31, UINT32_MAX,
	};
	unsigned int i;

	for (i = 0; i < sizeof(max_ports) / sizeof(max_ports[0]); i++)
		EXPECT_FALSE(takes(&self->plug, max_ports[i]));
	EXPECT_TRUE(takes(&self->plug, 1));
}

/* As many as may be believed, of which the device has queues for a few. */
TEST_F(probe, more_ports_than_queues)
{
	EXPECT_FALSE(takes(&self->plug, 64));
	EXPECT_FALSE(takes(&self->plug, 0x8000));
	EXPECT_TRUE(takes(&self->plug, 63));
}

TEST_F(probe, any_queue_that_cannot_be_had)
{
	for (self->plug.fail_queue = 1; self->plug.fail_queue <= 10;
	     self->plug.fail_queue++)
		EXPECT_FALSE(takes(&self->plug, 4));
	self->plug.fail_queue = 0;
	EXPECT_TRUE(takes(&self->plug, 4));
}

TEST_F(probe, rings_of_any_size)
{
	for (self->plug.entries = 1; self->plug.entries <= VCON_MOCK_ENTRIES;
	     self->plug.entries *= 2) {
		self->s.fd = -1;
		ASSERT_EQ(0, script_plug(&self->s, &self->plug));
		EXPECT_TRUE(self->s.bound);
		ASSERT_EQ(0, script_port(&self->s, PORT, NAME));
		script_close(&self->s);
	}
}

TEST_F(probe, device_without_multiport_or_queue)
{
	self->plug.features &= ~FEATURE(VIRTIO_CONSOLE_F_MULTIPORT);
	for (self->plug.fail_queue = 1; self->plug.fail_queue <= 2;
	     self->plug.fail_queue++)
		EXPECT_FALSE(takes(&self->plug, 0));
	self->plug.fail_queue = 0;
	EXPECT_TRUE(takes(&self->plug, 0));
}

/* Each time a moment later: the host has heard so many messages, or none. */
TEST_F_TIMEOUT(probe, device_that_goes_at_any_moment, 120)
{
	struct vcon_mock_buf buf;
	int moment, i;

	for (moment = 0; moment < 40; moment++) {
		self->s.fd = -1;
		ASSERT_EQ(0, script_plug(&self->s, &self->plug));
		for (i = 0; i < moment; i++) {
			script_say(&self->s, i % 4, "\1\6\7\4\2"[i % 5], 1,
				   "name", 4);
			if (i % 3 == 0 &&
			    !script_take_now(&self->s, CONTROL_OUT, &buf))
				script_give(&self->s, &buf, NULL, 0, 0);
		}
		script_close(&self->s);
	}
}

/* What was agreed on: '0' or '1', or 0 if it cannot be told. */
static char feature_of(unsigned int index, unsigned int number)
{
	char path[64], bits[65] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/virtio/devices/virtio%u/features",
		 index);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read_some(fd, bits, sizeof(bits) - 1) < (ssize_t)number + 1)
		bits[number] = 0;
	close(fd);
	return bits[number];
}

/* One that is lost would hold up all that come after it. */
TEST_F(probe, buffers_in_order_are_declined)
{
	struct vcon_mock_plug plug = PLUG_DEFAULT;

	plug.features |= FEATURE(IN_ORDER) | FEATURE(RING_RESET);
	ASSERT_EQ(0, script_plug(&self->s, &plug));
	ASSERT_TRUE(self->s.bound);
	EXPECT_EQ('0', feature_of(self->s.index, IN_ORDER));
	EXPECT_EQ('1', feature_of(self->s.index, RING_RESET));
}

FIXTURE(sleeping)
{
	struct script s;
	int fd;
};

FIXTURE_SETUP(sleeping)
{
	PORT_SETUP(&self->s, &self->fd, O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(sleeping)
{
	close(self->fd);
	script_close(&self->s);
}

static int wake(struct script *s, uint32_t fail_queue)
{
	return ioctl(s->fd, VCON_MOCK_WAKE, &fail_queue) ? -errno : 0;
}

TEST_F(sleeping, device_wakes_with_its_data)
{
	struct vcon_mock_buf buf;
	char data[16];
	size_t len = sizeof(data);

	ASSERT_EQ(0, script_send(&self->s, PORT, "before", 6));
	ASSERT_EQ(5, write_some(self->fd, "hello", 5));
	ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_SLEEP));
	EXPECT_EQ(-EAGAIN, write_some(self->fd, "x", 1));
	ASSERT_EQ(0, wake(&self->s, 0));
	EXPECT_EQ(6, read_some(self->fd, data, sizeof(data)));
	ASSERT_EQ(0, script_take(&self->s, queue_of_port(PORT) + 1, &buf, data,
				 &len));
	EXPECT_EQ(5, len);
	EXPECT_EQ(0, memcmp(data, "hello", 5));
}

TEST_F(sleeping, device_that_lacks_a_queue_has_dead_ports)
{
	char c;

	ASSERT_EQ(5, write_some(self->fd, "hello", 5));
	ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_SLEEP));
	EXPECT_NE(0, wake(&self->s, 6));
	EXPECT_EQ(-ENODEV, write_some(self->fd, "x", 1));
	EXPECT_EQ(-ENODEV, read_some(self->fd, &c, 1));
	EXPECT_EQ(POLLHUP, poll_now(self->fd, POLLIN | POLLOUT));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(-ENOENT, script_node_open(&self->s, PORT, O_RDWR));
	self->fd = -1;
}

/* Nothing is freed twice when it sleeps and wakes once more, or goes. */
TEST_F(sleeping, dead_device_can_sleep_again)
{
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_SLEEP));
		EXPECT_NE(0, wake(&self->s, 1 + i * 4));
	}
	ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_SLEEP));
	EXPECT_EQ(0, wake(&self->s, 0));
	/* It is a new device to the host, which adds its ports again. */
	ASSERT_EQ(0, script_port(&self->s, 2, "hostile.again"));
}

TEST_F(sleeping, dead_driver_can_be_removed)
{
	ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_SLEEP));
	EXPECT_NE(0, wake(&self->s, 3));
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(0, script_rmmod());
	EXPECT_EQ(0, script_insmod(""));
}

TEST_F(sleeping, device_goes_while_it_sleeps)
{
	char c;

	ASSERT_LT(0, fill(self->fd));
	ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_SLEEP));
	ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_UNPLUG));
	EXPECT_EQ(-ENODEV, read_some(self->fd, &c, 1));
}

/*
 * A queue that has lost its buffers is reset when the host opens its end; one
 * that cannot be must still be there afterwards.
 */
FIXTURE(reset)
{
	struct script s;
	int fd;
};

FIXTURE_VARIANT(reset)
{
	bool fails;
};

FIXTURE_VARIANT_ADD(reset, works) { .fails = false };
FIXTURE_VARIANT_ADD(reset, fails) { .fails = true };

FIXTURE_SETUP(reset)
{
	struct vcon_mock_plug plug = PLUG_DEFAULT;

	plug.features |= FEATURE(RING_RESET);
	plug.fail_reset = variant->fails;
	self->s.fd = -1;
	ASSERT_EQ(0, script_plug(&self->s, &plug));
	ASSERT_EQ(0, script_port(&self->s, PORT, NAME));
	self->fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(reset)
{
	close(self->fd);
	script_close(&self->s);
}

static int host_end(struct script *s, bool open)
{
	s->open = open << PORT;
	return script_say(s, PORT, VIRTIO_CONSOLE_PORT_OPEN, open, NULL, 0) ?:
	       script_settle(s);
}

TEST_F(reset, keeps_the_port_going)
{
	struct vcon_mock_buf lost[8], buf;
	char data[16];
	size_t len = sizeof(data);
	int i;

	for (i = 0; i < 8; i++) {
		ASSERT_EQ(4, write_some(self->fd, "lost", 4));
		ASSERT_EQ(0, script_take(&self->s, queue_of_port(PORT) + 1,
					 &lost[i], NULL, NULL));
		ASSERT_EQ(0, host_end(&self->s, false));
		ASSERT_EQ(0, host_end(&self->s, true));
	}
	ASSERT_EQ(5, write_some(self->fd, "hello", 5));
	ASSERT_EQ(0, script_take(&self->s, queue_of_port(PORT) + 1, &buf, data,
				 &len));
	EXPECT_EQ(5, len);
	EXPECT_EQ(0, memcmp(data, "hello", 5));
	EXPECT_LE(1, script_stat(&self->s, PORT, "tx_resets"));
}

FIXTURE(no_reset)
{
	struct script s;
	int fd;
};

FIXTURE_SETUP(no_reset)
{
	PORT_SETUP(&self->s, &self->fd, O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(no_reset)
{
	close(self->fd);
	script_close(&self->s);
}

/* As on legacy devices.  A sleep resets the device, and with it all queues. */
TEST_F(no_reset, lost_buffers_are_counted_until_the_device_is_reset)
{
	struct vcon_mock_buf buf;
	char data[16];
	size_t len = sizeof(data);
	int i;

	for (i = 0; i < 16; i++) {
		ASSERT_EQ(4, write_some(self->fd, "lost", 4));
		ASSERT_EQ(0, script_take(&self->s, queue_of_port(PORT) + 1, &buf,
					 NULL, NULL));
		ASSERT_EQ(0, host_end(&self->s, false));
		ASSERT_EQ(0, host_end(&self->s, true));
	}
	EXPECT_EQ(16, script_stat(&self->s, PORT, "tx_buffers"));
	ASSERT_EQ(5, write_some(self->fd, "hello", 5));
	EXPECT_EQ(-ETIMEDOUT, script_take_now(&self->s, queue_of_port(PORT) + 1,
					      &buf));
	/* Whoever goes on is told that there is no room, and others go on. */
	EXPECT_LT(0, fill(self->fd));
	ASSERT_EQ(0, script_send(&self->s, PORT, "input", 5));
	ASSERT_EQ(POLLIN, wait_for(self->fd, POLLIN) & POLLIN);
	EXPECT_EQ(5, read_some(self->fd, data, sizeof(data)));

	ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_SLEEP));
	ASSERT_EQ(0, wake(&self->s, 0));
	EXPECT_EQ(64, script_stat(&self->s, PORT, "tx_bytes_lost"));
	ASSERT_EQ(0, script_take(&self->s, queue_of_port(PORT) + 1, &buf, data,
				 &len));
	EXPECT_EQ(0, memcmp(data, "hello", 5));
}

TEST_HARNESS_MAIN
