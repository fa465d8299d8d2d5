// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * logfile.c - a file of lines that does not grow without end
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "logfile.h"

struct logfile {
	char *path;
	uint64_t max_size;
	unsigned int keep;
	int fd;			/* -1: to be opened */
	uint64_t size;
};

static void forget_fd(struct logfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* A fifo or a device in its place would block, or grow without a size. */
static int open_path(struct logfile *file)
{
	struct stat st;
	int err = 0;

	file->fd = open(file->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
			O_NOCTTY | O_NONBLOCK, 0640);
	if (file->fd < 0)
		return -errno;

	if (fstat(file->fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	if (err) {
		forget_fd(file);
		return err;
	}
	file->size = st.st_size;
	return 0;
}

int logfile_open(const char *path, uint64_t max_size, unsigned int keep,
		 struct logfile **ret)
{
	struct logfile *file;
	int err;

	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;

	file->fd = -1;
	file->max_size = max_size;
	file->keep = keep;
	file->path = strdup(path);
	err = file->path ? open_path(file) : -ENOMEM;
	if (err) {
		logfile_close(file);
		return err;
	}
	*ret = file;
	return 0;
}

void logfile_close(struct logfile *file)
{
	if (!file)
		return;
	forget_fd(file);
	free(file->path);
	free(file);
}

/* PATH.@from becomes PATH.@to; number 0 is PATH. */
static int rename_old(const struct logfile *file, unsigned int from,
		      unsigned int to)
{
	char *old;
	char *new;
	int err = 0;

	if (asprintf(&old, from ? "%s.%u" : "%s", file->path, from) < 0)
		return -ENOMEM;
	if (asprintf(&new, "%s.%u", file->path, to) < 0) {
		free(old);
		return -ENOMEM;
	}
	if (rename(old, new))
		err = -errno;
	free(old);
	free(new);
	return err;
}

/* What is older than the oldest is replaced by it. */
static int rotate(struct logfile *file)
{
	unsigned int i;
	int err = 0;

	for (i = file->keep; i > 1; i--) {
		err = rename_old(file, i - 1, i);
		if (err && err != -ENOENT)
			return err;
	}
	if (file->keep)
		err = rename_old(file, 0, 1);
	else
		err = unlink(file->path) ? -errno : 0;
	if (err)
		return err;

	forget_fd(file);
	return open_path(file);
}

/* Whether the path is still that of the open file. */
static bool is_current(const struct logfile *file)
{
	struct stat mine;
	struct stat st;

	return file->fd >= 0 && !fstat(file->fd, &mine) &&
	       !stat(file->path, &st) && st.st_ino == mine.st_ino &&
	       st.st_dev == mine.st_dev;
}

/* A line of which a part was written gets its end, at least. */
static int append(struct logfile *file, const char *line, size_t len)
{
	struct iovec parts[] = {
		{ (void *)line, len },
		{ (void *)"\n", 1 },
	};
	ssize_t n = writev(file->fd, parts, 2);

	if (n < 0)
		return -errno;
	file->size += n;
	if ((size_t)n == len + 1)
		return 0;
	if (write(file->fd, "\n", 1) == 1)
		file->size++;
	return -ENOSPC;
}

int logfile_write(struct logfile *file, const char *line, size_t len)
{
	int err = 0;

	if (!is_current(file)) {
		forget_fd(file);
		err = open_path(file);
	}
	if (!err && file->max_size && file->size &&
	    file->size + len + 1 > file->max_size)
		err = rotate(file);
	return err ? err : append(file, line, len);
}
