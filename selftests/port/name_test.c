// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * name_test.c - the name that the host gives a port, in sysfs, uevents and /dev
 */

#include <limits.h>
#include <linux/netlink.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#include "fixture.h"

#define LINKS	"/dev/virtio-ports"

FIXTURE(name)
{
	int fd;
};

FIXTURE_SETUP(name)
{
	self->fd = -1;
	PORT_SETUP();
}

FIXTURE_TEARDOWN(name)
{
	port_teardown(self->fd);
}

TEST_F(name, is_in_sysfs)
{
	char path[300];

	/* It is found by its name. */
	ASSERT_EQ(0, port_node(PORT, path, sizeof(path)));
	EXPECT_EQ(0, strncmp(path, "/dev/vport", 10));
	EXPECT_EQ(0, access(path, F_OK));
}

static bool leads_to(const char *link, const char *node)
{
	char target[PATH_MAX];

	return realpath(link, target) && !strcmp(target, node);
}

/*
 * Wait for a link to come: udevd works beside us, and may be about to remove
 * that of an earlier port.
 */
static int wait_for(const char *dir, const char *link, const char *node)
{
	struct pollfd pfd = { .events = POLLIN };
	char event[4096];
	int ret = 0;

	pfd.fd = inotify_init1(IN_CLOEXEC);
	if (inotify_add_watch(pfd.fd, dir, IN_CREATE | IN_MOVED_TO) < 0)
		return -errno;
	while (!leads_to(link, node)) {
		if (poll(&pfd, 1, 15000) <= 0) {
			ret = -ETIMEDOUT;
			break;
		}
		if (read(pfd.fd, event, sizeof(event)) < 0)
			break;
	}
	close(pfd.fd);
	return ret;
}

TEST_F(name, has_a_link)
{
	char node[300];

	if (access("/run/udev/control", F_OK))
		SKIP(return, "no udevd");
	ASSERT_EQ(0, port_node(PORT, node, sizeof(node)));
	EXPECT_EQ(0, wait_for(LINKS, LINKS "/" PORT, node));
}

/* Return: what comes first of a port with "add": the event, of *@ret_len bytes. */
static const char *wait_add(int fd, size_t *ret_len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	static char event[8192];
	const char *last;
	ssize_t n;

	while (poll(&pfd, 1, 15000) > 0) {
		n = recv(fd, event, sizeof(event) - 1, 0);
		if (n <= 0)
			continue;
		event[n] = 0;
		last = strrchr(event, '/');
		if (strncmp(event, "add@", 4) || !last ||
		    strncmp(last, "/vport", 6))
			continue;
		*ret_len = n;
		return event;
	}
	return NULL;
}

/* Return: what is behind "NAME=" in an event, or NULL. */
static const char *variable(const char *event, size_t len, const char *name)
{
	size_t name_len = strlen(name);
	const char *at;

	for (at = event; at < event + len; at += strlen(at) + 1)
		if (!strncmp(at, name, name_len) && at[name_len] == '=')
			return at + name_len + 1;
	return NULL;
}

FIXTURE(event)
{
	int fd;			/* of uevents, before there is a port */
};

FIXTURE_SETUP(event)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};

	self->fd = -1;
	PORT_SETUP();
	ASSERT_EQ(0, host_unplug(PORT));
	self->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			  NETLINK_KOBJECT_UEVENT);
	ASSERT_EQ(0, bind(self->fd, (struct sockaddr *)&addr, sizeof(addr)));
	ASSERT_EQ(0, host_plug(PORT, ""));
}

FIXTURE_TEARDOWN(event)
{
	port_teardown(self->fd);
}

/* The answer may come after the event: the host says when it is done. */
TEST_F(event, finds_the_name_when_it_comes)
{
	char path[300], name[100] = "";
	const char *event;
	size_t len;
	int file;

	event = wait_add(self->fd, &len);
	ASSERT_NE(NULL, event);
	snprintf(path, sizeof(path), "/sys/class/virtio-ports%s/name",
		 strrchr(event, '/'));
	file = open(path, O_RDONLY);
	ASSERT_LE(0, file);
	EXPECT_LT(0, read(file, name, sizeof(name) - 1));
	EXPECT_STREQ(PORT "\n", name);
	close(file);
}

TEST_F(event, carries_the_name)
{
	const char *event, *name;
	size_t len;

	event = wait_add(self->fd, &len);
	ASSERT_NE(NULL, event);
	name = variable(event, len, "VIRTIO_PORT_NAME");
	ASSERT_NE(NULL, name);
	EXPECT_STREQ(PORT, name);
}

TEST_HARNESS_MAIN
