// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * feed.c - bytes for a program to read
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "feed.h"

/* No more than a pipe holds by default. */
#define FEED_PIECE (64 << 10)

void feed_init(struct feed *feed)
{
	memset(feed, 0, sizeof(*feed));
	feed->fd = -1;
	blob_init(&feed->blob);
}

void feed_finish(struct feed *feed)
{
	feed->io = sd_event_source_disable_unref(feed->io);
	if (feed->fd >= 0)
		close(feed->fd);
	blob_finish(&feed->blob);
	feed_init(feed);
}

int feed_open(struct feed *feed, struct blob *blob, int *ret_fd)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;

	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	feed->fd = ends[1];
	feed->blob = *blob;
	blob_init(blob);
	*ret_fd = ends[0];
	return 0;
}

static int feed_on_io(sd_event_source *source, int fd, uint32_t revents,
		      void *userdata)
{
	static char piece[FEED_PIECE];
	struct feed *feed = userdata;
	ssize_t n;

	n = blob_read(&feed->blob, feed->done, piece, sizeof(piece));
	if (n > 0)
		n = write(fd, piece, n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0)
		feed->done += n;

	/* A program need not read what it is given. */
	if (n <= 0 || feed->done == feed->blob.len)
		feed_finish(feed);
	return 0;
}

int feed_start(struct feed *feed, sd_event *event)
{
	int err;

	if (feed->fd < 0)
		return 0;

	err = sd_event_add_io(event, &feed->io, feed->fd, EPOLLOUT, feed_on_io,
			      feed);
	return err < 0 ? err : 0;
}
