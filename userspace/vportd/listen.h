/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listen.h - a handler for every client of a unix socket
 */

#ifndef VPORTD_LISTEN_H
#define VPORTD_LISTEN_H

#include <systemd/sd-event.h>

struct handler_ops;
struct listener;

/**
 * listener_create() - listen on a unix socket
 * @event:   the loop
 * @path:    where; a socket that nobody listens on any more is replaced
 * @handler: a session of it is started for each client
 * @ret:     the listener
 *
 * Logs what is wrong.
 *
 * Return: 0 or -errno.
 */
int listener_create(sd_event *event, const char *path,
		    const struct handler_ops *handler, struct listener **ret);

/* Also removes the socket; NULL is allowed. */
void listener_destroy(struct listener *listener);

#endif /* VPORTD_LISTEN_H */
