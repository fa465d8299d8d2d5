// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_device.c - QMP commands about devices and ports
 */

#include <errno.h>
#include <json-c/json.h>

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
