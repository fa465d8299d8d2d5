// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * os_release.c - the format of os-release(5)
 */

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "os_release.h"

#define LINE_MAX_LEN 4096	/* the file comes with the system */

/* In double quotes a backslash stands before these only. */
static bool is_escape(char quote, char c)
{
	if (quote == '\'')
		return false;

	return !quote || strchr("\"$`\\", c);
}

/* Remove quotes and backslashes in place, as a shell does with a word. */
static void unquote(char *text)
{
	char *to = text;
	char quote = '\0';

	for (; *text; text++) {
		if (*text == quote) {
			quote = '\0';
			continue;
		}
		if (!quote && (*text == '"' || *text == '\'')) {
			quote = *text;
			continue;
		}
		if (!quote && isspace((unsigned char)*text))
			break;
		if (*text == '\\' && text[1] && is_escape(quote, text[1]))
			text++;
		*to++ = *text;
	}
	*to = '\0';
}

/* Return: the value of an assignment, with its key ended by a NUL, or NULL. */
static char *split(char *line)
{
	char *p = line;

	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	if (p == line || *p != '=')
		return NULL;

	*p = '\0';
	return p + 1;
}

static void skip_line(FILE *file)
{
	int c;

	do {
		c = getc(file);
	} while (c != EOF && c != '\n');
}

void os_release_read(FILE *file,
		     void (*field)(void *data, const char *key,
				   const char *value),
		     void *data)
{
	char line[LINE_MAX_LEN];
	char *value;
	char *key;

	while (fgets(line, sizeof(line), file)) {
		if (!strchr(line, '\n') && !feof(file)) {
			skip_line(file);
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		key = line + strspn(line, " \t");
		value = split(key);
		if (!value)
			continue;
		unquote(value);
		field(data, key, value);
	}
}
