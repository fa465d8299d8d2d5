// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reload_test.c - the driver is removed and loaded again
 *
 * VPORT_MODULE names the module's file.
 */

#include <sys/syscall.h>

#include "fixture.h"

#define MANY	28		/* with the two others: ids 1 to 30 */

/* Return: 0 when the control port is back, or -errno. */
static int reload(const char *module)
{
	char path[300];
	int fd, ret;

	host_disconnect();
	if (syscall(SYS_delete_module, "virtio_console", O_NONBLOCK))
		return -errno;
	fd = open(module, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret ?: port_node(HOST_CONTROL, path, sizeof(path));
}

FIXTURE(reload)
{
	const char *module;
	int fd;
};

FIXTURE_SETUP(reload)
{
	self->fd = -1;
	self->module = getenv("VPORT_MODULE");
	if (!self->module)
		SKIP_TEST("VPORT_MODULE is not set");
	PORT_SETUP();
	PORT_CONNECT(O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(reload)
{
	port_teardown(self->fd);
}

TEST_F(reload, open_port_keeps_the_module)
{
	EXPECT_EQ(-1, syscall(SYS_delete_module, "virtio_console", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
}

/* A few buffers, not until the port is full: its host takes all there is. */
static ssize_t write_some(int fd)
{
	char buf[4096];
	ssize_t n, sum = 0;
	int i;

	for (i = 0; i < 64; i++) {
		pattern_fill(buf, sizeof(buf), 1, sum);
		n = write(fd, buf, sizeof(buf));
		if (n < 0)
			return errno == EAGAIN ? sum : -errno;
		sum += n;
	}
	return sum;
}

TEST_F_TIMEOUT(reload, many_times_under_traffic, 900)
{
	int i, count = rounds(20);

	for (i = 0; i < count; i++) {
		/* Both go on while the driver is taken away. */
		ASSERT_EQ(0, host_send(PORT, 1ull << 40, 1));
		ASSERT_EQ(0, host_expect(PORT, 1ull << 40, 1));
		ASSERT_LT(0, port_wait(self->fd, POLLIN));
		ASSERT_LE(0, write_some(self->fd));
		close(self->fd);
		self->fd = -1;
		ASSERT_EQ(0, reload(self->module));
		self->fd = port_open(PORT, O_RDWR | O_NONBLOCK);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, port_wait_host(self->fd, true));
	}
}

TEST_F_TIMEOUT(reload, works_as_before, 60)
{
	close(self->fd);
	ASSERT_EQ(0, reload(self->module));
	self->fd = port_open(PORT, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, port_wait_host(self->fd, true));
	ASSERT_EQ(0, host_send(PORT, 100000, 1));
	EXPECT_EQ(0, port_read_pattern(self->fd, 100000, 1, 0, 4096));
}

TEST_F_TIMEOUT(reload, all_ports_of_a_full_device_come_up, 120)
{
	char name[32];
	int connected = 0;
	int i, fd;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "test.many.%d", i);
		ASSERT_EQ(0, host_plug(name, "backend=open"));
	}
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, reload(self->module));

	/* Each has its name, and knows that its host end is open. */
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "test.many.%d", i);
		fd = port_open(name, O_RDWR | O_NONBLOCK);
		ASSERT_LE(0, fd);
		/* Nothing more comes after the first that had to be awaited. */
		if (connected == i && !port_wait_host(fd, true))
			connected++;
		else if (!(port_poll(fd, 0) & POLLHUP))
			connected++;
		close(fd);
	}
	EXPECT_EQ(MANY, connected);
}

/* Not in the teardown, which a failed test may not reach. */
TEST_F_TIMEOUT(reload, many_ports_go, 60)
{
	char name[32];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "test.many.%d", i);
		EXPECT_EQ(0, host_request("remove %s", name));
		EXPECT_EQ(0, port_wait_gone(name));
	}
}

TEST_HARNESS_MAIN
