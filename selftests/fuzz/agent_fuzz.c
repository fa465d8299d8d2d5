// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_fuzz.c - any bytes into a session of the agent
 *
 * Whatever comes in, what goes out must be lines of JSON, each an object with
 * either a result or an error, and a ping behind a 0xFF must be answered.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "bytes.h"
#include "handler.h"
#include "port.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes sent;

bool port_write(struct port *port, const void *data, size_t len)
{
	if (bytes_append(&sent, data, len))
		abort();
	return true;
}

bool port_writable(const struct port *port)
{
	return true;
}

void port_resume_input(struct port *port)
{
}

static void check_line(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(1100);
	struct json_object *reply;

	if (len && *line == '\xff') {
		line++;
		len--;
	}
	reply = json_tokener_parse_ex(tokener, line, len);
	if (json_tokener_get_parse_end(tokener) != len ||
	    !json_object_is_type(reply, json_type_object) ||
	    json_object_object_get_ex(reply, "return", NULL) ==
		    json_object_object_get_ex(reply, "error", NULL)) {
		fprintf(stderr, "no reply: %.*s\n", (int)len, line);
		abort();
	}
	json_object_put(reply);
	json_tokener_free(tokener);
}

static void check_lines(void)
{
	const char *p = (const char *)bytes_peek(&sent);
	const char *end = p + bytes_len(&sent);
	const char *line;

	while (p < end) {
		line = p;
		p = memchr(p, '\n', end - p);
		if (!p)
			abort();
		check_line(line, p - line);
		p++;
	}
}

static void check_alive(void *session)
{
	static const char ping[] = "\xff{\"execute\":\"guest-ping\"}";
	static const char pong[] = "{\"return\": {}}\n";

	bytes_consume(&sent, bytes_len(&sent));
	agent_handler.input(session, ping, strlen(ping));
	if (bytes_len(&sent) != strlen(pong) ||
	    memcmp(bytes_peek(&sent), pong, strlen(pong)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *session;

	bytes_init(&sent, 64u << 20);
	if (agent_handler.start(NULL, &session))
		abort();
	if (size)
		agent_handler.input(session, data, size);
	if (bytes_len(&sent))
		check_lines();
	check_alive(session);
	agent_handler.stop(session);
	bytes_finish(&sent);
	return 0;
}
