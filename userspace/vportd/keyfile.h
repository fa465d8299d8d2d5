/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keyfile.h - files of "[section]" and "key = value"
 */

#ifndef VPORTD_KEYFILE_H
#define VPORTD_KEYFILE_H

#include <stdio.h>

struct error;

enum keyfile_what {
	KEYFILE_BEGIN,		/* a section begins */
	KEYFILE_PAIR,		/* one of its keys */
	KEYFILE_END,		/* that was all of it */
};

struct keyfile_entry {
	enum keyfile_what what;
	const char *file;
	unsigned int line;	/* at the end of a section: where it began */
	const char *section;	/* "" before the first, which has no ends */
	const char *key;	/* of a pair */
	const char *value;
};

/*
 * Called in the order of the file.
 *
 * Return: 0, or -errno with the error set, which ends the parsing.
 */
typedef int (*keyfile_fn)(void *data, const struct keyfile_entry *entry,
			  struct error *error);

/* A semicolon after a blank separates what is in a list: no comment. */
#define KEYFILE_LISTS	1

/**
 * keyfile_parse() - read a file
 * @path:  where
 * @flags: KEYFILE_LISTS or 0
 * @fn:    told what is in it
 * @data:  passed to @fn
 * @error: why not, beginning with file and line
 *
 * Blanks around names and values do not count; '#' and ';' begin a comment at
 * the start of a line, ';' also after a blank.  Quotes are the value's affair.
 *
 * Return: 0, -EINVAL for what is in it, or another -errno.
 */
int keyfile_parse(const char *path, unsigned int flags, keyfile_fn fn,
		  void *data, struct error *error);

/* The same for a stream that messages call @name. */
int keyfile_parse_stream(FILE *stream, const char *name, unsigned int flags,
			 keyfile_fn fn, void *data, struct error *error);

#endif /* VPORTD_KEYFILE_H */
