/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * background.h - a daemon's process, and the file that names it
 */

#ifndef VPORT_BACKGROUND_H
#define VPORT_BACKGROUND_H

/**
 * background_begin() - go on in a child process
 * @ret: a descriptor for background_ready()
 *
 * The parent stays until the child is ready or has failed, and exits with the
 * status that this deserves: it does not return.  The child's standard input is
 * /dev/null.
 *
 * Return: 0, -errno.
 */
int background_begin(int *ret);

/* All is ready: let the parent exit and the terminal go. */
int background_ready(int fd);

/**
 * pidfile_create() - write the process id
 * @path: the file
 * @ret:  a descriptor that holds the lock on it
 *
 * Return: 0, -errno; -EAGAIN when another process has it.
 */
int pidfile_create(const char *path, int *ret);

#endif /* VPORT_BACKGROUND_H */
