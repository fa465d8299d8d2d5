/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed.h - bytes for a program to read
 */

#ifndef VPORTD_FEED_H
#define VPORTD_FEED_H

#include <stddef.h>

#include <systemd/sd-event.h>

#include "blob.h"

struct feed {
	sd_event_source *io;
	int fd;			/* our end of the pipe; -1: none */
	struct blob blob;
	size_t done;
};

void feed_init(struct feed *feed);

/**
 * feed_open() - make the pipe
 * @feed:   initialised
 * @blob:   what to write, taken over
 * @ret_fd: the program's end, the caller's to close
 *
 * Return: 0 or -errno.
 */
int feed_open(struct feed *feed, struct blob *blob, int *ret_fd);

/* Begin to write, if there is a pipe.  Return: 0 or -errno. */
int feed_start(struct feed *feed, sd_event *event);

/* The program is gone, or has all. */
void feed_finish(struct feed *feed);

#endif /* VPORTD_FEED_H */
