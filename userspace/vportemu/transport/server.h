/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server.h - a socket to which one VMM after the other connects
 */

#ifndef VPORTEMU_SERVER_H
#define VPORTEMU_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct ratelimit;
struct sd_event;
struct sd_event_source;
struct transport;
struct transport_address;
struct virtio_device;

/* What a session gets to know of its connection; all borrowed. */
struct server_client {
	const char *id;			/* the export's */
	struct sd_event *event;
	struct virtio_device *dev;	/* which no transport has */
	int fd;
	struct sd_event_source *source;	/* of fd, for input */
	struct ratelimit *complaints;	/* which outlives the session */
};

struct session_ops {
	const char *peer;	/* what messages call who is at the other end */

	/*
	 * The peer cannot stand a connection that is closed before all it has
	 * sent is read: it is told of the end first, and has a moment to go.
	 */
	bool linger;

	/*
	 * create() - serve a VMM that has connected
	 *
	 * Return: 0, -EBUSY, -ENOMEM.
	 */
	int (*create)(const struct server_client *client, void **ret);
	void (*destroy)(void *session);

	/*
	 * io() - the connection is readable or writable
	 *
	 * Return: 0; -ECONNRESET when the VMM has gone, another -errno when it
	 *         must: the session is then destroyed.
	 */
	int (*io)(void *session, uint32_t events);
};

/* As in transport_ops.create(). */
int server_create(const struct session_ops *ops, struct sd_event *event,
		  const char *id, struct virtio_device *dev,
		  const struct transport_address *address,
		  void (*ended)(void *data), void *data,
		  struct transport **ret, struct error *error);

/* NULL is allowed. */
void server_destroy(struct transport *transport);

#endif /* VPORTEMU_SERVER_H */
