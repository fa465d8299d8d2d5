// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket_address.c - addresses of -chardev socket, made into sockets
 *
 * The words of errors are QEMU's.
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/vm_sockets.h>
#include <unistd.h>

#include "error.h"
#include "opts.h"
#include "passed_fd.h"
#include "socket_address.h"
#include "socket_file.h"

/* An abstract name has no file; it is as long as it is, or all there is room. */
static int unix_address(const struct socket_options *options,
			struct sockaddr_un *addr, socklen_t *len,
			struct error *error)
{
	size_t size = strlen(options->path);
	size_t max = sizeof(addr->sun_path) - 1;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	*len = sizeof(*addr);
	if (!size || size > max)
		return error_set(error, -EINVAL,
			"UNIX socket path '%s' must have 1 to %zu bytes",
			options->path, max);

	memcpy(addr->sun_path + options->abstract, options->path, size);
	if (options->abstract && options->tight)
		*len = offsetof(struct sockaddr_un, sun_path) + 1 + size;
	return 0;
}

static int new_socket(int family, int protocol, struct error *error)
{
	int fd, ret;

	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    protocol);
	if (fd < 0) {
		ret = -errno;
		return error_set(error, ret, "Failed to create a socket: %s",
				 strerror(-ret));
	}
	return fd;
}

static int finish_connect(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int err = 0;

	while (poll(&pollfd, 1, -1) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -errno;
	return -err;
}

/* The machine itself has answered by the time that connect() returns. */
static bool is_decided(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

	return poll(&pollfd, 1, 0) > 0;
}

/* A connection, or the beginning of one.  Return: a descriptor, -errno. */
static int connect_to(const void *addr, socklen_t len, int protocol, bool wait,
		      bool *pending, struct error *error)
{
	const struct sockaddr *sockaddr = addr;
	int fd, ret = 0;

	fd = new_socket(sockaddr->sa_family, protocol, error);
	if (fd < 0)
		return fd;

	if (connect(fd, sockaddr, len))
		ret = -errno;
	if (ret == -EINPROGRESS && (wait || is_decided(fd)))
		ret = finish_connect(fd);
	*pending = ret == -EINPROGRESS;
	if (!ret || *pending)
		return fd;
	close(fd);
	return ret;
}

static int unix_listen(const struct socket_options *options,
		       struct error *error)
{
	const char *path = options->path;
	struct sockaddr_un addr;
	socklen_t len;
	int fd, ret;

	ret = unix_address(options, &addr, &len, error);
	if (ret)
		return ret;
	fd = new_socket(AF_UNIX, 0, error);
	if (fd < 0)
		return fd;

	if (options->abstract)
		ret = bind(fd, (struct sockaddr *)&addr, len) ? -errno : 0;
	else
		ret = socket_file_bind(fd, (struct sockaddr *)&addr, len);
	if (!ret && listen(fd, options->max_clients))
		ret = -errno;
	if (ret) {
		close(fd);
		return error_set(error, ret,
				 "Failed to bind socket to %s: %s", path,
				 strerror(-ret));
	}
	return fd;
}

static int unix_connect(const struct socket_options *options, bool wait,
			bool *pending, struct error *error)
{
	struct sockaddr_un addr;
	socklen_t len;
	int ret;

	ret = unix_address(options, &addr, &len, error);
	if (ret)
		return ret;
	ret = connect_to(&addr, len, 0, wait, pending, error);
	if (ret < 0)
		error_set(error, ret, "Failed to connect to '%s': %s",
			  options->path, strerror(-ret));
	return ret;
}

static bool parse_u32(const char *text, unsigned int *ret)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	*ret = value;
	return isdigit((unsigned char)*text) && !*end && value <= UINT32_MAX;
}

static int vsock_address(const struct socket_options *options,
			 struct sockaddr_vm *addr, struct error *error)
{
	memset(addr, 0, sizeof(*addr));
	addr->svm_family = AF_VSOCK;
	if (!parse_u32(options->cid, &addr->svm_cid))
		return error_set(error, -EINVAL, "Failed to parse cid '%s'",
				 options->cid);
	if (!parse_u32(options->port, &addr->svm_port))
		return error_set(error, -EINVAL, "Failed to parse port '%s'",
				 options->port);
	return 0;
}

static int vsock_listen(const struct socket_options *options,
			struct error *error)
{
	struct sockaddr_vm addr;
	int fd, ret;

	ret = vsock_address(options, &addr, error);
	if (ret)
		return ret;
	fd = new_socket(AF_VSOCK, 0, error);
	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, options->max_clients)) {
		ret = -errno;
		close(fd);
		return error_set(error, ret, "Failed to bind socket: %s",
				 strerror(-ret));
	}
	return fd;
}

static int vsock_connect(const struct socket_options *options, bool wait,
			 bool *pending, struct error *error)
{
	struct sockaddr_vm addr;
	int ret;

	ret = vsock_address(options, &addr, error);
	if (ret)
		return ret;
	ret = connect_to(&addr, sizeof(addr), 0, wait, pending, error);
	if (ret < 0)
		error_set(error, ret, "Failed to connect to '%s:%s': %s",
			  options->cid, options->port, strerror(-ret));
	return ret;
}

