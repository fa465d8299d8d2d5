// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket.c - a character device that is a stream socket
 *
 * A server has one client at a time, unless it is told otherwise, which is for
 * socket_server.c; the next one waits in the listening socket's queue until the
 * first has gone.  What a client sent before it closed
 * is kept for a front-end that will read it, and for no other.
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "log.h"
#include "opts.h"
#include "socket_listener.h"
#include "socket_server.h"

/* With one message: as many as QEMU takes. */
#define PASSED_FDS		16

/* The loop's own idea is a quarter of a second. */
#define RETRY_ACCURACY_USEC	1000

/*
 * Of a unix socket, whose client empties it before there is room again: twice
 * as much is twice as long a sleep.  Linux counts overhead as well and so keeps
 * twice as much, which it lets everybody have.
 */
#define SEND_BUFFER		(208 << 10)

struct chardev_socket {
	struct chardev chr;
	sd_event *event;
	struct socket_options options;
	struct socket_listener listener;
	int fd;			/* -1: not connected */
	sd_event_source *source;
	sd_event_source *retry;	/* connects again; NULL: is not to */
	bool complained;	/* of not having been able to */
	bool connecting;
	bool eof;		/* nothing more will come */
	bool hung_up;		/* so, but what came before is not yet read */
	int passed_fd;		/* came with what was read last; -1: none */
	char peer[128];
	char local[160];
};

static struct chardev_socket *to_socket(struct chardev *chr)
{
	return (struct chardev_socket *)chr;
}

/* A client that is to connect again does so after a time. */
static void socket_retry_later(struct chardev_socket *sock)
{
	if (!sock->retry)
		return;

	sd_event_source_set_time_relative(sock->retry,
		1000ull * sock->options.reconnect_ms);
	sd_event_source_set_enabled(sock->retry, SD_EVENT_ONESHOT);
}

/* Once, until it has worked again. */
static void socket_complain(struct chardev_socket *sock, const char *why)
{
	if (sock->complained)
		return;

	sock->complained = sock->retry;
	log_warn("Unable to connect character device %s: %s", sock->chr.id,
		 why);
}

static void drop_passed_fd(struct chardev_socket *sock)
{
	if (sock->passed_fd >= 0)
		close(sock->passed_fd);
	sock->passed_fd = -1;
}

static void socket_disconnect(struct chardev_socket *sock)
{
	bool was_open = sock->chr.open;

	sock->source = sd_event_source_disable_unref(sock->source);
	close(sock->fd);
	sock->fd = -1;
	drop_passed_fd(sock);
	sock->eof = false;
	sock->hung_up = false;
	sock->connecting = false;

	socket_listener_enable(&sock->listener, true);
	socket_retry_later(sock);
	if (was_open)
		chardev_closed(&sock->chr);
}

static void socket_update(struct chardev *chr)
{
	struct chardev_socket *sock = to_socket(chr);
	uint32_t events = 0;

	if (!sock->source || sock->connecting)
		return;

	if (chr->want & CHARDEV_READ)
		events |= EPOLLIN;
	if (chr->want & CHARDEV_WRITE)
		events |= EPOLLOUT;
	if (!sock->hung_up || !(chr->want & CHARDEV_KEEP))
		events |= EPOLLRDHUP;
	/* epoll tells of a hang-up for ever, whether one asks or not. */
	if (sock->hung_up && !events) {
		sd_event_source_set_enabled(sock->source, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_io_events(sock->source, events);
	sd_event_source_set_enabled(sock->source, SD_EVENT_ON);
}

static void socket_finish_connecting(struct chardev_socket *sock)
{
	socklen_t len = sizeof(int);
	int err = 0;

	getsockopt(sock->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err) {
		socket_complain(sock, strerror(err));
		socket_disconnect(sock);
		return;
	}
	sock->connecting = false;
	sock->complained = false;
	socket_describe_peer(sock->fd, sock->peer, sizeof(sock->peer));
	socket_update(&sock->chr);
	chardev_opened(&sock->chr);
}

/* The other end has closed: is there somebody to read what it has left? */
static bool socket_worth_keeping(struct chardev_socket *sock)
{
	int unread = 0;

	if (!(sock->chr.want & CHARDEV_KEEP))
		return false;

	return !ioctl(sock->fd, FIONREAD, &unread) && unread;
}

static int socket_event(sd_event_source *source, int fd, uint32_t events,
			void *data)
{
	struct chardev_socket *sock = data;
	struct chardev *chr = &sock->chr;

	if (sock->connecting) {
		socket_finish_connecting(sock);
		return 0;
	}

	if (events & EPOLLOUT && chr->want & CHARDEV_WRITE && chr->frontend)
		chr->frontend->writable(chr->frontend_data);
	if (events & EPOLLIN && chr->want & CHARDEV_READ && chr->frontend)
		chr->frontend->readable(chr->frontend_data);

	/* A client that will send nothing more has gone, as QEMU sees it. */
	if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		sock->hung_up = true;
	if (sock->eof || (sock->hung_up && !socket_worth_keeping(sock)))
		socket_disconnect(sock);
	else if (sock->hung_up)
		socket_update(chr);
	return 0;
}

/* TCP finds the size out by itself, unless one is set; larger ones remain. */
static void enlarge_send_buffer(int fd)
{
	int domain, size, want = SEND_BUFFER;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    domain != AF_UNIX ||
	    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len) ||
	    size >= 2 * want)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want));
}

