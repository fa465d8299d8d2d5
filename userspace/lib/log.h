/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - messages for the person who runs the program
 *
 * One line to standard error each, "NAME: text".  Where standard error is the
 * journal, the line carries its priority as "<N>" instead (sd-daemon(3)).
 * Files of lib/ log nothing above debug.
 */

#ifndef VPORT_LOG_H
#define VPORT_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

/**
 * log_init() - say who speaks
 * @name: the program's name, borrowed for good
 */
void log_init(const char *name);

/**
 * log_set_level() - what is worth a line
 * @level: LOG_ERR to LOG_DEBUG; anything less urgent is dropped
 */
void log_set_level(int level);

/* Whether a line of this level would be written. */
bool log_wants(int level);

/**
 * log_set_timestamps() - begin lines on standard error with the time
 * @on: yes or no; the journal has the time anyway
 */
void log_set_timestamps(bool on);

/**
 * log_time() - the time, as lines on standard error begin with it
 * @line: where to
 * @size: of it
 *
 * Return: how many bytes; 0 without log_set_timestamps().
 */
int log_time(char *line, size_t size);

/**
 * log_set_subject() - begin lines on standard error with the name of a guest
 * @name: which is copied; NULL: no longer
 */
void log_set_subject(const char *name);

/**
 * log_set_file() - log to a file, with the time of each line
 * @fd:  the file; -1: standard error again
 * @may: whether the file may be written to at the moment; otherwise a line
 *       goes to standard error
 */
void log_set_file(int fd, bool (*may)(void));

__attribute__((format(printf, 2, 3)))
void log_line(int level, const char *format, ...);

#define log_err(...)		log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...)		log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)		log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)		log_line(LOG_DEBUG, __VA_ARGS__)

#endif /* VPORT_LOG_H */
