// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket_listener.c - the listening side of -chardev socket
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "error.h"
#include "log.h"
#include "socket_listener.h"

/* When descriptors or memory are short, trying again at once is no use. */
#define ACCEPT_RETRY_USEC	1000000

static int accept_client(struct socket_listener *listener)
{
	int fd;

	fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return -errno;

	return listener->accepted(listener->data, fd);
}

/* A client that has gone already is no client. */
static bool is_passing(int err)
{
	return err == -EAGAIN || err == -EINTR || err == -ECONNABORTED;
}

static int listener_readable(sd_event_source *source, int fd, uint32_t events,
			     void *data)
{
	struct socket_listener *listener = data;
	int ret = accept_client(listener);

	if (is_passing(ret))
		return 0;
	if (ret < 0) {
		log_err("%s: accept: %s", listener->local, strerror(-ret));
		sd_event_source_set_ratelimit(source, ACCEPT_RETRY_USEC, 1);
	} else {
		sd_event_source_set_ratelimit(source, 0, 0);
	}
	return 0;
}

/* wait=on: the machine starts when somebody listens. */
static int wait_for_client(struct socket_listener *listener,
			   struct error *error)
{
	struct pollfd pollfd = { .fd = listener->fd, .events = POLLIN };
	int ret;

	log_info("info: QEMU waiting for connection on: disconnected:%s,server=on",
		 listener->local);
	do {
		ret = poll(&pollfd, 1, -1) < 0 ? -errno :
						 accept_client(listener);
	} while (is_passing(ret));

	return ret ? error_set(error, ret, "accept: %s", strerror(-ret)) : 0;
}

int socket_listener_start(struct socket_listener *listener,
			  struct sd_event *event,
			  const struct socket_options *options, bool wait,
			  int (*accepted)(void *data, int fd), void *data,
			  struct error *error)
{
	struct stat st;
	int ret;

	listener->accepted = accepted;
	listener->data = data;
	listener->fd = socket_listen(options, error);
	if (listener->fd < 0) {
		ret = listener->fd;
		listener->fd = -1;
		return ret;
	}
	if (options->path && !options->abstract &&
	    !lstat(options->path, &st)) {
		listener->path = options->path;
		listener->path_dev = st.st_dev;
		listener->path_ino = st.st_ino;
	}
	socket_describe(options, listener->fd, listener->local,
			sizeof(listener->local));
	ret = sd_event_add_io(event, &listener->source, listener->fd, EPOLLIN,
			      listener_readable, listener);
	if (ret < 0)
		return error_set(error, ret, "%s", strerror(-ret));

	return wait ? wait_for_client(listener, error) : 0;
}

void socket_listener_finish(struct socket_listener *listener)
{
	struct stat st;

	sd_event_source_disable_unref(listener->source);
	if (listener->fd >= 0)
		close(listener->fd);
	/* Not what somebody else has put in the place of ours. */
	if (listener->path && !lstat(listener->path, &st) &&
	    st.st_dev == listener->path_dev && st.st_ino == listener->path_ino)
		unlink(listener->path);
}

void socket_listener_enable(struct socket_listener *listener, bool on)
{
	if (listener->source)
		sd_event_source_set_enabled(listener->source,
					    on ? SD_EVENT_ON : SD_EVENT_OFF);
}
