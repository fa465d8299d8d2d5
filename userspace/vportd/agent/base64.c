// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * base64.c - bytes as text, and back
 */

#include <errno.h>
#include <stdint.h>

#include "base64.h"

static const char digits[64] __attribute__((nonstring)) =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(char *text, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t group;

	for (; len >= 3; len -= 3, p += 3) {
		group = p[0] << 16 | p[1] << 8 | p[2];
		*text++ = digits[group >> 18];
		*text++ = digits[group >> 12 & 63];
		*text++ = digits[group >> 6 & 63];
		*text++ = digits[group & 63];
	}
	if (!len)
		return;

	group = p[0] << 16 | (len == 2 ? p[1] << 8 : 0);
	*text++ = digits[group >> 18];
	*text++ = digits[group >> 12 & 63];
	*text++ = len == 2 ? digits[group >> 6 & 63] : '=';
	*text = '=';
}

/* Return: the value of a digit, or -1. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

ssize_t base64_decode(void *data, const char *text, size_t len)
{
	uint8_t *to = data;
	uint32_t group = 0;
	int pads = 0;
	int have = 0;
	int value;

	for (; len; len--, text++) {
		if (*text == '\n')
			continue;
		value = value_of(*text);
		if (*text == '=' && have >= 2)
			pads++;
		else if (value < 0 || pads)
			return -EBADMSG;
		group = group << 6 | (pads ? 0 : value);
		if (++have < 4)
			continue;

		*to++ = group >> 16;
		if (pads < 2)
			*to++ = group >> 8;
		if (!pads)
			*to++ = group;
		group = 0;
		have = 0;
		pads = 0;
	}

	return to - (uint8_t *)data;
}
