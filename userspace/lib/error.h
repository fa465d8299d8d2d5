/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.h - why something was refused, for the person or program that asked
 *
 * The code travels as the negative errno that every function returns; the text
 * goes beside it to whoever asked: the command line or a monitor.
 */

#ifndef VPORT_ERROR_H
#define VPORT_ERROR_H

struct error {
	char text[512];		/* longer ones are cut: it is one line */
};

/**
 * error_set() - write down why
 * @error:  where to; NULL when nobody asks
 * @code:   negative errno
 * @format: one line without an end
 *
 * Return: @code, so that a caller can say `return error_set(...)`.
 */
__attribute__((format(printf, 3, 4)))
int error_set(struct error *error, int code, const char *format, ...);

/**
 * error_prefix() - put more words in front of a text that is there
 * @error:  whose text
 * @code:   negative errno
 * @format: the words
 *
 * Return: @code.
 */
__attribute__((format(printf, 3, 4)))
int error_prefix(struct error *error, int code, const char *format, ...);

#endif /* VPORT_ERROR_H */
