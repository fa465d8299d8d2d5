// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hmp_info.c - what the monitor's `info` shows
 */

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "command.h"
#include "hmp.h"
#include "machine.h"

static void info_version(struct machine *machine, struct bytes *out)
{
	static const char *const names[] = { "major", "minor", "micro" };
	struct json_object *version = qmp_version(), *qemu, *part, *package;
	int parts[3];
	size_t i;

	json_object_object_get_ex(version, "qemu", &qemu);
	json_object_object_get_ex(version, "package", &package);
	for (i = 0; i < 3; i++) {
		json_object_object_get_ex(qemu, names[i], &part);
		parts[i] = json_object_get_int(part);
	}
	hmp_print(out, "%d.%d.%d%s", parts[0], parts[1], parts[2],
		  json_object_get_string(package));
	json_object_put(version);
}

static void info_status(struct machine *machine, struct bytes *out)
{
	bool prelaunch = !strcmp(machine_status(machine), "prelaunch");

	hmp_print(out, "VM status: %s%s",
	      machine_running(machine) ? "running" : "paused",
	      prelaunch ? " (prelaunch)" : "");
}

static void print_chardev(void *data, const char *label, const char *filename,
			  bool frontend_open)
{
	hmp_print(data, "%s: filename=%s", label, filename);
}

static void info_chardev(struct machine *machine, struct bytes *out)
{
	machine_visit_chardevs(machine, print_chardev, out);
}

static void info_name(struct machine *machine, struct bytes *out)
{
	if (machine_name(machine))
		hmp_print(out, "%s", machine_name(machine));
}

static void info_uuid(struct machine *machine, struct bytes *out)
{
	hmp_print(out, "%s", machine_uuid(machine));
}

struct qtree {
	struct machine *machine;
	struct bytes *out;
	const char *bus;
};

static void print_port(void *data, const struct machine_port *port)
{
	struct qtree *tree = data;
	struct bytes *out = tree->out;

	if (strcmp(port->bus, tree->bus))
		return;
	hmp_print(out, "    dev: %s, id \"%s\"", port->model, port->id ?: "");
	hmp_print(out, "      chardev = \"%s\"", port->chardev ?: "");
	hmp_print(out, "      nr = %u (0x%x)", port->nr, port->nr);
	hmp_print(out, "      name = \"%s\"", port->name ?: "");
	hmp_print(out, "      port %u, guest %s, host %s, throttle %s", port->nr,
	      port->guest_connected ? "on" : "off",
	      port->host_connected ? "on" : "off",
	      port->throttled ? "on" : "off");
}

static void print_device(void *data, const struct machine_device_info *info)
{
	struct qtree *tree = data;

	hmp_print(tree->out, "dev: virtio-serial-device, id \"%s\"",
		  info->id ?: "");
	hmp_print(tree->out, "  bus: %s", info->bus);
	hmp_print(tree->out, "    type virtio-serial-bus");
	tree->bus = info->bus;
	machine_visit_ports(tree->machine, print_port, tree);
}

static void info_qtree(struct machine *machine, struct bytes *out)
{
	struct qtree tree = { machine, out, NULL };

	machine_visit_devices(machine, print_device, &tree);
}

static void print_stats(void *data, const struct machine_port *port)
{
	hmp_print(data, "%s port %u: to host %" PRIu64 ", to guest %" PRIu64
		  ", dropped %" PRIu64 " bytes; throttled %" PRIu64
		  ", starved %" PRIu64 " times; %u clients, %" PRIu64
		  " bytes waiting, %" PRIu64 " missed", port->bus, port->nr,
		  port->bytes_to_host, port->bytes_to_guest,
		  port->bytes_dropped, port->throttles, port->starvations,
		  port->clients, port->history_waiting, port->clients_missed);
}

static void info_serial_stats(struct machine *machine, struct bytes *out)
{
	machine_visit_ports(machine, print_stats, out);
}

static void print_object(void *data, unsigned int depth, const char *name,
			 const char *type)
{
	hmp_print(data, "%*s/%s (%s)", 2 * depth, "", name, type);
}

static void info_qom_tree(struct machine *machine, struct bytes *out)
{
	qom_visit(machine, print_object, out);
}

static void info_virtio(struct machine *machine, struct bytes *out)
{
	struct json_object *args = json_object_new_object(), *list = NULL;
	struct json_object *entry, *path, *name;
	size_t i;

	qmp_query_virtio(machine, args, &list, NULL);
	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		json_object_object_get_ex(entry, "path", &path);
		json_object_object_get_ex(entry, "name", &name);
		hmp_print(out, "%s [%s]", json_object_get_string(path),
			  json_object_get_string(name));
	}
	json_object_put(list);
	json_object_put(args);
}

static void print_trace(void *data, const char *name, bool enabled)
{
	hmp_print(data, "%s : state %d", name, enabled);
}

static void info_traces(struct machine *machine, struct bytes *out)
{
	machine_visit_traces("*", print_trace, out);
}

static const struct {
	const char *name;
	const char *help;
	void (*print)(struct machine *machine, struct bytes *out);
} infos[] = {
	{ "chardev", "show the character devices", info_chardev },
	{ "name", "show the name", info_name },
	{ "qom-tree", "show the tree of objects", info_qom_tree },
	{ "qtree", "show devices and ports", info_qtree },
	{ "status", "show whether data flows", info_status },
	{ "trace-events", "show the trace events", info_traces },
	{ "uuid", "show the UUID", info_uuid },
	{ "version", "show the version", info_version },
	{ "virtio", "list the virtio devices", info_virtio },
	{ "virtio-serial-stats", "show what ports have moved", info_serial_stats },
};

#define NUM_INFOS	(sizeof(infos) / sizeof(infos[0]))

const char *hmp_info_name(unsigned int index)
{
	return index < NUM_INFOS ? infos[index].name : NULL;
}

void hmp_info(struct machine *machine, const char *what, struct bytes *out)
{
	size_t i;

	for (i = 0; i < NUM_INFOS; i++) {
		if (!*what)
			hmp_print(out, "info %s  -- %s", infos[i].name,
				  infos[i].help);
		if (strcmp(infos[i].name, what))
			continue;
		infos[i].print(machine, out);
		return;
	}
	if (*what)
		hmp_print(out, "unknown command: 'info %s'", what);
}
