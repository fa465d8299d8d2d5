/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.h - a conversation in JSON, with a time limit
 */

#ifndef VPORTCTL_CLIENT_H
#define VPORTCTL_CLIENT_H

#include <stddef.h>

struct client;
struct json_object;

/**
 * client_open() - begin
 * @path:       a unix socket, or a character device such as a port or a pty
 * @timeout_ms: until client_restart_clock() is called, for all together
 * @ret:        the client
 *
 * Return: 0 or -errno.
 */
int client_open(const char *path, unsigned int timeout_ms, struct client **ret);

/* NULL is allowed. */
void client_close(struct client *client);

/* The descriptor, non-blocking, for who does not talk in JSON. */
int client_fd(const struct client *client);

unsigned int client_timeout(const struct client *client);

/* The time limit counts from now. */
void client_restart_clock(struct client *client);

/* Return: 0, -ETIMEDOUT or another -errno. */
int client_send(struct client *client, const void *data, size_t len);

/**
 * client_send_command() - a request, as QMP and the agent have them
 * @client:    where to
 * @name:      of the command
 * @arguments: its arguments, borrowed
 *
 * Return: 0 or -errno.
 */
int client_send_command(struct client *client, const char *name,
			struct json_object *arguments);

/**
 * client_receive() - the next object
 * @client: where from
 * @ret:    the object; json_object_put() it
 *
 * What is no object, or no JSON at all, is skipped.
 *
 * Return: 0, -ETIMEDOUT, -ECONNRESET at the end of the stream, or another
 *         -errno.
 */
int client_receive(struct client *client, struct json_object **ret);

/* As client_receive(), but -EAGAIN after @ms if the time limit is further away. */
int client_receive_for(struct client *client, unsigned int ms,
		       struct json_object **ret);

#endif /* VPORTCTL_CLIENT_H */
