/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport.h - ways by which a VMM reaches a device
 */

#ifndef VPORTEMU_TRANSPORT_H
#define VPORTEMU_TRANSPORT_H

#include <stdbool.h>

struct error;
struct sd_event;
struct transport;
struct virtio_device;

/* Where the VMM is met: a socket's path, or a descriptor that was passed. */
struct transport_address {
	const char *path;	/* NULL: fd is meant */
	int fd;			/* listening or connected */
};

struct transport_ops {
	const char *name;	/* the word behind type= */

	/*
	 * create() - offer a device at an address.
	 *
	 * @id is the export's name, for messages.  On success the descriptor
	 * of the address belongs to the transport.
	 *
	 * @ended is called, from the loop, when nobody can come any more: the
	 * address was a connection, and it has ended.
	 *
	 * Return: 0; -errno with words in @error.
	 */
	int (*create)(struct sd_event *event, const char *id,
		      struct virtio_device *dev,
		      const struct transport_address *address,
		      void (*ended)(void *data), void *data,
		      struct transport **ret, struct error *error);

	/* End the session, if there is one, and the offer. */
	void (*destroy)(struct transport *transport);
};

extern const struct transport_ops vfio_user_transport_ops;
extern const struct transport_ops vhost_user_transport_ops;

/* All transports, NULL at the end. */
extern const struct transport_ops *const transports[];

const struct transport_ops *transport_find(const char *name);

/**
 * transport_open_address() - the socket of an address
 * @address:   where
 * @listening: is it a listening one?
 * @error:     why not
 *
 * Return: a descriptor that does not block; -errno with words in @error.
 */
int transport_open_address(const struct transport_address *address,
			   bool *listening, struct error *error);

#endif /* VPORTEMU_TRANSPORT_H */
