/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_option.h - -trace, -d and -D
 */

#ifndef VPORTEMU_TRACE_OPTION_H
#define VPORTEMU_TRACE_OPTION_H

#include <stdbool.h>

#include "opts.h"

struct error;
struct machine;

extern const struct opt_desc trace_option_descs[];

/* `-trace help` and `-d help`.  Return: was that asked for? */
bool trace_option_help(const char *option, const char *arg);

/* Each does what its argument says.  Return: 0, -errno. */
int build_trace(struct machine *machine, const char *arg, struct error *error);
int build_log_items(struct machine *machine, const char *arg,
		    struct error *error);
int build_log_file(struct machine *machine, const char *arg,
		   struct error *error);

#endif /* VPORTEMU_TRACE_OPTION_H */
