// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transport.c - what all transports have in common
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "error.h"
#include "socket_file.h"
#include "transport.h"

const struct transport_ops *const transports[] = {
	&vfio_user_transport_ops,
	&vhost_user_transport_ops,
	NULL
};

const struct transport_ops *transport_find(const char *name)
{
	const struct transport_ops *const *ops;

	for (ops = transports; *ops; ops++) {
		if (!strcmp((*ops)->name, name))
			return *ops;
	}
	return NULL;
}

static int listen_at(const char *path, struct error *error)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, ret;

	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return error_set(error, -EINVAL,
				 "UNIX socket path '%s' must have 1 to %zu bytes",
				 path, sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		ret = -errno;
		return error_set(error, ret, "Failed to create a socket: %s",
				 strerror(-ret));
	}

	ret = socket_file_bind(fd, (struct sockaddr *)&addr, sizeof(addr));
	if (!ret && listen(fd, 1))
		ret = -errno;
	if (ret) {
		close(fd);
		return error_set(error, ret,
				 "Failed to bind socket to %s: %s", path,
				 strerror(-ret));
	}
	return fd;
}

int transport_open_address(const struct transport_address *address,
			   bool *listening, struct error *error)
{
	socklen_t len = sizeof(int);
	int accepts = 0;

	if (address->path) {
		*listening = true;
		return listen_at(address->path, error);
	}

	if (getsockopt(address->fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &len))
		return error_set(error, -ENOTSOCK,
				 "File descriptor '%d' is not a socket",
				 address->fd);
	fcntl(address->fd, F_SETFL, fcntl(address->fd, F_GETFL) | O_NONBLOCK);
	fcntl(address->fd, F_SETFD, FD_CLOEXEC);
	*listening = accepts;
	return address->fd;
}
