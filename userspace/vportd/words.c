// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * words.c - a command line's words
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

/*
 * Copy a word from @text to @word, which has room for it.  Return: what is
 * behind it, or NULL when a quote is not closed.
 */
static const char *copy_word(const char *text, char *word)
{
	char quote = '\0';

	for (; *text && (quote || !isspace((unsigned char)*text)); text++) {
		if (quote && *text == quote) {
			quote = '\0';
		} else if (!quote && (*text == '"' || *text == '\'')) {
			quote = *text;
		} else if (*text == '\\' && quote != '\'') {
			if (!*++text)
				return NULL;
			*word++ = *text;
		} else {
			*word++ = *text;
		}
	}

	*word = '\0';
	return quote ? NULL : text;
}

static int append(char ***words, size_t count, const char *word)
{
	char **longer = reallocarray(*words, count + 2, sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	*words = longer;
	longer[count] = word ? strdup(word) : NULL;
	longer[count + 1] = NULL;
	return word && !longer[count] ? -ENOMEM : 0;
}

void words_free(char **words)
{
	char **p;

	for (p = words; p && *p; p++)
		free(*p);
	free(words);
}

int words_split(const char *text, char ***ret)
{
	char *word = malloc(strlen(text) + 1);
	char **words = NULL;
	size_t count = 0;
	int err;

	err = word ? append(&words, 0, NULL) : -ENOMEM;
	while (!err) {
		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			break;
		text = copy_word(text, word);
		err = text ? append(&words, count++, word) : -EINVAL;
	}

	free(word);
	if (err)
		words_free(words);
	else
		*ret = words;
	return err;
}
