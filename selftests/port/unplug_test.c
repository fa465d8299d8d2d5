// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unplug_test.c - ports and devices that go while they are in use
 *
 * Whether a call sleeps already, or comes only when the port has gone: the
 * answer is the same, so there is no race.
 */

#include "fixture.h"

FIXTURE(unplug)
{
	int fd;
};

FIXTURE_SETUP(unplug)
{
	self->fd = -1;
	PORT_SETUP();
	PORT_CONNECT(O_RDWR);
}

FIXTURE_TEARDOWN(unplug)
{
	port_teardown(self->fd);
}

TEST_F(unplug, reader_gets_enodev)
{
	struct call call = { .fd = self->fd, .buf = &(char[8]){}, .len = 8 };
	pthread_t reader;

	ASSERT_EQ(0, pthread_create(&reader, NULL, call_read, &call));
	EXPECT_EQ(0, host_unplug(PORT));
	pthread_join(reader, NULL);
	EXPECT_EQ(-ENODEV, call.ret);
}

TEST_F(unplug, writer_gets_enodev)
{
	struct call call = { .fd = self->fd, .buf = &(char[8]){}, .len = 8 };
	pthread_t writer;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	ASSERT_LT(0, port_fill(self->fd, 1));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	ASSERT_EQ(0, pthread_create(&writer, NULL, call_write_on, &call));
	EXPECT_EQ(0, host_unplug(PORT));
	pthread_join(writer, NULL);
	EXPECT_EQ(-ENODEV, call.ret);
}

TEST_F(unplug, writer_waiting_for_the_host_gets_enodev)
{
	struct call call = { .fd = self->fd, .buf = &(char[8]){}, .len = 8 };
	pthread_t writer;

	ASSERT_EQ(0, host_close(PORT));
	ASSERT_EQ(0, port_wait_host(self->fd, false));
	ASSERT_EQ(0, pthread_create(&writer, NULL, call_write_on, &call));
	EXPECT_EQ(0, host_unplug(PORT));
	pthread_join(writer, NULL);
	EXPECT_EQ(-ENODEV, call.ret);
}

TEST_F(unplug, poller_is_hung_up)
{
	struct call call = { .fd = self->fd, .len = POLLIN };
	pthread_t poller;

	ASSERT_EQ(0, pthread_create(&poller, NULL, call_poll, &call));
	EXPECT_EQ(0, host_unplug(PORT));
	pthread_join(poller, NULL);
	EXPECT_EQ(POLLHUP, call.ret & POLLHUP);
	EXPECT_EQ(POLLHUP, port_poll(self->fd, POLLIN | POLLOUT));
}

TEST_F(unplug, open_descriptor_is_dead_and_can_be_closed)
{
	char c = 0;

	ASSERT_EQ(0, host_unplug(PORT));
	EXPECT_EQ(-1, read(self->fd, &c, 1));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-1, write(self->fd, &c, 1));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(0, close(self->fd));
	self->fd = -1;
}

TEST_F(unplug, node_goes)
{
	char path[300];

	ASSERT_EQ(0, port_node(PORT, path, sizeof(path)));
	ASSERT_EQ(0, host_unplug(PORT));
	EXPECT_EQ(-1, access(path, F_OK));
	EXPECT_EQ(ENOENT, errno);
}

TEST_F(unplug, same_name_comes_back_beside_the_old_descriptor)
{
	char c = 0;
	int fd;

	ASSERT_EQ(0, host_unplug(PORT));
	ASSERT_EQ(0, host_plug(PORT, ""));
	fd = port_open(PORT, O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, host_open(PORT));
	ASSERT_EQ(0, port_wait_host(fd, true));

	EXPECT_EQ(-1, read(self->fd, &c, 1));
	EXPECT_EQ(ENODEV, errno);
	close(self->fd);
	self->fd = fd;
	ASSERT_EQ(0, host_send(PORT, 1000, 1));
	EXPECT_EQ(0, port_read_pattern(fd, 1000, 1, 0, 1000));
}

TEST_F_TIMEOUT(unplug, many_times_with_unread_and_unsent_data, 900)
{
	int i, count = rounds(50);

	for (i = 0; i < count; i++) {
		ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
		ASSERT_EQ(0, host_send(PORT, 100000, 1));
		ASSERT_LT(0, port_fill(self->fd, 1));
		ASSERT_EQ(0, host_unplug(PORT));
		if (i % 2)
			close(self->fd);
		ASSERT_EQ(0, host_plug(PORT, ""));
		if (!(i % 2))
			close(self->fd);
		self->fd = port_open(PORT, O_RDWR);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, host_open(PORT));
		ASSERT_EQ(0, port_wait_host(self->fd, true));
	}
}

/* A whole device of its own, which is a PCI function. */
FIXTURE(unplug_pci)
{
	int fd;
};

FIXTURE_SETUP(unplug_pci)
{
	self->fd = -1;
	if (host_connect())
		SKIP_TEST("no control port: not started by vmhost");
	if (host_request("plug-pci pci1 max_ports=4"))
		SKIP_TEST("the machine has no PCI hot-plug");
	ASSERT_EQ(0, host_plug("test.pci", "bus=pci1.0"));
	self->fd = port_open("test.pci", O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, host_open("test.pci"));
	ASSERT_EQ(0, port_wait_host(self->fd, true));
}

FIXTURE_TEARDOWN(unplug_pci)
{
	close(self->fd);
}

TEST_F_TIMEOUT(unplug_pci, reader_gets_enodev, 150)
{
	struct call call = { .fd = self->fd, .buf = &(char[8]){}, .len = 8 };
	pthread_t reader;

	ASSERT_EQ(0, pthread_create(&reader, NULL, call_read, &call));
	EXPECT_EQ(0, host_request("unplug-pci pci1"));
	pthread_join(reader, NULL);
	EXPECT_EQ(-ENODEV, call.ret);
}

TEST_F_TIMEOUT(unplug_pci, writer_gets_enodev, 150)
{
	struct call call = { .fd = self->fd, .buf = &(char[8]){}, .len = 8 };
	pthread_t writer;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	ASSERT_LT(0, port_fill(self->fd, 1));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	ASSERT_EQ(0, pthread_create(&writer, NULL, call_write_on, &call));
	EXPECT_EQ(0, host_request("unplug-pci pci1"));
	pthread_join(writer, NULL);
	EXPECT_EQ(-ENODEV, call.ret);
}

TEST_F_TIMEOUT(unplug_pci, poller_is_hung_up, 150)
{
	struct call call = { .fd = self->fd, .len = POLLIN };
	pthread_t poller;

	ASSERT_EQ(0, pthread_create(&poller, NULL, call_poll, &call));
	EXPECT_EQ(0, host_request("unplug-pci pci1"));
	pthread_join(poller, NULL);
	EXPECT_EQ(POLLHUP, call.ret & POLLHUP);
}

TEST_HARNESS_MAIN
