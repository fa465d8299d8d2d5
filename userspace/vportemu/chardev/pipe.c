// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pipe.c - a character device that is a named pipe, or two
 *
 * Of PATH.in and PATH.out, named as seen from here, if both are there; else of
 * PATH.  They are opened in both directions: so there is always a writer and a
 * reader, and other people may come and go.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "fd_channel.h"
#include "opts.h"

struct chardev_pipe {
	struct chardev chr;
	struct fd_channel channel;
};

struct pipe_options {
	const char *backend;
	const char *id;
	const char *path;
};

static const struct opt_desc pipe_options[] = {
	{ "backend", OPT_STRING, offsetof(struct pipe_options, backend) },
	{ "id", OPT_STRING, offsetof(struct pipe_options, id),
	  "name by which a device or monitor refers to it" },
	{ "path", OPT_STRING, offsetof(struct pipe_options, path),
	  "PATH.in and PATH.out, or else PATH" },
	{ NULL }
};

static struct chardev_pipe *to_pipe(struct chardev *chr)
{
	return (struct chardev_pipe *)chr;
}

static int open_one(const char *path, const char *suffix)
{
	char name[PATH_MAX];

	if (snprintf(name, sizeof(name), "%s%s", path, suffix) >=
	    (int)sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static int pipe_open(const char *path, int *in, int *out, struct error *error)
{
	int err;

	*in = open_one(path, ".in");
	*out = open_one(path, ".out");
	if (*in >= 0 && *out >= 0)
		return 0;
	if (*in >= 0)
		close(*in);
	if (*out >= 0)
		close(*out);

	*in = open_one(path, "");
	*out = open_one(path, "");
	if (*in >= 0 && *out >= 0)
		return 0;
	err = -errno;
	if (*in >= 0)
		close(*in);
	return error_set(error, err, "Could not open '%s': %s", path,
			 strerror(-err));
}

static int pipe_create(struct sd_event *event, const struct opts *opts,
		       bool runtime, struct chardev **ret, struct error *error)
{
	struct pipe_options options = { .path = NULL };
	struct chardev_pipe *self;
	int in, out, err;

	err = opts_apply(opts, pipe_options, NULL, &options, error);
	if (err)
		return err;
	if (!options.path)
		return error_set(error, -EINVAL,
				 "chardev: pipe: no device path given");
	err = pipe_open(options.path, &in, &out, error);
	if (err)
		return err;

	self = calloc(1, sizeof(*self));
	if (!self) {
		close(in);
		close(out);
		return error_set(error, -ENOMEM, "out of memory");
	}
	err = fd_channel_start(&self->channel, event, &self->chr, in, out);
	if (err < 0) {
		free(self);
		return error_set(error, err, "%s", strerror(-err));
	}
	self->chr.open = true;
	*ret = &self->chr;
	return 0;
}

static void pipe_destroy(struct chardev *chr)
{
	fd_channel_finish(&to_pipe(chr)->channel);
	free(chr);
}

static ssize_t pipe_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	return fd_channel_readv(&to_pipe(chr)->channel, iov, num);
}

static ssize_t pipe_writev(struct chardev *chr, const struct iovec *iov,
			   int num)
{
	return fd_channel_writev(&to_pipe(chr)->channel, iov, num);
}

static void pipe_update(struct chardev *chr)
{
	fd_channel_update(&to_pipe(chr)->channel);
}

static void pipe_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "pipe");
}

const struct chardev_ops chardev_pipe_ops = {
	.name		= "pipe",
	.options	= pipe_options,
	.create		= pipe_create,
	.destroy	= pipe_destroy,
	.readv		= pipe_readv,
	.writev		= pipe_writev,
	.update		= pipe_update,
	.filename	= pipe_filename,
};
