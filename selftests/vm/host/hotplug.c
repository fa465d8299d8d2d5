// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hotplug.c - ports and PCI functions that come and go while the guest runs
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "qmp.h"

static void add_string(struct json_object *object, const char *name,
		       const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

static void execute(struct request *req, const char *command,
		    struct json_object *args, qmp_done_fn *done)
{
	if (qmp_execute(req->host->qmp, command, args, done, req))
		request_err(req, "the monitor takes no command");
}

/* An option of the request, "KEY=VALUE" after the name. */
static const char *option(const struct request *req, const char *key,
			  const char *otherwise)
{
	size_t len = strlen(key);
	unsigned int i;

	for (i = 2; i < req->nwords; i++)
		if (!strncmp(req->words[i], key, len) &&
		    req->words[i][len] == '=')
			return req->words[i] + len + 1;
	return otherwise;
}

static struct json_object *socket_backend(const char *path)
{
	struct json_object *backend = json_object_new_object();
	struct json_object *data = json_object_new_object();
	struct json_object *addr = json_object_new_object();
	struct json_object *unix_data = json_object_new_object();

	add_string(unix_data, "path", path);
	add_string(addr, "type", "unix");
	json_object_object_add(addr, "data", unix_data);
	json_object_object_add(data, "addr", addr);
	json_object_object_add(data, "server", json_object_new_boolean(true));
	json_object_object_add(data, "wait", json_object_new_boolean(false));
	add_string(backend, "type", "socket");
	json_object_object_add(backend, "data", data);
	return backend;
}

/* One that is always open; QEMU's own null backend never says that it is. */
static struct json_object *open_backend(const char *path)
{
	struct json_object *backend = json_object_new_object();
	struct json_object *data = json_object_new_object();

	add_string(data, "out", path);
	add_string(backend, "type", "file");
	json_object_object_add(backend, "data", data);
	return backend;
}

static void port_added(void *data, struct json_object *value, const char *error)
{
	struct request *req = data;

	if (!error) {
		request_ok(req, "%s", "");
		return;
	}
	request_err(req, "device_add: %s", error);
}

static void chardev_added(void *data, struct json_object *value,
			  const char *error)
{
	struct request *req = data;
	struct json_object *args;
	const char *nr = option(req, "nr", NULL);

	if (error) {
		port_remove(req->port);
		request_err(req, "chardev-add: %s", error);
		return;
	}

	args = json_object_new_object();
	add_string(args, "driver", option(req, "driver", "virtserialport"));
	add_string(args, "id", req->port->device);
	add_string(args, "bus", req->port->bus);
	add_string(args, "chardev", req->port->chardev);
	add_string(args, "name", req->port->name);
	if (nr)
		json_object_object_add(args, "nr",
				       json_object_new_int(atoi(nr)));
	execute(req, "device_add", args, port_added);
}

static void plug(struct request *req)
{
	struct host *host = req->host;
	const char *name = req->words[1];
	bool open = !strcmp(option(req, "backend", "socket"), "open");
	struct json_object *args;
	char chardev[REQUEST_MAX_LEN + 8];
	char path[REQUEST_MAX_LEN + 256];

	snprintf(chardev, sizeof(chardev), "chr-%s", name);
	snprintf(path, sizeof(path), "%s/%s.sock", host->dir, name);
	if (port_add(host, name, chardev, open ? NULL : path, &req->port)) {
		request_err(req, "no memory");
		return;
	}
	if (asprintf(&req->port->device, "dev-%s", name) < 0)
		req->port->device = NULL;
	req->port->console = !strcmp(option(req, "driver", ""), "virtconsole");
	req->port->bus = strdup(option(req, "bus", host->bus));

	args = json_object_new_object();
	add_string(args, "id", chardev);
	json_object_object_add(args, "backend",
			       open ? open_backend(path) : socket_backend(path));
	execute(req, "chardev-add", args, chardev_added);
}

static void chardev_removed(void *data, struct json_object *value,
			    const char *error)
{
	struct request *req = data;
	bool again = !strcmp(req->words[0], "plug");

	if (error) {
		request_err(req, "chardev-remove: %s", error);
		return;
	}
	port_remove(req->port);
	req->port = NULL;
	if (again)
		plug(req);
	else
		request_ok(req, "%s", "");
}

/* Both the command's answer and the event have to come, in any order. */
static void port_gone(struct request *req)
{
	struct json_object *args;

	if (--req->left)
		return;

	req->deleted = NULL;
	args = json_object_new_object();
	add_string(args, "id", req->port->chardev);
	execute(req, "chardev-remove", args, chardev_removed);
}

static void port_del_answered(void *data, struct json_object *value,
			      const char *error)
{
	struct request *req = data;

	if (error && req->left == 2)
		/* The device was never made, or its bus went. */
		req->left = 1;
	port_gone(req);
}

static void unplug(struct request *req)
{
	struct json_object *args = json_object_new_object();

	req->left = 2;
	req->device = req->port->device;
	req->deleted = port_gone;
	add_string(args, "id", req->port->device);
	execute(req, "device_del", args, port_del_answered);
}

/**
 * request_plug() - `plug NAME [driver=] [backend=] [bus=] [nr=]`
 * @req: the request
 *
 * A port that an earlier test left behind is removed first.
 */
void request_plug(struct request *req)
{
	req->port = port_find(req->host, req->words[1]);
	if (!req->port)
		plug(req);
	else if (req->port->device)
		unplug(req);
	else
		request_err(req, "%s: is always there", req->port->name);
}

/**
 * request_unplug() - `unplug NAME`: answered when the emulator has forgotten it
 * @req: the request
 */
void request_unplug(struct request *req)
{
	if (req->port->device)
		unplug(req);
	else
		request_err(req, "%s: cannot be unplugged", req->port->name);
}

/**
 * request_remove() - `remove NAME`: unplug it, if it is there
 * @req: the request
 */
void request_remove(struct request *req)
{
	req->port = port_find(req->host, req->words[1]);
	if (req->port)
		request_unplug(req);
	else
		request_ok(req, "%s", "");
}

static void pci_added(void *data, struct json_object *value, const char *error)
{
	struct request *req = data;

	if (error)
		request_err(req, "device_add: %s", error);
	else
		request_ok(req, "%s", "");
}

/**
 * request_plug_pci() - `plug-pci ID [max_ports=]`: one more virtio-serial-pci
 * @req: the request
 */
void request_plug_pci(struct request *req)
{
	struct json_object *args = json_object_new_object();
	const char *ports = option(req, "max_ports", "31");

	add_string(args, "driver", "virtio-serial-pci");
	add_string(args, "id", req->words[1]);
	json_object_object_add(args, "max_ports",
			       json_object_new_int(atoi(ports)));
	execute(req, "device_add", args, pci_added);
}

static void remove_chardev(struct host *host, const char *chardev)
{
	struct json_object *args = json_object_new_object();

	add_string(args, "id", chardev);
	qmp_execute(host->qmp, "chardev-remove", args, NULL, NULL);
}

static void remove_ports_of(struct host *host, const char *id)
{
	size_t len = strlen(id);
	struct port *port, *next;

	for (port = host->ports; port; port = next) {
		next = port->next;
		if (!port->bus || strncmp(port->bus, id, len) ||
		    strcmp(port->bus + len, ".0"))
			continue;
		remove_chardev(host, port->chardev);
		port_remove(port);
	}
}

static void pci_gone(struct request *req)
{
	if (--req->left)
		return;
	remove_ports_of(req->host, req->words[1]);
	request_ok(req, "%s", "");
}

static void pci_del_answered(void *data, struct json_object *value,
			     const char *error)
{
	struct request *req = data;

	if (error)
		request_err(req, "device_del: %s", error);
	else
		pci_gone(req);
}

/**
 * request_unplug_pci() - `unplug-pci ID`: answered when the guest let go of it
 * @req: the request
 */
void request_unplug_pci(struct request *req)
{
	struct json_object *args = json_object_new_object();

	req->left = 2;
	req->device = req->words[1];
	req->deleted = pci_gone;
	add_string(args, "id", req->words[1]);
	execute(req, "device_del", args, pci_del_answered);
}
