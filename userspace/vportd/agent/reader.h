/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader.h - a file that may block, read ahead into a pipe
 */

#ifndef VPORTD_READER_H
#define VPORTD_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct reader;

struct reader_user {
	/* ready() - there is something after -EAGAIN, or the end. */
	void (*ready)(void *text);
	void *text;

	/*
	 * released() - the file is no longer used.
	 *
	 * Called once, by reader_abandon() or, where the file is slow, after it.
	 */
	void (*released)(void *file);
	void *file;
};

/**
 * reader_create() - begin to read
 * @fd:    from its position; stays open until released()
 * @count: bytes at most
 * @user:  copied
 * @ret:   the reader
 *
 * Return: 0 or -errno.
 */
int reader_create(int fd, uint64_t count, const struct reader_user *user,
		  struct reader **ret);

/* Return: bytes, 0 at the end, -EAGAIN with ready() to follow, or -errno. */
ssize_t reader_read(struct reader *reader, void *data, size_t len);

/* Nobody wants more; it is gone for the caller. */
void reader_abandon(struct reader *reader);

#endif /* VPORTD_READER_H */
