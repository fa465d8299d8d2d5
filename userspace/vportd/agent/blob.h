/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blob.h - bytes that came as base64
 *
 * Text is decoded as it comes in.  A large blob is in an anonymous file, so
 * that what one message brings is never in the daemon's own memory as a whole.
 */

#ifndef VPORTD_BLOB_H
#define VPORTD_BLOB_H

#include <stdint.h>
#include <sys/types.h>

#include "base64.h"

/* Decoded bytes that are collected before they go to the file. */
#define BLOB_PIECE	(48u << 10)

struct blob {
	struct base64_decoder decoder;
	uint8_t *piece;		/* NULL: empty */
	size_t piece_len;
	int file;		/* -1: none */
	size_t len;		/* file and piece */
	int err;		/* what is wrong with it, or 0 */
};

void blob_init(struct blob *blob);

/* Decode @len more characters; trouble is kept in @blob->err. */
void blob_add(struct blob *blob, const char *text, size_t len);

/**
 * blob_read() - copy a part
 * @blob: without an error
 * @at:   first byte
 * @data: where to
 * @len:  at most so many
 *
 * Return: bytes copied, 0 at the end, or -errno.
 */
ssize_t blob_read(const struct blob *blob, size_t at, void *data, size_t len);

/* Free what it holds; it can be used again. */
void blob_finish(struct blob *blob);

#endif /* VPORTD_BLOB_H */
