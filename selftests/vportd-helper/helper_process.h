/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper_process.h - the helper program, and requests to it
 *
 * The environment variable HELPER names it, build/vportd-helper if unset.
 */

#ifndef HELPER_PROCESS_H
#define HELPER_PROCESS_H

#include <stdbool.h>

/* With --root=@root. */
void helper_start(const char *root);

/* At the end of its input it must exit, with status 0. */
void helper_stop(void);

/* Return: the pipe that the reply to @request comes from. */
int helper_send(const char *request);

/* Return: all that comes from it, to be passed to free(). */
char *helper_reply(int pipe);

/* Both, and compare the reply as JSON. */
void helper_ask(const char *request, const char *reply);

/* The same for one command without further words. */
void helper_run(const char *name, const char *args, const char *reply);

/* Return: how many processes the helper has, or -1 where that is not told. */
int helper_children(void);

#endif /* HELPER_PROCESS_H */
