/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base64.h - bytes as text, and back
 */

#ifndef VPORT_BASE64_H
#define VPORT_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Text of so many bytes, without a NUL. */
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes BASE64_LEN(@len) characters to @text. */
void base64_encode(char *text, const void *data, size_t len);

/* Between two pieces of text; zeroed at the start. */
struct base64_decoder {
	uint32_t group;
	uint8_t have;		/* characters of a group, so far */
	uint8_t pads;		/* of them, at its end */
};

/**
 * base64_decode_more() - turn one more piece of text into bytes
 * @decoder: what the pieces before have left
 * @data:    room for (@len + 3) / 4 * 3 bytes
 * @text:    may be broken into lines, as some clients do; what follows the last
 *           whole group of four characters is ignored
 * @len:     of @text
 *
 * Return: the number of bytes, or -EBADMSG for text that is no base64.
 */
ssize_t base64_decode_more(struct base64_decoder *decoder, void *data,
			   const char *text, size_t len);

#endif /* VPORT_BASE64_H */
