/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper.h - commands that another process runs
 */

#ifndef VPORTD_HELPER_H
#define VPORTD_HELPER_H

struct command_call;
struct json_object;

/**
 * helper_run() - have vportd-helper do something
 * @call: gets the result or the error
 * @name: what
 * @args: its arguments, borrowed; NULL: none
 * @done: called later, once, with 0 or -errno
 *
 * The program is started when it is first needed, and again when it has died.
 *
 * Return: -EINPROGRESS, or another -errno, with the error set, and @done is not
 *         called.
 */
int helper_run(struct command_call *call, const char *name,
	       struct json_object *args,
	       void (*done)(struct command_call *call, int err));

#endif /* VPORTD_HELPER_H */