static int socket_connected(struct chardev_socket *sock, int fd)
{
	int on = 1, ret;

	ret = sd_event_add_io(sock->event, &sock->source, fd,
			      sock->connecting ? EPOLLOUT : 0, socket_event,
			      sock);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	enlarge_send_buffer(fd);
	if (sock->options.nodelay && sock->options.host)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (sock->options.keep_alive && sock->options.host)
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));

	sock->fd = fd;
	socket_describe(&sock->options, fd, sock->local, sizeof(sock->local));
	socket_listener_enable(&sock->listener, false);
	if (sock->connecting)
		return 0;

	socket_describe_peer(fd, sock->peer, sizeof(sock->peer));
	socket_update(&sock->chr);
	chardev_opened(&sock->chr);
	return 0;
}

static int socket_accepted(void *data, int fd)
{
	return socket_connected(data, fd);
}

static int socket_reach(struct chardev_socket *sock, bool runtime,
			struct error *error)
{
	int fd, ret;

	fd = socket_connect(&sock->options, !runtime, &sock->connecting, error);
	if (fd < 0)
		return fd;

	ret = socket_connected(sock, fd);
	return ret < 0 ? error_set(error, ret, "%s", strerror(-ret)) : 0;
}

static int socket_try(sd_event_source *source, uint64_t usec, void *data)
{
	struct chardev_socket *sock = data;
	struct error error;

	if (socket_reach(sock, true, &error)) {
		socket_complain(sock, error.text);
		socket_retry_later(sock);
	} else if (!sock->connecting) {
		sock->complained = false;
	}
	return 0;
}

/* Begin to connect, and to go on doing so; at the start names are looked up. */
static int socket_keep_reaching(struct chardev_socket *sock, bool runtime,
				struct error *error)
{
	char *host;
	int ret;

	if (sock->options.host && !runtime) {
		host = socket_resolve(&sock->options, error);
		if (!host)
			return -EINVAL;
		free((char *)sock->options.host);
		sock->options.host = host;
	}
	if (!runtime && socket_options_fix_path(&sock->options))
		return error_set(error, -ENOMEM, "out of memory");
	socket_describe(&sock->options, -1, sock->local, sizeof(sock->local));
	ret = sd_event_add_time_relative(sock->event, &sock->retry,
					 CLOCK_MONOTONIC, 0, RETRY_ACCURACY_USEC,
					 socket_try, sock);
	return ret < 0 ? error_set(error, ret, "%s", strerror(-ret)) : 0;
}

static void socket_destroy(struct chardev *chr)
{
	struct chardev_socket *sock = to_socket(chr);

	sd_event_source_disable_unref(sock->source);
	socket_listener_finish(&sock->listener);
	sd_event_source_disable_unref(sock->retry);
	drop_passed_fd(sock);
	if (sock->fd >= 0)
		close(sock->fd);
	socket_options_free(&sock->options);
	free(sock);
}

static int socket_start(struct chardev_socket *sock, bool runtime,
			struct error *error)
{
	if (sock->options.server)
		return socket_listener_start(&sock->listener, sock->event,
					     &sock->options,
					     sock->options.wait && !runtime,
					     socket_accepted, sock, error);
	if (sock->options.reconnect_ms)
		return socket_keep_reaching(sock, runtime, error);

	return socket_reach(sock, runtime, error);
}

static struct chardev_socket *socket_alloc(struct sd_event *event)
{
	struct chardev_socket *sock = calloc(1, sizeof(*sock));

	if (!sock)
		return NULL;
	sock->event = event;
	sock->fd = -1;
	sock->passed_fd = -1;
	sock->listener.fd = -1;
	sock->chr.log_fd = -1;
	return sock;
}

static int socket_create(struct sd_event *event, const struct opts *opts,
			 bool runtime, struct chardev **ret,
			 struct error *error)
{
	struct socket_options options;
	struct chardev_socket *sock;
	int err;

