// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_list.c - what monitors see of the machine's devices and ports
 */

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "chardev.h"
#include "machine_types.h"
#include "virtio_serial.h"

void machine_visit_devices(struct machine *machine,
			   void (*visit)(void *data,
					 const struct machine_device_info *info),
			   void *data)
{
	struct machine_device_info info;
	struct machine_device *device;
	struct virtio_device *vdev;

	for (device = machine->devices; device; device = device->next) {
		vdev = &device->serial->vdev;
		info = (struct machine_device_info) {
			.id		= device->id,
			.model		= device->model,
			.bus		= device->serial->bus,
			.properties	= device->properties,
			.offered	= vdev->offered,
			.features	= vdev->features,
			.num_queues	= vdev->num_queues,
			.attached	= vdev->transport,
			.started	= virtio_device_running(vdev),
			.broken		= vdev->broken,
		};
		visit(data, &info);
	}
}

static struct virtqueue *find_queue(struct machine *machine, const char *bus,
				    unsigned int index)
{
	struct machine_device *device = machine->devices;

	while (device && strcmp(device->serial->bus, bus))
		device = device->next;
	if (!device || index >= device->serial->vdev.num_queues)
		return NULL;
	return &device->serial->vdev.queues[index];
}

int machine_get_element(struct machine *machine, const char *bus,
			unsigned int queue, uint16_t index,
			void (*visit)(void *data, uint64_t addr, uint32_t len,
				      uint16_t flags),
			void *data, struct machine_element *ret)
{
	struct virtqueue *vq = find_queue(machine, bus, queue);
	struct virtqueue_view view;
	unsigned int i;

	if (!vq || !vq->running)
		return -ENOENT;
	if (vq->ops != &virtqueue_split_ops)
		return -EOPNOTSUPP;
	virtqueue_split_view(vq, index, &view);
	for (i = 0; i < view.num_descs; i++)
		visit(data, view.descs[i].addr, view.descs[i].len,
		      view.descs[i].flags);
	*ret = (struct machine_element) {
		.head		= view.head,
		.avail_flags	= view.avail_flags,
		.avail_idx	= view.avail_idx,
		.avail_ring	= view.avail_ring,
		.used_flags	= view.used_flags,
		.used_idx	= view.used_idx,
	};
	return 0;
}

int machine_get_queue(struct machine *machine, const char *bus,
		      unsigned int index, struct machine_queue *ret)
{
	const struct virtqueue *vq = find_queue(machine, bus, index);

	if (!vq)
		return -ENOENT;
	*ret = (struct machine_queue) {
		.running	= vq->running,
		.num		= vq->num,
		.desc		= vq->desc_gpa,
		.avail		= vq->avail_gpa,
		.used		= vq->used_gpa,
		.last_avail	= vq->last_avail,
		.avail_seen	= vq->avail_seen,
		.used_idx	= vq->used_idx,
		.used_shown	= vq->used_shown,
		.shown_valid	= vq->shown_valid,
	};
	return 0;
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
