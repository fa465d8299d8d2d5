// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket_server.c - a listening socket with several clients at a time
 *
 * Each client is a chardev of its own; who gets what, and who waits for whom,
 * is what fanout.c says.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "fanout.h"
#include "socket_listener.h"
#include "socket_server.h"

/* How far a client may fall behind the fastest one before it loses output. */
#define CLIENT_MEMORY	(256u << 10)

struct socket_server {
	struct sd_event *event;
	struct socket_options options;
	struct socket_listener listener;
	struct fanout *fanout;
};

/* There is a place again, or there is none any more. */
static void server_update(struct socket_server *server)
{
	socket_listener_enable(&server->listener,
			       fanout_members(server->fanout) <
			       server->options.max_clients);
}

static int server_accepted(void *data, int fd)
{
	struct socket_server *server = data;
	struct chardev *chr;
	int ret;

	ret = chardev_socket_adopt(server->event, &server->options, fd, &chr);
	if (ret)
		return ret;
	ret = fanout_add(server->fanout, chr, true);
	if (ret)
		chardev_destroy(chr);
	server_update(server);
	return ret;
}

static int server_add_client(void *source, int fd)
{
	struct socket_server *server = source;
	int copy, ret;

	if (fanout_members(server->fanout) >= server->options.max_clients)
		return -EBUSY;
	/* One that cannot be used is closed, and the caller has another. */
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return -errno;
	fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
	ret = server_accepted(server, copy);
	if (!ret)
		close(fd);
	return ret;
}

static void server_member_gone(void *source)
{
	server_update(source);
}

static void server_filename(void *source, bool open, char *buf, size_t size)
{
	const struct socket_server *server = source;

	snprintf(buf, size, "%s%s,server=on", open ? "" : "disconnected:",
		 server->listener.local);
}

static void server_destroy(void *source)
{
	struct socket_server *server = source;

	socket_listener_finish(&server->listener);
	socket_options_free(&server->options);
	free(server);
}

static const struct fanout_source_ops server_ops = {
	.destroy	= server_destroy,
	.member_gone	= server_member_gone,
	.filename	= server_filename,
	.add_client	= server_add_client,
};

int socket_server_create(struct sd_event *event,
			 const struct socket_options *options, bool runtime,
			 struct chardev **ret, struct error *error)
{
	static const struct fanout_config config = {
		.history = { .size = CLIENT_MEMORY },
	};
	struct socket_server *server;
	int err;

	server = calloc(1, sizeof(*server));
	if (!server)
		return error_set(error, -ENOMEM, "out of memory");

	server->event = event;
	server->listener.fd = -1;
	server->options = *options;
	err = socket_options_keep(&server->options);
	if (err)
		error_set(error, err, "out of memory");
	else
		err = fanout_create(event, &config, &server_ops, server,
				    &server->fanout, error);
	if (err) {
		server_destroy(server);
		return err;
	}
	err = socket_listener_start(&server->listener, event, &server->options,
				    server->options.wait && !runtime,
				    server_accepted, server, error);
	if (err) {
		chardev_destroy(fanout_chardev(server->fanout));
		return err;
	}
	*ret = fanout_chardev(server->fanout);
	(*ret)->several_clients = true;
	return 0;
}
