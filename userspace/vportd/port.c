// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port.c - a stream of bytes to and from the host, with a handler behind it
 *
 * The descriptor is watched edge-triggered: a virtio-serial port without a host
 * reports HUP all the time, and a level-triggered loop would spin on it.  So
 * whoever stops reading before EAGAIN has to come back by himself, which is
 * what the "again" source is for.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bytes.h"
#include "handler.h"
#include "port.h"

/* Bytes of one read(): what virtio_console hands out at once, times eight. */
#define PORT_READ_SIZE	(32u << 10)

/* Above this, nothing more is read: a host that does not read gets no more. */
#define PORT_OUT_HIGH	(256u << 10)

/* The mark, and the reply that went above it. */
#define PORT_OUT_MAX	(PORT_OUT_HIGH + PORT_WRITE_MAX)

/* Reads in a row before the other ports get their turn. */
#define PORT_READS	16

struct port {
	sd_event *event;
	const struct port_setup *setup;
	const struct handler_ops *handler;
	void *session;			/* the handler's; NULL: none */
	const struct port_source_ops *ops;
	void *source;
	int fd;
	int err;			/* to be told by the next turn */
	bool eof;
	bool deaf;			/* nobody reads any more, but sent data */
	bool wanted;			/* of a port on demand: it shall be open */
	bool waiting;			/* the handler took less than offered */
	bool drained;			/* the handler is to be told */
	bool watches_out;		/* EPOLLOUT is asked for */
	sd_event_source *io;
	sd_event_source *again;
	struct bytes in;		/* offered and not taken */
	struct bytes held;		/* read, and not known whose it is */
	bool hold;
	bool changed;			/* it is another's than before */
	bool unsure;			/* or may be */
	struct bytes out;		/* not yet taken by the host */
	size_t old;			/* of it, before the mark */
};

static void port_again(struct port *port)
{
	sd_event_source_set_enabled(port->again, SD_EVENT_ONESHOT);
}

/*
 * What is written is gone: an error here is told on the next turn, since the
 * caller may be the handler that the source is going to stop.
 */
static void port_fail(struct port *port, int err)
{
	if (!port->err)
		port->err = err;
	port_again(port);
}

/* Return: bytes taken, which may be none. */
static size_t port_send(struct port *port, const uint8_t *data, size_t len)
{
	size_t sent = 0;
	ssize_t n;

	while (sent < len && !port->err) {
		n = write(port->fd, data + sent, len - sent);
		if (n > 0) {
			sent += n;
		} else if (n == 0 || errno == EAGAIN) {
			break;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			port->deaf = true;
			sent = len;
		} else if (errno != EINTR) {
			port_fail(port, -errno);
		}
	}

	return sent;
}

/* Return: whether that was in the way of input. */
static bool port_consume_output(struct port *port, size_t len)
{
	bool full = !port_writable(port);

	bytes_consume(&port->out, len);
	port->old -= len < port->old ? len : port->old;
	if (!full || !port_writable(port))
		return false;

	port->drained = true;
	if (port->handler->duplex)
		return false;
	port->waiting = false;
	return true;
}

static uint32_t port_events(const struct port *port)
{
	return EPOLLIN | EPOLLET | (port->watches_out ? EPOLLOUT : 0);
}

/* A host that reads what was sent is news only while more is queued. */
static void port_watch_output(struct port *port)
{
	bool want = port->ops->always_out || port_has_output(port);

	if (want == port->watches_out || !port->io)
		return;

	port->watches_out = want;
	sd_event_source_set_io_events(port->io, port_events(port));
}

static void port_flush(struct port *port)
{
	size_t sent;

	if (port_has_output(port)) {
		sent = port_send(port, bytes_peek(&port->out),
				 bytes_len(&port->out));
		port_consume_output(port, sent);
	}
	port_watch_output(port);
}

static void port_tell_drained(struct port *port)
{
	if (!port->drained || !port->session || !port_writable(port))
		return;

	port->drained = false;
	if (port->handler->drained)
		port->handler->drained(port->session);
}

bool port_writable(const struct port *port)
{
	return !port->err && bytes_len(&port->out) <= PORT_OUT_HIGH;
}

bool port_write(struct port *port, const void *data, size_t len)
{
	size_t sent = 0;
	int err;

	if (port->deaf)
		return true;
	if (!port_has_output(port))
		sent = port_send(port, data, len);

	err = bytes_append(&port->out, (const uint8_t *)data + sent,
			   len - sent);
	if (err)
		port_fail(port, err);
	port_watch_output(port);

	return port_writable(port);
}

