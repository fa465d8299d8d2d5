/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - bytes between a port and a pair of descriptors
 */

#ifndef VPORTD_STREAM_H
#define VPORTD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct port;
struct stream;

struct stream_ops {
	/*
	 * ended() - nothing more will be read.
	 *
	 * @closed says that nobody takes what is written, either; otherwise
	 * the call is repeated when that has come.  May destroy the stream.
	 */
	void (*ended)(void *owner, bool closed);
};

/**
 * stream_create() - begin to copy
 * @port:  what is read goes there, as it can take it
 * @in:    non-blocking, read from; taken over on success
 * @out:   non-blocking, written to; may be the same as @in
 * @ops:   told how it ends
 * @owner: passed to @ops
 * @ret:   the stream, which does not read before stream_listen()
 *
 * Return: 0 or -errno.
 */
int stream_create(struct port *port, int in, int out,
		  const struct stream_ops *ops, void *owner,
		  struct stream **ret);

/* NULL is allowed. */
void stream_destroy(struct stream *stream);

/* Read what comes for the port, or leave it where it is. */
void stream_listen(struct stream *stream, bool listen);

/**
 * stream_write() - what a handler's input() got
 *
 * For bytes that are not taken, port_resume_input() is called when there is
 * room again.
 *
 * Return: bytes taken, or -EPIPE when nobody reads them any more.
 */
ssize_t stream_write(struct stream *stream, const void *data, size_t len);

/* For a handler's drained(). */
void stream_drained(struct stream *stream);

/* Nothing more will be written, and what is still read is nobody's. */
void stream_dismiss(struct stream *stream);

/* For a socket whose writer is gone: what is there by now is all. */
void stream_finish(struct stream *stream);

#endif /* VPORTD_STREAM_H */
