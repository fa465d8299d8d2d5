// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pty.c - a character device that is a pseudo-terminal
 *
 * It is open while somebody has the terminal open.  The master says when the
 * last one has closed it, but not when one opens it: that is what the watch on
 * its name is for.  Neither does it say when the window changes, so that is
 * looked at whenever the terminal is opened and something is typed.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <systemd/sd-event.h>
#include <termios.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "opts.h"

struct chardev_pty {
	struct chardev chr;
	int fd;				/* the master; -1: none */
	sd_event_source *source;
	sd_event_source *watch;
	bool eof;
	char name[64];
	char *path;			/* of the symbolic link; NULL: none */
};

struct pty_options {
	const char *backend;
	const char *id;
	const char *path;
};

static const struct opt_desc pty_options[] = {
	{ "backend", OPT_STRING, offsetof(struct pty_options, backend) },
	{ "id", OPT_STRING, offsetof(struct pty_options, id),
	  "name by which a device or monitor refers to it" },
	{ "path", OPT_STRING, offsetof(struct pty_options, path),
	  "symbolic link to make to the terminal" },
	{ NULL }
};

static struct chardev_pty *to_pty(struct chardev *chr)
{
	return (struct chardev_pty *)chr;
}

static void pty_update(struct chardev *chr)
{
	struct chardev_pty *pty = to_pty(chr);
	uint32_t events = 0;

	if (chr->want & CHARDEV_READ)
		events |= EPOLLIN;
	if (chr->want & CHARDEV_WRITE)
		events |= EPOLLOUT;
	sd_event_source_set_io_events(pty->source, events);
	sd_event_source_set_enabled(pty->source,
				    chr->open ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int pty_event(sd_event_source *source, int fd, uint32_t events,
		     void *data)
{
	struct chardev_pty *pty = data;
	struct chardev *chr = &pty->chr;

	if (events & EPOLLIN)
		chardev_read_size(chr, fd);
	if (events & EPOLLOUT && chr->want & CHARDEV_WRITE && chr->frontend)
		chr->frontend->writable(chr->frontend_data);
	if (events & EPOLLIN && chr->want & CHARDEV_READ && chr->frontend)
		chr->frontend->readable(chr->frontend_data);

	/* What came before the end is read first, if anybody reads now. */
	if (pty->eof || (events & EPOLLHUP && !(events & EPOLLIN &&
						chr->want & CHARDEV_READ))) {
		pty->eof = false;
		chr->open = false;
		pty_update(chr);
		chardev_closed(chr);
	}
	return 0;
}

/* Somebody has opened it, and may have gone again. */
static int pty_watched(sd_event_source *source,
		       const struct inotify_event *event, void *data)
{
	struct chardev_pty *pty = data;
	struct pollfd pollfd = { .fd = pty->fd, .events = POLLIN };

	if (pty->chr.open)
		return 0;
	if (poll(&pollfd, 1, 0) == 1 && pollfd.revents & POLLHUP &&
	    !(pollfd.revents & POLLIN))
		return 0;

	chardev_read_size(&pty->chr, pty->fd);
	chardev_opened(&pty->chr);
	pty_update(&pty->chr);
	return 0;
}

/* The terminal counts as closed from when it has been opened once. */
static int terminal_open(struct chardev_pty *pty)
{
	struct termios termios;
	int slave;

	if (openpty(&pty->fd, &slave, pty->name, NULL, NULL) < 0)
		return -errno;

	tcgetattr(slave, &termios);
	cfmakeraw(&termios);
	tcsetattr(slave, TCSAFLUSH, &termios);
	close(slave);
	fcntl(pty->fd, F_SETFD, FD_CLOEXEC);
	fcntl(pty->fd, F_SETFL, fcntl(pty->fd, F_GETFL) | O_NONBLOCK);
	return 0;
}

static int pty_start(struct chardev_pty *pty, struct sd_event *event,
		     struct error *error)
{
	int ret;

	ret = terminal_open(pty);
	if (ret)
		return error_set(error, ret, "Failed to create PTY: %s",
				 strerror(-ret));

	ret = sd_event_add_io(event, &pty->source, pty->fd, 0, pty_event, pty);
	if (ret >= 0)
		ret = sd_event_add_inotify(event, &pty->watch, pty->name,
					   IN_OPEN, pty_watched, pty);
	if (ret < 0)
		return error_set(error, ret, "Failed to watch '%s': %s",
				 pty->name, strerror(-ret));
	pty_update(&pty->chr);
	return 0;
}

/* The process may go to another directory, and has to find it at the end. */
static char *from_root(const char *path)
{
	char *here, *full;
	int len;

	if (*path == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	if (!here)
		return NULL;
	len = asprintf(&full, "%s/%s", here, path);
	free(here);
	return len < 0 ? NULL : full;
}

static int pty_link(struct chardev_pty *pty, const char *path,
		    struct error *error)
{
	int err;

	if (symlink(pty->name, path)) {
		err = -errno;
		return error_set(error, err,
				 "Failed to create PTY symlink: %s",
				 strerror(-err));
	}
	pty->path = from_root(path);
	if (!pty->path) {
		unlink(path);
		return error_set(error, -ENOMEM, "out of memory");
	}
	return 0;
}

static void pty_destroy(struct chardev *chr)
{
	struct chardev_pty *pty = to_pty(chr);

	sd_event_source_disable_unref(pty->source);
	sd_event_source_disable_unref(pty->watch);
	if (pty->fd >= 0)
		close(pty->fd);
	if (pty->path)
		unlink(pty->path);
	free(pty->path);
	free(pty);
}

static int pty_create(struct sd_event *event, const struct opts *opts,
		      bool runtime, struct chardev **ret, struct error *error)
{
	struct pty_options options = { .path = NULL };
	struct chardev_pty *pty;
	int err;

	err = opts_apply(opts, pty_options, NULL, &options, error);
	if (err)
		return err;
	pty = calloc(1, sizeof(*pty));
	if (!pty)
		return error_set(error, -ENOMEM, "out of memory");

	pty->fd = -1;
	err = pty_start(pty, event, error);
	if (!err && options.path)
		err = pty_link(pty, options.path, error);
	if (err) {
		pty_destroy(&pty->chr);
		return err;
	}
	/* A monitor's client gets the name in the answer. */
	if (!runtime) {
		printf("char device redirected to %s (label %s)\n", pty->name,
		       options.id);
		fflush(stdout);
	}
	*ret = &pty->chr;
	return 0;
}

static ssize_t pty_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	struct chardev_pty *pty = to_pty(chr);
	ssize_t len;

	do {
		len = readv(pty->fd, iov, num);
	} while (len < 0 && errno == EINTR);

	if (len > 0)
		return len;
	if (len < 0 && (errno == EAGAIN || errno == EFAULT))
		return -errno;

	pty->eof = true;
	return len < 0 ? -errno : -EPIPE;
}

static ssize_t pty_writev(struct chardev *chr, const struct iovec *iov, int num)
{
	ssize_t len;

	if (!chr->open)
		return -ENOTCONN;

	do {
		len = writev(to_pty(chr)->fd, iov, num);
	} while (len < 0 && errno == EINTR);

	return len < 0 ? -errno : len;
}

static void pty_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "pty:%s", to_pty(chr)->name);
}

const struct chardev_ops chardev_pty_ops = {
	.name		= "pty",
	.options	= pty_options,
	.create		= pty_create,
	.destroy	= pty_destroy,
	.readv		= pty_readv,
	.writev		= pty_writev,
	.update		= pty_update,
	.filename	= pty_filename,
};
