// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_state.c - the state of a port, from its debugfs file
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port_state.h"

#define DEBUGFS "/sys/kernel/debug/virtio-ports"

static enum port_state parse_line(const char *line, const char *key)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len))
		return PORT_UNKNOWN;

	line += len;
	line += strspn(line, " \t");
	if (*line != '0' && *line != '1')
		return PORT_UNKNOWN;
	return *line == '1' ? PORT_OPEN : PORT_CLOSED;
}

static void parse_count(const char *line, const char *key, int64_t *count)
{
	size_t len = strlen(key);

	if (!strncmp(line, key, len))
		*count = strtoll(line + len, NULL, 10);
}

void port_states_parse(const char *text, struct port_states *states)
{
	enum port_state state;

	states->host = PORT_UNKNOWN;
	states->guest = PORT_UNKNOWN;
	states->received = -1;
	states->sent = -1;

	while (*text) {
		state = parse_line(text, "host_connected:");
		if (state)
			states->host = state;
		state = parse_line(text, "guest_connected:");
		if (state)
			states->guest = state;
		parse_count(text, "bytes_received:", &states->received);
		parse_count(text, "bytes_sent:", &states->sent);

		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

void port_states_read(const char *sysname, struct port_states *states)
{
	char text[2048] = "";
	char path[256];
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), DEBUGFS "/%s", sysname);
	file = fopen(path, "re");
	if (file) {
		len = fread(text, 1, sizeof(text) - 1, file);
		text[len] = '\0';
		fclose(file);
	}
	port_states_parse(text, states);
}
