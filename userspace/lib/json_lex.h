/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_lex.h - numbers, and UTF-8 byte by byte, as the RFCs have them
 */

#ifndef VPORT_JSON_LEX_H
#define VPORT_JSON_LEX_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed is the state between two characters. */
struct utf8_state {
	uint32_t code;		/* the character, once nothing is left */
	uint8_t left;		/* continuation bytes to come */
	uint8_t low;		/* bounds of the next one */
	uint8_t high;
};

/* Return: false when @c cannot follow; the state is then between characters. */
bool utf8_next(struct utf8_state *state, uint8_t c);

/* Return: whether @p is a number; @ret_integer: without fraction, exponent. */
bool json_is_number(const char *p, bool *ret_integer);

/* Return: whether an integer is an int64 or, if not negative, a uint64. */
bool json_integer_fits(const char *p);

#endif /* VPORT_JSON_LEX_H */
