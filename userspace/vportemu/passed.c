// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * passed.c - descriptors that monitors and -add-fd hand over
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "machine_types.h"
#include "opts.h"
#include "passed_fd.h"

static int take_fd(struct machine *machine, struct error *error)
{
	int fd = machine->speaker ? chardev_take_fd(machine->speaker) : -ENOENT;

	if (fd < 0)
		return error_set(error, fd,
			"No file descriptor supplied via SCM_RIGHTS");
	return fd;
}

int machine_getfd(struct machine *machine, const char *name,
		  struct error *error)
{
	int fd = take_fd(machine, error);
	int ret;

	if (fd < 0)
		return fd;
	ret = passed_fd_name(name, fd, error);
	if (ret)
		close(fd);
	return ret;
}

int machine_closefd(struct machine *machine, const char *name,
		    struct error *error)
{
	int fd = passed_fd_take(name);

	if (fd < 0)
		return error_set(error, fd,
				 "File descriptor named '%s' not found", name);
	close(fd);
	return 0;
}

int machine_add_fd(struct machine *machine, int64_t set, const char *opaque,
		   int64_t *ret_set, int *ret_fd, struct error *error)
{
	int fd = take_fd(machine, error);

	if (fd < 0)
		return fd;
	*ret_set = fdset_add(set, fd, opaque, error);
	*ret_fd = fd;
	if (*ret_set < 0)
		close(fd);
	return *ret_set < 0 ? (int)*ret_set : 0;
}

int machine_add_client(struct machine *machine, const char *id,
		       const char *name, struct error *error)
{
	struct chardev *chr = machine_find_chardev(machine, id);
	int fd = passed_fd_take(name);
	int ret;

	if (fd < 0)
		return error_set(error, fd,
				 "File descriptor named '%s' has not been found",
				 name);
	ret = chr ? chardev_add_client(chr, fd) : -ENOENT;
	if (!ret)
		return 0;
	close(fd);
	return error_set(error, -EINVAL, chr ? "failed to add client" :
			 "protocol '%s' is invalid", id);
}

int machine_remove_fd(int64_t set, int64_t fd, struct error *error)
{
	if (!fdset_remove(set, fd))
		return 0;
	if (fd < 0)
		return error_set(error, -ENOENT,
			"File descriptor named 'fdset-id:%lld' not found",
			(long long)set);
	return error_set(error, -ENOENT,
			 "File descriptor named 'fdset-id:%lld, fd:%lld' not found",
			 (long long)set, (long long)fd);
}

void machine_visit_fdsets(void (*visit)(void *data, int64_t set, int fd,
					const char *opaque), void *data)
{
	fdset_visit(visit, data);
}

struct add_fd_options {
	uint32_t fd;
	uint32_t set;
	const char *opaque;
};

const struct opt_desc machine_add_fd_options[] = {
	{ "fd", OPT_U32, offsetof(struct add_fd_options, fd) },
	{ "set", OPT_U32, offsetof(struct add_fd_options, set) },
	{ "opaque", OPT_STRING, offsetof(struct add_fd_options, opaque) },
	{ NULL }
};

int machine_add_fd_option(struct machine *machine, const struct opts *opts,
			  struct error *error)
{
	struct add_fd_options options = { .opaque = NULL };
	int64_t set;
	int fd, ret;

	ret = opts_apply(opts, machine_add_fd_options, NULL, &options, error);
	if (ret)
		return ret;
	if (!opts_has(opts, "fd"))
		return error_set(error, -EINVAL,
			"fd option is required and must be non-negative");
	if (!opts_has(opts, "set"))
		return error_set(error, -EINVAL,
			"set option is required and must be non-negative");
	if (options.fd <= STDERR_FILENO)
		return error_set(error, -EINVAL,
				 "fd cannot be a standard I/O stream");
	ret = fcntl(options.fd, F_GETFD);
	if (ret < 0 || ret & FD_CLOEXEC)
		return error_set(error, -EINVAL,
				 "fd is not valid or already in use");

	fd = fcntl(options.fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return error_set(error, -errno, "error duplicating fd: %s",
				 strerror(errno));
	set = fdset_add(options.set, fd, options.opaque, error);
	if (set >= 0)
		return 0;
	close(fd);
	return set;
}
