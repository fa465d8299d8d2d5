// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * listen.c - a handler for every client of a unix socket
 *
 * What one client does, be it reset, flood or silence, is nothing to the
 * others.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "handler.h"
#include "listen.h"
#include "log.h"
#include "port.h"

/* Further ones wait in the backlog: each may hold as much as its port may. */
#define LISTEN_MAX_CLIENTS	16

struct client {
	struct listener *listener;
	struct client *next;
	struct client **prev;
	struct port *port;
};

struct listener {
	sd_event *event;
	struct port_setup setup;
	int fd;
	bool bound;
	struct sockaddr_un addr;
	sd_event_source *io;
	struct client *clients;
	unsigned int count;
};

static void listener_accept(struct listener *listener);

static void client_free(struct client *client)
{
	struct listener *listener = client->listener;

	port_destroy(client->port);
	*client->prev = client->next;
	if (client->next)
		client->next->prev = client->prev;
	listener->count--;
	free(client);
}

static bool client_event(void *source, uint32_t revents)
{
	return true;
}

static void client_leaves(struct client *client)
{
	struct listener *listener = client->listener;

	client_free(client);
	listener_accept(listener);
}

/* It may only have closed its sending half and still wait for answers. */
static void client_eof(void *source)
{
	struct client *client = source;

	if (!port_is_busy(client->port))
		client_leaves(client);
}

static void client_failed(void *source, int err)
{
	struct client *client = source;

	if (err != -ECONNRESET && err != -EPIPE)
		log_warn("%s: client: %s", client->listener->addr.sun_path,
			 strerror(-err));
	client_leaves(client);
}

static const struct port_source_ops client_source_ops = {
	.event = client_event,
	.eof = client_eof,
	.failed = client_failed,
};

static int client_add(struct listener *listener, int fd)
{
	struct client *client;
	int err;

	client = calloc(1, sizeof(*client));
	if (!client)
		return -ENOMEM;

	client->listener = listener;
	err = port_create(listener->event, &listener->setup, fd,
			  &client_source_ops, client, &client->port);
	if (err) {
		free(client);
		return err;
	}

	client->next = listener->clients;
	client->prev = &listener->clients;
	if (client->next)
		client->next->prev = &client->next;
	listener->clients = client;
	listener->count++;
	return 0;
}

static void listener_accept(struct listener *listener)
{
	int err;
	int fd;

	while (listener->count < LISTEN_MAX_CLIENTS) {
		fd = accept4(listener->fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
			continue;
		if (fd < 0 && errno == EAGAIN)
			return;

		err = fd < 0 ? -errno : client_add(listener, fd);
		if (err) {
			log_warn("%s: client: %s", listener->addr.sun_path,
				 strerror(-err));
			if (fd < 0)
				return;
			close(fd);
		}
	}
}

static int listener_on_io(sd_event_source *source, int fd, uint32_t revents,
			  void *userdata)
{
	listener_accept(userdata);
	return 0;
}

static bool is_abandoned(const struct sockaddr_un *addr)
{
	struct stat st;
	bool refused;
	int fd;

	if (lstat(addr->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return false;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;

	refused = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) &&
		  errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int listener_bind(struct listener *listener)
{
	const struct sockaddr *addr = (struct sockaddr *)&listener->addr;
	int err;

	err = bind(listener->fd, addr, sizeof(listener->addr));
	if (err && errno == EADDRINUSE && is_abandoned(&listener->addr)) {
		unlink(listener->addr.sun_path);
		err = bind(listener->fd, addr, sizeof(listener->addr));
	}
	if (err)
		return -errno;

	listener->bound = true;
	return listen(listener->fd, SOMAXCONN) ? -errno : 0;
}

static int listener_open(struct listener *listener)
{
	int err;

	listener->fd = socket(AF_UNIX,
			      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd < 0)
		return -errno;

	err = listener_bind(listener);
	if (err)
		return err;

	err = sd_event_add_io(listener->event, &listener->io, listener->fd,
			      EPOLLIN | EPOLLET, listener_on_io, listener);
	return err < 0 ? err : 0;
}

int listener_create(sd_event *event, const char *path,
		    const struct handler_ops *handler, struct listener **ret)
{
	struct listener *listener;
	int err;

	listener = calloc(1, sizeof(*listener));
	if (!listener)
		return -ENOMEM;

	listener->event = event;
	listener->setup.handler = handler;
	listener->fd = -1;
	listener->addr.sun_family = AF_UNIX;
	if (strlen(path) < sizeof(listener->addr.sun_path)) {
		strcpy(listener->addr.sun_path, path);
		err = listener_open(listener);
	} else {
		err = -ENAMETOOLONG;
	}
	if (err) {
		log_err("%s: %s", path, strerror(-err));
		listener_destroy(listener);
		return err;
	}

	*ret = listener;
	return 0;
}

void listener_destroy(struct listener *listener)
{
	if (!listener)
		return;

	while (listener->clients)
		client_free(listener->clients);
	sd_event_source_disable_unref(listener->io);
	if (listener->fd >= 0)
		close(listener->fd);
	if (listener->bound)
		unlink(listener->addr.sun_path);
	free(listener);
}
