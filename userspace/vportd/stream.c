// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream.c - bytes between a port and a pair of descriptors
 *
 * Nothing is buffered here.  While the descriptor is full, stream_write() takes
 * less than it is offered; while the port is full, nothing is read.
 *
 * Epoll reports a hang-up also to who asked for nothing, so a source that waits
 * for neither input nor room is turned off.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port.h"
#include "stream.h"

#define STREAM_READ_SIZE	(32u << 10)

/* Reads in a row before others get their turn. */
#define STREAM_READS		8

struct end {
	int fd;
	sd_event_source *io;
};

struct stream {
	struct port *port;
	const struct stream_ops *ops;
	void *owner;
	struct end in;
	struct end out;		/* without an io where it is the same */
	bool listening;
	bool full;		/* the port is */
	bool blocked;		/* writing has to wait */
	bool ended;		/* reading has come to its end */
	bool deaf;		/* nobody reads what is written */
	bool closed;		/* both, and the owner knows */
	bool dismissed;
};

static bool stream_wants_input(const struct stream *stream)
{
	if (stream->ended)
		return false;
	return stream->dismissed || (stream->listening && !stream->full);
}

static void end_want(struct end *end, uint32_t events)
{
	sd_event_source_set_io_events(end->io, events);
	sd_event_source_set_enabled(end->io,
				    events ? SD_EVENT_ON : SD_EVENT_OFF);
}

/*
 * A half-closed peer is watched for its hang-up; one that nobody reads from
 * is not, since its data comes first.
 */
static void stream_update(struct stream *stream)
{
	uint32_t in = stream_wants_input(stream) ? EPOLLIN : 0;
	uint32_t out = stream->blocked ? EPOLLOUT : 0;

	if (stream->out.io) {
		end_want(&stream->in, in);
		end_want(&stream->out, out);
		return;
	}
	end_want(&stream->in, in | out);
	if (stream->ended && !stream->closed)
		sd_event_source_set_enabled(stream->in.io, SD_EVENT_ON);
}

static void stream_unblock(struct stream *stream)
{
	if (!stream->blocked)
		return;
	stream->blocked = false;
	port_resume_input(stream->port);
}

static void stream_end(struct stream *stream)
{
	stream->ended = true;
	stream->closed = stream->deaf;
	stream_update(stream);
	stream->ops->ended(stream->owner, stream->closed);
}

/* The peer is gone in both directions. */
static void stream_hang_up(struct stream *stream)
{
	stream->deaf = true;
	stream->closed = true;
	stream_unblock(stream);
	stream_update(stream);
	stream->ops->ended(stream->owner, true);
}

/* Return: whether to go on reading. */
static bool stream_take(struct stream *stream, const void *data, size_t len)
{
	if (stream->dismissed)
		return true;
	stream->full = !port_write(stream->port, data, len);
	return !stream->full;
}

/* The stream may be gone when this returns false. */
static bool stream_read(struct stream *stream)
{
	static uint8_t buf[STREAM_READ_SIZE];
	int reads;
	ssize_t n;

	for (reads = 0; reads < STREAM_READS; reads++) {
		n = read(stream->in.fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			stream_end(stream);
			return false;
		}
		if (!stream_take(stream, buf, n))
			break;
	}

	stream_update(stream);
	return true;
}

static int stream_on_io(sd_event_source *source, int fd, uint32_t revents,
			void *userdata)
{
	struct stream *stream = userdata;
	bool hup = revents & (EPOLLHUP | EPOLLERR);

	if (revents & EPOLLOUT || (hup && stream->blocked))
		stream_unblock(stream);
	if (stream_wants_input(stream) && revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		stream_read(stream);
		return 0;
	}

	if (hup && stream->ended && !stream->closed)
		stream_hang_up(stream);
	else
		stream_update(stream);
	return 0;
}

static int end_watch(struct end *end, struct stream *stream)
{
	int err;

	err = sd_event_add_io(port_event(stream->port), &end->io, end->fd, 0,
			      stream_on_io, stream);
	if (err < 0)
		return err;
	sd_event_source_set_enabled(end->io, SD_EVENT_OFF);
	return 0;
}

int stream_create(struct port *port, int in, int out,
		  const struct stream_ops *ops, void *owner,
		  struct stream **ret)
{
	struct stream *stream;
	int err;

	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return -ENOMEM;

	stream->port = port;
	stream->ops = ops;
	stream->owner = owner;
	stream->in.fd = in;
	stream->out.fd = out;
	err = end_watch(&stream->in, stream);
	if (!err && in != out)
		err = end_watch(&stream->out, stream);
	if (err) {
		stream->in.fd = -1;
		stream->out.fd = -1;
		stream_destroy(stream);
		return err;
	}

	*ret = stream;
	return 0;
}

void stream_destroy(struct stream *stream)
{
	if (!stream)
		return;

	sd_event_source_disable_unref(stream->in.io);
	sd_event_source_disable_unref(stream->out.io);
	if (stream->out.fd >= 0 && stream->out.fd != stream->in.fd)
		close(stream->out.fd);
	if (stream->in.fd >= 0)
		close(stream->in.fd);
	free(stream);
}

void stream_listen(struct stream *stream, bool listen)
{
	stream->listening = listen;
	stream_update(stream);
}

ssize_t stream_write(struct stream *stream, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		if (stream->deaf)
			return done ? (ssize_t)done : -EPIPE;
		n = write(stream->out.fd, p + done, len - done);
		if (n >= 0) {
			done += n;
		} else if (errno == EAGAIN) {
			stream->blocked = true;
			stream_update(stream);
			return done;
		} else if (errno != EINTR) {
			stream->deaf = true;
		}
	}
	return done;
}

void stream_drained(struct stream *stream)
{
	stream->full = false;
	stream_update(stream);
}

void stream_dismiss(struct stream *stream)
{
	stream->dismissed = true;
	shutdown(stream->out.fd, SHUT_WR);
	stream_update(stream);
}

void stream_finish(struct stream *stream)
{
	shutdown(stream->in.fd, SHUT_RD);
}
