// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * readconfig.c - a file of options, behind -readconfig
 *
 *	# a comment
 *	[chardev "agent"]
 *	  backend = "socket"
 *	  path = "/run/agent.sock"
 *
 * is `-chardev socket,id=agent,path=/run/agent.sock`.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "readconfig.h"
#include "shorthand.h"

struct reader {
	int (*add)(void *data, const char *group, const char *text,
		   const char *place, struct error *error);
	void *data;
	struct error *error;

	const char *path;
	unsigned int line;
	char group[64];		/* "": none yet */
	char text[4096];	/* what has been said in it */
	unsigned int last;	/* line that belongs to it */
};

static int at_fault(const struct reader *reader, const char *expected)
{
	return error_set(reader->error, -EINVAL, "line %u: expected %s",
			 reader->line, expected);
}

/* The group is complete. */
static int flush(struct reader *reader)
{
	char place[512];

	if (!*reader->group)
		return 0;
	snprintf(place, sizeof(place), "%s:%u", reader->path, reader->last);
	return reader->add(reader->data, reader->group, reader->text, place,
			   reader->error);
}

static int append(struct reader *reader, const char *key, const char *value)
{
	size_t len = strlen(reader->text);

	/* Each comma may become two. */
	if (len + strlen(key) + 2 * strlen(value) + 3 > sizeof(reader->text))
		return at_fault(reader, "less in one group");
	sprintf(reader->text + len, "%s%s=", len ? "," : "", key);
	shorthand_append_value(reader->text, sizeof(reader->text), value);
	reader->last = reader->line;
	return 0;
}

/* Cut `"WORDS"` out of @text, which has nothing behind it. */
static char *unquote(char *text)
{
	size_t len = strlen(text);

	if (len < 2 || text[0] != '"' || text[len - 1] != '"')
		return NULL;
	text[len - 1] = '\0';
	return strchr(text + 1, '"') ? NULL : text + 1;
}

/* `[GROUP]` or `[GROUP "ID"]`, of which the last bracket is gone. */
static int begin_group(struct reader *reader, char *text)
{
	size_t len = strcspn(text, " \t\"");
	char *id = text + len + strspn(text + len, " \t");
	int ret;

	ret = flush(reader);
	if (ret)
		return ret;
	if (!len || len >= sizeof(reader->group))
		return at_fault(reader, "[GROUP] or [GROUP \"ID\"]");
	memcpy(reader->group, text, len);
	reader->group[len] = '\0';
	*reader->text = '\0';
	reader->last = reader->line;
	if (!*id)
		return 0;
	id = unquote(id);
	if (!id)
		return at_fault(reader, "[GROUP] or [GROUP \"ID\"]");
	return append(reader, "id", id);
}

/* `KEY = "VALUE"` */
static int add_line(struct reader *reader, char *text)
{
	size_t len = strcspn(text, " \t=,");
	char *value = text + len + strspn(text + len, " \t");

	if (!len || *value != '=')
		return at_fault(reader, "KEY = \"VALUE\"");
	value = unquote(value + 1 + strspn(value + 1, " \t"));
	if (!value)
		return at_fault(reader, "KEY = \"VALUE\"");
	text[len] = '\0';
	if (!*reader->group)
		return error_set(reader->error, -EINVAL, "no group defined");
	return append(reader, text, value);
}

static int read_line(struct reader *reader, char *text)
{
	size_t len = strlen(text);

	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	text += strspn(text, " \t");
	len = strlen(text);
	if (!len || *text == '#')
		return 0;
	if (*text != '[')
		return add_line(reader, text);
	if (text[len - 1] != ']')
		return at_fault(reader, "[GROUP] or [GROUP \"ID\"]");
	text[len - 1] = '\0';
	return begin_group(reader, text + 1);
}

int readconfig(const char *path,
	       int (*add)(void *data, const char *group, const char *text,
			  const char *place, struct error *error),
	       void *data, struct error *error)
{
	struct reader reader = { add, data, error, path };
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int ret = 0;

	if (!file)
		return error_set(error, -errno, "Could not open '%s': %s",
				 path, strerror(errno));

	while (!ret && getline(&line, &size, file) >= 0) {
		reader.line++;
		ret = read_line(&reader, line);
	}
	if (!ret && ferror(file))
		ret = error_set(error, -EIO, "Cannot read config file");
	if (!ret)
		ret = flush(&reader);
	free(line);
	fclose(file);
	return ret;
}
