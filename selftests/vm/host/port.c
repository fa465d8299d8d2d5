// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port.c - the host ends of the ports: sockets of the emulator's chardevs
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "pattern.h"

/* What an echo may be behind: more than the guest can have on its way. */
#define PORT_MAX_OUT	(64u << 20)
#define PORT_CHUNK	65536u

static bool wants_input(const struct port *port)
{
	switch (port->mode) {
	case PORT_HOLD:
		return false;
	case PORT_EXPECT:
	case PORT_RECORDS:
		return port->rx_left;
	case PORT_ECHO:
	case PORT_CONTROL:
		return true;
	}
	return false;
}

/**
 * port_update() - watch for what can be done now, and answer who waited
 * @port: the port, after any change of its work
 */
void port_update(struct port *port)
{
	struct request *waiter = port->waiter;
	uint32_t events = 0;

	if (port->io) {
		if (wants_input(port))
			events |= EPOLLIN;
		if (port->tx_left || bytes_len(&port->out))
			events |= EPOLLOUT;
		sd_event_source_set_io_events(port->io, events);
	}

	if (!waiter)
		return;
	if (port->failure[0]) {
		port->waiter = NULL;
		request_err(waiter, "%s", port->failure);
	} else if (!port->tx_left && !port->rx_left) {
		port->waiter = NULL;
		request_ok(waiter, "%s", "");
	}
}

void port_fail(struct port *port, const char *format, ...)
{
	va_list args;

	if (port->failure[0])
		return;
	va_start(args, format);
	vsnprintf(port->failure, sizeof(port->failure), format, args);
	va_end(args);
}

static void check_pattern(struct port *port, const uint8_t *data, size_t len)
{
	size_t good = pattern_check(data, len, port->rx_seed, port->rx_offset);

	if (good < len)
		port_fail(port, "byte %llu of seed %u is wrong",
			  (unsigned long long)port->rx_offset + good,
			  port->rx_seed);
	port->rx_offset += len;
	port->rx_left -= len;
}

static void take(struct port *port, const uint8_t *data, size_t len)
{
	switch (port->mode) {
	case PORT_HOLD:
		break;
	case PORT_EXPECT:
		check_pattern(port, data, len);
		break;
	case PORT_RECORDS:
		port->rx_left -= len;
		records_input(port, data, len);
		break;
	case PORT_ECHO:
		if (bytes_append(&port->out, data, len))
			port_fail(port, "%s", "too much to echo");
		break;
	case PORT_CONTROL:
		request_input(port->host, data, len);
		break;
	}
}

static int port_input(struct port *port)
{
	static uint8_t buf[PORT_CHUNK];
	size_t want = sizeof(buf);
	ssize_t n;

	if (port->mode == PORT_EXPECT || port->mode == PORT_RECORDS)
		want = port->rx_left < want ? port->rx_left : want;

	n = recv(port->fd, buf, want, MSG_DONTWAIT);
	if (n == 0)
		return -EPIPE;
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	take(port, buf, n);
	return 0;
}

static int port_output(struct port *port)
{
	static uint8_t buf[PORT_CHUNK];
	const uint8_t *data = bytes_peek(&port->out);
	size_t len = bytes_len(&port->out);
	bool pattern = !len;
	ssize_t n;

	if (pattern) {
		len = port->tx_left < sizeof(buf) ? port->tx_left : sizeof(buf);
		pattern_fill(buf, len, port->tx_seed, port->tx_offset);
		data = buf;
	}

	n = send(port->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (pattern) {
		port->tx_offset += n;
		port->tx_left -= n;
	} else {
		bytes_consume(&port->out, n);
	}
	return 0;
}

static int port_ready(sd_event_source *source, int fd, uint32_t events,
		      void *data)
{
	struct port *port = data;
	int r = 0;

	if (events & EPOLLIN)
		r = port_input(port);
	if (!r && (events & EPOLLOUT))
		r = port_output(port);
	if (!r && !(events & (EPOLLIN | EPOLLOUT)))
		r = -EPIPE;	/* hung up, and nothing to read is wanted */

	/* A request among the input may have closed the port. */
	if (r && port->fd == fd) {
		if (port->tx_left || port->rx_left)
			port_fail(port, "the emulator closed the socket");
		port_disconnect(port);
	}
	port_update(port);
	return 0;
}

int port_add(struct host *host, const char *name, const char *chardev,
	     const char *path, struct port **ret)
{
	struct port *port;

	port = calloc(1, sizeof(*port));
	if (!port)
		return -ENOMEM;

	port->host = host;
	port->fd = -1;
	port->name = strdup(name);
	port->chardev = strdup(chardev);
	port->path = path ? strdup(path) : NULL;
	bytes_init(&port->out, PORT_MAX_OUT);
	bytes_init(&port->line, REQUEST_MAX_LEN);
	bytes_init(&port->records.partial, PORT_MAX_OUT);
	port->next = host->ports;
	host->ports = port;
	*ret = port;
	return 0;
}

void port_remove(struct port *port)
{
	struct port **at = &port->host->ports;

	while (*at != port)
		at = &(*at)->next;
	*at = port->next;

	port_disconnect(port);
	bytes_finish(&port->records.partial);
	bytes_finish(&port->line);
	bytes_finish(&port->out);
	free(port->bus);
	free(port->device);
	free(port->path);
	free(port->chardev);
	free(port->name);
	free(port);
}

struct port *port_find(struct host *host, const char *name)
{
	struct port *port = host->ports;

	while (port && strcmp(port->name, name))
		port = port->next;
	return port;
}

/**
 * port_connect() - open the host end
 * @port: a port whose host end is closed
 *
 * Return: 0, -EISCONN, -ENOTSUP without a socket, or connect's -errno.
 */
int port_connect(struct port *port)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int r;

	if (!port->path)
		return -ENOTSUP;
	if (port->fd >= 0)
		return -EISCONN;
	if (strlen(port->path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, port->path);

	port->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (port->fd < 0)
		return -errno;
	r = connect(port->fd, (struct sockaddr *)&addr, sizeof(addr));
	if (r)
		r = -errno;
	else
		r = sd_event_add_io(port->host->event, &port->io, port->fd, 0,
				    port_ready, port);
	if (r < 0)
		port_disconnect(port);
	return r < 0 ? r : 0;
}

/**
 * port_disconnect() - close the host end and forget its work
 * @port: any port
 */
void port_disconnect(struct port *port)
{
	port->io = sd_event_source_disable_unref(port->io);
	if (port->fd >= 0)
		close(port->fd);
	port->fd = -1;
	port->tx_left = 0;
	port->rx_left = 0;
	if (port->mode != PORT_CONTROL)
		port->mode = PORT_HOLD;
	bytes_consume(&port->out, bytes_len(&port->out));
}

int port_send(struct port *port, const void *data, size_t len)
{
	int r = bytes_append(&port->out, data, len);

	port_update(port);
	return r;
}

/**
 * port_set_mode() - say what to do with what the guest sends
 * @port: the port
 * @mode: the work, begun anew: an older failure is forgotten
 */
void port_set_mode(struct port *port, enum port_mode mode)
{
	port->mode = mode;
	port->rx_left = 0;
	port->rx_offset = 0;
	port->failure[0] = 0;
}
