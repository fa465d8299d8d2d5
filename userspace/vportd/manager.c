// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * manager.c - every port that has a handler is served by it
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "handler.h"
#include "log.h"
#include "manager.h"
#include "monitor.h"

struct entry {
	struct entry *next;
	char *sysname;
	char *name;
	struct device *device;
};

struct manager {
	sd_event *event;
	struct monitor *monitor;
	struct entry *entries;

	/* The one port to serve: a name outlives an unplug, a node may not. */
	char *only_name;
	char *only_devnode;
};

static void entry_free(struct entry *entry)
{
	device_destroy(entry->device);
	free(entry->sysname);
	free(entry->name);
	free(entry);
}

static struct entry **entry_find(struct manager *manager, const char *sysname)
{
	struct entry **p;

	for (p = &manager->entries; *p; p = &(*p)->next) {
		if (!strcmp((*p)->sysname, sysname))
			break;
	}

	return p;
}

static void entry_remove(struct entry **p)
{
	struct entry *entry = *p;

	*p = entry->next;
	entry_free(entry);
}

static int entry_add(struct manager *manager, const struct monitor_port *port,
		     const char *name, const struct handler_ops *handler)
{
	struct entry *entry;
	int err;

	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;

	entry->sysname = strdup(port->sysname);
	entry->name = strdup(name);
	err = entry->sysname && entry->name ? 0 : -ENOMEM;
	if (!err)
		err = device_create(manager->event, port->devnode, name,
				    handler, &entry->device);
	if (err) {
		entry_free(entry);
		return err;
	}

	entry->next = manager->entries;
	manager->entries = entry;
	return 0;
}

static const struct handler_ops *
manager_handler(const struct manager *manager, const struct monitor_port *port)
{
	bool wanted;

	if (!manager->only_name && !manager->only_devnode)
		return handler_for_port(port->name);

	if (manager->only_name)
		wanted = port->name && !strcmp(port->name, manager->only_name);
	else
		wanted = !strcmp(port->devnode, manager->only_devnode);

	return wanted ? &agent_handler : NULL;
}

static void manager_found(void *data, const struct monitor_port *port)
{
	struct manager *manager = data;
	const struct handler_ops *handler = manager_handler(manager, port);
	struct entry **p = entry_find(manager, port->sysname);
	const char *name = port->name ? port->name : port->sysname;
	int err;

	/* The host may have given the place to another port unseen. */
	if (*p && (!handler || strcmp((*p)->name, name)))
		entry_remove(p);
	if (!handler)
		return;

	p = entry_find(manager, port->sysname);
	if (*p) {
		device_retry((*p)->device);
		return;
	}

	err = entry_add(manager, port, name, handler);
	if (err)
		log_err("%s: %s", name, strerror(-err));
}

static void manager_removed(void *data, const char *sysname)
{
	struct entry **p = entry_find(data, sysname);

	if (!*p)
		return;

	log_info("%s: %s was unplugged", (*p)->name, sysname);
	entry_remove(p);
}

static const struct monitor_ops manager_monitor_ops = {
	.found = manager_found,
	.removed = manager_removed,
};

static void manager_found_only(void *data, const struct monitor_port *port)
{
	struct manager *manager = data;

	if (port->name)
		manager->only_name = strdup(port->name);
	else
		manager->only_devnode = strdup(port->devnode);
}

static int manager_find_only(struct manager *manager, const char *path)
{
	int err;

	err = monitor_lookup(manager->monitor, path, manager_found_only,
			     manager);
	if (err == -ENOTTY)
		log_err("%s: not a virtio-serial port", path);
	else if (err)
		log_err("%s: %s", path, strerror(-err));
	else if (!manager->only_name && !manager->only_devnode)
		err = -ENOMEM;

	return err;
}

int manager_create(sd_event *event, const char *path, struct manager **ret)
{
	struct manager *manager;
	int err;

	manager = calloc(1, sizeof(*manager));
	if (!manager)
		return -ENOMEM;

	manager->event = event;
	err = monitor_create(event, &manager_monitor_ops, manager,
			     &manager->monitor);
	if (err)
		log_err("udev: cannot watch ports: %s", strerror(-err));
	if (!err && path)
		err = manager_find_only(manager, path);
	if (!err) {
		err = monitor_start(manager->monitor);
		if (err)
			log_err("udev: cannot list ports: %s", strerror(-err));
	}
	if (err) {
		manager_destroy(manager);
		return err;
	}

	*ret = manager;
	return 0;
}

void manager_destroy(struct manager *manager)
{
	if (!manager)
		return;

	while (manager->entries)
		entry_remove(&manager->entries);
	monitor_destroy(manager->monitor);
	free(manager->only_name);
	free(manager->only_devnode);
	free(manager);
}
