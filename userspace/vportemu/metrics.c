// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * metrics.c - what ports have moved, over HTTP
 *
 * Trust
 * -----
 *
 * Who connects may say anything: a request is read up to a bound, answered once
 * and the connection is closed, or closed without an answer when all this takes
 * too long.  There is a bound on connections, too: the next one waits.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "bytes.h"
#include "error.h"
#include "machine_types.h"
#include "metrics.h"
#include "opts.h"
#include "socket_listener.h"

#define MAX_CLIENTS	16
#define MAX_REQUEST	8192
#define TIMEOUT_USEC	5000000

/* 511 ports with long names take 1 MiB. */
#define MAX_ANSWER	(16u << 20)

struct metrics_client {
	struct metrics_client *next;
	struct metrics *metrics;
	int fd;
	sd_event_source *source;
	sd_event_source *timeout;
	char request[MAX_REQUEST + 1];
	size_t have;
	struct bytes answer;
};

struct metrics {
	struct metrics *next;
	struct machine *machine;
	struct socket_options options;
	struct socket_listener listener;
	struct metrics_client *clients;
	unsigned int num_clients;
};

struct metrics_options {
	const char *type;
	const char *path;
	const char *host;
	const char *port;
	const char *str;
};

#define METRICS(option, member, help) \
	{ option, OPT_STRING, offsetof(struct metrics_options, member), help }

const struct opt_desc machine_metrics_options[] = {
	METRICS("addr.type", type, "unix, inet or fd"),
	METRICS("addr.path", path, "path of a unix socket to listen on"),
	METRICS("addr.host", host, "address to listen on"),
	METRICS("addr.port", port, "TCP port to listen on"),
	METRICS("addr.str", str,
		"descriptor that was passed, of a listening socket"),
	{ NULL }
};

static void client_destroy(struct metrics_client *client)
{
	struct metrics *metrics = client->metrics;
	struct metrics_client **link = &metrics->clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	sd_event_source_disable_unref(client->source);
	sd_event_source_disable_unref(client->timeout);
	close(client->fd);
	bytes_finish(&client->answer);
	free(client);
	metrics->num_clients--;
	socket_listener_enable(&metrics->listener, true);
}

static void answer_with(struct metrics_client *client, const char *status,
			const char *headers, const struct bytes *body)
{
	char head[512];
	int len;

	len = snprintf(head, sizeof(head),
		       "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
		       status, headers, body ? bytes_len(body) : 0);
	bytes_append(&client->answer, head, len);
	if (body)
		bytes_append(&client->answer, bytes_peek(body),
			     bytes_len(body));
}

static void answer_metrics(struct metrics_client *client)
{
	struct bytes body;

	bytes_init(&body, MAX_ANSWER);
	metrics_print(client->metrics->machine, &body);
	answer_with(client, "200 OK",
		    "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n",
		    &body);
	bytes_finish(&body);
}

/* The first line says it all. */
static void answer(struct metrics_client *client)
{
	char method[16], path[64], version[16];

	if (sscanf(client->request, "%15[^ \r\n] %63[^ \r\n] %15[^ \r\n]",
		   method, path, version) != 3 ||
	    strncmp(version, "HTTP/1.", 7))
		answer_with(client, "400 Bad Request", "", NULL);
	else if (strcmp(method, "GET"))
		answer_with(client, "405 Method Not Allowed", "Allow: GET\r\n",
			    NULL);
	else if (strcmp(path, "/metrics") && strncmp(path, "/metrics?", 9))
		answer_with(client, "404 Not Found", "", NULL);
	else
		answer_metrics(client);
	sd_event_source_set_io_events(client->source, EPOLLOUT);
}

/* Return: is the connection at its end? */
static bool client_read(struct metrics_client *client)
{
	ssize_t len;

	len = recv(client->fd, client->request + client->have,
		   MAX_REQUEST - client->have, MSG_DONTWAIT);
	if (len < 0)
		return errno != EAGAIN && errno != EINTR;
	if (!len)
		return true;

	client->have += len;
	client->request[client->have] = '\0';
	if (strstr(client->request, "\r\n\r\n") ||
	    strstr(client->request, "\n\n")) {
		answer(client);
	} else if (client->have == MAX_REQUEST) {
		answer_with(client, "431 Request Header Fields Too Large", "",
			    NULL);
		sd_event_source_set_io_events(client->source, EPOLLOUT);
	}
	return false;
}

