// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * passed_fd.c - descriptors that were passed to the process
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "passed_fd.h"

struct passed_fd {
	struct passed_fd *next;		/* by set; those with names first */
	char *name;			/* or opaque; NULL: none */
	int64_t set;			/* -1: it has a name */
	int fd;
};

static struct passed_fd *passed;

static void passed_free(struct passed_fd **link)
{
	struct passed_fd *entry = *link;

	*link = entry->next;
	free(entry->name);
	free(entry);
}

static struct passed_fd **find_name(const char *name)
{
	struct passed_fd **link;

	for (link = &passed; *link; link = &(*link)->next) {
		if ((*link)->set < 0 && !strcmp((*link)->name, name))
			break;
	}
	return link;
}

static int passed_add(const char *name, int64_t set, int fd,
		      struct error *error)
{
	struct passed_fd **link, *entry;
	unsigned int count = 0;

	for (entry = passed; entry; entry = entry->next)
		count++;
	if (count >= PASSED_FD_MAX)
		return error_set(error, -ENOSPC,
				 "there are %u passed file descriptors already",
				 count);
	entry = calloc(1, sizeof(*entry));
	if (entry && name)
		entry->name = strdup(name);
	if (!entry || (name && !entry->name)) {
		free(entry);
		return error_set(error, -ENOMEM, "out of memory");
	}
	entry->set = set;
	entry->fd = fd;
	for (link = &passed; *link && (*link)->set <= set;)
		link = &(*link)->next;
	entry->next = *link;
	*link = entry;
	return 0;
}

int passed_fd_name(const char *name, int fd, struct error *error)
{
	int old;

	if (isdigit((unsigned char)*name))
		return error_set(error, -EINVAL,
			"Parameter 'fdname' expects a name not starting with a digit");
	old = passed_fd_take(name);
	if (old >= 0)
		close(old);
	return passed_add(name, -1, fd, error);
}

int passed_fd_take(const char *name)
{
	struct passed_fd **link = find_name(name);
	int fd;

	if (!*link)
		return -ENOENT;
	fd = (*link)->fd;
	passed_free(link);
	return fd;
}

int64_t fdset_add(int64_t set, int fd, const char *opaque, struct error *error)
{
	struct passed_fd *entry;
	int64_t unused = 0;
	int ret;

	/* Sets come in the order of their numbers. */
	for (entry = passed; entry; entry = entry->next) {
		if (entry->set == unused)
			unused++;
	}
	if (set < 0)
		set = unused;
	ret = passed_add(opaque, set, fd, error);
	return ret ?: set;
}

int fdset_remove(int64_t set, int64_t fd)
{
	struct passed_fd **link = &passed;
	int ret = -ENOENT;

	while (*link) {
		if (set < 0 || (*link)->set != set ||
		    (fd >= 0 && (*link)->fd != fd)) {
			link = &(*link)->next;
			continue;
		}
		close((*link)->fd);
		passed_free(link);
		ret = 0;
	}
	return ret;
}

void fdset_visit(void (*visit)(void *data, int64_t set, int fd,
			       const char *opaque), void *data)
{
	struct passed_fd *entry;

	for (entry = passed; entry; entry = entry->next) {
		if (entry->set >= 0)
			visit(data, entry->set, entry->fd, entry->name);
	}
}

int passed_open(const char *path, int flags, mode_t mode)
{
	struct passed_fd *entry;
	long long set;
	int have;
	char *end;

	if (strncmp(path, "/dev/fdset/", 11))
		return open(path, flags, mode);

	set = strtoll(path + 11, &end, 10);
	if (!isdigit((unsigned char)path[11]) || *end) {
		errno = EINVAL;
		return -1;
	}
	errno = ENOENT;
	for (entry = passed; entry; entry = entry->next) {
		if (entry->set != set)
			continue;
		have = fcntl(entry->fd, F_GETFL) & O_ACCMODE;
		if (have == O_RDWR || have == (flags & O_ACCMODE))
			return fcntl(entry->fd, F_DUPFD_CLOEXEC, 3);
		errno = EACCES;
	}
	return -1;
}
