// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bytes.c - a bounded queue of bytes
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define BYTES_MIN_SIZE	512		/* smallest allocation */
#define BYTES_KEEP	(8u << 10)	/* what an empty queue may hold on to */

void bytes_init(struct bytes *b, size_t limit)
{
	memset(b, 0, sizeof(*b));
	b->limit = limit;
}

void bytes_finish(struct bytes *b)
{
	free(b->data);
	bytes_init(b, b->limit);
}

/* Move the contents to the front of the memory there is. */
static void bytes_compact(struct bytes *b)
{
	if (!b->head)
		return;

	memmove(b->data, b->data + b->head, bytes_len(b));
	b->tail -= b->head;
	b->head = 0;
}

static int bytes_grow(struct bytes *b, size_t need)
{
	size_t size = b->size ? b->size : BYTES_MIN_SIZE;
	uint8_t *data;

	while (size < need)
		size *= 2;
	if (size > b->limit)
		size = b->limit;

	data = realloc(b->data, size);
	if (!data)
		return -ENOMEM;

	b->data = data;
	b->size = size;
	return 0;
}

int bytes_reserve(struct bytes *b, size_t len, uint8_t **ret)
{
	size_t used = bytes_len(b);
	size_t need;
	int err;

	if (len > b->limit - used)
		return -ENOBUFS;

	/*
	 * Moving costs as much as what is there, so it is done only when at
	 * least as much has been consumed since the last time.
	 */
	if (len > b->size - b->tail &&
	    (used + len > b->size || b->head < used)) {
		need = b->tail + len < b->limit ? b->tail + len : b->limit;
		err = bytes_grow(b, need);
		if (err)
			return err;
	}
	if (len > b->size - b->tail)
		bytes_compact(b);

	*ret = b->data + b->tail;
	return 0;
}

void bytes_commit(struct bytes *b, size_t len)
{
	b->tail += len;
}

int bytes_append(struct bytes *b, const void *data, size_t len)
{
	uint8_t *to;
	int err;

	if (!len)
		return 0;

	err = bytes_reserve(b, len, &to);
	if (err)
		return err;

	memcpy(to, data, len);
	bytes_commit(b, len);
	return 0;
}

void bytes_consume(struct bytes *b, size_t len)
{
	b->head += len;
	if (b->head < b->tail)
		return;

	b->head = 0;
	b->tail = 0;
	if (b->size > BYTES_KEEP) {
		free(b->data);
		b->data = NULL;
		b->size = 0;
	}
}