/* @flags: AI_NUMERICHOST at run time, when no name server may be waited for. */
static int tcp_resolve(const struct socket_options *options, int flags,
		       struct addrinfo **ret, struct error *error)
{
	struct addrinfo hints = {
		.ai_family = options->ipv4 == options->ipv6 ? AF_UNSPEC :
			     options->ipv4 ? AF_INET : AF_INET6,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = flags | (options->numeric ?
				     AI_NUMERICHOST | AI_NUMERICSERV : 0),
	};
	int err;

	err = getaddrinfo(*options->host ? options->host : NULL, options->port,
			  &hints, ret);
	if (err)
		return error_set(error, -EINVAL,
				 "address resolution failed for %s:%s: %s",
				 options->host, options->port,
				 gai_strerror(err));
	return 0;
}

char *socket_resolve(const struct socket_options *options, struct error *error)
{
	char host[NI_MAXHOST];
	struct addrinfo *list;
	char *copy = NULL;

	if (tcp_resolve(options, 0, &list, error))
		return NULL;
	if (!getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof(host),
			 NULL, 0, NI_NUMERICHOST))
		copy = strdup(host);
	freeaddrinfo(list);
	if (!copy)
		error_set(error, -ENOMEM, "out of memory");
	return copy;
}

static int tcp_protocol(const struct socket_options *options)
{
	return options->mptcp ? IPPROTO_MPTCP : 0;
}

static int tcp_listen_at(const struct socket_options *options,
			 struct error *error)
{
	struct addrinfo *list, *ai;
	int on = 1, ret = 0, fd = -1;

	ret = tcp_resolve(options, AI_PASSIVE, &list, error);
	if (ret)
		return ret;

	for (ai = list; ai && fd < 0; ai = ai->ai_next) {
		fd = new_socket(ai->ai_family, tcp_protocol(options), error);
		if (fd < 0) {
			ret = fd;
			continue;
		}
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (!bind(fd, ai->ai_addr, ai->ai_addrlen) &&
		    !listen(fd, options->max_clients))
			continue;
		ret = error_set(error, -errno,
				"Failed to find an available port: %s",
				strerror(errno));
		close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	return fd < 0 ? ret : fd;
}

static int tcp_listen(const struct socket_options *options, struct error *error)
{
	struct socket_options at = *options;
	unsigned long port;
	char text[24];
	int fd = -EADDRINUSE;

	if (!options->to)
		return tcp_listen_at(options, error);

	at.port = text;
	for (port = strtoul(options->port, NULL, 10);
	     port <= options->to && fd == -EADDRINUSE; port++) {
		snprintf(text, sizeof(text), "%lu", port);
		fd = tcp_listen_at(&at, error);
	}
	return fd;
}

static int tcp_connect(const struct socket_options *options, bool wait,
		       bool *pending, struct error *error)
{
	struct addrinfo *list, *ai;
	int ret, fd = -ENOENT;

	ret = tcp_resolve(options, wait ? 0 : AI_NUMERICHOST | AI_NUMERICSERV,
			  &list, error);
	if (ret)
		return ret;

	for (ai = list; ai && fd < 0; ai = ai->ai_next)
		fd = connect_to(ai->ai_addr, ai->ai_addrlen,
				tcp_protocol(options), wait, pending, error);
	freeaddrinfo(list);

	if (fd < 0)
		return error_set(error, fd, "Failed to connect to '%s:%s': %s",
				 options->host, options->port, strerror(-fd));
	return fd;
}

/* A descriptor that was passed: ours from now on, if it is what it should. */
static int passed_socket(const struct socket_options *options,
			 struct error *error)
{
	int listening, flags;
	socklen_t len = sizeof(listening);
	char *end;
	long fd;

	if (isdigit((unsigned char)*options->fd)) {
		fd = strtol(options->fd, &end, 10);
		if (*end || fd > INT_MAX)
			return error_set(error, -EINVAL,
				"Parameter 'fd' expects a descriptor's number or name, not '%s'",
				options->fd);
	} else {
		fd = passed_fd_take(options->fd);
		if (fd < 0)
			return error_set(error, -ENOENT,
				"File descriptor named '%s' has not been found",
				options->fd);
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len))
		return error_set(error, -ENOTSOCK,
				 "File descriptor '%s' is not a socket",
				 options->fd);
	if (options->server && !listening && listen(fd, options->max_clients))
		return error_set(error, -EINVAL,
				 "Failed to listen on fd socket '%s': %s",
				 options->fd, strerror(errno));
	if (!options->server && listening)
		return error_set(error, -EINVAL,
				 "File descriptor '%s' is listening, expected a connected socket",
				 options->fd);

	flags = fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

int socket_listen(const struct socket_options *options, struct error *error)
{
	if (options->fd)
		return passed_socket(options, error);
	if (options->path)
		return unix_listen(options, error);
	if (options->cid)
		return vsock_listen(options, error);

	return tcp_listen(options, error);
}

int socket_connect(const struct socket_options *options, bool wait,
		   bool *pending, struct error *error)
{
	*pending = false;
	if (options->fd)
		return passed_socket(options, error);
	if (options->path)
		return unix_connect(options, wait, pending, error);
	if (options->cid)
		return vsock_connect(options, wait, pending, error);

	return tcp_connect(options, wait, pending, error);
}
