// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stdio.c - a character device that is standard input and output
 *
 * A terminal is switched to single characters without echo.  It gets its
 * settings back at the end, as do the flags of both descriptors, which the
 * shell shares.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <termios.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "fd_channel.h"
#include "opts.h"

struct chardev_stdio {
	struct chardev chr;
	struct fd_channel channel;
	int flags[2];			/* of descriptors 0 and 1, as found */
	struct termios termios;
	bool is_terminal;
	sd_event_source *resized;
};

struct stdio_options {
	const char *backend;
	const char *id;
	bool signal;
};

static const struct opt_desc stdio_options[] = {
	{ "backend", OPT_STRING, offsetof(struct stdio_options, backend) },
	{ "id", OPT_STRING, offsetof(struct stdio_options, id),
	  "name by which a device or monitor refers to it" },
	{ "signal", OPT_BOOL, offsetof(struct stdio_options, signal),
	  "control characters send signals (default: on)" },
	{ NULL }
};

static bool in_use;
static bool forbidden;

void chardev_stdio_forbid(void)
{
	forbidden = true;
}

static struct chardev_stdio *to_stdio(struct chardev *chr)
{
	return (struct chardev_stdio *)chr;
}

static void terminal_setup(struct chardev_stdio *self, bool signals)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &self->termios))
		return;

	self->is_terminal = true;
	raw = self->termios;
	cfmakeraw(&raw);
	/* Our own messages go to this terminal, too. */
	raw.c_oflag |= OPOST;
	if (signals)
		raw.c_lflag |= ISIG;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static int stdio_resized(sd_event_source *source,
			 const struct signalfd_siginfo *info, void *data)
{
	chardev_read_size(data, STDIN_FILENO);
	return 0;
}

/* Without the signal there is the size at the start. */
static void watch_size(struct chardev_stdio *self, struct sd_event *event)
{
	if (!self->is_terminal)
		return;

	sd_event_add_signal(event, &self->resized,
			    SIGWINCH | SD_EVENT_SIGNAL_PROCMASK,
			    stdio_resized, &self->chr);
	chardev_read_size(&self->chr, STDIN_FILENO);
}

static void set_nonblocking(struct chardev_stdio *self)
{
	int fd;

	for (fd = 0; fd < 2; fd++)
		self->flags[fd] = fcntl(fd, F_GETFL);
	for (fd = 0; fd < 2; fd++)
		fcntl(fd, F_SETFL, self->flags[fd] | O_NONBLOCK);
}

static void restore(struct chardev_stdio *self)
{
	int fd;

	if (self->is_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &self->termios);
	for (fd = 0; fd < 2; fd++)
		fcntl(fd, F_SETFL, self->flags[fd]);
}

static int stdio_check(const struct opts *opts, struct stdio_options *options,
		       struct error *error)
{
	int err;

	err = opts_apply(opts, stdio_options, NULL, options, error);
	if (err)
		return err;
	if (forbidden)
		return error_set(error, -EBUSY,
				 "cannot use stdio with -daemonize");
	if (in_use)
		return error_set(error, -EBUSY,
			"cannot use stdio by multiple character devices");
	return 0;
}

static int stdio_create(struct sd_event *event, const struct opts *opts,
			bool runtime, struct chardev **ret,
			struct error *error)
{
	struct stdio_options options = { .signal = true };
	struct chardev_stdio *self;
	int err;

	err = stdio_check(opts, &options, error);
	if (err)
		return err;
	self = calloc(1, sizeof(*self));
	if (!self)
		return error_set(error, -ENOMEM, "out of memory");

	err = fd_channel_start(&self->channel, event, &self->chr,
			       fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3),
			       fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
	if (err < 0) {
		free(self);
		return error_set(error, err, "%s", strerror(-err));
	}
	set_nonblocking(self);
	terminal_setup(self, options.signal);
	watch_size(self, event);
	in_use = true;
	self->chr.open = true;
	*ret = &self->chr;
	return 0;
}

static void stdio_destroy(struct chardev *chr)
{
	sd_event_source_disable_unref(to_stdio(chr)->resized);
	fd_channel_finish(&to_stdio(chr)->channel);
	restore(to_stdio(chr));
	in_use = false;
	free(chr);
}

static ssize_t stdio_readv(struct chardev *chr, const struct iovec *iov,
			   int num)
{
	return fd_channel_readv(&to_stdio(chr)->channel, iov, num);
}

static ssize_t stdio_writev(struct chardev *chr, const struct iovec *iov,
			    int num)
{
	return fd_channel_writev(&to_stdio(chr)->channel, iov, num);
}

static void stdio_update(struct chardev *chr)
{
	fd_channel_update(&to_stdio(chr)->channel);
}

static void stdio_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "stdio");
}

const struct chardev_ops chardev_stdio_ops = {
	.name		= "stdio",
	.options	= stdio_options,
	.create		= stdio_create,
	.destroy	= stdio_destroy,
	.readv		= stdio_readv,
	.writev		= stdio_writev,
	.update		= stdio_update,
	.filename	= stdio_filename,
};
