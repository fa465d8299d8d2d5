/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * context.h - what the commands of the agent share
 */

#ifndef VPORTD_CONTEXT_H
#define VPORTD_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent_conf.h"

/* conf.c */

/* The administrator's words, or the defaults. */
const struct agent_conf *agent_conf(void);

/* The loop; NULL before agent_configure(). */
sd_event *agent_event(void);

/* state.c */

/* Read what a predecessor left in @dir; what is missing is as after a boot. */
void state_load(const char *dir);

/* Return: a handle that no file had before. */
int64_t state_next_handle(void);

/* Return: 0, or -errno when a successor would not know. */
int state_set_frozen(bool frozen);

bool state_is_frozen(void);

/* exec.c */

/* Forget all programs; those that run are on their own. */
void exec_finish(void);

/* fsfreeze.c */

/* Forget those that wait. */
void fsfreeze_finish(void);

/* helper.c */

/* Let the helper program end; nobody waits for what it does. */
void helper_finish(void);

#endif /* VPORTD_CONTEXT_H */
