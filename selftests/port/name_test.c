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

/* Return: 0 at the first event "add" of a port, whose name goes to @sysname. */
static int wait_add(int fd, char *sysname, size_t size)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char event[8192];
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
		snprintf(sysname, size, "%s", last + 1);
		return 0;
	}
	return -ETIMEDOUT;
}

TEST_F(name, is_known_when_the_first_event_comes)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};
	char sysname[200], path[300], name[100] = "";
	int fd, file;

	ASSERT_EQ(0, host_unplug(PORT));
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
		    NETLINK_KOBJECT_UEVENT);
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));

	/* The answer may come after the event: the host says when it is done. */
	ASSERT_EQ(0, host_plug(PORT, ""));
	ASSERT_EQ(0, wait_add(fd, sysname, sizeof(sysname)));
	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name",
		 sysname);
	file = open(path, O_RDONLY);
	ASSERT_LE(0, file);
	EXPECT_LT(0, read(file, name, sizeof(name) - 1));
	EXPECT_STREQ(PORT "\n", name);
	close(file);
	close(fd);
}

TEST_HARNESS_MAIN
