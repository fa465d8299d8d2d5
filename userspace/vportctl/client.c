// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client.c - a conversation in JSON, with a time limit
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "bytes.h"
#include "client.h"
#include "json_stream.h"
#include "json_write.h"

#define READ_SIZE 65536

struct client {
	int fd;
	unsigned int timeout_ms;
	int64_t deadline_ms;
	struct json_stream *stream;
	struct json_object *received;	/* an array: objects not yet taken */
	size_t taken;
	bool tty;
	struct termios tty_before;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static void on_value(void *data, struct json_object *value)
{
	struct client *client = data;

	if (json_object_is_type(value, json_type_object))
		json_object_array_add(client->received, json_object_get(value));
}

static void on_error(void *data, const char *why)
{
	/* Rests of others' conversations; the one asked for comes or not. */
}

static const struct json_stream_ops stream_ops = {
	.value = on_value,
	.error = on_error,
};

/* A full backlog makes connect() wait, which ends with the time limit. */
static int connect_socket(struct client *client, const char *path)
{
	struct timeval limit = {
		.tv_sec = client->timeout_ms / 1000,
		.tv_usec = client->timeout_ms % 1000 * 1000,
	};
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);

	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return -errno;
	setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(client->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (fcntl(client->fd, F_SETFL, O_NONBLOCK))
		return -errno;

	return 0;
}

static int open_device(struct client *client, const char *path)
{
	struct termios raw;

	client->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (client->fd < 0)
		return -errno;

	/* A pty would echo and change line ends. */
	client->tty = !tcgetattr(client->fd, &client->tty_before);
	if (client->tty) {
		raw = client->tty_before;
		cfmakeraw(&raw);
		tcsetattr(client->fd, TCSANOW, &raw);
	}
	return 0;
}

static int open_path(struct client *client, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (S_ISCHR(st.st_mode))
		return open_device(client, path);
	if (S_ISSOCK(st.st_mode))
		return connect_socket(client, path);

	return -ENOTSOCK;
}

int client_fd(const struct client *client)
{
	return client->fd;
}

unsigned int client_timeout(const struct client *client)
{
	return client->timeout_ms;
}

void client_restart_clock(struct client *client)
{
	client->deadline_ms = now_ms() + client->timeout_ms;
}

int client_open(const char *path, unsigned int timeout_ms, struct client **ret)
{
	struct client *client;
	int err;

	client = calloc(1, sizeof(*client));
	if (!client)
		return -ENOMEM;

	client->fd = -1;
	client->timeout_ms = timeout_ms;
	client->received = json_object_new_array();
	err = json_stream_create(&stream_ops, client, &client->stream);
	if (!err)
		err = open_path(client, path);
	if (err) {
		client_close(client);
		return err;
	}

	client_restart_clock(client);
	*ret = client;
	return 0;
}

void client_close(struct client *client)
{
	if (!client)
		return;

	if (client->tty)
		tcsetattr(client->fd, TCSANOW, &client->tty_before);
	if (client->fd >= 0)
		close(client->fd);
	json_stream_destroy(client->stream);
	json_object_put(client->received);
	free(client);
}

static int client_wait(struct client *client, short events)
{
	struct pollfd pfd = { .fd = client->fd, .events = events };
	int64_t left = client->deadline_ms - now_ms();
	int n;

	n = poll(&pfd, 1, left > 0 ? left : 0);
	if (n < 0 && errno != EINTR)
		return -errno;
	/* A port without a host: it would be reported without end. */
	if (n > 0 && !(pfd.revents & events))
		return -ENOTCONN;

	return n && left > 0 ? 0 : -ETIMEDOUT;
}

int client_send(struct client *client, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;
	int err;

	while (len) {
		n = write(client->fd, p, len);
		if (n > 0) {
			p += n;
			len -= n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return errno == EPIPE ? -ECONNRESET : -errno;
		err = client_wait(client, POLLOUT);
		if (err)
			return err;
	}

	return 0;
}

int client_send_command(struct client *client, const char *name,
			struct json_object *arguments)
{
	struct json_object *request = json_object_new_object();
	struct bytes text;
	int err;

	json_object_object_add(request, "execute",
			       json_object_new_string(name));
	if (json_object_object_length(arguments))
		json_object_object_add(request, "arguments",
				       json_object_get(arguments));

	bytes_init(&text, SIZE_MAX / 4);
	err = json_write(&text, request, false);
	if (!err)
		err = bytes_append(&text, "\n", 1);
	if (!err)
		err = client_send(client, bytes_peek(&text), bytes_len(&text));
	bytes_finish(&text);
	json_object_put(request);
	return err;
}

static int client_fill(struct client *client)
{
	static char buf[READ_SIZE];
	ssize_t n;

	n = read(client->fd, buf, sizeof(buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return client_wait(client, POLLIN);
	if (n < 0)
		return -errno;
	if (!n)
		return -ECONNRESET;

	json_stream_feed(client->stream, buf, n);
	return 0;
}

static struct json_object *client_take(struct client *client)
{
	struct json_object *object;

	if (client->taken == json_object_array_length(client->received))
		return NULL;

	object = json_object_array_get_idx(client->received, client->taken++);
	json_object_get(object);
	if (client->taken == json_object_array_length(client->received)) {
		json_object_array_del_idx(client->received, 0, client->taken);
		client->taken = 0;
	}
	return object;
}

int client_receive(struct client *client, struct json_object **ret)
{
	int err;

	for (;;) {
		*ret = client_take(client);
		if (*ret)
			return 0;
		err = client_fill(client);
		if (err)
			return err;
	}
}

int client_receive_for(struct client *client, unsigned int ms,
		       struct json_object **ret)
{
	int64_t deadline = client->deadline_ms;
	int err;

	if (now_ms() + ms >= deadline)
		return client_receive(client, ret);

	client->deadline_ms = now_ms() + ms;
	err = client_receive(client, ret);
	client->deadline_ms = deadline;
	return err == -ETIMEDOUT ? -EAGAIN : err;
}
