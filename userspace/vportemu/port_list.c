// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_list.c - what monitors see of the machine's devices and ports
 */

#include <json-c/json.h>

#include "chardev.h"
#include "machine_types.h"
#include "virtio_serial.h"

void machine_visit_devices(struct machine *machine,
			   void (*visit)(void *data, const char *id,
					 const char *bus),
			   void *data)
{
	struct machine_device *device;

	for (device = machine->devices; device; device = device->next)
		visit(data, device->id, device->serial->bus);
}

static struct machine_port describe(const struct machine_device *device,
				    const struct virtio_serial_port *port)
{
	struct chardev_stats stats = { .clients = 0 };

	if (port->chr)
		stats = chardev_get_stats(port->chr);
	return (struct machine_port) {
		.device		= device->id,
		.bus		= device->serial->bus,
		.model		= port->ops->model,
		.id		= port->device_id,
		.name		= port->name,
		.chardev	= port->chr ? port->chr->id : NULL,
		.nr		= port->id,
		.guest_connected = port->guest_connected,
		.host_connected	= port->host_connected,
		.throttled	= port->throttled,
		.bytes_to_host	= port->bytes_to_host,
		.bytes_to_guest	= port->bytes_to_guest,
		.bytes_dropped	= port->bytes_dropped + stats.dropped,
		.throttles	= port->throttles,
		.starvations	= port->starvations,
		.clients	= stats.clients,
		.history_waiting = stats.waiting,
		.clients_missed	= stats.lagged,
	};
}

void machine_visit_ports(struct machine *machine,
			 void (*visit)(void *data,
				       const struct machine_port *port),
			 void *data)
{
	const struct virtio_serial_port *port;
	struct machine_device *device;
	struct machine_port info;

	for (device = machine->devices; device; device = device->next) {
		for (port = device->serial->ports; port; port = port->next) {
			info = describe(device, port);
			visit(data, &info);
		}
	}
}

void machine_reset(struct machine *machine, const char *reason)
{
	struct json_object *data = json_object_new_object();
	struct machine_device *device;

	for (device = machine->devices; device; device = device->next)
		device->serial->vdev.ops->reset(&device->serial->vdev);

	json_object_object_add(data, "guest", json_object_new_boolean(false));
	json_object_object_add(data, "reason", json_object_new_string(reason));
	machine_event(machine, "RESET", data);
}
