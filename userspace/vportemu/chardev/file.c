// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - a character device that writes to a file, and may read another
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "fd_channel.h"
#include "opts.h"
#include "passed_fd.h"

struct chardev_file {
	struct chardev chr;
	struct fd_channel channel;
};

struct file_options {
	const char *backend;
	const char *id;
	const char *path;
	const char *input_path;
	bool append;
};

static const struct opt_desc file_options[] = {
	{ "backend", OPT_STRING, offsetof(struct file_options, backend) },
	{ "id", OPT_STRING, offsetof(struct file_options, id),
	  "name by which a device or monitor refers to it" },
	{ "path", OPT_STRING, offsetof(struct file_options, path),
	  "file to write to, made if need be" },
	{ "input-path", OPT_STRING, offsetof(struct file_options, input_path),
	  "file to read what goes to the guest from" },
	{ "append", OPT_BOOL, offsetof(struct file_options, append),
	  "keep what is in the file (default: off)" },
	{ NULL }
};

static struct chardev_file *to_file(struct chardev *chr)
{
	return (struct chardev_file *)chr;
}

/* Not always one on a disk: /dev/stdout, say, or a named pipe with a reader. */
static int file_open(const char *path, int flags, struct error *error)
{
	struct stat st;
	int fd, err;

	fd = passed_open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
			 0666);
	err = fd < 0 ? -errno : 0;
	if (!err && !fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		close(fd);
		err = -EISDIR;
	}
	if (err)
		return error_set(error, err, "Could not open '%s': %s",
				 path, strerror(-err));
	return fd;
}

static int file_open_both(const struct file_options *options, int *in, int *out,
			  struct error *error)
{
	*in = -1;
	*out = file_open(options->path, O_WRONLY | O_CREAT |
			 (options->append ? O_APPEND : O_TRUNC), error);
	if (*out < 0 || !options->input_path)
		return *out < 0 ? *out : 0;

	*in = file_open(options->input_path, O_RDONLY, error);
	if (*in < 0)
		close(*out);
	return *in < 0 ? *in : 0;
}

static int file_create(struct sd_event *event, const struct opts *opts,
		       bool runtime, struct chardev **ret, struct error *error)
{
	struct file_options options = { .append = false };
	struct chardev_file *file;
	int in, out, err;

	err = opts_apply(opts, file_options, NULL, &options, error);
	if (err)
		return err;
	if (!options.path)
		return error_set(error, -EINVAL,
				 "chardev: file: no filename given");
	err = file_open_both(&options, &in, &out, error);
	if (err)
		return err;

	file = calloc(1, sizeof(*file));
	if (!file) {
		close(out);
		if (in >= 0)
			close(in);
		return error_set(error, -ENOMEM, "out of memory");
	}
	err = fd_channel_start(&file->channel, event, &file->chr, in, out);
	if (err < 0) {
		free(file);
		return error_set(error, err, "%s", strerror(-err));
	}
	file->chr.open = true;
	*ret = &file->chr;
	return 0;
}

static void file_destroy(struct chardev *chr)
{
	fd_channel_finish(&to_file(chr)->channel);
	free(chr);
}

static ssize_t file_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	return fd_channel_readv(&to_file(chr)->channel, iov, num);
}

static ssize_t file_writev(struct chardev *chr, const struct iovec *iov,
			   int num)
{
	return fd_channel_writev(&to_file(chr)->channel, iov, num);
}

static void file_update(struct chardev *chr)
{
	fd_channel_update(&to_file(chr)->channel);
}

static void file_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "file");
}

const struct chardev_ops chardev_file_ops = {
	.name		= "file",
	.options	= file_options,
	.create		= file_create,
	.destroy	= file_destroy,
	.readv		= file_readv,
	.writev		= file_writev,
	.update		= file_update,
	.filename	= file_filename,
};