void port_resume_input(struct port *port)
{
	port->waiting = false;
	port_again(port);
}

void port_want_open(struct port *port, bool open)
{
	port->wanted = open;
	if (port->setup->on_demand)
		port_again(port);
}

void port_resume_output(struct port *port)
{
	port->drained = true;
	port_again(port);
}

bool port_is_busy(const struct port *port)
{
	return port_has_output(port) ||
	       (port->session && port->handler->busy &&
		port->handler->busy(port->session));
}

void port_drop_output(struct port *port)
{
	if (port->session && port->handler->dropped)
		port->handler->dropped(port->session);
	port_consume_output(port, bytes_len(&port->out));
	if (port->drained || port->setup->on_demand)
		port_again(port);
}

void port_mark_output(struct port *port)
{
	port->old = bytes_len(&port->out);
}

void port_drop_old_output(struct port *port)
{
	port_consume_output(port, port->old);
}

void port_hold_input(struct port *port)
{
	/* What the handler has not taken is ahead of it. */
	port->hold = !bytes_len(&port->in);
}

bool port_has_output(const struct port *port)
{
	return bytes_len(&port->out) > 0;
}

/* Return: bytes that the handler took, or -errno. */
static ssize_t port_offer(struct port *port, const uint8_t *data, size_t len)
{
	ssize_t taken = port->handler->input(port->session, data, len);

	if (taken >= 0)
		port->waiting = (size_t)taken < len;
	return taken;
}

static int port_offer_rest(struct port *port)
{
	ssize_t taken;

	if (!bytes_len(&port->in))
		return 0;

	taken = port_offer(port, bytes_peek(&port->in), bytes_len(&port->in));
	if (taken < 0)
		return taken;

	bytes_consume(&port->in, taken);
	return 0;
}

/*
 * Return: 1 after input, 0 when there is none to be had at the moment, which
 *         includes the end of file, or -errno.
 */
static int port_read(struct port *port)
{
	static uint8_t buf[PORT_READ_SIZE];
	ssize_t taken;
	ssize_t n;
	int err;

	n = read(port->fd, buf, sizeof(buf));
	if (n < 0)
		return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -errno;
	if (!n) {
		port->eof = true;
		return 0;
	}

	if (port->ops->input)
		port->ops->input(port->source);
	taken = port_offer(port, buf, n);
	if (taken < 0)
		return taken;
	err = bytes_append(&port->in, buf + taken, n - taken);

	return err ? err : 1;
}

/* Return: 0 or -errno; nothing of the old input is left then. */
static int port_unhold(struct port *port)
{
	size_t len = bytes_len(&port->held);
	int err;

	port->hold = false;
	if (!len)
		return 0;
	err = bytes_append(&port->in, bytes_peek(&port->held), len);
	bytes_consume(&port->held, len);
	if (!err && port->ops->input)
		port->ops->input(port->source);
	return err;
}

/* Return: as port_read(). */
static int port_read_held(struct port *port)
{
	static uint8_t buf[PORT_READ_SIZE / 2];
	ssize_t n = read(port->fd, buf, sizeof(buf));
	int err;

	if (n < 0 && errno == EINTR)
		return 1;
	if (n < 0 && errno != EAGAIN)
		return -errno;
	if (n < 0) {
		port->hold = false;
		port->changed = true;
		return 0;
	}
	if (!n) {
		port->unsure = bytes_len(&port->held);
		port->hold = port->unsure;
		port->eof = !port->unsure;
		return 0;
	}
	if (bytes_append(&port->held, buf, n))
		return -ENOMEM;
	if (bytes_len(&port->held) <= PORT_READ_SIZE / 2)
		return 1;

	/* So much at once was there before. */
	err = port_unhold(port);
	if (!err)
		err = port_offer_rest(port);
	return err ? err : 1;
}

void port_release_input(struct port *port)
{
	int err = port_unhold(port);

	if (err)
		port_fail(port, err);
	port_resume_input(port);
}

static bool port_wants_input(const struct port *port)
{
	return port->fd >= 0 && !port->waiting && !port->err &&
	       (port->handler->duplex || port_writable(port));
}

