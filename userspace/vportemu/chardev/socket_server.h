/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket_server.h - a listening socket with several clients at a time
 */

#ifndef VPORTEMU_SOCKET_SERVER_H
#define VPORTEMU_SOCKET_SERVER_H

#include <stdbool.h>

struct chardev;
struct error;
struct sd_event;
struct socket_options;

/**
 * socket_server_create() - listen
 * @event:   the loop
 * @options: where; copied
 * @runtime: do not wait for the first client
 * @ret:     a fanout, on success
 * @error:   why not
 *
 * Return: 0, -errno.
 */
int socket_server_create(struct sd_event *event,
			 const struct socket_options *options, bool runtime,
			 struct chardev **ret, struct error *error);

/**
 * chardev_socket_adopt() - a chardev on a connection, which ends with it
 * @event:   the loop
 * @options: for the connection's settings
 * @fd:      taken over, whatever is returned
 * @ret:     the chardev, open and without a name
 *
 * Return: 0, -errno.
 */
int chardev_socket_adopt(struct sd_event *event,
			 const struct socket_options *options, int fd,
			 struct chardev **ret);

#endif /* VPORTEMU_SOCKET_SERVER_H */
