/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * startup.h - give back what only the start has needed
 */

#ifndef VPORTD_STARTUP_H
#define VPORTD_STARTUP_H

/* Drop the pages of code and constants, which come back when they are used. */
void startup_forget(void);

#endif /* VPORTD_STARTUP_H */