static int port_receive(struct port *port)
{
	int reads = 0;
	int ret = 0;

	port->eof = false;
	port->changed = false;
	port->unsure = false;
	if (port_wants_input(port))
		ret = port_offer_rest(port);

	while (ret >= 0 && port_wants_input(port)) {
		if (reads++ == PORT_READS) {
			port_again(port);
			break;
		}
		ret = port->hold ? port_read_held(port) : port_read(port);
		if (ret == 0)
			break;
	}

	if (ret >= 0 && !port_writable(port) && port->ops->full)
		port->ops->full(port->source);
	return ret < 0 ? ret : 0;
}

/* What the host has yet to take keeps it open. */
static void port_follow_demand(struct port *port)
{
	bool open = port->wanted || port_has_output(port);

	if (port->setup->on_demand && !port->err && open != (port->fd >= 0))
		port->ops->demand(port->source, open);
}

/* The port may be gone when this returns. */
static void port_pump(struct port *port)
{
	int err;

	port_flush(port);
	port_follow_demand(port);
	port_tell_drained(port);
	err = port_receive(port);
	if (err || port->err)
		port->ops->failed(port->source, err ? err : port->err);
	else if (port->changed)
		port->ops->changed(port->source);
	else if (port->unsure)
		port->ops->unsure(port->source);
	else if (port->eof)
		port->ops->eof(port->source);
}

static int port_on_io(sd_event_source *source, int fd, uint32_t revents,
		      void *userdata)
{
	struct port *port = userdata;

	if (port->ops->event(port->source, revents))
		port_pump(port);
	return 0;
}

static int port_on_again(sd_event_source *source, void *userdata)
{
	port_pump(userdata);
	return 0;
}

int port_attach(struct port *port, int fd)
{
	int err;

	port->watches_out = port->ops->always_out;
	err = sd_event_add_io(port->event, &port->io, fd, port_events(port),
			      port_on_io, port);
	if (err < 0)
		return err;
	port->fd = fd;
	return 0;
}

void port_detach(struct port *port)
{
	port->io = sd_event_source_disable_unref(port->io);
	close(port->fd);
	port->fd = -1;
	port->deaf = false;
	port->waiting = false;
	port->hold = false;
	port->old = 0;
	bytes_consume(&port->in, bytes_len(&port->in));
	bytes_consume(&port->held, bytes_len(&port->held));
	bytes_consume(&port->out, bytes_len(&port->out));
}

static int port_watch(struct port *port, int fd)
{
	int err;

	err = sd_event_add_defer(port->event, &port->again, port_on_again, port);
	if (err < 0)
		return err;
	sd_event_source_set_enabled(port->again, SD_EVENT_OFF);

	return fd < 0 ? 0 : port_attach(port, fd);
}

static int port_start(struct port *port)
{
	return port->handler->start(port, &port->session);
}

static void port_stop(struct port *port)
{
	if (port->session)
		port->handler->stop(port->session);
	port->session = NULL;
}

int port_create(sd_event *event, const struct port_setup *setup,
		int fd, const struct port_source_ops *ops, void *source,
		struct port **ret)
{
	struct port *port;
	int err;

	port = calloc(1, sizeof(*port));
	if (!port)
		return -ENOMEM;

	port->event = event;
	port->setup = setup;
	port->handler = setup->handler;
	port->ops = ops;
	port->source = source;
	port->fd = -1;
	bytes_init(&port->in, PORT_READ_SIZE);
	bytes_init(&port->held, PORT_READ_SIZE);
	bytes_init(&port->out, PORT_OUT_MAX);

	err = port_watch(port, fd);
	if (!err)
		err = port_start(port);
	if (err) {
		port->fd = -1;
		port_destroy(port);
		return err;
	}

	*ret = port;
	return 0;
}

void port_destroy(struct port *port)
{
	if (!port)
		return;

	port_stop(port);
	sd_event_source_disable_unref(port->io);
	sd_event_source_disable_unref(port->again);
	if (port->fd >= 0)
		close(port->fd);
	bytes_finish(&port->in);
	bytes_finish(&port->held);
	bytes_finish(&port->out);
	free(port);
}

const struct port_setup *port_setup(const struct port *port)
{
	return port->setup;
}

sd_event *port_event(const struct port *port)
{
	return port->event;
}

bool port_tell_host(struct port *port, bool here)
{
	if (!port->handler->host)
		return false;
	if (port->session)
		port->handler->host(port->session, here);
	return true;
}

int port_restart(struct port *port)
{
	port_stop(port);
	port->drained = false;
	bytes_consume(&port->in, bytes_len(&port->in));
	port_resume_input(port);

	return port_start(port);
}
