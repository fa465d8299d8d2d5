// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * server.c - a socket to which one VMM after the other connects
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "error.h"
#include "log.h"
#include "ratelimit.h"
#include "server.h"
#include "socket_file.h"
#include "transport.h"

/* When descriptors or memory are short, trying again at once is no use. */
#define ACCEPT_RETRY_USEC	1000000

/* How long a VMM has to go away when it is told to. */
#define LINGER_USEC		1000000
#define LINGER_AT_EXIT_MSEC	100

struct transport {
	const struct session_ops *ops;
	char *id;
	struct socket_file file;	/* none if the socket was passed */
	sd_event *event;
	struct virtio_device *dev;
	int listener;			/* -1: there is just one connection */
	int fd;				/* the connection; -1: none */
	sd_event_source *listen_source;
	sd_event_source *retry_timer;	/* made while descriptors are left */
	bool short_of;			/* and it has been said */
	sd_event_source *source;
	sd_event_source *linger_timer;	/* the session has ended already */
	void *session;
	struct ratelimit complaints;
	void (*ended)(void *data);
	void *ended_data;
};

static void end_session(struct transport *transport)
{
	if (transport->session)
		transport->ops->destroy(transport->session);
	transport->session = NULL;
}

static void transport_disconnect(struct transport *transport)
{
	end_session(transport);
	transport->linger_timer =
		sd_event_source_disable_unref(transport->linger_timer);
	transport->source = sd_event_source_disable_unref(transport->source);
	if (transport->fd >= 0)
		close(transport->fd);
	transport->fd = -1;
}

/* Ready for the next one, if there can be any. */
static void transport_next(struct transport *transport)
{
	transport_disconnect(transport);
	if (transport->listener >= 0)
		sd_event_source_set_enabled(transport->listen_source,
					    SD_EVENT_ON);
	else
		transport->ended(transport->ended_data);
}

/* Throw away what is there.  Return: may there be more later? */
static bool drain(int fd)
{
	char buf[4096];
	ssize_t len;

	do {
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	} while (len > 0 || (len < 0 && errno == EINTR));
	return len < 0 && errno == EAGAIN;
}

static int linger_expired(sd_event_source *source, uint64_t usec, void *data)
{
	transport_next(data);
	return 0;
}

static void transport_linger(struct transport *transport)
{
	end_session(transport);
	shutdown(transport->fd, SHUT_WR);
	sd_event_source_set_io_events(transport->source, EPOLLIN);
	if (!drain(transport->fd) ||
	    sd_event_add_time_relative(transport->event,
				       &transport->linger_timer,
				       CLOCK_MONOTONIC, LINGER_USEC, 0,
				       linger_expired, transport) < 0)
		transport_next(transport);
}

static int transport_io(sd_event_source *source, int fd, uint32_t events,
			void *data)
{
	struct transport *transport = data;
	int ret;

	if (!transport->session) {
		if (!drain(fd))
			transport_next(transport);
		return 0;
	}

	ret = transport->ops->io(transport->session, events);
	if (!ret)
		return 0;

	if (ret == -ECONNRESET)
		log_info("export '%s': %s has left", transport->id,
			 transport->ops->peer);
	else if (ratelimit_allows(&transport->complaints))
		log_warn("export '%s': session ended: %s", transport->id,
			 strerror(-ret));

	if (ret != -ECONNRESET && transport->ops->linger)
		transport_linger(transport);
	else
		transport_next(transport);
	return 0;
}

/* The connection is ours, whatever comes of it. */
static int transport_connected(struct transport *transport, int fd)
{
	struct server_client client = {
		.id = transport->id,
		.event = transport->event,
		.dev = transport->dev,
		.fd = fd,
		.complaints = &transport->complaints,
	};
	int ret;

	transport->fd = fd;
	ret = sd_event_add_io(transport->event, &transport->source, fd,
			      EPOLLIN, transport_io, transport);
	if (ret >= 0) {
		client.source = transport->source;
		ret = transport->ops->create(&client, &transport->session);
	}
	if (ret < 0) {
		transport_disconnect(transport);
		return ret;
	}
	if (transport->listen_source)
		sd_event_source_set_enabled(transport->listen_source,
					    SD_EVENT_OFF);
	return 0;
}

