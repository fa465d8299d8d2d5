// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host.c - requests to the host, and ports by name
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host.h"

#define CLASS	"/sys/class/virtio-ports"
#define LINE	256
#define PATH_SIZE	300

/* Who has the control port: the id of its process. */
#define OWNER	"/run/vport-test.owner"

/*
 * How long a node may take to come or go.  Generous: a guest without hardware
 * virtualisation, on a busy machine.
 */
#define NODE_TIMEOUT_MS	60000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int control = -1;
static pid_t owner;		/* of control: a forked test opens its own */
static unsigned int sequence;
static char reply[LINE];
static char input[LINE];
static size_t input_len;

/* Does CLASS/@entry have this name? */
static bool has_name(const char *entry, const char *name)
{
	char path[PATH_SIZE], text[LINE];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), CLASS "/%s/name", entry);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	return !strcmp(text, name);
}

/* Return: 0 with the node's path, or -ENOENT. */
static int find_node(const char *name, char *path, size_t size)
{
	struct dirent *entry;
	int ret = -ENOENT;
	DIR *dir;

	dir = opendir(CLASS);
	if (!dir)
		return -ENOENT;
	while (ret && (entry = readdir(dir))) {
		if (!has_name(entry->d_name, name))
			continue;
		/* In sysfs a port is there a moment before its node. */
		snprintf(path, size, "/dev/%s", entry->d_name);
		if (!access(path, F_OK))
			ret = 0;
	}
	closedir(dir);
	return ret;
}

/* The kernel's own events, so that no udevd is needed. */
static int open_uevents(void)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
		    NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -errno;
	}
	return fd;
}

/*
 * Wait until there is a port of this name, or none and no node @path, unless that is
 * empty: a driver may take the name away a moment before the node.
 */
static int wait_node(const char *name, bool present, char *path, size_t size)
{
	char found[PATH_SIZE];
	struct pollfd pfd = { .events = POLLIN };
	char event[8192];
	int ret;

	pfd.fd = open_uevents();
	if (pfd.fd < 0)
		return pfd.fd;

	for (;;) {
		ret = find_node(name, present ? path : found,
				present ? size : sizeof(found));
		if (!ret && present)
			break;
		if (ret && !present && (!*path || access(path, F_OK)))
			break;
		if (poll(&pfd, 1, NODE_TIMEOUT_MS) <= 0) {
			ret = -ETIMEDOUT;
			break;
		}
		/* -ENOBUFS, a lost event, is one more reason to look. */
		if (recv(pfd.fd, event, sizeof(event), 0) < 0 &&
		    errno != ENOBUFS) {
			ret = -errno;
			break;
		}
	}
	close(pfd.fd);
	return !present && ret == -ENOENT ? 0 : ret;
}

int port_node(const char *name, char *path, size_t size)
{
	return wait_node(name, true, path, size);
}

int port_wait_gone(const char *name)
{
	char path[PATH_SIZE] = "";

	return wait_node(name, false, path, sizeof(path));
}

int port_open(const char *name, int flags)
{
	char path[PATH_SIZE];
	int ret;

	ret = port_node(name, path, sizeof(path));
	if (ret)
		return ret;
	ret = open(path, flags | O_CLOEXEC);
	return ret < 0 ? -errno : ret;
}

int port_wait_host(int fd, bool open)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int ret, ep;

	/* Edges: while the host is away POLLHUP is always there. */
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep < 0)
		return -errno;
	ret = epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
	while (!ret) {
		ret = epoll_wait(ep, &event, 1, NODE_TIMEOUT_MS);
		if (ret < 0 && errno == EINTR)
			ret = 0;
		else if (ret <= 0)
			ret = ret ? -errno : -ETIMEDOUT;
		else if (!(event.events & EPOLLHUP) == open)
			break;
		else
			ret = 0;
	}
	close(ep);
	return ret < 0 ? ret : 0;
}

