// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * manager.c - every port that has a handler is served by it
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "config.h"
#include "device.h"
#include "handler.h"
#include "log.h"
#include "manager.h"
#include "monitor.h"
#include "port.h"
#include "ratelimit.h"

#define PORT_LINKS	"/dev/virtio-ports/"

struct entry {
	struct entry *next;
	char *sysname;
	char *name;
	struct port_conf *conf;		/* NULL: the one port to serve */
	struct device *device;
};

struct manager {
	sd_event *event;
	const struct config *config;
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
	conf_unref(entry->conf);
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

static int entry_start(struct entry *entry, sd_event *event,
		       const char *devnode)
{
	const struct port_conf *conf = entry->conf;
	const struct port_setup setup = {
		.handler = conf ? conf->handler : &agent_handler,
		.conf = conf,
		.name = entry->name,
		.devnode = devnode,
		.keep_output = conf && conf_keeps_output(conf),
		.closed = conf && conf->pass != CONF_PASS_STDIO,
		.on_demand = conf && conf->hold == CONF_HOLD_WITH_PEER,
	};

	return device_create(event, &setup, &entry->device);
}

static int entry_add(struct manager *manager, const struct monitor_port *port,
		     const char *name, struct port_conf *conf)
{
	struct entry *entry;
	int err;

	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;

	entry->sysname = strdup(port->sysname);
	entry->name = strdup(name);
	entry->conf = conf_ref(conf);
	err = entry->sysname && entry->name ? 0 : -ENOMEM;
	if (!err)
		err = entry_start(entry, manager->event, port->devnode);
	if (err) {
		entry_free(entry);
		return err;
	}

	entry->next = manager->entries;
	manager->entries = entry;
	return 0;
}

static bool is_only_port(const struct manager *manager,
			 const struct monitor_port *port)
{
	if (manager->only_name)
		return port->name && !strcmp(port->name, manager->only_name);
	return !strcmp(port->devnode, manager->only_devnode);
}

/* The host chose the name, and it becomes part of paths. */
static bool refuse_name(const struct monitor_port *port)
{
	static struct ratelimit limit;

	if (conf_name_is_safe(port->name))
		return false;
	if (ratelimit_allows(&limit))
		log_warn("%s: its name \"%s\" is refused: no file can be called so",
			 port->sysname, port->name);
	return true;
}

/* Return: whether a handler is to serve it; @ret_conf may be NULL then. */
static bool manager_wants(const struct manager *manager,
			  const struct monitor_port *port,
			  struct port_conf **ret_conf)
{
	*ret_conf = NULL;
	if (manager->only_name || manager->only_devnode)
		return is_only_port(manager, port);
	if (!port->name || refuse_name(port))
		return false;

	*ret_conf = config_match(manager->config, port->name);
	return *ret_conf && (*ret_conf)->handler;
}

static bool same_conf(const struct port_conf *a, const struct port_conf *b)
{
	return a == b || (a && b && !strcmp(a->text, b->text));
}

static void manager_found(void *data, const struct monitor_port *port)
{
	struct manager *manager = data;
	const char *name = port->name ? port->name : port->sysname;
	struct entry **p = entry_find(manager, port->sysname);
	struct port_conf *conf;
	bool wanted;
	int err;

	/* The host may have given the place to another port unseen. */
	wanted = manager_wants(manager, port, &conf);
	if (*p && (!wanted || strcmp((*p)->name, name) ||
		   !same_conf((*p)->conf, conf)))
		entry_remove(p);
	if (!wanted)
		return;

	p = entry_find(manager, port->sysname);
	if (*p) {
		device_retry((*p)->device);
		return;
	}

	err = entry_add(manager, port, name, conf);
	if (err)
		log_err("%s: %s", name, strerror(-err));
}

void manager_reload(struct manager *manager, const struct config *config)
{
	int err;

	manager->config = config;
	err = monitor_start(manager->monitor);
	if (err)
		log_err("udev: cannot list ports: %s", strerror(-err));
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

/* A port that is still to come has the name that its link will have. */
static void manager_expect_only(struct manager *manager, const char *path)
{
	size_t len = strlen(PORT_LINKS);

	if (!strncmp(path, PORT_LINKS, len) && path[len])
		manager->only_name = strdup(path + len);
	else
		manager->only_devnode = strdup(path);
	log_info("%s: is not there, waiting for it", path);
}

static int manager_find_only(struct manager *manager, const char *path,
			     bool retry)
{
	int err;

	err = monitor_lookup(manager->monitor, path, manager_found_only,
			     manager);
	if (err == -ENOENT && retry) {
		manager_expect_only(manager, path);
		err = 0;
	}
	if (err == -ENOTTY)
		log_err("%s: not a virtio-serial port", path);
	else if (err)
		log_err("%s: %s", path, strerror(-err));
	else if (!manager->only_name && !manager->only_devnode)
		err = -ENOMEM;

	return err;
}

int manager_create(sd_event *event, const char *path, bool retry,
		   const struct config *config, struct manager **ret)
{
	struct manager *manager;
	int err;

	manager = calloc(1, sizeof(*manager));
	if (!manager)
		return -ENOMEM;

	manager->event = event;
	manager->config = config;
	err = monitor_create(event, &manager_monitor_ops, manager,
			     &manager->monitor);
	if (err)
		log_err("udev: cannot watch ports: %s", strerror(-err));
	if (!err && path)
		err = manager_find_only(manager, path, retry);
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
