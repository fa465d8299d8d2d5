/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket_listener.h - the listening side of -chardev socket
 */

#ifndef VPORTEMU_SOCKET_LISTENER_H
#define VPORTEMU_SOCKET_LISTENER_H

#include <stdbool.h>

#include "socket_address.h"
#include "socket_file.h"

struct sd_event;
struct sd_event_source;

struct socket_listener {
	int fd;				/* -1: does not listen */
	struct sd_event_source *source;
	struct sd_event_source *retry_timer;
	bool short_of;			/* descriptors or memory; it has been said */
	struct socket_file file;
	char local[160];		/* the address, as QEMU has it */
	int (*accepted)(void *data, int fd);
	void *data;
};

/**
 * socket_listener_start() - listen
 * @listener: filled; fd is -1 before
 * @event:    the loop
 * @options:  where, which outlive the listener
 * @wait:     for one client, now
 * @accepted: gets each connection, which is its own, whatever it returns:
 *            0 or -errno
 * @data:     for @accepted
 * @error:    why not
 *
 * Return: 0, -errno.
 */
int socket_listener_start(struct socket_listener *listener,
			  struct sd_event *event,
			  const struct socket_options *options, bool wait,
			  int (*accepted)(void *data, int fd), void *data,
			  struct error *error);

/* Also of one that never started. */
void socket_listener_finish(struct socket_listener *listener);

/* Let clients in, or let them wait.  Nothing if it does not listen. */
void socket_listener_enable(struct socket_listener *listener, bool on);

#endif /* VPORTEMU_SOCKET_LISTENER_H */
