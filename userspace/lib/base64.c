// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * base64.c - bytes as text, and back
 *
 * Files of megabytes go through here, so the bulk is done in whole groups: out
 * through a table of two digits for twelve bits, in through a table per place
 * in the group, whose entries need no shift.
 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base64.h"

static const char digits[64] __attribute__((nonstring)) =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* No bits of a group are above 24: a character that is no digit sets one. */
#define NO_DIGIT	(1u << 24)

static char pairs[4096][2];
static uint32_t values[4][256];

__attribute__((constructor))
static void make_tables(void)
{
	uint32_t i;
	int place;

	for (i = 0; i < 4096; i++) {
		pairs[i][0] = digits[i >> 6];
		pairs[i][1] = digits[i & 63];
	}
	for (i = 0; i < 256; i++)
		values[3][i] = NO_DIGIT;
	for (i = 0; i < 64; i++)
		values[3][(uint8_t)digits[i]] = i;
	for (place = 2; place >= 0; place--) {
		for (i = 0; i < 256; i++)
			values[place][i] = values[3][i] == NO_DIGIT ? NO_DIGIT :
					   values[place + 1][i] << 6;
	}
}

void base64_encode(char *text, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t group;

	for (; len >= 3; len -= 3, p += 3, text += 4) {
		group = p[0] << 16 | p[1] << 8 | p[2];
		memcpy(text, pairs[group >> 12], 2);
		memcpy(text + 2, pairs[group & 4095], 2);
	}
	if (!len)
		return;

	group = p[0] << 16 | (len == 2 ? p[1] << 8 : 0);
	*text++ = digits[group >> 18];
	*text++ = digits[group >> 12 & 63];
	*text++ = len == 2 ? digits[group >> 6 & 63] : '=';
	*text = '=';
}

/* Whole groups without pads and line ends.  Return: their number. */
static size_t decode_bulk(uint8_t *to, const uint8_t *text, size_t len)
{
	size_t count;
	uint32_t group;

	for (count = 0; len >= 4; count++, len -= 4, text += 4, to += 3) {
		group = values[0][text[0]] | values[1][text[1]] |
			values[2][text[2]] | values[3][text[3]];
		if (group & NO_DIGIT)
			break;
		to[0] = group >> 16;
		to[1] = group >> 8;
		to[2] = group;
	}

	return count;
}

/* Return: whether the character may stand here. */
static bool add_char(struct base64_decoder *d, uint8_t c)
{
	bool is_pad = c == '=' && d->have >= 2;

	if (!is_pad && (values[3][c] == NO_DIGIT || d->pads))
		return false;

	d->group = d->group << 6 | (is_pad ? 0 : values[3][c]);
	d->pads += is_pad;
	d->have++;
	return true;
}

/* Return: bytes of the group that is complete. */
static size_t end_group(struct base64_decoder *d, uint8_t *to)
{
	size_t len = 3 - d->pads;

	to[0] = d->group >> 16;
	if (len > 1)
		to[1] = d->group >> 8;
	if (len > 2)
		to[2] = d->group;
	memset(d, 0, sizeof(*d));
	return len;
}

ssize_t base64_decode_more(struct base64_decoder *decoder, void *data,
			   const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	const uint8_t *end = p + len;
	uint8_t *to = data;
	size_t count;

	while (p < end) {
		if (!decoder->have) {
			count = decode_bulk(to, p, end - p);
			p += 4 * count;
			to += 3 * count;
			if (p == end)
				break;
		}
		if (*p != '\n' && !add_char(decoder, *p))
			return -EBADMSG;
		p++;
		if (decoder->have == 4)
			to += end_group(decoder, to);
	}

	return to - (uint8_t *)data;
}
