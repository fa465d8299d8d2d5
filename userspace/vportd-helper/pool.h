/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool.h - processes that wait for requests
 */

#ifndef HELPER_POOL_H
#define HELPER_POOL_H

#include <stdbool.h>

/**
 * pool_run() - keep workers until the other end of the socket is closed
 * @fd:    the socket
 * @serve: what a worker does with one request: receives it from the socket,
 *         calls pool_taken() and returns whether it can do another
 *
 * There is always one that waits, however many are busy or stuck.  A worker
 * that is done waits again, unless others do.
 *
 * Return: in the first process alone: 0 or -errno.
 */
int pool_run(int fd, bool (*serve)(void));

/* For a worker: it has received a request. */
void pool_taken(void);

#endif /* HELPER_POOL_H */
