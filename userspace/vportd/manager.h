/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manager.h - every port that has a handler is served by it
 */

#ifndef VPORTD_MANAGER_H
#define VPORTD_MANAGER_H

#include <stdbool.h>

#include <systemd/sd-event.h>

struct config;
struct manager;

/**
 * manager_create() - serve the ports of this machine
 * @event:  the loop
 * @path:   serve this port alone, a node or a link to one, with the agent;
 *          NULL: all that the configuration names
 * @retry:  the path need not be there yet
 * @config: who serves what; borrowed
 * @ret:    the manager
 *
 * Logs what is wrong.
 *
 * Return: 0 or -errno.
 */
int manager_create(sd_event *event, const char *path, bool retry,
		   const struct config *config, struct manager **ret);

/**
 * manager_reload() - the configuration is another one
 * @manager: the manager
 * @config:  the new one; borrowed
 *
 * Ports whose section reads as before are not disturbed.
 */
void manager_reload(struct manager *manager, const struct config *config);

/* NULL is allowed. */
void manager_destroy(struct manager *manager);

#endif /* VPORTD_MANAGER_H */
