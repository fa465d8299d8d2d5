// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * request.c - what the guest asks for, a line each on the control port
 *
 *	ID VERB [ARGUMENT...]
 *
 * is answered, when it has taken effect, by
 *
 *	ID ok [RESULT]		or		ID err REASON
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "log.h"

enum {
	NAMES_PORT = 1 << 0,	/* the first argument is a port's name */
	NEEDS_OPEN = 1 << 1,	/* and its host end must be open */
	ONE_BY_ONE = 1 << 2,	/* waits until no other such request is there */
};

struct verb {
	const char *name;
	unsigned int arguments;	/* at least */
	unsigned int flags;
	void (*start)(struct request *req);
};

static void start(struct request *req);

/* Of a test that was killed a request may still be on its way. */
static void start_next(struct host *host)
{
	struct request *req, *oldest = NULL;

	for (req = host->requests; req; req = req->next)
		if (req->queued)
			oldest = req;
	if (!oldest)
		return;
	oldest->queued = false;
	start(oldest);
}

static void finish(struct request *req, const char *status, const char *format,
		   va_list args)
{
	struct request **at = &req->host->requests;
	struct host *host = req->host;
	char line[REQUEST_MAX_LEN];
	int len;

	len = snprintf(line, sizeof(line), "%lu %s ", req->id, status);
	len += vsnprintf(line + len, sizeof(line) - len - 1, format, args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	port_send(host->control, line, len + 1);

	while (*at != req)
		at = &(*at)->next;
	*at = req->next;
	if (host->alone == req) {
		host->alone = NULL;
		start_next(host);
	}
	free(req);
}

void request_ok(struct request *req, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finish(req, "ok", format, args);
	va_end(args);
}

void request_err(struct request *req, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finish(req, "err", format, args);
	va_end(args);
}

static unsigned long long number(const struct request *req, unsigned int word)
{
	return strtoull(req->words[word], NULL, 0);
}

static void start_open(struct request *req)
{
	int r = port_connect(req->port);

	if (r)
		request_err(req, "%s: %s", req->port->path, strerror(-r));
	else
		request_confirm_host(req, true);
}

static void start_close(struct request *req)
{
	port_disconnect(req->port);
	request_confirm_host(req, false);
}

static void start_send(struct request *req)
{
	req->port->tx_left = number(req, 2);
	req->port->tx_seed = number(req, 3);
	req->port->tx_offset = 0;
	port_update(req->port);
	request_ok(req, "%s", "");
}

static void start_expect(struct request *req)
{
	port_set_mode(req->port, PORT_EXPECT);
	req->port->rx_left = number(req, 2);
	req->port->rx_seed = number(req, 3);
	port_update(req->port);
	request_ok(req, "%s", "");
}

static void start_records(struct request *req)
{
	unsigned long long size = number(req, 2);

	if (size < 8 || size > 65536) {
		request_err(req, "%llu: expected 8 to 65536 bytes", size);
		return;
	}
	records_start(req->port, size, number(req, 3));
	port_update(req->port);
	request_ok(req, "%s", "");
}

static void start_echo(struct request *req)
{
	port_set_mode(req->port, PORT_ECHO);
	port_update(req->port);
	request_ok(req, "%s", "");
}

static void start_hold(struct request *req)
{
	port_set_mode(req->port, PORT_HOLD);
	port_update(req->port);
	request_ok(req, "%s", "");
}

static void start_wait(struct request *req)
{
	if (req->port->waiter)
		request_err(req->port->waiter, "%s", "another one waits");
	req->port->waiter = req;
	port_update(req->port);
}

static void start_verdict(struct request *req)
{
	bool passed = !strcmp(req->words[1], "pass");

	host_verdict(req->host, passed, passed ? NULL : "the guest's verdict");
	request_ok(req, "%s", "");
}

static const struct verb verbs[] = {
	{ "open", 1, NAMES_PORT, start_open },
	{ "close", 1, NAMES_PORT, start_close },
	{ "send", 3, NAMES_PORT | NEEDS_OPEN, start_send },
	{ "expect", 3, NAMES_PORT | NEEDS_OPEN, start_expect },
	{ "records", 3, NAMES_PORT | NEEDS_OPEN, start_records },
	{ "echo", 1, NAMES_PORT | NEEDS_OPEN, start_echo },
	{ "hold", 1, NAMES_PORT | NEEDS_OPEN, start_hold },
	{ "wait", 1, NAMES_PORT, start_wait },
	{ "query", 1, NAMES_PORT, request_query },
	{ "await", 2, NAMES_PORT, request_await },
	{ "plug", 1, ONE_BY_ONE, request_plug },
	{ "unplug", 1, NAMES_PORT | ONE_BY_ONE, request_unplug },
	{ "remove", 1, ONE_BY_ONE, request_remove },
	{ "plug-pci", 1, ONE_BY_ONE, request_plug_pci },
	{ "unplug-pci", 1, ONE_BY_ONE, request_unplug_pci },
	{ "verdict", 1, 0, start_verdict },
};

static const struct verb *find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static void start(struct request *req)
{
	const struct verb *verb = find_verb(req->words[0]);

	if (!verb) {
		request_err(req, "%s: no such request", req->words[0]);
		return;
	}
	if (req->nwords <= verb->arguments) {
		request_err(req, "%s: expected %u arguments", verb->name,
			    verb->arguments);
		return;
	}
	if (verb->flags & ONE_BY_ONE) {
		req->queued = req->host->alone;
		if (req->queued)
			return;
		req->host->alone = req;
	}
	if (verb->flags & NAMES_PORT)
		req->port = port_find(req->host, req->words[1]);
	if ((verb->flags & NAMES_PORT) && !req->port)
		request_err(req, "%s: no such port", req->words[1]);
	else if ((verb->flags & NEEDS_OPEN) && req->port->fd < 0)
		request_err(req, "%s: the host end is closed", req->words[1]);
	else
		verb->start(req);
}

static void parse(struct host *host, const char *line, size_t len)
{
	struct request *req = calloc(1, sizeof(*req));
	char *word, *save = NULL;

	if (!req)
		return;
	req->host = host;
	memcpy(req->line, line, len);
	for (word = strtok_r(req->line, " ", &save);
	     word && req->nwords < REQUEST_MAX_WORDS;
	     word = strtok_r(NULL, " ", &save))
		req->words[req->nwords++] = word;

	if (req->nwords < 2) {
		log_err("control port: bad request '%.*s'", (int)len, line);
		free(req);
		return;
	}
	log_debug("control port: %.*s", (int)len, line);
	req->id = strtoul(req->words[0], NULL, 10);
	req->nwords--;
	memmove(req->words, req->words + 1, sizeof(req->words[0]) * req->nwords);
	req->next = host->requests;
	host->requests = req;
	start(req);
}

/**
 * request_input() - bytes from the guest on the control port
 * @host: the run
 * @data: the bytes
 * @len:  how many
 */
void request_input(struct host *host, const uint8_t *data, size_t len)
{
	struct bytes *line = &host->control->line;

	for (; len; data++, len--) {
		if (*data == '\n') {
			parse(host, (const char *)bytes_peek(line),
			      bytes_len(line));
			bytes_consume(line, bytes_len(line));
		} else if (bytes_len(line) >= REQUEST_MAX_LEN - 1 ||
			   bytes_append(line, data, 1)) {
			host_verdict(host, false, "a request is too long");
		}
	}
}

static void note_guest_end(struct host *host, struct json_object *members)
{
	struct json_object *id, *open;
	struct port *port;

	if (!json_object_object_get_ex(members, "id", &id) ||
	    !json_object_object_get_ex(members, "open", &open))
		return;
	for (port = host->ports; port; port = port->next)
		if (port->device &&
		    !strcmp(port->device, json_object_get_string(id)))
			port->guest_open = json_object_get_boolean(open);
}

/**
 * request_event() - an event of the emulator that requests may wait for
 * @host:    the run
 * @name:    the event
 * @members: its data
 */
void request_event(struct host *host, const char *name,
		   struct json_object *members)
{
	struct request *req, *next;
	struct json_object *device;
	const char *id = "";

	if (json_object_object_get_ex(members, "device", &device))
		id = json_object_get_string(device);
	if (!strcmp(name, "VSERPORT_CHANGE"))
		note_guest_end(host, members);

	for (req = host->requests; req; req = next) {
		next = req->next;
		if (!strcmp(name, "DEVICE_DELETED") && req->deleted &&
		    !strcmp(req->device, id))
			req->deleted(req);
		else if (!strcmp(name, "VSERPORT_CHANGE") && req->guest_changed)
			req->guest_changed(req);
	}
}
