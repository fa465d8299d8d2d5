// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * endpoint.c - sockets, terminals and fifos, of ours and of others
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "address.h"
#include "conf.h"
#include "endpoint.h"
#include "socket_file.h"

static int open_socket(const struct address *address)
{
	int fd = socket(address->socket.any.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* The directory that it is in, if that alone is missing. */
static void make_parent(const char *path)
{
	char *slash;
	char *dir = strdup(path);

	if (!dir)
		return;
	slash = strrchr(dir, '/');
	if (slash > dir) {
		*slash = '\0';
		mkdir(dir, 0755);
	}
	free(dir);
}

static int set_access(const char *path, const struct port_conf *conf)
{
	uid_t owner = conf->has_owner ? conf->owner : (uid_t)-1;
	gid_t group = conf->has_group ? conf->group : (gid_t)-1;

	if ((conf->has_owner || conf->has_group) && chown(path, owner, group))
		return -errno;
	return chmod(path, conf->mode) ? -errno : 0;
}

static int bind_socket(int fd, const struct address *address)
{
	int one = 1;

	if (address->path)
		return socket_file_bind(fd, &address->socket.any, address->len);
	if (address->socket.any.sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return bind(fd, &address->socket.any, address->len) ? -errno : 0;
}

/* Nobody can connect before listen(), so the path is never open to all. */
int endpoint_listen(const struct address *address,
		    const struct port_conf *conf)
{
	int fd = open_socket(address);
	int err;

	if (fd < 0)
		return fd;

	if (address->path && conf)
		make_parent(address->path);
	err = bind_socket(fd, address);
	if (err) {
		close(fd);
		return err;
	}

	if (address->path && conf)
		err = set_access(address->path, conf);
	else if (address->path && chmod(address->path, 0600))
		err = -errno;
	if (!err && listen(fd, SOMAXCONN))
		err = -errno;
	if (err) {
		endpoint_remove(address);
		close(fd);
		return err;
	}
	return fd;
}

int endpoint_connect(const struct address *address, int *ret)
{
	int fd = open_socket(address);
	int err = 0;

	if (fd < 0)
		return fd;

	if (connect(fd, &address->socket.any, address->len))
		err = -errno;
	if (err && err != -EINPROGRESS) {
		close(fd);
		return err;
	}
	*ret = fd;
	return err;
}

/* A link is made under another name first: the path is never missing. */
static int make_link(const char *path, const char *target)
{
	struct stat st;
	char *temporary;
	int err = 0;

	if (!lstat(path, &st) && !S_ISLNK(st.st_mode))
		return -EEXIST;
	if (asprintf(&temporary, "%s.%d~", path, getpid()) < 0)
		return -ENOMEM;

	unlink(temporary);
	if (symlink(target, temporary)) {
		err = -errno;
	} else if (rename(temporary, path)) {
		err = -errno;
		unlink(temporary);
	}
	free(temporary);
	return err;
}

/* Return: 0 or -errno. */
static int set_raw(int fd)
{
	struct termios raw;

	if (tcgetattr(fd, &raw))
		return -errno;
	cfmakeraw(&raw);
	return tcsetattr(fd, TCSANOW, &raw) ? -errno : 0;
}

static int prepare_pty(int master, const char *path,
		       const struct port_conf *conf, int *ret_slave)
{
	char name[64];
	int slave;
	int err;

	if (grantpt(master) || unlockpt(master) ||
	    ptsname_r(master, name, sizeof(name)))
		return -errno;
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -errno;

	err = set_raw(slave);
	if (!err)
		err = set_access(name, conf);
	if (!err) {
		make_parent(path);
		err = make_link(path, name);
	}
	if (err)
		close(slave);
	else
		*ret_slave = slave;
	return err;
}

int endpoint_pty(const char *path, const struct port_conf *conf,
		 int ret_fds[2])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int err;

	if (master < 0)
		return -errno;

	err = prepare_pty(master, path, conf, &ret_fds[1]);
	if (err)
		close(master);
	else
		ret_fds[0] = master;
	return err;
}

int endpoint_open_terminal(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = set_raw(fd);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static int make_fifo(const char *name, const struct port_conf *conf)
{
	make_parent(name);
	if (!mkfifo(name, 0600))
		return set_access(name, conf);
	return errno == EEXIST ? 0 : -errno;
}

/* Return: a descriptor or -errno. */
static int open_fifo(const char *path, const char *suffix,
		     const struct port_conf *conf)
{
	char *name;
	int err = 0;
	struct stat st;
	int fd;

	if (asprintf(&name, "%s%s", path, suffix) < 0)
		return -ENOMEM;

	if (conf->listen)
		err = make_fifo(name, conf);
	/* Open for both, it has always a reader and a writer. */
	fd = err ? err : open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (!err && fd < 0)
		fd = -errno;
	free(name);

	if (fd >= 0 && (fstat(fd, &st) || !S_ISFIFO(st.st_mode))) {
		close(fd);
		return -EEXIST;
	}
	return fd;
}

int endpoint_fifo(const char *path, const struct port_conf *conf,
		  int ret_fds[2])
{
	int in = open_fifo(path, conf->listen ? ".in" : ".out", conf);
	int out;

	if (in < 0)
		return in;
	out = open_fifo(path, conf->listen ? ".out" : ".in", conf);
	if (out < 0) {
		close(in);
		return out;
	}
	ret_fds[0] = in;
	ret_fds[1] = out;
	return 0;
}

/* Fifos stay: who has one open keeps what is in it. */
void endpoint_remove(const struct address *address)
{
	if (address->path && address->kind != ADDRESS_FIFO)
		unlink(address->path);
}
