/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.h - the last bytes of a stream, for readers that come and go
 *
 * Positions count all bytes that were ever written, so that a reader is a
 * number.  What may not be overwritten yet is the writer's to say.
 */

#ifndef VPORTEMU_HISTORY_H
#define VPORTEMU_HISTORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct error;

/* What becomes of output when there is no room. */
enum history_policy {
	HISTORY_BLOCK,		/* it waits */
	HISTORY_DROP_OLDEST,	/* it takes the place of what is there */
	HISTORY_DROP_NEWEST,	/* it is dropped */
	HISTORY_SPILL,		/* it goes to a file, then waits */
};

struct history_config {
	size_t size;			/* of memory */
	enum history_policy policy;
	const char *spill_path;		/* for HISTORY_SPILL */
	uint64_t spill_size;		/* largest size of that file */
};

struct history {
	size_t size;
	enum history_policy policy;
	uint8_t *ring;			/* NULL until something is written */
	uint64_t start;			/* the oldest byte that is there */
	uint64_t end;			/* one past the newest in memory */
	uint64_t dropped;		/* bytes that nobody has got */
	int spill_fd;			/* -1: none */
	uint64_t spill_size;
	uint64_t spill_head;		/* where in the file to go on reading */
	uint64_t spill_tail;		/* and writing */
};

/* The word for a policy on a command line.  Return: 0, -EINVAL. */
int history_policy_parse(const char *word, enum history_policy *ret);

/**
 * history_init() - an empty one
 * @history: filled
 * @config:  as the options say
 * @error:   why not
 *
 * Return: 0, -errno.
 */
int history_init(struct history *history, const struct history_config *config,
		 struct error *error);
void history_finish(struct history *history);

/**
 * history_write() - append
 * @history: to this
 * @iov:     what
 * @num:     of @iov
 * @unread:  position of the oldest byte that a reader has still to get
 *
 * Return: bytes that are dealt with, -EAGAIN when there is no room, -ENOMEM.
 */
ssize_t history_write(struct history *history, const struct iovec *iov, int num,
		      uint64_t unread);

/* Move what was spilled to memory, as far as there is room. */
void history_refill(struct history *history, uint64_t unread);

/* Bytes in memory or in the file from @at on. */
uint64_t history_waiting(const struct history *history, uint64_t at);

/* Is there something from @at on in memory? */
static inline size_t history_readable(const struct history *history,
				      uint64_t at)
{
	return history->end - at;
}

/* What is there from @at on, in two pieces at most.  Return: how many. */
int history_peek(const struct history *history, uint64_t at,
		 struct iovec iov[2]);

/* Forget everything. */
void history_clear(struct history *history);

#endif /* VPORTEMU_HISTORY_H */
