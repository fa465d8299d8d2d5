// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user.c - the vhost-user transport: one front-end after the other
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "error.h"
#include "log.h"
#include "transport.h"
#include "vhost_user.h"

/* When descriptors or memory are short, trying again at once is no use. */
#define ACCEPT_RETRY_USEC	1000000

struct transport {
	char *id;
	char *path;			/* made by us; NULL: passed */
	sd_event *event;
	struct virtio_device *dev;
	int listener;			/* -1: there is just one connection */
	int fd;				/* the connection; -1: none */
	sd_event_source *listen_source;
	sd_event_source *source;
	struct vu_session *session;
	struct ratelimit complaints;
	void (*ended)(void *data);
	void *ended_data;
};

static void transport_disconnect(struct transport *transport)
{
	vu_session_destroy(transport->session);
	transport->session = NULL;
	transport->source = sd_event_source_disable_unref(transport->source);
	if (transport->fd >= 0)
		close(transport->fd);
	transport->fd = -1;
}

static int transport_input(sd_event_source *source, int fd, uint32_t events,
			   void *data)
{
	struct transport *transport = data;
	int ret;

	ret = vu_session_input(transport->session);
	if (!ret)
		return 0;

	if (ret == -ECONNRESET)
		log_info("export '%s': front-end has left", transport->id);
	else if (ratelimit_allows(&transport->complaints))
		log_warn("export '%s': session ended: %s", transport->id,
			 strerror(-ret));

	transport_disconnect(transport);
	if (transport->listener >= 0)
		sd_event_source_set_enabled(transport->listen_source,
					    SD_EVENT_ON);
	else
		transport->ended(transport->ended_data);
	return 0;
}

/* The connection is ours, whatever comes of it. */
static int transport_connected(struct transport *transport, int fd)
{
	int ret;

	transport->fd = fd;
	ret = sd_event_add_io(transport->event, &transport->source, fd,
			      EPOLLIN, transport_input, transport);
	if (ret >= 0)
		ret = vu_session_create(transport->id, transport->event,
					transport->dev, fd,
					&transport->complaints,
					&transport->session);
	if (ret < 0) {
		transport_disconnect(transport);
		return ret;
	}
	if (transport->listen_source)
		sd_event_source_set_enabled(transport->listen_source,
					    SD_EVENT_OFF);
	return 0;
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
		log_err("export '%s': accept: %s", transport->id,
			strerror(-ret));
		sd_event_source_set_ratelimit(source, ACCEPT_RETRY_USEC, 1);
		return 0;
	}
	sd_event_source_set_ratelimit(source, 0, 0);
	log_info("export '%s': front-end has connected", transport->id);
	return 0;
}

static void vhost_user_destroy(struct transport *transport)
{
	if (!transport)
		return;

	transport_disconnect(transport);
	sd_event_source_disable_unref(transport->listen_source);
	if (transport->listener >= 0)
		close(transport->listener);
	if (transport->path)
		unlink(transport->path);
	free(transport->path);
	free(transport->id);
	free(transport);
}

static int vhost_user_open(struct transport *transport,
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
		if (address->path)
			transport->path = strdup(address->path);
		ret = sd_event_add_io(transport->event,
				      &transport->listen_source, fd, EPOLLIN,
				      transport_accept, transport);
	}
	return ret < 0 ? error_set(error, ret, "%s", strerror(-ret)) : 0;
}

static int vhost_user_create(struct sd_event *event, const char *id,
			     struct virtio_device *dev,
			     const struct transport_address *address,
			     void (*ended)(void *data), void *data,
			     struct transport **ret, struct error *error)
{
	struct transport *transport;
	int err;

	if (dev->num_queues > VU_MAX_QUEUES)
		return error_set(error, -EINVAL,
				 "vhost-user has room for %u queues, the device has %u",
				 VU_MAX_QUEUES, dev->num_queues);

	transport = calloc(1, sizeof(*transport));
	if (!transport)
		return error_set(error, -ENOMEM, "out of memory");

	transport->event = event;
	transport->dev = dev;
	transport->listener = -1;
	transport->fd = -1;
	transport->ended = ended;
	transport->ended_data = data;
	transport->id = strdup(id);
	err = transport->id ? vhost_user_open(transport, address, error) :
			      error_set(error, -ENOMEM, "out of memory");
	if (err) {
		vhost_user_destroy(transport);
		return err;
	}
	*ret = transport;
	return 0;
}

const struct transport_ops vhost_user_transport_ops = {
	.name		= "vhost-user",
	.create		= vhost_user_create,
	.destroy	= vhost_user_destroy,
};
