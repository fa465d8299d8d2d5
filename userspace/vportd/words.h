/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.h - a command line's words
 */

#ifndef VPORTD_WORDS_H
#define VPORTD_WORDS_H

/**
 * words_split() - take a command line apart
 * @text: words between blanks; single and double quotes keep blanks, a
 *        backslash keeps the next character, but not in single quotes
 * @ret:  the words and a NULL; words_free() them
 *
 * Return: 0, -EINVAL when a quote is not closed, -ENOMEM.
 */
int words_split(const char *text, char ***ret);

/* NULL is allowed. */
void words_free(char **words);

#endif /* VPORTD_WORDS_H */
