/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shorthand.h - character devices in their short form, as behind -monitor
 */

#ifndef VPORTEMU_SHORTHAND_H
#define VPORTEMU_SHORTHAND_H

#include <stddef.h>

struct error;

/* Append a value to key=value text: commas count double there. */
void shorthand_append_value(char *to, size_t size, const char *value);

/**
 * shorthand_expand() - make the short form the long one
 * @text:  `unix:PATH,options` and so on
 * @id:    of the chardev
 * @buf:   the argument of -chardev
 * @size:  of @buf
 * @error: why not
 *
 * Return: 0, -EINVAL.
 */
int shorthand_expand(const char *text, const char *id, char *buf, size_t size,
		     struct error *error);

#endif /* VPORTEMU_SHORTHAND_H */
