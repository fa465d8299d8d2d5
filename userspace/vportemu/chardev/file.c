// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - a character device that writes to a file
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "opts.h"

struct chardev_file {
	struct chardev chr;
	int fd;
};

struct file_options {
	const char *backend;
	const char *id;
	const char *path;
	bool append;
};

static const struct opt_desc file_options[] = {
	{ "backend", OPT_STRING, offsetof(struct file_options, backend) },
	{ "id", OPT_STRING, offsetof(struct file_options, id),
	  "name by which a device or monitor refers to it" },
	{ "path", OPT_STRING, offsetof(struct file_options, path),
	  "file to write to, made if need be" },
	{ "append", OPT_BOOL, offsetof(struct file_options, append),
	  "keep what is in the file (default: off)" },
	{ NULL }
};

static struct chardev_file *to_file(struct chardev *chr)
{
	return (struct chardev_file *)chr;
}

/*
 * Anything but a regular file could make writing wait for somebody: pipes,
 * terminals and sockets are other back-ends' business.
 */
static int file_open(const struct file_options *options, struct error *error)
{
	struct stat st;
	int fd, err;

	fd = open(options->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK |
		  (options->append ? O_APPEND : O_TRUNC), 0666);
	if (fd < 0) {
		err = -errno;
		return error_set(error, err, "Could not open '%s': %s",
				 options->path, strerror(-err));
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return error_set(error, -EINVAL,
				 "Could not open '%s': not a regular file",
				 options->path);
	}
	return fd;
}

static int file_create(struct sd_event *event, const struct opts *opts,
		       bool runtime, struct chardev **ret, struct error *error)
{
	struct file_options options = { .append = false };
	struct chardev_file *file;
	int err;

	err = opts_apply(opts, file_options, NULL, &options, error);
	if (err)
		return err;
	if (!options.path)
		return error_set(error, -EINVAL,
				 "chardev: file: no filename given");

	file = calloc(1, sizeof(*file));
	if (!file)
		return error_set(error, -ENOMEM, "out of memory");

	file->fd = file_open(&options, error);
	if (file->fd < 0) {
		err = file->fd;
		free(file);
		return err;
	}
	file->chr.open = true;
	*ret = &file->chr;
	return 0;
}

static void file_destroy(struct chardev *chr)
{
	close(to_file(chr)->fd);
	free(chr);
}

static ssize_t file_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	return -EAGAIN;
}

static ssize_t file_writev(struct chardev *chr, const struct iovec *iov,
			   int num)
{
	ssize_t len;

	do {
		len = writev(to_file(chr)->fd, iov, num);
	} while (len < 0 && errno == EINTR);

	return len < 0 ? -errno : len;
}

/* Whatever is wanted: a file is always writable, never readable. */
static void file_update(struct chardev *chr)
{
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