static int transport_retry(sd_event_source *source, uint64_t usec, void *data)
{
	struct transport *transport = data;

	sd_event_source_set_enabled(transport->listen_source, SD_EVENT_ON);
	return 0;
}

static void retry_later(struct transport *transport)
{
	sd_event_source_set_enabled(transport->listen_source, SD_EVENT_OFF);
	sd_event_source_set_time_relative(transport->retry_timer,
					  ACCEPT_RETRY_USEC);
	sd_event_source_set_enabled(transport->retry_timer, SD_EVENT_ONESHOT);
}

static int transport_accept(sd_event_source *source, int listener,
			    uint32_t events, void *data)
{
	struct transport *transport = data;
	int fd, ret;

	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0 && (errno == EAGAIN || errno == EINTR ||
		       errno == ECONNABORTED))
		return 0;

	ret = fd < 0 ? -errno : transport_connected(transport, fd);
	if (ret < 0) {
		if (!transport->short_of)
			log_err("export '%s': accept: %s", transport->id,
				strerror(-ret));
		transport->short_of = true;
		retry_later(transport);
		return 0;
	}
	transport->short_of = false;
	log_info("export '%s': %s has connected", transport->id,
		 transport->ops->peer);
	return 0;
}

static void linger_at_exit(struct transport *transport)
{
	struct pollfd pollfd = { transport->fd, POLLIN };

	shutdown(transport->fd, SHUT_WR);
	while (drain(transport->fd) &&
	       poll(&pollfd, 1, LINGER_AT_EXIT_MSEC) == 1)
		;
}

void server_destroy(struct transport *transport)
{
	if (!transport)
		return;

	if (transport->session && transport->ops->linger) {
		end_session(transport);
		linger_at_exit(transport);
	}
	transport_disconnect(transport);
	sd_event_source_disable_unref(transport->listen_source);
	sd_event_source_disable_unref(transport->retry_timer);
	if (transport->listener >= 0)
		close(transport->listener);
	socket_file_finish(&transport->file);
	free(transport->id);
	free(transport);
}

static int server_listen(struct transport *transport, const char *path)
{
	int ret = 0;

	if (path)
		ret = socket_file_init(&transport->file, path);
	if (!ret)
		ret = sd_event_add_io(transport->event,
				      &transport->listen_source,
				      transport->listener, EPOLLIN,
				      transport_accept, transport);
	if (ret >= 0)
		ret = sd_event_add_time(transport->event,
					&transport->retry_timer,
					CLOCK_MONOTONIC, UINT64_MAX, 0,
					transport_retry, transport);
	return ret < 0 ? ret :
	       sd_event_source_set_enabled(transport->retry_timer,
					   SD_EVENT_OFF);
}

static int server_open(struct transport *transport,
		       const struct transport_address *address,
		       struct error *error)
{
	bool listening;
	int fd, ret;

	fd = transport_open_address(address, &listening, error);
	if (fd < 0)
		return fd;

	if (!listening) {
		ret = transport_connected(transport, fd);
	} else {
		transport->listener = fd;
		ret = server_listen(transport, address->path);
	}
	return ret < 0 ? error_set(error, ret, "%s", strerror(-ret)) : 0;
}

int server_create(const struct session_ops *ops, struct sd_event *event,
		  const char *id, struct virtio_device *dev,
		  const struct transport_address *address,
		  void (*ended)(void *data), void *data,
		  struct transport **ret, struct error *error)
{
	struct transport *transport;
	int err;

	transport = calloc(1, sizeof(*transport));
	if (!transport)
		return error_set(error, -ENOMEM, "out of memory");

	transport->ops = ops;
	transport->event = event;
	transport->dev = dev;
	transport->listener = -1;
	transport->fd = -1;
	transport->ended = ended;
	transport->ended_data = data;
	transport->id = strdup(id);
	err = transport->id ? server_open(transport, address, error) :
			      error_set(error, -ENOMEM, "out of memory");
	if (err) {
		server_destroy(transport);
		return err;
	}
	*ret = transport;
	return 0;
}