/* A test that was killed may not have let go of the control port yet. */
static int wait_for_owner(void)
{
	struct pollfd pfd = { .events = POLLIN };
	char text[32] = "";
	int fd, n;

	fd = open(OWNER, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -EBUSY;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -EBUSY;

	pfd.fd = syscall(SYS_pidfd_open, atoi(text), 0);
	if (pfd.fd < 0)
		return errno == ESRCH ? 0 : -errno;
	n = poll(&pfd, 1, NODE_TIMEOUT_MS);
	close(pfd.fd);
	return n == 1 ? 0 : -EBUSY;
}

static void write_owner(void)
{
	int fd = open(OWNER, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	dprintf(fd, "%d", getpid());
	close(fd);
}

static int connect_locked(void)
{
	char path[PATH_SIZE];

	if (control >= 0 && owner == getpid())
		return 0;
	host_disconnect();

	if (find_node(HOST_CONTROL, path, sizeof(path)))
		return -ENODEV;
	control = open(path, O_RDWR | O_CLOEXEC);
	if (control < 0 && errno == EBUSY && !wait_for_owner())
		control = open(path, O_RDWR | O_CLOEXEC);
	if (control < 0)
		return -errno;
	owner = getpid();
	write_owner();
	input_len = 0;
	return 0;
}

int host_connect(void)
{
	int ret;

	pthread_mutex_lock(&lock);
	ret = connect_locked();
	pthread_mutex_unlock(&lock);
	return ret;
}

void host_disconnect(void)
{
	if (control >= 0)
		close(control);
	control = -1;
}

/* Return: 0 with the next line, without its newline, in reply. */
static int read_line(void)
{
	char *end;
	ssize_t n;

	while (!(end = memchr(input, '\n', input_len))) {
		if (input_len == sizeof(input))
			return -EPROTO;
		n = read(control, input + input_len, sizeof(input) - input_len);
		if (n <= 0)
			return n ? -errno : -EPIPE;
		input_len += n;
	}
	*end++ = 0;
	strcpy(reply, input);
	input_len -= end - input;
	memmove(input, end, input_len);
	return 0;
}

/* Answers to a test that was killed may still come before ours. */
static int read_reply(unsigned long id)
{
	char *rest;
	int ret;

	do {
		ret = read_line();
		if (ret)
			return ret;
	} while (strtoul(reply, &rest, 10) != id);

	while (*rest == ' ')
		rest++;
	ret = strncmp(rest, "ok", 2) ? -EREMOTEIO : 0;
	rest += strcspn(rest, " ");
	rest += strspn(rest, " ");
	memmove(reply, rest, strlen(rest) + 1);
	return ret;
}

int host_request(const char *format, ...)
{
	char line[LINE], text[LINE - 24];
	unsigned long id;
	va_list args;
	int ret, len;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	pthread_mutex_lock(&lock);
	ret = connect_locked();
	if (!ret) {
		id = getpid() * 1000ul + ++sequence % 1000;
		len = snprintf(line, sizeof(line), "%lu %s\n", id, text);
		ret = write(control, line, len) == len ? 0 : -errno;
	}
	if (!ret)
		ret = read_reply(id);
	pthread_mutex_unlock(&lock);
	if (ret == -EREMOTEIO)
		fprintf(stderr, "# host: %s: %s\n", text, reply);
	return ret;
}

const char *host_result(void)
{
	return reply;
}

int host_plug(const char *name, const char *options)
{
	return host_request("remove %s", name) ?: port_wait_gone(name) ?:
	       host_request("plug %s %s", name, options);
}

int host_unplug(const char *name)
{
	char path[PATH_SIZE];

	if (find_node(name, path, sizeof(path)))
		*path = 0;
	return host_request("unplug %s", name) ?:
	       wait_node(name, false, path, sizeof(path));
}

int host_open(const char *name)
{
	return host_request("open %s", name);
}

int host_close(const char *name)
{
	return host_request("close %s", name);
}

int host_send(const char *name, uint64_t len, uint32_t seed)
{
	return host_request("send %s %llu %u", name, (unsigned long long)len,
			    seed);
}

int host_expect(const char *name, uint64_t len, uint32_t seed)
{
	return host_request("expect %s %llu %u", name, (unsigned long long)len,
			    seed);
}

int host_wait(const char *name)
{
	return host_request("wait %s", name);
}

int host_await(const char *name, bool open)
{
	return host_request("await %s %s", name, open ? "open" : "closed");
}
