// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * serial.c - a character device that is a serial line of the host
 *
 * At 115200 bits a second, 8 data bits, no parity, 1 stop bit.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <systemd/sd-event.h>
#include <termios.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "fd_channel.h"
#include "opts.h"
#include "passed_fd.h"

/* At least a quarter of a second, as POSIX wants it. */
#define BREAK_USEC	250000

struct chardev_serial {
	struct chardev chr;
	struct fd_channel channel;
	sd_event *event;
	sd_event_source *end_of_break;
};

struct serial_options {
	const char *backend;
	const char *id;
	const char *path;
};

static const struct opt_desc serial_options[] = {
	{ "backend", OPT_STRING, offsetof(struct serial_options, backend) },
	{ "id", OPT_STRING, offsetof(struct serial_options, id),
	  "name by which a device or monitor refers to it" },
	{ "path", OPT_STRING, offsetof(struct serial_options, path),
	  "serial line, as in /dev/ttyS0" },
	{ NULL }
};

static struct chardev_serial *to_serial(struct chardev *chr)
{
	return (struct chardev_serial *)chr;
}

static int line_open(const char *path, struct error *error)
{
	struct termios termios;
	int fd, err;

	fd = passed_open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
			 0);
	if (fd >= 0 && !tcgetattr(fd, &termios)) {
		cfmakeraw(&termios);
		cfsetspeed(&termios, B115200);
		termios.c_cflag |= CLOCAL | CREAD;
		termios.c_cflag &= ~(CSTOPB | CRTSCTS);
		tcsetattr(fd, TCSANOW, &termios);
		return fd;
	}
	err = -errno;
	if (fd >= 0)
		close(fd);
	return error_set(error, err, "Could not open '%s': %s", path,
			 strerror(-err));
}

static int serial_create(struct sd_event *event, const struct opts *opts,
			 bool runtime, struct chardev **ret,
			 struct error *error)
{
	struct serial_options options = { .path = NULL };
	struct chardev_serial *self;
	int fd, err;

	err = opts_apply(opts, serial_options, NULL, &options, error);
	if (err)
		return err;
	if (!options.path)
		return error_set(error, -EINVAL,
				 "chardev: serial/tty: no device path given");
	fd = line_open(options.path, error);
	if (fd < 0)
		return fd;

	self = calloc(1, sizeof(*self));
	if (!self) {
		close(fd);
		return error_set(error, -ENOMEM, "out of memory");
	}
	self->event = event;
	err = fd_channel_start(&self->channel, event, &self->chr, fd,
			       fcntl(fd, F_DUPFD_CLOEXEC, 3));
	if (err < 0) {
		free(self);
		return error_set(error, err, "%s", strerror(-err));
	}
	self->chr.open = true;
	*ret = &self->chr;
	return 0;
}

static void serial_destroy(struct chardev *chr)
{
	struct chardev_serial *self = to_serial(chr);

	if (self->end_of_break)
		ioctl(self->channel.out_fd, TIOCCBRK);
	sd_event_source_disable_unref(self->end_of_break);
	fd_channel_finish(&self->channel);
	free(chr);
}

static int serial_end_break(sd_event_source *source, uint64_t usec, void *data)
{
	struct chardev_serial *self = data;

	ioctl(self->channel.out_fd, TIOCCBRK);
	self->end_of_break = sd_event_source_disable_unref(source);
	return 0;
}

/* tcsendbreak() would make everybody wait for it. */
static void serial_send_break(struct chardev *chr)
{
	struct chardev_serial *self = to_serial(chr);

	if (self->end_of_break ||
	    sd_event_add_time_relative(self->event, &self->end_of_break,
				       CLOCK_MONOTONIC, BREAK_USEC, 0,
				       serial_end_break, self) < 0)
		return;
	ioctl(self->channel.out_fd, TIOCSBRK);
}

static ssize_t serial_readv(struct chardev *chr, const struct iovec *iov,
			    int num)
{
	return fd_channel_readv(&to_serial(chr)->channel, iov, num);
}

static ssize_t serial_writev(struct chardev *chr, const struct iovec *iov,
			     int num)
{
	return fd_channel_writev(&to_serial(chr)->channel, iov, num);
}

static void serial_update(struct chardev *chr)
{
	fd_channel_update(&to_serial(chr)->channel);
}

static void serial_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "serial");
}

const struct chardev_ops chardev_serial_ops = {
	.name		= "serial",
	.alias		= "tty",
	.options	= serial_options,
	.create		= serial_create,
	.destroy	= serial_destroy,
	.readv		= serial_readv,
	.writev		= serial_writev,
	.update		= serial_update,
	.filename	= serial_filename,
	.send_break	= serial_send_break,
};