static bool client_write(struct metrics_client *client)
{
	ssize_t len;

	len = send(client->fd, bytes_peek(&client->answer),
		   bytes_len(&client->answer), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (len < 0)
		return errno != EAGAIN && errno != EINTR;
	bytes_consume(&client->answer, len);
	return !bytes_len(&client->answer);
}

static int client_event(sd_event_source *source, int fd, uint32_t events,
			void *data)
{
	struct metrics_client *client = data;
	bool done;

	done = bytes_len(&client->answer) ? client_write(client) :
					    client_read(client);
	if (done)
		client_destroy(client);
	return 0;
}

static int client_timeout(sd_event_source *source, uint64_t usec, void *data)
{
	client_destroy(data);
	return 0;
}

static int client_accepted(void *data, int fd)
{
	struct metrics *metrics = data;
	sd_event *loop = metrics->machine->loop;
	struct metrics_client *client;
	int ret;

	client = calloc(1, sizeof(*client));
	if (!client) {
		close(fd);
		return -ENOMEM;
	}
	client->metrics = metrics;
	client->fd = fd;
	client->next = metrics->clients;
	bytes_init(&client->answer, MAX_ANSWER + 512);
	metrics->clients = client;
	metrics->num_clients++;
	ret = sd_event_add_io(loop, &client->source, fd, EPOLLIN, client_event,
			      client);
	if (ret >= 0)
		ret = sd_event_add_time_relative(loop, &client->timeout,
						 CLOCK_MONOTONIC, TIMEOUT_USEC,
						 0, client_timeout, client);
	if (ret < 0) {
		client_destroy(client);
		return ret;
	}
	if (metrics->num_clients == MAX_CLIENTS)
		socket_listener_enable(&metrics->listener, false);
	return 0;
}

static void metrics_destroy(struct metrics *metrics)
{
	while (metrics->clients)
		client_destroy(metrics->clients);
	socket_listener_finish(&metrics->listener);
	socket_options_free(&metrics->options);
	free(metrics);
}

/* Which members of an address belong to its type, and are needed. */
static int parse_address(const struct metrics_options *options,
			 struct socket_options *address, struct error *error)
{
	const struct {
		const char *type;
		const char *first_name, *first;
		const char *second_name, *second;
	} kinds[] = {
		{ "unix", "addr.path", options->path },
		{ "inet", "addr.host", options->host, "addr.port",
		  options->port },
		{ "fd", "addr.str", options->str },
	};
	size_t i;

	if (!options->type)
		return error_set(error, -EINVAL,
				 "Parameter 'addr.type' is missing");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].type, options->type))
			break;
	}
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return error_set(error, -EINVAL,
				 "Parameter 'addr.type' does not accept value '%s'",
				 options->type);
	if (!kinds[i].first || (kinds[i].second_name && !kinds[i].second))
		return error_set(error, -EINVAL, "Parameter '%s' is missing",
				 kinds[i].first ? kinds[i].second_name :
						  kinds[i].first_name);
	if (i == 1 && socket_port_check("addr.port", options->port, error))
		return -EINVAL;
	*address = (struct socket_options) {
		.path = i == 0 ? options->path : NULL,
		.host = i == 1 ? options->host : NULL,
		.port = i == 1 ? options->port : NULL,
		.fd = i == 2 ? options->str : NULL,
		.server = true,
		.max_clients = MAX_CLIENTS,
	};
	return 0;
}

int machine_add_metrics(struct machine *machine, const struct opts *opts,
			struct error *error)
{
	struct metrics_options options = { .type = NULL };
	struct socket_options address;
	struct metrics *metrics;
	int ret;

	ret = opts_apply(opts, machine_metrics_options, NULL, &options, error);
	if (!ret)
		ret = parse_address(&options, &address, error);
	if (ret)
		return ret;

	metrics = calloc(1, sizeof(*metrics));
	if (!metrics)
		return error_set(error, -ENOMEM, "out of memory");
	metrics->machine = machine;
	metrics->options = address;
	metrics->listener.fd = -1;
	ret = socket_options_keep(&metrics->options);
	if (ret)
		error_set(error, ret, "out of memory");
	else
		ret = socket_listener_start(&metrics->listener, machine->loop,
					    &metrics->options, false,
					    client_accepted, metrics, error);
	if (ret) {
		metrics_destroy(metrics);
		return ret;
	}
	metrics->next = machine->metrics;
	machine->metrics = metrics;
	return 0;
}

void machine_destroy_metrics(struct machine *machine)
{
	struct metrics *metrics;

	while (machine->metrics) {
		metrics = machine->metrics;
		machine->metrics = metrics->next;
		metrics_destroy(metrics);
	}
}
