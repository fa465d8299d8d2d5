/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfile.h - small files in which the system describes itself
 */

#ifndef VPORTD_SYSFILE_H
#define VPORTD_SYSFILE_H

#include <stddef.h>

/* Thousands of processors, disks or routes; more is no description. */
#define SYSFILE_MAX	(4u << 20)

/**
 * sysfile_read() - a whole file
 * @path: of it
 * @ret:  its text, ended by a NUL, to be freed
 *
 * Return: 0, -EFBIG when it is larger than SYSFILE_MAX, or -errno.
 */
int sysfile_read(const char *path, char **ret);

/* The same without the end of its first line.  Return: 0 or -errno. */
__attribute__((format(printf, 3, 4)))
int sysfile_read_word(char *word, size_t size, const char *format, ...);

/**
 * sysfile_numbered() - which entries of a directory are @prefix and a number
 * @dir:       the directory
 * @prefix:    what stands before the number
 * @ret:       the numbers in rising order, to be freed
 * @ret_count: how many
 *
 * Return: 0 or -errno.
 */
int sysfile_numbered(const char *dir, const char *prefix, unsigned int **ret,
		     size_t *ret_count);

#endif /* VPORTD_SYSFILE_H */
