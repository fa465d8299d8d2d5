// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * listen.c - a handler for every client of a socket
 *
 * What one client does, be it reset, flood or silence, is nothing to the
 * others.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "endpoint.h"
#include "handler.h"
#include "listen.h"
#include "log.h"
#include "port.h"
#include "socket_file.h"

/* When descriptors or memory are short, trying again at once is no use. */
#define LISTEN_RETRY_USEC	1000000

/* Further ones wait in the backlog: each may hold as much as its port may. */
#define LISTEN_MAX_CLIENTS	16

struct client {
	struct listener *listener;
	struct client *next;
	struct client **prev;
	struct port *port;
	bool gone;		/* both halves of its connection are closed */
};

struct listener {
	sd_event *event;
	struct port_setup setup;
	char *name;
	int fd;
	struct socket_file file;	/* none if the socket has no path, or was passed */
	sd_event_source *io;
	sd_event_source *retry;		/* made while descriptors are left */
	bool short_of;			/* and it has been said */
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
	struct client *client = source;

	client->gone = revents & (EPOLLHUP | EPOLLERR);
	return true;
}

static void client_leaves(struct client *client)
{
	struct listener *listener = client->listener;

	client_free(client);
	listener_accept(listener);
}

/*
 * It may only have closed its sending half and still wait for answers.  For one
 * that does not, nobody else is kept waiting: they may never come.
 */
static void client_eof(void *source)
{
	struct client *client = source;

	if (client->gone || !port_is_busy(client->port))
		client_leaves(client);
}

static void client_failed(void *source, int err)
{
	struct client *client = source;

	if (err != -ECONNRESET && err != -EPIPE)
		log_warn("%s: client: %s", client->listener->name,
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

static void retry_later(struct listener *listener)
{
	sd_event_source_set_time_relative(listener->retry, LISTEN_RETRY_USEC);
	sd_event_source_set_enabled(listener->retry, SD_EVENT_ONESHOT);
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
		if (err && !listener->short_of)
			log_warn("%s: client: %s", listener->name,
				 strerror(-err));
		listener->short_of = err;
		if (err && fd >= 0)
			close(fd);
		if (err && fd < 0) {
			retry_later(listener);
			return;
		}
	}
}

static int listener_on_retry(sd_event_source *source, uint64_t usec,
			     void *userdata)
{
	listener_accept(userdata);
	return 0;
}

static int listener_on_io(sd_event_source *source, int fd, uint32_t revents,
			  void *userdata)
{
	listener_accept(userdata);
	return 0;
}

static int listener_watch(struct listener *listener)
{
	int err = sd_event_add_io(listener->event, &listener->io, listener->fd,
				  EPOLLIN | EPOLLET, listener_on_io, listener);

	if (err >= 0)
		err = sd_event_add_time(listener->event, &listener->retry,
					CLOCK_MONOTONIC, UINT64_MAX, 0,
					listener_on_retry, listener);
	if (err >= 0)
		err = sd_event_source_set_enabled(listener->retry,
						  SD_EVENT_OFF);
	return err < 0 ? err : 0;
}

static struct listener *listener_new(sd_event *event,
				     const struct handler_ops *handler,
				     const char *name)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (!listener)
		return NULL;
	listener->event = event;
	listener->setup.handler = handler;
	listener->fd = -1;
	listener->name = strdup(name);
	if (!listener->name) {
		free(listener);
		return NULL;
	}
	return listener;
}

/* Return: 0, or -errno after saying why. */
static int listener_finish(struct listener *listener, int err,
			   struct listener **ret)
{
	if (err) {
		log_err("%s: %s", listener->name, strerror(-err));
		listener_destroy(listener);
		return err;
	}
	*ret = listener;
	return 0;
}

static int listener_open(struct listener *listener,
			 const struct address *address)
{
	int err = 0;

	listener->fd = endpoint_listen(address, NULL);
	if (listener->fd < 0)
		return listener->fd;
	if (address->path)
		err = socket_file_init(&listener->file, address->path);
	return err ? err : listener_watch(listener);
}

int listener_create(sd_event *event, const char *name,
		    const struct address *address,
		    const struct handler_ops *handler, struct listener **ret)
{
	struct listener *listener = listener_new(event, handler, name);

	if (!listener)
		return -ENOMEM;
	return listener_finish(listener, listener_open(listener, address), ret);
}

int listener_adopt(sd_event *event, const char *name, int fd,
		   const struct handler_ops *handler, struct listener **ret)
{
	struct listener *listener = listener_new(event, handler, name);

	if (!listener)
		return -ENOMEM;
	listener->fd = fd;
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		return listener_finish(listener, -errno, ret);
	return listener_finish(listener, listener_watch(listener), ret);
}

void listener_destroy(struct listener *listener)
{
	if (!listener)
		return;

	while (listener->clients)
		client_free(listener->clients);
	sd_event_source_disable_unref(listener->io);
	sd_event_source_disable_unref(listener->retry);
	if (listener->fd >= 0)
		close(listener->fd);
	socket_file_finish(&listener->file);
	free(listener->name);
	free(listener);
}
