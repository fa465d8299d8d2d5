// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * listen.c - listening sockets that are handed to the emulator
 *
 * As libvirt does it: who connects does not have to wait for the emulator.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host.h"

/**
 * listen_unix() - make a listening socket
 * @path: where; what was there is removed
 *
 * Return: its descriptor or -errno.
 */
int listen_unix(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, r;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	unlink(path);

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 1)) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

/**
 * pass_on() - let the first program have a descriptor
 * @host: the run
 * @fd:   the descriptor, copied
 * @as:   its number there
 *
 * Return: 0 or -errno.
 */
int pass_on(struct host *host, int fd, int as)
{
	int copy;

	if (host->nhanded == HOST_MAX_HANDED)
		return -ENOSPC;
	/* Above all numbers that are asked for: none is overwritten. */
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	if (copy < 0)
		return -errno;
	host->handed[host->nhanded++] = (struct handed){ copy, as };
	return 0;
}
