// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_lex.c - numbers, and UTF-8 byte by byte, as the RFCs have them
 */

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "json_lex.h"

/* Table 3-7 of the Unicode standard: lead bytes and bounds of the second. */
static bool utf8_lead(struct utf8_state *state, uint8_t c)
{
	state->low = 0x80;
	state->high = 0xbf;
	state->code = c;

	if (c < 0x80)
		return true;
	if (c < 0xc2 || c > 0xf4)
		return false;

	state->left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	state->code = c & 0x3f >> state->left;
	if (c == 0xe0)
		state->low = 0xa0;
	if (c == 0xed)
		state->high = 0x9f;
	if (c == 0xf0)
		state->low = 0x90;
	if (c == 0xf4)
		state->high = 0x8f;
	return true;
}

bool utf8_next(struct utf8_state *state, uint8_t c)
{
	if (!state->left)
		return utf8_lead(state, c);

	if (c < state->low || c > state->high) {
		state->left = 0;
		return false;
	}

	state->code = state->code << 6 | (c & 0x3f);
	state->left--;
	state->low = 0x80;
	state->high = 0xbf;
	return true;
}

static const char *skip_digits(const char *p)
{
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

/* RFC 8259, section 6. */
bool json_is_number(const char *p, bool *ret_integer)
{
	const char *part;

	if (*p == '-')
		p++;
	part = p;
	p = skip_digits(p);
	if (p == part || (*part == '0' && p > part + 1))
		return false;
	*ret_integer = !*p;

	if (*p == '.') {
		part = ++p;
		p = skip_digits(p);
		if (p == part)
			return false;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '+' || *p == '-')
			p++;
		part = p;
		p = skip_digits(p);
		if (p == part)
			return false;
	}

	return !*p;
}

bool json_integer_fits(const char *p)
{
	errno = 0;
	if (*p == '-')
		strtoimax(p, NULL, 10);
	else
		strtoumax(p, NULL, 10);

	return errno != ERANGE;
}
