/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listen.h - a handler for every client of a socket
 */

#ifndef VPORTD_LISTEN_H
#define VPORTD_LISTEN_H

#include <systemd/sd-event.h>

struct address;
struct handler_ops;
struct listener;

/**
 * listener_create() - listen at an address
 * @event:   the loop
 * @name:    what messages call it; of a unix socket, its path
 * @address: where; a path that nobody listens at any more is replaced
 * @handler: a session of it is started for each client
 * @ret:     the listener
 *
 * Logs what is wrong.
 *
 * Return: 0 or -errno.
 */
int listener_create(sd_event *event, const char *name,
		    const struct address *address,
		    const struct handler_ops *handler, struct listener **ret);

/* The same for a socket that listens already; it is taken over in any case. */
int listener_adopt(sd_event *event, const char *name, int fd,
		   const struct handler_ops *handler, struct listener **ret);

/* Also removes the socket; NULL is allowed. */
void listener_destroy(struct listener *listener);

#endif /* VPORTD_LISTEN_H */
