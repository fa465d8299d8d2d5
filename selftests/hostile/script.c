// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * script.c - what a scripted host says and hears
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "script.h"

#define MODULE	"virtio_console"

/* The largest control message that a driver may be sent here. */
#define MESSAGE_MAX	4096

static int call(struct script *s, unsigned long cmd, void *arg)
{
	return ioctl(s->fd, cmd, arg) < 0 ? -errno : 0;
}

int script_open(struct script *s)
{
	*s = (struct script) { .fd = open("/dev/vcon-mock", O_RDWR | O_CLOEXEC) };
	return s->fd < 0 ? -errno : 0;
}

int script_plug(struct script *s, const struct vcon_mock_plug *plug)
{
	struct vcon_mock_plug copy = *plug;
	int ret;

	ret = s->fd < 0 ? script_open(s) : 0;
	if (!ret)
		ret = call(s, VCON_MOCK_PLUG, &copy);
	if (ret)
		return ret;

	s->index = copy.index;
	s->bound = copy.bound;
	return 0;
}

void script_close(struct script *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

int script_rmmod(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

int script_insmod(const char *parameters)
{
	const char *path = getenv("VPORT_MODULE");
	int fd, ret;

	fd = open(path ? path : "", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return ret;
}

static int take(struct script *s, uint32_t queue, struct vcon_mock_buf *buf,
		void *data, size_t *len, int timeout_ms)
{
	int ret;

	*buf = (struct vcon_mock_buf) {
		.queue = queue,
		.data = (uintptr_t)data,
		.data_len = len ? *len : 0,
		.timeout_ms = timeout_ms,
	};
	ret = call(s, VCON_MOCK_TAKE, buf);
	if (!ret && len)
		*len = buf->data_len;
	return ret;
}

int script_take(struct script *s, uint32_t queue, struct vcon_mock_buf *buf,
		void *data, size_t *len)
{
	return take(s, queue, buf, data, len, SCRIPT_TIMEOUT_MS);
}

int script_take_now(struct script *s, uint32_t queue, struct vcon_mock_buf *buf)
{
	return take(s, queue, buf, NULL, NULL, 0);
}

int script_give(struct script *s, const struct vcon_mock_buf *buf,
		const void *data, size_t len, uint32_t used)
{
	struct vcon_mock_buf given = {
		.queue = buf->queue,
		.id = buf->id,
		.size = used,
		.data = (uintptr_t)data,
		.data_len = len,
	};

	return call(s, VCON_MOCK_GIVE, &given);
}

int script_give_quietly(struct script *s, const struct vcon_mock_buf *buf)
{
	struct vcon_mock_buf given = *buf;

	given.quiet = true;
	given.data_len = 0;
	return call(s, VCON_MOCK_GIVE, &given);
}

int script_lie(struct script *s, uint32_t queue, uint32_t id, uint32_t used)
{
	struct vcon_mock_buf buf = { .queue = queue, .id = id };

	return script_give(s, &buf, NULL, 0, used);
}

int script_jump(struct script *s, uint32_t queue, uint32_t count)
{
	struct vcon_mock_buf buf = { .queue = queue, .size = count };

	return call(s, VCON_MOCK_JUMP, &buf);
}

int script_mark(struct script *s, uint32_t queue, uint16_t flags)
{
	struct vcon_mock_buf buf = { .queue = queue, .size = flags };

	return call(s, VCON_MOCK_MARK, &buf);
}

static int give_next(struct script *s, uint32_t queue, const void *data,
		     size_t len, uint32_t used)
{
	struct vcon_mock_buf buf;

	return script_take(s, queue, &buf, NULL, NULL) ?:
	       script_give(s, &buf, data, len, used);
}

int script_send(struct script *s, uint32_t id, const void *data, size_t len)
{
	return give_next(s, queue_of_port(id), data, len, len);
}

int script_say_raw(struct script *s, const void *data, size_t len,
		   uint32_t used)
{
	return give_next(s, CONTROL_IN, data, len, used);
}

int script_say(struct script *s, uint32_t id, uint16_t event, uint16_t value,
	       const void *payload, size_t len)
{
	struct virtio_console_control head = {
		.id = id,
		.event = event,
		.value = value,
	};
	char message[MESSAGE_MAX];

	if (len > sizeof(message) - sizeof(head))
		return -EMSGSIZE;
	memcpy(message, &head, sizeof(head));
	if (len)
		memcpy(message + sizeof(head), payload, len);
	return script_say_raw(s, message, sizeof(head) + len,
			      sizeof(head) + len);
}

static int listen(struct script *s, struct vcon_mock_buf *buf,
		  struct virtio_console_control *head)
{
	size_t len = sizeof(*head);
	int ret;

	ret = script_take(s, CONTROL_OUT, buf, head, &len);
	if (ret)
		return ret;
	return len == sizeof(*head) ? 0 : -EPROTO;
}

/* A driver that has lost messages asks again, and takes no answer for a no. */
static int answer(struct script *s, const struct virtio_console_control *head)
{
	if (head->event != VIRTIO_CONSOLE_PORT_READY || head->id >= 32 ||
	    !(s->open & 1u << head->id))
		return 0;

	return script_say(s, head->id, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL, 0);
}

/* As script_hear(), but the last message stays with us. */
static int hear_and_keep(struct script *s, uint32_t id, uint16_t event,
			 uint16_t value, struct vcon_mock_buf *buf)
{
	struct virtio_console_control head;
	int ret;

	for (;;) {
		ret = listen(s, buf, &head) ?: answer(s, &head);
		if (ret || (head.id == id && head.event == event &&
			    head.value == value))
			return ret;
		ret = script_give(s, buf, NULL, 0, 0);
		if (ret)
			return ret;
	}
}

int script_hear(struct script *s, uint32_t id, uint16_t event, uint16_t value)
{
	struct vcon_mock_buf buf;

	return hear_and_keep(s, id, event, value, &buf) ?:
	       script_give(s, &buf, NULL, 0, 0);
}

/* PORT_ADD, and its answers while PORT_READY is kept. */
static int add_port(struct script *s, uint32_t id, const char *name,
		    bool console)
{
	struct vcon_mock_buf ready;

	/* Answered below, in the order of a truthful host. */
	s->open &= ~(1u << id % 32);
	return script_say(s, id, VIRTIO_CONSOLE_PORT_ADD, 1, NULL, 0) ?:
	       hear_and_keep(s, id, VIRTIO_CONSOLE_PORT_READY, 1, &ready) ?:
	       (console ? script_say(s, id, VIRTIO_CONSOLE_CONSOLE_PORT, 1,
				     NULL, 0) : 0) ?:
	       (name ? script_say(s, id, VIRTIO_CONSOLE_PORT_NAME, 1, name,
				  strlen(name)) : 0) ?:
	       script_say(s, id, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL, 0) ?:
	       script_give(s, &ready, NULL, 0, 0) ?:
	       (s->open |= 1u << id % 32, 0);
}

int script_port(struct script *s, uint32_t id, const char *name)
{
	return add_port(s, id, name, false) ?: script_node_wait(s, id, true);
}

int script_console(struct script *s, uint32_t id)
{
	/* The driver says so once hvc has it. */
	return add_port(s, id, NULL, true) ?:
	       script_hear(s, id, VIRTIO_CONSOLE_PORT_OPEN, 1);
}

int script_settle(struct script *s)
{
	/* The last port: PORT_READY is said for it anew each time. */
	uint32_t id = 3;

	return script_say(s, id, VIRTIO_CONSOLE_PORT_ADD, 1, NULL, 0) ?:
	       script_hear(s, id, VIRTIO_CONSOLE_PORT_READY, 1) ?:
	       /* What it asks for by then comes before this one. */
	       script_say(s, id, VIRTIO_CONSOLE_PORT_ADD, 1, NULL, 0) ?:
	       script_hear(s, id, VIRTIO_CONSOLE_PORT_READY, 1);
}

static void node_path(struct script *s, uint32_t id, char *path, size_t size)
{
	snprintf(path, size, "/dev/vport%up%u", s->index, id);
}

int script_node_open(struct script *s, uint32_t id, int flags)
{
	char path[64];
	int fd;

	node_path(s, id, path, sizeof(path));
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int script_node_wait(struct script *s, uint32_t id, bool present)
{
	struct pollfd pfd = { .events = POLLIN };
	char path[64], events[4096];
	int ret = 0;

	node_path(s, id, path, sizeof(path));
	pfd.fd = inotify_init1(IN_CLOEXEC);
	if (pfd.fd < 0)
		return -errno;
	if (inotify_add_watch(pfd.fd, "/dev", IN_CREATE | IN_DELETE) < 0)
		ret = -errno;
	while (!ret && !access(path, F_OK) != present) {
		if (poll(&pfd, 1, SCRIPT_TIMEOUT_MS) <= 0)
			ret = -ETIMEDOUT;
		else if (read(pfd.fd, events, sizeof(events)) < 0)
			ret = -errno;
	}
	close(pfd.fd);
	return ret;
}

long script_stat(struct script *s, uint32_t id, const char *field)
{
	char path[128], line[128];
	size_t len = strlen(field);
	long value = -ENOENT;
	FILE *file;

	snprintf(path, sizeof(path),
		 "/sys/kernel/debug/virtio-ports/vport%up%u", s->index, id);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, field, len) && line[len] == ':')
			value = strtol(line + len + 1, NULL, 10);
	fclose(file);
	return value;
}

long script_log_lines(void)
{
	struct pollfd pfd = { .fd = -1 };
	char record[8192];
	long lines = 0;
	ssize_t n;

	pfd.fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pfd.fd < 0)
		return -errno;
	do {
		n = read(pfd.fd, record, sizeof(record));
		lines += n > 0;
	} while (n > 0 || errno == EPIPE);
	close(pfd.fd);
	return lines;
}
