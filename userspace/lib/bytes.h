/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes.h - a bounded queue of bytes
 *
 * What is between the head and the tail is contiguous.  Memory grows with need
 * up to the limit and shrinks back when the queue runs empty.
 */

#ifndef VPORT_BYTES_H
#define VPORT_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *data;
	size_t head;		/* first byte not yet consumed */
	size_t tail;		/* one past the last */
	size_t size;		/* allocated */
	size_t limit;		/* largest length that is accepted */
};

/* Make @b an empty queue of at most @limit bytes; allocates nothing. */
void bytes_init(struct bytes *b, size_t limit);

/* Free what @b holds; @b is then empty and can be used again. */
void bytes_finish(struct bytes *b);

static inline size_t bytes_len(const struct bytes *b)
{
	return b->tail - b->head;
}

static inline const uint8_t *bytes_peek(const struct bytes *b)
{
	return b->data + b->head;
}

/**
 * bytes_reserve() - make room at the tail
 * @b:     the queue
 * @len:   bytes wanted
 * @ret:   where to write them; follow with bytes_commit()
 *
 * Return: 0; -ENOBUFS above the limit, -ENOMEM; the queue is then unchanged.
 */
int bytes_reserve(struct bytes *b, size_t len, uint8_t **ret);

/* @len bytes were written to the place that bytes_reserve() gave. */
void bytes_commit(struct bytes *b, size_t len);

/* Append all of @len bytes or, with -ENOBUFS or -ENOMEM, none. */
int bytes_append(struct bytes *b, const void *data, size_t len);

/* Remove @len bytes, at most bytes_len(), from the head. */
void bytes_consume(struct bytes *b, size_t len);

#endif /* VPORT_BYTES_H */
