// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fd_channel.c - a character device that is a pair of descriptors
 */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "chardev.h"
#include "fd_channel.h"

static int channel_readable(struct fd_channel *channel)
{
	struct chardev *chr = channel->chr;

	if (chr->want & CHARDEV_READ && chr->frontend)
		chr->frontend->readable(chr->frontend_data);
	if (channel->eof) {
		sd_event_source_set_enabled(channel->in, SD_EVENT_OFF);
		if (chr->open)
			chardev_closed(chr);
	}
	return 0;
}

static int channel_in(sd_event_source *source, int fd, uint32_t events,
		      void *data)
{
	return channel_readable(data);
}

/* For what epoll does not take: files, which never make one wait. */
static int channel_in_always(sd_event_source *source, void *data)
{
	return channel_readable(data);
}

static int channel_writable(struct fd_channel *channel)
{
	struct chardev *chr = channel->chr;

	if (chr->want & CHARDEV_WRITE && chr->frontend)
		chr->frontend->writable(chr->frontend_data);
	return 0;
}

static int channel_out(sd_event_source *source, int fd, uint32_t events,
		       void *data)
{
	return channel_writable(data);
}

/* A file that took a part takes the rest, or says why it does not. */
static int channel_out_always(sd_event_source *source, void *data)
{
	return channel_writable(data);
}

static int add_sources(struct fd_channel *channel, struct sd_event *event)
{
	int ret = 0;

	if (channel->in_fd >= 0) {
		ret = sd_event_add_io(event, &channel->in, channel->in_fd,
				      EPOLLIN, channel_in, channel);
		if (ret == -EPERM)
			ret = sd_event_add_defer(event, &channel->in,
						 channel_in_always, channel);
		if (ret < 0)
			return ret;
		sd_event_source_set_enabled(channel->in, SD_EVENT_OFF);
	}
	if (channel->out_fd >= 0) {
		ret = sd_event_add_io(event, &channel->out, channel->out_fd,
				      EPOLLOUT, channel_out, channel);
		if (ret == -EPERM)
			ret = sd_event_add_defer(event, &channel->out,
						 channel_out_always, channel);
		if (ret < 0)
			return ret;
		sd_event_source_set_enabled(channel->out, SD_EVENT_OFF);
	}
	return 0;
}

int fd_channel_start(struct fd_channel *channel, struct sd_event *event,
		     struct chardev *chr, int in_fd, int out_fd)
{
	int ret;

	memset(channel, 0, sizeof(*channel));
	channel->chr = chr;
	channel->in_fd = in_fd;
	channel->out_fd = out_fd;
	ret = add_sources(channel, event);
	if (ret < 0)
		fd_channel_finish(channel);
	return ret;
}

void fd_channel_finish(struct fd_channel *channel)
{
	channel->in = sd_event_source_disable_unref(channel->in);
	channel->out = sd_event_source_disable_unref(channel->out);
	if (channel->in_fd >= 0)
		close(channel->in_fd);
	if (channel->out_fd >= 0)
		close(channel->out_fd);
	channel->in_fd = -1;
	channel->out_fd = -1;
}

void fd_channel_update(struct fd_channel *channel)
{
	unsigned int want = channel->chr->want;

	if (channel->in)
		sd_event_source_set_enabled(channel->in,
			want & CHARDEV_READ && !channel->eof ?
			SD_EVENT_ON : SD_EVENT_OFF);
	if (channel->out)
		sd_event_source_set_enabled(channel->out,
			want & CHARDEV_WRITE ? SD_EVENT_ON : SD_EVENT_OFF);
}

ssize_t fd_channel_readv(struct fd_channel *channel, const struct iovec *iov,
			 int num)
{
	ssize_t len;

	if (channel->in_fd < 0 || channel->eof)
		return -EAGAIN;

	do {
		len = readv(channel->in_fd, iov, num);
	} while (len < 0 && errno == EINTR);

	if (len > 0)
		return len;
	if (len < 0 && (errno == EAGAIN || errno == EFAULT))
		return -errno;

	channel->eof = true;
	return len < 0 ? -errno : -EPIPE;
}

ssize_t fd_channel_writev(struct fd_channel *channel, const struct iovec *iov,
			  int num)
{
	ssize_t len;

	if (channel->out_fd < 0)
		return -EPIPE;

	do {
		len = writev(channel->out_fd, iov, num);
	} while (len < 0 && errno == EINTR);

	return len < 0 ? -errno : len;
}
