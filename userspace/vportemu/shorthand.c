// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shorthand.c - character devices in their short form, as behind -monitor
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "shorthand.h"

void shorthand_append_value(char *to, size_t size, const char *value)
{
	size_t len = strlen(to);

	for (; *value && len + 2 < size; value++) {
		if (*value == ',')
			to[len++] = ',';
		to[len++] = *value;
	}
	to[len] = '\0';
}

/* What is behind the word and its colon is a path, or a path and options. */
struct word {
	const char *word;
	const char *backend;
	const char *option;	/* NULL: the word stands alone */
	bool more;		/* options may follow, behind a comma */
};

static const struct word words[] = {
	{ "null", "null" },
	{ "pty", "pty" },
	{ "ringbuf", "ringbuf" },
	{ "stdio", "stdio" },
	{ "file:", "file", "path" },
	{ "pipe:", "pipe", "path" },
	{ "pty:", "pty", "path" },
	{ "unix:", "socket", "path", true },
};

static bool expand_word(const char *text, const char *id, char *buf,
			size_t size)
{
	const struct word *word;
	size_t i, len;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		word = &words[i];
		len = strlen(word->word);
		if (word->option ? strncmp(text, word->word, len) :
				   strcmp(text, word->word))
			continue;
		snprintf(buf, size, "%s,id=%s", word->backend, id);
		if (!word->option)
			return true;
		len = strlen(buf);
		snprintf(buf + len, size - len, ",%s=", word->option);
		if (word->more)
			strncat(buf, text + strlen(word->word),
				size - strlen(buf) - 1);
		else
			shorthand_append_value(buf, size,
					       text + strlen(word->word));
		return true;
	}
	return false;
}

/* `HOST:PORT` or `[HOST]:PORT`, and where it ends. */
struct place {
	const char *host, *port, *end;
	int host_len, port_len;
};

static bool parse_place(const char *text, const char *ends, struct place *place)
{
	bool bracket = *text == '[';
	const char *end = strchr(text, bracket ? ']' : ':');

	if (!end || (bracket && end[1] != ':'))
		return false;
	place->host = text + bracket;
	place->host_len = end - place->host;
	place->port = end + bracket + 1;
	place->port_len = strcspn(place->port, ends);
	place->end = place->port + place->port_len;
	return place->port_len;
}

static bool expand_tcp(const char *text, const char *id, char *buf, size_t size)
{
	struct place at;

	if (!parse_place(text, ",", &at))
		return false;
	snprintf(buf, size, "socket,id=%s,host=%.*s,port=%.*s%s", id,
		 at.host_len, at.host, at.port_len, at.port, at.end);
	return true;
}

/* `HOST:PORT@LOCALHOST:LOCALPORT`, of which the second half is optional. */
static bool expand_udp(const char *text, const char *id, char *buf, size_t size)
{
	struct place at, local;
	int len;

	if (!parse_place(text, "@", &at))
		return false;
	len = snprintf(buf, size, "udp,id=%s,host=%.*s,port=%.*s", id,
		       at.host_len, at.host, at.port_len, at.port);
	if (!*at.end)
		return true;
	if (len >= (int)size || !parse_place(at.end + 1, ",", &local))
		return false;
	snprintf(buf + len, size - len, ",localaddr=%.*s,localport=%.*s",
		 local.host_len, local.host, local.port_len, local.port);
	return true;
}

int shorthand_expand(const char *text, const char *id, char *buf, size_t size,
		     struct error *error)
{
	bool known;

	if (!strncmp(text, "/dev/", 5)) {
		snprintf(buf, size, "serial,id=%s,path=", id);
		shorthand_append_value(buf, size, text);
		known = true;
	} else if (!strncmp(text, "tcp:", 4)) {
		known = expand_tcp(text + 4, id, buf, size);
	} else if (!strncmp(text, "udp:", 4)) {
		known = expand_udp(text + 4, id, buf, size);
	} else {
		known = expand_word(text, id, buf, size);
	}
	return known ? 0 : error_set(error, -EINVAL,
				     "'%s' is not a valid char driver", text);
}
