// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relay.c - the handler that connects a port to a socket, a terminal or fifos
 *
 * One connection at a time
 * ------------------------
 *
 * A port is one stream, so it has one peer; others wait in the backlog of the
 * socket.  What the host sends while there is no peer stays with the driver.
 * A peer is not read from while there is no host.
 *
 * When the host leaves, the peer is dismissed: it is told the end of file, and
 * gets some time to close its end, in which what it still sends is nobody's.
 * With host-leaves = keep it is there for the next host instead.  Terminals
 * and fifos are always kept: they are one stream, whoever has them open.
 *
 * With hold = with-peer the host sees an open port only while there is a peer.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "conf.h"
#include "endpoint.h"
#include "handler.h"
#include "log.h"
#include "port.h"
#include "stream.h"

#define SECOND			1000000ull

/* Try again after 0.1, 0.2, 0.4 .. 25.6 seconds. */
#define RELAY_RETRY_MIN		(SECOND / 10)
#define RELAY_RETRY_MAX		(256 * RELAY_RETRY_MIN)

/* A connection of this length was a good one. */
#define RELAY_STABLE		(5 * SECOND)

/* For a dismissed peer to close its end. */
#define RELAY_LINGER		(5 * SECOND)

/*
 * A peer over a network that ended its half may be gone altogether, and does
 * not tell: after this time the next one gets its turn.
 */
#define RELAY_HALF_OPEN		(30 * SECOND)

struct relay {
	struct port *port;
	const struct port_conf *conf;
	char *text;			/* the address */
	struct address address;
	bool opened;			/* it is there for others to use */
	int fd;				/* listening, connecting or a slave */
	sd_event_source *io;		/* of it */
	struct stream *stream;
	bool dismissed;			/* the stream is no longer the host's */
	bool host;
	sd_event_source *timer;
	uint64_t delay;
	uint64_t connected;		/* when */
	int told;			/* errno of the last message */
};

static void relay_open(struct relay *relay);

static bool is_local(const struct relay *relay)
{
	return relay->address.socket.any.sa_family == AF_UNIX;
}

static bool stays(const struct relay *relay)
{
	return relay->conf->host_leaves == CONF_KEEP ||
	       relay->address.kind != ADDRESS_SOCKET;
}

/* Whether to connect while there is no host. */
static bool connects_first(const struct relay *relay)
{
	return stays(relay) || relay->conf->hold == CONF_HOLD_WITH_PEER;
}

static uint64_t relay_now(const struct relay *relay)
{
	uint64_t now = 0;

	sd_event_now(port_event(relay->port), CLOCK_MONOTONIC, &now);
	return now;
}

static void relay_stop_timer(struct relay *relay)
{
	relay->timer = sd_event_source_disable_unref(relay->timer);
}

static void relay_close_fd(struct relay *relay)
{
	relay->io = sd_event_source_disable_unref(relay->io);
	if (relay->fd >= 0)
		close(relay->fd);
	relay->fd = -1;
}

static int relay_on_timer(sd_event_source *source, uint64_t usec,
			  void *userdata);

static void relay_start_timer(struct relay *relay, uint64_t delay)
{
	relay_stop_timer(relay);
	sd_event_add_time_relative(port_event(relay->port), &relay->timer,
				   CLOCK_MONOTONIC, delay, delay / 8,
				   relay_on_timer, relay);
}

static void relay_trouble(struct relay *relay, int err)
{
	if (relay->told != err)
		log_warn("%s: %s: %s, trying again",
			 port_setup(relay->port)->name, relay->text,
			 strerror(-err));
	relay->told = err;
	relay_start_timer(relay, relay->delay);
	if (relay->delay < RELAY_RETRY_MAX)
		relay->delay *= 2;
}

/* A connection ended, in whatever way: the next one may come. */
static void relay_next(struct relay *relay)
{
	bool dismissed = relay->dismissed;

	stream_destroy(relay->stream);
	relay->stream = NULL;
	relay->dismissed = false;
	relay_stop_timer(relay);
	port_want_open(relay->port, false);
	log_debug("%s: %s: connection ended", port_setup(relay->port)->name,
		  relay->text);

	if (relay->conf->listen) {
		sd_event_source_set_enabled(relay->io, SD_EVENT_ON);
		return;
	}
	if (!relay->host && !connects_first(relay))
		return;
	/* It ended with its host, and there is another one. */
	if (dismissed) {
		relay->delay = RELAY_RETRY_MIN;
		relay_open(relay);
		return;
	}
	if (relay_now(relay) - relay->connected > RELAY_STABLE)
		relay->delay = RELAY_RETRY_MIN;
	relay_start_timer(relay, relay->delay);
	if (relay->delay < RELAY_RETRY_MAX)
		relay->delay *= 2;
}

/* Of a stream: its time is up.  Without one: try again. */
static int relay_on_timer(sd_event_source *source, uint64_t usec,
			  void *userdata)
{
	struct relay *relay = userdata;

	relay_stop_timer(relay);
	if (relay->stream)
		relay_next(relay);
	else
		relay_open(relay);
	return 0;
}

static void relay_ended(void *owner, bool closed)
{
	struct relay *relay = owner;

	if (closed || relay->dismissed)
		relay_next(relay);
	else if (!is_local(relay))
		relay_start_timer(relay, RELAY_HALF_OPEN);
}

static const struct stream_ops relay_stream_ops = {
	.ended = relay_ended,
};

/* The descriptors are taken over also when that fails. */
static void relay_connected(struct relay *relay, int in, int out)
{
	int err;

	err = stream_create(relay->port, in, out, &relay_stream_ops, relay,
			    &relay->stream);
	if (err) {
		close(in);
		if (out != in)
			close(out);
		relay_trouble(relay, err);
		return;
	}

	relay->told = 0;
	relay->connected = relay_now(relay);
	log_debug("%s: %s: connected", port_setup(relay->port)->name,
		  relay->text);
	stream_listen(relay->stream, relay->host);
	port_want_open(relay->port, true);
	port_resume_input(relay->port);
}

