// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * capture.c - what a program prints, kept until somebody asks
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture.h"

/* Pieces in a row before others get their turn. */
#define CAPTURE_TURNS	16

void capture_init(struct capture *capture)
{
	capture->io = NULL;
	capture->fd = -1;
	capture->file = -1;
	capture->len = 0;
	capture->truncated = false;
}

bool capture_is_open(const struct capture *capture)
{
	return capture->io;
}

static void capture_close_pipe(struct capture *capture)
{
	capture->io = sd_event_source_disable_unref(capture->io);
	if (capture->fd >= 0)
		close(capture->fd);
	capture->fd = -1;
}

/* As much of @len as the file takes; the rest is cut off. */
static void capture_keep(struct capture *capture, const char *data, size_t len)
{
	size_t room = capture->limit - capture->len;
	size_t keep = len < room ? len : room;
	ssize_t n;

	while (keep) {
		n = write(capture->file, data, keep);
		if (n <= 0)
			break;
		data += n;
		keep -= n;
		len -= n;
		capture->len += n;
	}
	if (len)
		capture->truncated = true;
}

static int capture_on_io(sd_event_source *source, int fd, uint32_t revents,
			 void *userdata)
{
	struct capture *capture = userdata;
	static char buf[64 << 10];
	ssize_t n = 1;
	int i;

	for (i = 0; i < CAPTURE_TURNS && n > 0; i++) {
		n = read(fd, buf, sizeof(buf));
		if (n > 0)
			capture_keep(capture, buf, n);
	}
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return 0;

	capture_close_pipe(capture);
	capture->on_end(capture);
	return 0;
}

int capture_start(struct capture *capture, sd_event *event, size_t limit,
		  int *ret_fd)
{
	int ends[2];
	int err;

	capture->limit = limit;
	capture->file = memfd_create("guest-exec", MFD_CLOEXEC);
	if (capture->file < 0)
		return -errno;
	if (pipe2(ends, O_CLOEXEC)) {
		err = -errno;
		capture_finish(capture);
		return err;
	}

	capture->fd = ends[0];
	fcntl(capture->fd, F_SETFL, O_NONBLOCK);
	err = sd_event_add_io(event, &capture->io, capture->fd, EPOLLIN,
			      capture_on_io, capture);
	if (err < 0) {
		close(ends[1]);
		capture_finish(capture);
		return err;
	}

	*ret_fd = ends[1];
	return 0;
}

void capture_finish(struct capture *capture)
{
	capture_close_pipe(capture);
	if (capture->file >= 0)
		close(capture->file);
	capture_init(capture);
}
