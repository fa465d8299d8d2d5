/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * endpoint.h - sockets, terminals and fifos, of ours and of others
 *
 * All descriptors are non-blocking and close on exec.
 */

#ifndef VPORTD_ENDPOINT_H
#define VPORTD_ENDPOINT_H

struct address;
struct port_conf;

/**
 * endpoint_listen() - a listening socket
 * @address: where; a path that nobody listens at any more is replaced
 * @conf:    who may use a path, for which a directory is made; NULL: our
 *           user alone, whatever the umask, if there is a directory
 *
 * Return: the descriptor or -errno.
 */
int endpoint_listen(const struct address *address,
		    const struct port_conf *conf);

/**
 * endpoint_connect() - a connected socket
 * @address: where to
 * @ret:     the socket, also with -EINPROGRESS
 *
 * Return: 0, -EINPROGRESS when it is connected once it can be written to, or
 *         another -errno.
 */
int endpoint_connect(const struct address *address, int *ret);

/**
 * endpoint_pty() - a pseudo terminal that passes all bytes as they are
 * @path:    of a link to it; an older link is replaced
 * @conf:    who may use it
 * @ret_fds: our end, and the other one, which keeps the terminal from hanging
 *           up while nobody else has it open
 *
 * Return: 0 or -errno.
 */
int endpoint_pty(const char *path, const struct port_conf *conf,
		 int ret_fds[2]);

/**
 * endpoint_open_terminal() - a terminal of somebody else's, made raw
 * @path: its node, or a link to it
 *
 * Return: the descriptor, or -errno.
 */
int endpoint_open_terminal(const char *path);

/**
 * endpoint_fifo() - a pair of fifos
 * @path:    who listens reads PATH.in and writes to PATH.out, who connects does
 *           the reverse
 * @conf:    which of both, and who may use the fifos where they are made
 * @ret_fds: to read from and to write to; neither hangs up
 *
 * Return: 0 or -errno.
 */
int endpoint_fifo(const char *path, const struct port_conf *conf,
		  int ret_fds[2]);

/* Remove what the address has in the file system. */
void endpoint_remove(const struct address *address);

#endif /* VPORTD_ENDPOINT_H */