static int relay_on_client(sd_event_source *source, int fd, uint32_t revents,
			   void *userdata)
{
	struct relay *relay = userdata;
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (client >= 0) {
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		relay_connected(relay, client, client);
	} else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
		/* Out of descriptors, say: the client would wake us forever. */
		relay_close_fd(relay);
		relay_trouble(relay, -errno);
	}
	return 0;
}

static int relay_on_connect(sd_event_source *source, int fd, uint32_t revents,
			    void *userdata)
{
	struct relay *relay = userdata;
	socklen_t len = sizeof(int);
	int err = 0;

	relay->io = sd_event_source_disable_unref(relay->io);
	relay->fd = -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (!err) {
		relay_connected(relay, fd, fd);
		return 0;
	}
	close(fd);
	relay_trouble(relay, -err);
	return 0;
}

static int relay_watch(struct relay *relay, uint32_t events,
		       sd_event_io_handler_t handler)
{
	int err = sd_event_add_io(port_event(relay->port), &relay->io,
				  relay->fd, events, handler, relay);

	if (err < 0)
		relay_close_fd(relay);
	return err < 0 ? err : 0;
}

static int relay_open_listener(struct relay *relay)
{
	int fd = endpoint_listen(&relay->address, relay->conf);

	if (fd < 0)
		return fd;
	relay->fd = fd;
	relay->opened = true;
	return relay_watch(relay, EPOLLIN, relay_on_client);
}

static int relay_open_connection(struct relay *relay)
{
	int err = endpoint_connect(&relay->address, &relay->fd);

	if (err == -EINPROGRESS)
		return relay_watch(relay, EPOLLOUT, relay_on_connect);
	if (!err) {
		int fd = relay->fd;

		relay->fd = -1;
		relay_connected(relay, fd, fd);
	}
	return err;
}

static int relay_open_pty(struct relay *relay)
{
	int fds[2];
	int err;

	err = endpoint_pty(relay->address.path, relay->conf, fds);
	if (err)
		return err;
	relay->opened = true;
	relay->fd = fds[1];
	relay_connected(relay, fds[0], fds[0]);
	return 0;
}

static int relay_open_terminal(struct relay *relay)
{
	int fd = endpoint_open_terminal(relay->address.path);

	if (fd < 0)
		return fd;
	relay_connected(relay, fd, fd);
	return 0;
}

static int relay_open_fifo(struct relay *relay)
{
	int fds[2];
	int err;

	err = endpoint_fifo(relay->address.path, relay->conf, fds);
	if (!err)
		relay_connected(relay, fds[0], fds[1]);
	return err;
}

static void relay_open(struct relay *relay)
{
	int err;

	if (relay->stream || relay->fd >= 0)
		return;

	relay_stop_timer(relay);
	if (relay->address.kind == ADDRESS_PTY)
		err = relay->conf->listen ? relay_open_pty(relay) :
					    relay_open_terminal(relay);
	else if (relay->address.kind == ADDRESS_FIFO)
		err = relay_open_fifo(relay);
	else if (relay->conf->listen)
		err = relay_open_listener(relay);
	else
		err = relay_open_connection(relay);
	if (err)
		relay_trouble(relay, err);
}

static ssize_t relay_input(void *state, const void *data, size_t len)
{
	struct relay *relay = state;
	ssize_t n = 0;

	if (relay->stream && !relay->dismissed)
		n = stream_write(relay->stream, data, len);
	/* A peer that is gone takes nothing: it is for the next one. */
	return n == -EPIPE ? 0 : n;
}

static void relay_drained(void *state)
{
	struct relay *relay = state;

	if (relay->stream)
		stream_drained(relay->stream);
}

static void relay_host(void *state, bool here)
{
	struct relay *relay = state;

	if (relay->host == here)
		return;

	relay->host = here;
	if (relay->stream && (here || stays(relay))) {
		stream_listen(relay->stream, here);
	} else if (relay->stream && !relay->dismissed) {
		relay->dismissed = true;
		stream_dismiss(relay->stream);
		relay_start_timer(relay, RELAY_LINGER);
	} else if (here && !relay->conf->listen) {
		relay->delay = RELAY_RETRY_MIN;
		relay_open(relay);
	}
}

static void relay_stop(void *state)
{
	struct relay *relay = state;

	stream_destroy(relay->stream);
	relay_close_fd(relay);
	relay_stop_timer(relay);
	if (relay->opened)
		endpoint_remove(&relay->address);
	free(relay->text);
	free(relay);
}

static int relay_start(struct port *port, void **ret_state)
{
	const struct port_conf *conf = port_setup(port)->conf;
	struct relay *relay;
	int err;

	relay = calloc(1, sizeof(*relay));
	if (!relay)
		return -ENOMEM;

	relay->port = port;
	relay->conf = conf;
	relay->fd = -1;
	relay->delay = RELAY_RETRY_MIN;
	relay->text = conf_expand(conf->listen ? conf->listen : conf->connect,
				  port_setup(port));
	err = relay->text ? address_parse(relay->text, &relay->address) :
			    -ENOMEM;
	if (err) {
		relay_stop(relay);
		return err;
	}

	if (conf->listen || connects_first(relay))
		relay_open(relay);
	*ret_state = relay;
	return 0;
}

const struct handler_ops relay_handler = {
	.name = "relay",
	.duplex = true,
	.start = relay_start,
	.input = relay_input,
	.drained = relay_drained,
	.host = relay_host,
	.stop = relay_stop,
};
