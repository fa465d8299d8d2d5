/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * presence.h - the background process, its log file and its pid file
 */

#ifndef VPORTD_PRESENCE_H
#define VPORTD_PRESENCE_H

#include <systemd/sd-event.h>

struct presence;
struct settings;

/**
 * presence_begin() - fork, if asked to
 * @settings: what is asked for; borrowed
 * @ret:      the presence
 *
 * Return: 0, or -errno after saying why.
 */
int presence_begin(const struct settings *settings, struct presence **ret);

/**
 * presence_ready() - the service runs
 * @presence: the presence
 * @event:    the loop
 *
 * Opens the files and lets the parent exit.  While file systems are frozen no
 * file is touched: that is done when they are thawed, and what there is to log
 * meanwhile goes to standard error.
 *
 * Return: 0, or -errno after saying why.
 */
int presence_ready(struct presence *presence, sd_event *event);

/* Remove the pid file; NULL is allowed. */
void presence_end(struct presence *presence);

#endif /* VPORTD_PRESENCE_H */