	err = socket_options_parse(&options, opts, error);
	if (err)
		return err;
	/* Those that are open already are not for monitors to choose from. */
	if (runtime && options.fd && isdigit((unsigned char)*options.fd))
		return error_set(error, -ENOENT,
			"File descriptor named '%s' has not been found",
			options.fd);
	if (options.max_clients > 1)
		return socket_server_create(event, &options, runtime, ret,
					    error);
	sock = socket_alloc(event);
	if (!sock)
		return error_set(error, -ENOMEM, "out of memory");

	sock->options = options;
	err = socket_options_keep(&sock->options);
	if (err)
		error_set(error, err, "out of memory");
	else
		err = socket_start(sock, runtime, error);
	if (err) {
		socket_destroy(&sock->chr);
		return err;
	}
	*ret = &sock->chr;
	return 0;
}

int chardev_socket_adopt(struct sd_event *event,
			 const struct socket_options *options, int fd,
			 struct chardev **ret)
{
	struct chardev_socket *sock = socket_alloc(event);
	int err;

	if (!sock) {
		close(fd);
		return -ENOMEM;
	}
	sock->chr.ops = &chardev_socket_ops;
	sock->options = *options;
	err = socket_connected(sock, fd);
	memset(&sock->options, 0, sizeof(sock->options));
	if (err < 0) {
		socket_destroy(&sock->chr);
		return err;
	}
	*ret = &sock->chr;
	return 0;
}

static int socket_take_fd(struct chardev *chr)
{
	struct chardev_socket *sock = to_socket(chr);
	int fd = sock->passed_fd;

	sock->passed_fd = -1;
	return fd >= 0 ? fd : -ENOENT;
}

static int socket_add_client(struct chardev *chr, int fd)
{
	struct chardev_socket *sock = to_socket(chr);
	int copy;

	if (sock->fd >= 0)
		return -EBUSY;
	/* One that cannot be used is closed, and the caller has another. */
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return -errno;
	fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
	if (sock->retry)
		sd_event_source_set_enabled(sock->retry, SD_EVENT_OFF);
	if (socket_connected(sock, copy) < 0)
		return -EINVAL;
	close(fd);
	return 0;
}

/* All descriptors of a message are taken; the last one is kept. */
static void keep_passed_fds(struct chardev_socket *sock, struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	size_t i, num;
	int fd;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		num = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < num; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(fd),
			       sizeof(fd));
			drop_passed_fd(sock);
			sock->passed_fd = fd;
		}
	}
}

static ssize_t socket_readv(struct chardev *chr, const struct iovec *iov,
			    int num)
{
	struct chardev_socket *sock = to_socket(chr);
	char control[CMSG_SPACE(PASSED_FDS * sizeof(int))];
	struct msghdr msg = { .msg_iov = (struct iovec *)iov,
			      .msg_iovlen = num };
	ssize_t len;

	if (chr->takes_fds) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
	}
	do {
		len = recvmsg(sock->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);

	if (len > 0 && chr->takes_fds)
		keep_passed_fds(sock, &msg);
	if (len > 0)
		return len;
	if (len < 0 && (errno == EAGAIN || errno == EFAULT))
		return -errno;

	sock->eof = true;
	return len < 0 ? -errno : -EPIPE;
}

static ssize_t socket_writev(struct chardev *chr, const struct iovec *iov,
			     int num)
{
	struct chardev_socket *sock = to_socket(chr);
	struct msghdr msg = { .msg_iov = (struct iovec *)iov,
			      .msg_iovlen = num };
	ssize_t len;

	if (!chr->open)
		return -ENOTCONN;

	do {
		len = sendmsg(sock->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (len < 0 && errno == EINTR);

	return len < 0 ? -errno : len;
}

/* The loop sees that the connection has ended. */
static void socket_yank(struct chardev *chr)
{
	struct chardev_socket *sock = to_socket(chr);

	if (sock->fd >= 0)
		shutdown(sock->fd, SHUT_RDWR);
}

static void socket_filename(struct chardev *chr, char *buf, size_t size)
{
	struct chardev_socket *sock = to_socket(chr);
	bool server = sock->listener.fd >= 0;

	/* It is the end that it connects from only while it does. */
	if (!chr->open && !server && sock->options.host)
		socket_describe(&sock->options, -1, sock->local,
				sizeof(sock->local));
	snprintf(buf, size, "%s%s%s%s%s", chr->open ? "" : "disconnected:",
		 server && !chr->open ? sock->listener.local : sock->local,
		 server ? ",server=on" : "",
		 chr->open && *sock->peer ? " <-> " : "",
		 chr->open ? sock->peer : "");
}

const struct chardev_ops chardev_socket_ops = {
	.name		= "socket",
	.options	= socket_option_descs,
	.create		= socket_create,
	.destroy	= socket_destroy,
	.readv		= socket_readv,
	.writev		= socket_writev,
	.update		= socket_update,
	.filename	= socket_filename,
	.take_fd	= socket_take_fd,
	.add_client	= socket_add_client,
	.yank		= socket_yank,
};
