// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket_address.c - what -chardev socket is told, made into a socket
 *
 * The words of errors are QEMU's.
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <linux/vm_sockets.h>
#include <unistd.h>

#include "error.h"
#include "opts.h"
#include "passed_fd.h"
#include "socket_address.h"

/* One client is served and one may wait, as with QEMU. */
#define BACKLOG	1

#define OPT(name, type, help) \
	{ #name, type, offsetof(struct socket_options, name), help }

const struct opt_desc socket_option_descs[] = {
	OPT(backend, OPT_STRING, NULL),
	OPT(id, OPT_STRING, "name by which a device or monitor refers to it"),
	OPT(path, OPT_STRING, "unix socket"),
	OPT(host, OPT_STRING, "TCP host name or address"),
	OPT(port, OPT_STRING, "TCP port or service"),
	OPT(fd, OPT_STRING, "descriptor that was passed to the process"),
	OPT(abstract, OPT_BOOL, "the path is an abstract name (default: off)"),
	OPT(tight, OPT_BOOL,
	    "an abstract name ends where it ends (default: on)"),
	OPT(cid, OPT_STRING, "vsock context id, with port"),
	OPT(ipv4, OPT_BOOL, "use IPv4"),
	OPT(ipv6, OPT_BOOL, "use IPv6"),
	{ "keep-alive", OPT_BOOL, offsetof(struct socket_options, keep_alive),
	  "look after idle TCP connections (default: off)" },
	OPT(reconnect, OPT_U32,
	    "seconds after which a client connects again (default: 0, never)"),
	{ "reconnect-ms", OPT_U32,
	  offsetof(struct socket_options, reconnect_ms),
	  "the same in milliseconds" },
	OPT(server, OPT_BOOL, "listen (default: off)"),
	OPT(wait, OPT_BOOL,
	    "start only when a client has connected (default: on)"),
	OPT(nodelay, OPT_BOOL, "send small TCP segments at once"),
	OPT(delay, OPT_BOOL, "collect small TCP segments (default: on)"),
	{ NULL }
};

static int check_reconnect(struct socket_options *options,
			   const struct opts *opts, struct error *error)
{
	bool seconds = opts_has(opts, "reconnect");
	const char *name = seconds ? "reconnect" : "reconnect-ms";

	if (seconds && opts_has(opts, "reconnect-ms"))
		return error_set(error, -EINVAL,
			"'reconnect' and 'reconnect-ms' are mutually exclusive");
	if (options->reconnect > UINT32_MAX / 1000)
		return error_set(error, -EINVAL,
				 "Parameter 'reconnect' expects up to %u",
				 UINT32_MAX / 1000);
	if (seconds)
		options->reconnect_ms = 1000 * options->reconnect;
	if (options->reconnect_ms && options->server)
		return error_set(error, -EINVAL,
			"'%s' option is incompatible with socket in server listen mode",
			name);
	if (options->reconnect_ms && options->fd)
		return error_set(error, -EINVAL,
				 "'%s' option is incompatible with 'fd'", name);
	return 0;
}

int socket_options_parse(struct socket_options *options,
			 const struct opts *opts, struct error *error)
{
	int kinds, ret;

	*options = (struct socket_options) { .wait = true, .delay = true,
					     .tight = true };
	ret = opts_apply(opts, socket_option_descs, NULL, options, error);
	if (ret)
		return ret;

	kinds = !!options->path + !!options->host + !!options->fd +
		!!options->cid;
	if (options->port && !kinds) {
		options->host = "";
		kinds = 1;
	}
	if (kinds != 1)
		return error_set(error, -EINVAL,
			"None or one of 'path', 'fd' or 'host' option required.");
	if ((options->host || options->cid) && !options->port)
		return error_set(error, -EINVAL,
				 "chardev: socket: no port given");
	if (!options->server && opts_has(opts, "wait"))
		return error_set(error, -EINVAL,
			"'wait' option is incompatible with socket in client connect mode");
	if (!options->path && (opts_has(opts, "abstract") ||
			       opts_has(opts, "tight")))
		return error_set(error, -EINVAL,
			"'abstract' and 'tight' options require 'path'");
	if (!options->delay)
		options->nodelay = true;
	return check_reconnect(options, opts, error);
}

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

static int new_socket(int family, struct error *error)
{
	int fd, ret;

	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		ret = -errno;
		return error_set(error, ret, "Failed to create a socket: %s",
				 strerror(-ret));
	}
	return fd;
}

static int unix_listen(const struct socket_options *options,
		       struct error *error)
{
	const char *path = options->path;
	struct sockaddr_un addr;
	struct stat st;
	socklen_t len;
	int fd, ret;

	ret = unix_address(options, &addr, &len, error);
	if (ret)
		return ret;
	fd = new_socket(AF_UNIX, error);
	if (fd < 0)
		return fd;

	/* What a former run left behind. */
	if (!options->abstract && !lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);

	if (bind(fd, (struct sockaddr *)&addr, len) || listen(fd, BACKLOG)) {
		ret = -errno;
		close(fd);
		return error_set(error, ret,
				 "Failed to bind socket to %s: %s", path,
				 strerror(-ret));
	}
	return fd;
}

static int unix_connect(const struct socket_options *options,
			struct error *error)
{
	struct sockaddr_un addr;
	socklen_t len;
	int fd, ret;

