/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message.h - pieces of messages, with descriptors, out of a socket
 */

#ifndef VPORTEMU_MESSAGE_H
#define VPORTEMU_MESSAGE_H

#include <stddef.h>
#include <sys/types.h>

/* Descriptors in one message, of the transport that has most. */
#define MESSAGE_MAX_FDS	16

/**
 * message_receive() - read what there is of a message
 * @sock: the socket
 * @to:   where its next bytes go
 * @len:  at most so many
 * @fds:  descriptors that came with it, behind those that are there
 * @nfds: how many there are; counted on
 * @max:  how many there may be, up to MESSAGE_MAX_FDS
 *
 * Return: bytes; -EAGAIN when there are none yet; -ECONNRESET at the end of the
 *         stream; -EPROTO when there are more descriptors than may be, of which
 *         those that are too many have been closed.
 */
ssize_t message_receive(int sock, void *to, size_t len, int *fds,
			unsigned int *nfds, unsigned int max);

/* Close those that nobody has taken: there are none from now on. */
void message_close_fds(int *fds, unsigned int *nfds);

/* The caller keeps the descriptor.  Return: -1 when there is none. */
int message_take_fd(int *fds, unsigned int nfds, unsigned int index);

#endif /* VPORTEMU_MESSAGE_H */
