/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base64.h - bytes as text, and back
 */

#ifndef VPORTD_BASE64_H
#define VPORTD_BASE64_H

#include <stddef.h>
#include <sys/types.h>

/* Text of so many bytes, without a NUL. */
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes BASE64_LEN(@len) characters to @text. */
void base64_encode(char *text, const void *data, size_t len);

/**
 * base64_decode() - turn text into bytes
 * @data: room for @len / 4 * 3 of them
 * @text: may be broken into lines, as some clients do; what follows the last
 *        whole group of four characters is ignored
 * @len:  of @text
 *
 * Return: the number of bytes, or -EBADMSG for text that is no base64.
 */
ssize_t base64_decode(void *data, const char *text, size_t len);

#endif /* VPORTD_BASE64_H */