	ret = unix_address(options, &addr, &len, error);
	if (ret)
		return ret;
	fd = new_socket(AF_UNIX, error);
	if (fd < 0)
		return fd;

	if (connect(fd, (struct sockaddr *)&addr, len)) {
		ret = -errno;
		close(fd);
		return error_set(error, ret, "Failed to connect to '%s': %s",
				 options->path, strerror(-ret));
	}
	return fd;
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
	fd = new_socket(AF_VSOCK, error);
	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, BACKLOG)) {
		ret = -errno;
		close(fd);
		return error_set(error, ret, "Failed to bind socket: %s",
				 strerror(-ret));
	}
	return fd;
}

static int finish_connect(int fd);

static int vsock_connect(const struct socket_options *options, bool wait,
			 bool *pending, struct error *error)
{
	struct sockaddr_vm addr;
	int fd, ret;

	ret = vsock_address(options, &addr, error);
	if (ret)
		return ret;
	fd = new_socket(AF_VSOCK, error);
	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		ret = -errno;
	if (ret == -EINPROGRESS && wait)
		ret = finish_connect(fd);
	*pending = ret == -EINPROGRESS;
	if (!ret || *pending)
		return fd;
	close(fd);
	return error_set(error, ret, "Failed to connect to '%s:%s': %s",
			 options->cid, options->port, strerror(-ret));
}

/* @flags: AI_NUMERICHOST at run time, when no name server may be waited for. */
static int tcp_resolve(const struct socket_options *options, int flags,
		       struct addrinfo **ret, struct error *error)
{
	struct addrinfo hints = {
		.ai_family = options->ipv4 == options->ipv6 ? AF_UNSPEC :
			     options->ipv4 ? AF_INET : AF_INET6,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = flags,
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

static int tcp_listen(const struct socket_options *options, struct error *error)
{
	struct addrinfo *list, *ai;
	int on = 1, ret = 0, fd = -1;

	ret = tcp_resolve(options, AI_PASSIVE, &list, error);
	if (ret)
		return ret;

	for (ai = list; ai && fd < 0; ai = ai->ai_next) {
		fd = new_socket(ai->ai_family, error);
		if (fd < 0) {
			ret = fd;
			continue;
		}
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (!bind(fd, ai->ai_addr, ai->ai_addrlen) &&
		    !listen(fd, BACKLOG))
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

static int tcp_try(const struct addrinfo *ai, bool wait, bool *pending,
		   struct error *error)
{
	int fd, ret = 0;

	fd = new_socket(ai->ai_family, error);
	if (fd < 0)
		return fd;

	*pending = false;
	if (connect(fd, ai->ai_addr, ai->ai_addrlen))
		ret = -errno;
	if (ret == -EINPROGRESS && wait)
		ret = finish_connect(fd);
	if (ret == -EINPROGRESS) {
		*pending = true;
		return fd;
	}
	if (ret) {
		close(fd);
		return ret;
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
		fd = tcp_try(ai, wait, pending, error);
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
	if (options->server && !listening && listen(fd, BACKLOG))
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
		return unix_connect(options, error);
	if (options->cid)
		return vsock_connect(options, wait, pending, error);

	return tcp_connect(options, wait, pending, error);
}

static void describe_inet(const struct sockaddr *addr, socklen_t len, char *buf,
			  size_t size)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	bool v6 = addr->sa_family == AF_INET6;

	if (getnameinfo(addr, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV)) {
		snprintf(buf, size, "unknown");
		return;
	}
	snprintf(buf, size, "%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "",
		 port);
}

void socket_describe(const struct socket_options *options, int fd, char *buf,
		     size_t size)
{
	struct sockaddr_storage storage = { .ss_family = AF_UNSPEC };
	struct sockaddr *addr = (struct sockaddr *)&storage;
	socklen_t len = sizeof(storage);
	char inet[128];

	if (options->path) {
		snprintf(buf, size, "unix:%s%s%s", options->path,
			 options->abstract ? ",abstract=on" : "",
			 options->abstract && !options->tight ? ",tight=off" :
								"");
		return;
	}
	if (options->cid) {
		snprintf(buf, size, "vsock:%s:%s", options->cid, options->port);
		return;
	}
	if (fd >= 0)
		getsockname(fd, addr, &len);
	if (addr->sa_family == AF_UNIX) {
		snprintf(buf, size, "unix:%.*s",
			 (int)(len - offsetof(struct sockaddr_un, sun_path)),
			 ((struct sockaddr_un *)addr)->sun_path);
	} else if (addr->sa_family == AF_UNSPEC) {
		snprintf(buf, size, "tcp:%s:%s", options->host ?: "",
			 options->port ?: "");
	} else {
		describe_inet(addr, len, inet, sizeof(inet));
		snprintf(buf, size, "tcp:%s", inet);
	}
}

void socket_describe_peer(int fd, char *buf, size_t size)
{
	struct sockaddr_storage storage;
	struct sockaddr *addr = (struct sockaddr *)&storage;
	socklen_t len = sizeof(storage);

	*buf = '\0';
	if (!getpeername(fd, addr, &len) &&
	    (addr->sa_family == AF_INET || addr->sa_family == AF_INET6))
		describe_inet(addr, len, buf, size);
}
