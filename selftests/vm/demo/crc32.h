/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crc32.h - the checksum of gzip, zip and Ethernet; eight bytes at a time
 */

#ifndef VPORT_CRC32_H
#define VPORT_CRC32_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct crc32 {
	uint32_t table[8][256];
	uint32_t value;		/* inverted, as the algorithm has it */
};

static inline void crc32_init(struct crc32 *crc)
{
	uint32_t value;
	int i, j;

	for (i = 0; i < 256; i++) {
		value = i;
		for (j = 0; j < 8; j++)
			value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
		crc->table[0][i] = value;
	}
	for (i = 0; i < 256; i++)
		for (j = 1; j < 8; j++) {
			value = crc->table[j - 1][i];
			crc->table[j][i] = value >> 8 ^
					   crc->table[0][value & 0xff];
		}
	crc->value = ~0u;
}

static inline void crc32_add(struct crc32 *crc, const void *data, size_t len)
{
	const uint8_t *in = data;
	uint32_t value = crc->value;
	uint64_t word;
	int i;

	for (; len >= 8; in += 8, len -= 8) {
		memcpy(&word, in, sizeof(word));
		word = le64toh(word) ^ value;
		value = 0;
		for (i = 0; i < 8; i++)
			value ^= crc->table[7 - i][word >> (8 * i) & 0xff];
	}
	for (; len; in++, len--)
		value = value >> 8 ^ crc->table[0][(value ^ *in) & 0xff];
	crc->value = value;
}

static inline uint32_t crc32_result(const struct crc32 *crc)
{
	return ~crc->value;
}

#endif /* VPORT_CRC32_H */
