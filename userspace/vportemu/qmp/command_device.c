// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_device.c - QMP commands about devices and ports
 */

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "machine.h"
#include "opts.h"

static void add_string(struct json_object *object, const char *name,
		       const char *value)
{
	if (value)
		json_object_object_add(object, name,
				       json_object_new_string(value));
}

static void add_bool(struct json_object *object, const char *name, bool value)
{
	json_object_object_add(object, name, json_object_new_boolean(value));
}

static void add_count(struct json_object *object, const char *name,
		      uint64_t value)
{
	json_object_object_add(object, name, json_object_new_uint64(value));
}

int qmp_device_add(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error)
{
	struct opts opts;
	int err;

	opts_from_json(&opts, args);
	err = machine_add_device(machine, &opts, true, error);
	opts_finish(&opts);
	return err;
}

int qmp_device_del(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error)
{
	return machine_remove_device(machine, qmp_arg_string(args, "id"),
				     error);
}

static void list_property(void *data, const char *name, const char *type,
			  const char *description)
{
	struct json_object *entry = json_object_new_object();

	add_string(entry, "name", name);
	add_string(entry, "type", type);
	add_string(entry, "description", description);
	json_object_array_add(data, entry);
}

int qmp_device_list_properties(struct machine *machine,
			       struct json_object *args,
			       struct json_object **ret, struct error *error)
{
	const char *name = qmp_arg_string(args, "typename");

	*ret = json_object_new_array();
	if (!machine_visit_properties(name, list_property, *ret))
		return 0;

	json_object_put(*ret);
	*ret = NULL;
	return error_set(error, -ENODEV, "Device '%s' not found", name);
}

struct qom_type {
	const char *name;
	const char *parent;
	bool abstract;
};

/* A parent comes before its children. */
static const struct qom_type types[] = {
	{ "object", NULL, true },
	{ "chardev", "object", true },
	{ "chardev-file", "chardev" },
	{ "chardev-hub", "chardev" },
	{ "chardev-mux", "chardev" },
	{ "chardev-null", "chardev" },
	{ "chardev-pipe", "chardev" },
	{ "chardev-pty", "chardev" },
	{ "chardev-ringbuf", "chardev" },
	{ "chardev-serial", "chardev" },
	{ "chardev-socket", "chardev" },
	{ "chardev-stdio", "chardev" },
	{ "chardev-udp", "chardev" },
	{ "device", "object", true },
	{ "pci-device", "device", true },
	{ "virtio-device", "device", true },
	{ "virtio-pci", "pci-device", true },
	{ "virtio-serial-device", "virtio-device" },
	{ "virtio-serial-pci", "virtio-pci" },
	{ "virtio-serial-pci-non-transitional", "virtio-pci" },
	{ "virtio-serial-pci-transitional", "virtio-pci" },
	{ "virtio-serial-port", "device", true },
	{ "virtconsole", "virtio-serial-port" },
	{ "virtserialport", "virtio-serial-port" },
};

#define NUM_TYPES	(sizeof(types) / sizeof(types[0]))

static const struct qom_type *find_type(const char *name)
{
	size_t i;

	for (i = 0; i < NUM_TYPES; i++) {
		if (!strcmp(types[i].name, name))
			return &types[i];
	}
	return NULL;
}

static bool type_is(const struct qom_type *type, const char *name)
{
	for (;;) {
		if (!strcmp(type->name, name))
			return true;
		if (!type->parent)
			return false;
		type = find_type(type->parent);
	}
}

int qmp_qom_list_types(struct machine *machine, struct json_object *args,
		       struct json_object **ret, struct error *error)
{
	const char *implements = qmp_arg_string(args, "implements");
	struct json_object *abstract = NULL, *entry;
	size_t i;

	json_object_object_get_ex(args, "abstract", &abstract);
	*ret = json_object_new_array();
	for (i = 0; i < NUM_TYPES; i++) {
		if ((types[i].abstract && !json_object_get_boolean(abstract)) ||
		    (implements && !type_is(&types[i], implements)))
			continue;
		entry = json_object_new_object();
		add_string(entry, "name", types[i].name);
		if (types[i].abstract)
			add_bool(entry, "abstract", true);
		add_string(entry, "parent", types[i].parent);
		json_object_array_add(*ret, entry);
	}
	return 0;
}

int qmp_system_reset(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error)
{
	machine_reset(machine, "host-qmp-system-reset");
	return 0;
}

static void list_port(void *data, const struct machine_port *port)
{
	struct json_object *entry = json_object_new_object();

	add_string(entry, "bus", port->bus);
	add_count(entry, "nr", port->nr);
	add_string(entry, "driver", port->model);
	add_string(entry, "id", port->id);
	add_string(entry, "name", port->name);
	add_string(entry, "chardev", port->chardev);
	add_bool(entry, "guest-connected", port->guest_connected);
	add_bool(entry, "host-connected", port->host_connected);
	add_bool(entry, "throttled", port->throttled);
	add_count(entry, "bytes-to-host", port->bytes_to_host);
	add_count(entry, "bytes-to-guest", port->bytes_to_guest);
	add_count(entry, "bytes-dropped", port->bytes_dropped);
	add_count(entry, "throttles", port->throttles);
	add_count(entry, "starvations", port->starvations);
	add_count(entry, "clients", port->clients);
	add_count(entry, "history-waiting", port->history_waiting);
	add_count(entry, "clients-missed", port->clients_missed);
	json_object_array_add(data, entry);
}

int qmp_query_serial_stats(struct machine *machine, struct json_object *args,
			   struct json_object **ret, struct error *error)
{
	*ret = json_object_new_array();
	machine_visit_ports(machine, list_port, *ret);
	return 0;
}
