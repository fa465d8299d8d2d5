/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command_run.h - run a command to its end, as a person does
 */

#ifndef COMMAND_RUN_H
#define COMMAND_RUN_H

/* Of the last command, both streams. */
extern char output[65536];

/* The shell runs it, for 20 s at most.  Return: its exit status. */
__attribute__((format(printf, 1, 2)))
int command_run(const char *format, ...);

/* The output is this text, which is one line. */
void assert_one_line(const char *text);

#endif /* COMMAND_RUN_H */
