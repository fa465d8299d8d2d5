/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pattern.h - a stream of bytes that both ends can make from a seed
 *
 * Byte i depends on the seed and on i alone, so that any piece can be checked
 * wherever it begins, and a lost, doubled or moved byte shows.
 */

#ifndef VPORT_TEST_PATTERN_H
#define VPORT_TEST_PATTERN_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The finaliser of splitmix64: neighbours differ in about half their bits. */
static inline uint64_t pattern_word(uint32_t seed, uint64_t index)
{
	uint64_t x = ((uint64_t)seed << 40) + index + 1;

	x *= 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static inline uint8_t pattern_byte(uint32_t seed, uint64_t offset)
{
	return pattern_word(seed, offset >> 3) >> (8 * (offset & 7));
}

/* Write the @len bytes that begin at @offset of the stream @seed. */
static inline void pattern_fill(void *buf, size_t len, uint32_t seed,
				uint64_t offset)
{
	uint8_t *out = buf;
	uint64_t word = pattern_word(seed, offset >> 3);
	size_t i;

	for (i = 0; i < len; i++, offset++) {
		/* Whole words as long as they last. */
		for (; !(offset & 7) && len - i >= 8; i += 8, offset += 8) {
			word = htole64(pattern_word(seed, offset >> 3));
			memcpy(out + i, &word, sizeof(word));
		}
		if (i == len)
			break;
		if (!(offset & 7))
			word = pattern_word(seed, offset >> 3);
		out[i] = word >> (8 * (offset & 7));
	}
}

/* Return: the index of the first byte that is not as it should be, or @len. */
static inline size_t pattern_check(const void *buf, size_t len, uint32_t seed,
				   uint64_t offset)
{
	const uint8_t *in = buf;
	uint64_t word = pattern_word(seed, offset >> 3);
	size_t i;

	for (i = 0; i < len; i++, offset++) {
		if (!(offset & 7))
			word = pattern_word(seed, offset >> 3);
		if (in[i] != (uint8_t)(word >> (8 * (offset & 7))))
			break;
	}
	return i;
}

/* What opens each record of the `records` request, little-endian. */
struct pattern_record {
	uint32_t writer;
	uint32_t sequence;
};

#endif /* VPORT_TEST_PATTERN_H */
