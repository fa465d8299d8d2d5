// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keyfile.c - files of "[section]" and "key = value", through libinih
 *
 * As distributions build it, libinih cuts lines at 199 characters and section
 * names at 49 or at the first ']', and says nothing about it.  So lines reach
 * it through read_line() here, which takes sections to itself and hands out
 * long lines in pieces that libinih takes for continuations of a value.
 */

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "error.h"
#include "keyfile.h"

/* A list of every command of an agent has a tenth of this. */
#define KEYFILE_LINE_MAX	(32u << 10)

/* Keys are words; libinih cuts longer ones. */
#define KEYFILE_KEY_MAX		40

/* Characters of a piece: what libinih's line holds, less blank and end. */
#define KEYFILE_PIECE_MIN	32

struct keyfile {
	FILE *stream;
	const char *name;
	unsigned int flags;
	keyfile_fn fn;
	void *data;
	struct error *error;
	int err;

	unsigned int line;
	char *text;		/* of the line */
	size_t size;
	char *rest;		/* of it, not yet given to libinih; or NULL */
	char *section;
	unsigned int section_line;

	/* The key that is not told yet: its value may go on. */
	char *key;
	char *value;
	unsigned int key_line;
};

static int keyfile_tell(struct keyfile *file, enum keyfile_what what,
			unsigned int line)
{
	const struct keyfile_entry entry = {
		.what = what,
		.file = file->name,
		.line = line,
		.section = file->section ? file->section : "",
		.key = file->key,
		.value = file->value,
	};

	file->err = file->fn(file->data, &entry, file->error);
	if (file->err)
		error_prefix(file->error, file->err, "%s:%u: ", file->name,
			     line);
	return file->err;
}

static int keyfile_refuse(struct keyfile *file, const char *why)
{
	file->err = error_set(file->error, -EINVAL, "%s:%u: %s", file->name,
			      file->line, why);
	return file->err;
}

static int keyfile_flush(struct keyfile *file)
{
	if (file->key && !file->err)
		keyfile_tell(file, KEYFILE_PAIR, file->key_line);
	free(file->key);
	free(file->value);
	file->key = NULL;
	file->value = NULL;
	return file->err;
}

static int keyfile_end_section(struct keyfile *file)
{
	if (keyfile_flush(file) || !file->section)
		return file->err;

	keyfile_tell(file, KEYFILE_END, file->section_line);
	free(file->section);
	file->section = NULL;
	return file->err;
}

/* Without blanks at either end.  Return: where it begins. */
static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

static void cut_comment(char *text)
{
	char *p;

	for (p = text; *p; p++) {
		if (*p == ';' && isspace((unsigned char)p[-(p > text)])) {
			*p = '\0';
			return;
		}
	}
}

/* libinih would take it for a comment, too: without the blank it does not. */
static void join_list(char *text)
{
	char *to = text;
	char *p;

	for (p = text; *p; p++) {
		while (*p == ';' && to > text && isspace((unsigned char)to[-1]))
			to--;
		*to++ = *p;
	}
	*to = '\0';
}

static int keyfile_begin_section(struct keyfile *file, char *text)
{
	size_t len = strlen(text);

	if (keyfile_end_section(file))
		return file->err;
	if (len < 3 || text[len - 1] != ']')
		return keyfile_refuse(file, "expected [SECTION]");

	text[len - 1] = '\0';
	file->section = strdup(trim(text + 1));
	file->section_line = file->line;
	if (file->section)
		return keyfile_tell(file, KEYFILE_BEGIN, file->line);
	file->err = -ENOMEM;
	return file->err;
}

