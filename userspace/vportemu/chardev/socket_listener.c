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

static int listener_retry(sd_event_source *source, uint64_t usec, void *data)
{
	struct socket_listener *listener = data;

	sd_event_source_set_enabled(listener->source, SD_EVENT_ON);
	return 0;
}

static void retry_later(struct socket_listener *listener)
{
	sd_event_source_set_enabled(listener->source, SD_EVENT_OFF);
	sd_event_source_set_time_relative(listener->retry_timer,
					  ACCEPT_RETRY_USEC);
	sd_event_source_set_enabled(listener->retry_timer, SD_EVENT_ONESHOT);
}

static int listener_readable(sd_event_source *source, int fd, uint32_t events,
			     void *data)
{
	struct socket_listener *listener = data;
	int ret = accept_client(listener);

	if (is_passing(ret))
		return 0;
	if (ret < 0) {
		if (!listener->short_of)
			log_err("%s: accept: %s", listener->local,
				strerror(-ret));
		retry_later(listener);
	}
	listener->short_of = ret < 0;
	return 0;
}

static int listener_watch(struct socket_listener *listener,
			  struct sd_event *event)
{
	int ret;

	ret = sd_event_add_io(event, &listener->source, listener->fd, EPOLLIN,
			      listener_readable, listener);
	if (ret >= 0)
		ret = sd_event_add_time(event, &listener->retry_timer,
					CLOCK_MONOTONIC, UINT64_MAX, 0,
					listener_retry, listener);
	return ret < 0 ? ret :
	       sd_event_source_set_enabled(listener->retry_timer, SD_EVENT_OFF);
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
	int ret;

	listener->accepted = accepted;
	listener->data = data;
	listener->fd = socket_listen(options, error);
	if (listener->fd < 0) {
		ret = listener->fd;
		listener->fd = -1;
		return ret;
	}
	ret = 0;
	if (options->path && !options->abstract)
		ret = socket_file_init(&listener->file, options->path);
	socket_describe(options, listener->fd, listener->local,
			sizeof(listener->local));
	if (!ret)
		ret = listener_watch(listener, event);
	if (ret < 0)
		return error_set(error, ret, "%s", strerror(-ret));

	return wait ? wait_for_client(listener, error) : 0;
}

void socket_listener_finish(struct socket_listener *listener)
{
	sd_event_source_disable_unref(listener->source);
	sd_event_source_disable_unref(listener->retry_timer);
	if (listener->fd >= 0)
		close(listener->fd);
	socket_file_finish(&listener->file);
}

void socket_listener_enable(struct socket_listener *listener, bool on)
{
	if (!listener->source)
		return;
	sd_event_source_set_enabled(listener->source,
				    on ? SD_EVENT_ON : SD_EVENT_OFF);
	sd_event_source_set_enabled(listener->retry_timer, SD_EVENT_OFF);
}
