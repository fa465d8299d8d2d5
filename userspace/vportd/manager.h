/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manager.h - every port that has a handler is served by it
 */

#ifndef VPORTD_MANAGER_H
#define VPORTD_MANAGER_H

#include <systemd/sd-event.h>

struct manager;

/**
 * manager_create() - serve the ports of this machine
 * @event: the loop
 * @path:  serve this port alone, a node or a link to one, with the agent;
 *         NULL: all that handler_for_port() knows
 * @ret:   the manager
 *
 * Logs what is wrong.
 *
 * Return: 0 or -errno.
 */
int manager_create(sd_event *event, const char *path, struct manager **ret);

/* NULL is allowed. */
void manager_destroy(struct manager *manager);

#endif /* VPORTD_MANAGER_H */
