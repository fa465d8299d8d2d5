/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fd_channel.h - a character device that is a pair of descriptors
 *
 * What terminals, pipes, files and standard input and output have in common.
 */

#ifndef VPORTEMU_FD_CHANNEL_H
#define VPORTEMU_FD_CHANNEL_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

struct chardev;
struct sd_event;
struct sd_event_source;

struct fd_channel {
	struct chardev *chr;
	int in_fd;			/* -1: nothing to read */
	int out_fd;			/* -1: nowhere to write to */
	struct sd_event_source *in;
	struct sd_event_source *out;
	bool eof;			/* nothing more will come */
};

/**
 * fd_channel_start() - begin to use descriptors
 * @channel: filled
 * @event:   the loop
 * @chr:     the back-end that it is for, which is open
 * @in_fd:   to read from, or -1
 * @out_fd:  to write to, or -1; not the same as @in_fd
 *
 * Both are owned by the channel from now on, whatever is returned.
 *
 * Return: 0, -errno.
 */
int fd_channel_start(struct fd_channel *channel, struct sd_event *event,
		     struct chardev *chr, int in_fd, int out_fd);
void fd_channel_finish(struct fd_channel *channel);

/* For chardev_ops of the same names. */
void fd_channel_update(struct fd_channel *channel);
ssize_t fd_channel_readv(struct fd_channel *channel, const struct iovec *iov,
			 int num);
ssize_t fd_channel_writev(struct fd_channel *channel, const struct iovec *iov,
			  int num);

#endif /* VPORTEMU_FD_CHANNEL_H */
