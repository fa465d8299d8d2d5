/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logfile.h - a file of lines that does not grow without end
 */

#ifndef VPORTD_LOGFILE_H
#define VPORTD_LOGFILE_H

#include <stddef.h>
#include <stdint.h>

struct logfile;

/**
 * logfile_open() - begin or go on with a file
 * @path:     where
 * @max_size: a line that would make it longer goes to a new file; 0: no limit
 * @keep:     old files to keep, PATH.1 being the newest
 * @ret:      the file
 *
 * Return: 0 or -errno.
 */
int logfile_open(const char *path, uint64_t max_size, unsigned int keep,
		 struct logfile **ret);

/* NULL is allowed. */
void logfile_close(struct logfile *file);

/**
 * logfile_write() - append a line
 * @file: the file; opened anew where somebody else has renamed it
 * @line: the line, without its end
 * @len:  of it
 *
 * Return: 0, or -errno when the line is lost.
 */
int logfile_write(struct logfile *file, const char *line, size_t len);

#endif /* VPORTD_LOGFILE_H */
