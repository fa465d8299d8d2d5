/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passed_fd.h - descriptors that were passed to the process
 *
 * By a name (getfd), which one user takes, or in numbered sets (add-fd), of
 * which `/dev/fdset/N` in place of a file's name opens the fitting one.
 */

#ifndef VPORTEMU_PASSED_FD_H
#define VPORTEMU_PASSED_FD_H

#include <stdint.h>
#include <sys/types.h>

struct error;

/* Of either kind: each takes one of the process's descriptors. */
#define PASSED_FD_MAX	256

/* Keep @fd, which is taken over on success; an older one is closed. */
int passed_fd_name(const char *name, int fd, struct error *error);

/* Return: the descriptor, which is the caller's now; -ENOENT. */
int passed_fd_take(const char *name);

/**
 * fdset_add() - put a descriptor into a set
 * @set:    its number; -1 for a new one
 * @fd:     taken over on success
 * @opaque: what query-fdsets shall say of it, or NULL
 * @error:  why not
 *
 * Return: the set's number, -errno.
 */
int64_t fdset_add(int64_t set, int fd, const char *opaque,
		  struct error *error);

/* Close one of a set, or with -1 all.  Return: 0, -ENOENT. */
int fdset_remove(int64_t set, int64_t fd);

/* Call @visit for each, set by set. */
void fdset_visit(void (*visit)(void *data, int64_t set, int fd,
			       const char *opaque), void *data);

/* open(2), of a set if @path says so. */
int passed_open(const char *path, int flags, mode_t mode);

#endif /* VPORTEMU_PASSED_FD_H */
