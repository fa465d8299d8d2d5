/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket_file.h - the files of listening unix sockets
 */

#ifndef VPORT_SOCKET_FILE_H
#define VPORT_SOCKET_FILE_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* A file that we made. */
struct socket_file {
	char *path;		/* NULL: none */
	dev_t dev;
	ino_t ino;
};

/**
 * socket_file_bind() - give a socket its name in the file system
 * @fd:   the socket
 * @addr: where; a socket there that nobody has any more is replaced, nothing
 *        else is
 * @len:  its length
 *
 * Return: 0, -EADDRINUSE when something else is there or somebody listens,
 *         another -errno.
 */
int socket_file_bind(int fd, const struct sockaddr *addr, socklen_t len);

/**
 * socket_file_init() - remember a file that was made
 * @file: filled
 * @path: of the file, from here: a process may go to another directory
 *
 * Return: 0, -errno.
 */
int socket_file_init(struct socket_file *file, const char *path);

/**
 * socket_file_finish() - remove it, unless somebody else has put another there
 * @file: also one that is all zeros
 */
void socket_file_finish(struct socket_file *file);

#endif /* VPORT_SOCKET_FILE_H */
