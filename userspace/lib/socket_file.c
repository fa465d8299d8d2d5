// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket_file.c - the files of listening unix sockets
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "socket_file.h"

/*
 * Asked with a socket of another type: that of a living process refuses it by
 * its type, and its owner does not notice, for whom a connection would be a
 * client that came and left.
 */
static bool is_abandoned(const struct sockaddr *addr, socklen_t len)
{
	const char *path = ((const struct sockaddr_un *)addr)->sun_path;
	struct stat st;
	bool refused;
	int fd;

	if (lstat(path, &st) || !S_ISSOCK(st.st_mode))
		return false;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, addr, len) && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

int socket_file_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	if (!bind(fd, addr, len))
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	if (!is_abandoned(addr, len))
		return -EADDRINUSE;

	unlink(((const struct sockaddr_un *)addr)->sun_path);
	return bind(fd, addr, len) ? -errno : 0;
}

int socket_file_init(struct socket_file *file, const char *path)
{
	struct stat st;
	char *full;

	if (lstat(path, &st))
		return -errno;
	full = realpath(path, NULL);
	if (!full)
		return -errno;
	file->path = full;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	return 0;
}

void socket_file_finish(struct socket_file *file)
{
	struct stat st;

	if (file->path && !lstat(file->path, &st) && st.st_dev == file->dev &&
	    st.st_ino == file->ino)
		unlink(file->path);
	free(file->path);
	file->path = NULL;
}
