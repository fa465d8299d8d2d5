// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blob.c - bytes that came as base64
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blob.h"

/* Characters whose bytes are sure to fit into what is left of the piece. */
#define STEP	4096

void blob_init(struct blob *blob)
{
	memset(blob, 0, sizeof(*blob));
	blob->file = -1;
}

void blob_finish(struct blob *blob)
{
	free(blob->piece);
	if (blob->file >= 0)
		close(blob->file);
	blob_init(blob);
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		len -= n;
	}

	return 0;
}

/* Empty the piece into the file. */
static int blob_flush(struct blob *blob)
{
	int err;

	if (blob->file < 0)
		blob->file = memfd_create("blob", MFD_CLOEXEC);
	if (blob->file < 0)
		return -errno;

	err = write_all(blob->file, blob->piece, blob->piece_len);
	blob->piece_len = 0;
	return err;
}

static int blob_add_step(struct blob *blob, const char *text, size_t len)
{
	ssize_t n;
	int err;

	if (!blob->piece)
		blob->piece = malloc(BLOB_PIECE);
	if (!blob->piece)
		return -ENOMEM;

	if (BLOB_PIECE - blob->piece_len < STEP) {
		err = blob_flush(blob);
		if (err)
			return err;
	}

	n = base64_decode_more(&blob->decoder, blob->piece + blob->piece_len,
			       text, len);
	if (n < 0)
		return n;
	blob->piece_len += n;
	blob->len += n;
	return 0;
}

void blob_add(struct blob *blob, const char *text, size_t len)
{
	size_t step;

	while (len && !blob->err) {
		step = len < STEP ? len : STEP;
		blob->err = blob_add_step(blob, text, step);
		text += step;
		len -= step;
	}
}

ssize_t blob_read(const struct blob *blob, size_t at, void *data, size_t len)
{
	size_t in_file = blob->len - blob->piece_len;
	ssize_t n;

	if (at < in_file) {
		if (len > in_file - at)
			len = in_file - at;
		n = pread(blob->file, data, len, at);
		return n > 0 ? n : n ? -errno : -EIO;
	}

	at -= in_file;
	if (len > blob->piece_len - at)
		len = blob->piece_len - at;
	if (len)
		memcpy(data, blob->piece + at, len);
	return len;
}
