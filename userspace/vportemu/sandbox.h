/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox.h - what the process may ask of the kernel once it has started
 */

#ifndef VPORTEMU_SANDBOX_H
#define VPORTEMU_SANDBOX_H

#include <stdbool.h>

struct error;

/* The argument of -sandbox.  Return: 0 with @ret_on set, -EINVAL. */
int sandbox_parse(const char *arg, bool *ret_on, struct error *error);

/* No way back.  Return: 0, -errno. */
int sandbox_enter(void);

#endif /* VPORTEMU_SANDBOX_H */