/* Read lines until one has a key.  Return: whether there is one. */
static bool keyfile_next_line(struct keyfile *file)
{
	ssize_t len;
	char *text;

	while (!file->err) {
		len = getline(&file->text, &file->size, file->stream);
		if (len < 0) {
			if (ferror(file->stream))
				file->err = error_set(file->error, -errno,
						      "%s: %s", file->name,
						      strerror(errno));
			return false;
		}
		file->line++;
		if (len > (ssize_t)KEYFILE_LINE_MAX ||
		    (size_t)len != strlen(file->text)) {
			keyfile_refuse(file, "expected text in lines of less than 32 KiB");
			return false;
		}

		text = trim(file->text);
		if (!*text || *text == '#' || *text == ';')
			continue;
		if (file->flags & KEYFILE_LISTS)
			join_list(text);
		else
			cut_comment(text);
		text = trim(text);
		if (*text != '[') {
			file->rest = text;
			return true;
		}
		keyfile_begin_section(file, text);
	}

	return false;
}

/*
 * libinih drops blanks around a piece, and what looks like a comment: cut
 * between two characters that are neither.
 */
static size_t piece_length(const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len <= max)
		return len;
	for (len = max; len > KEYFILE_PIECE_MIN; len--) {
		if (isalnum((unsigned char)text[len - 1]) &&
		    isalnum((unsigned char)text[len]))
			return len;
	}
	return 0;
}

static char *read_line(char *buf, int size, void *data)
{
	struct keyfile *file = data;
	bool more = file->rest;
	size_t len;

	if (file->err || (!more && !keyfile_next_line(file)))
		return NULL;

	len = piece_length(file->rest, size - 3);
	if (!len) {
		keyfile_refuse(file, "a word of the value is too long");
		return NULL;
	}
	if (!more && !memchr(file->rest, '=', len)) {
		keyfile_refuse(file, "expected KEY = VALUE or [SECTION]");
		return NULL;
	}
	snprintf(buf, size, "%s%.*s\n", more ? " " : "", (int)len, file->rest);
	file->rest += len;
	if (!*file->rest)
		file->rest = NULL;
	return buf;
}

static int keyfile_append(struct keyfile *file, const char *value)
{
	char *longer;

	if (asprintf(&longer, "%s%s", file->value, value) < 0)
		return -ENOMEM;

	free(file->value);
	file->value = longer;
	return 0;
}

static int keyfile_begin_pair(struct keyfile *file, const char *key,
			      const char *value)
{
	if (keyfile_flush(file))
		return file->err;
	if (!*key || strlen(key) > KEYFILE_KEY_MAX)
		return keyfile_refuse(file, "expected KEY = VALUE");

	file->key = strdup(key);
	file->value = strdup(value);
	file->key_line = file->line;
	return file->key && file->value ? 0 : -ENOMEM;
}

/* libinih calls again with the same key for a further piece. */
static int on_pair(void *data, const char *section, const char *key,
		   const char *value)
{
	struct keyfile *file = data;

	if (file->key && file->key_line == file->line)
		file->err = keyfile_append(file, value);
	else
		file->err = keyfile_begin_pair(file, key, value);
	return !file->err;
}

int keyfile_parse_stream(FILE *stream, const char *name, unsigned int flags,
			 keyfile_fn fn, void *data, struct error *error)
{
	struct keyfile file = {
		.stream = stream,
		.name = name,
		.flags = flags,
		.fn = fn,
		.data = data,
		.error = error,
	};
	int ret;

	ret = ini_parse_stream(read_line, &file, on_pair, &file);
	keyfile_end_section(&file);
	if (ret && !file.err)
		keyfile_refuse(&file, "expected KEY = VALUE");

	free(file.key);
	free(file.value);
	free(file.text);
	free(file.section);
	return file.err;
}

int keyfile_parse(const char *path, unsigned int flags, keyfile_fn fn,
		  void *data, struct error *error)
{
	FILE *stream = fopen(path, "re");
	int err;

	if (!stream)
		return error_set(error, -errno, "%s: %s", path,
				 strerror(errno));

	err = keyfile_parse_stream(stream, path, flags, fn, data, error);
	fclose(stream);
	return err;
}
