// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * restore.c - know a driver again that was served before
 *
 * Meanwhile clients may have come and gone, and ports been plugged and
 * unplugged: the driver is told of what is not as it was told.
 */

#include <linux/virtio_console.h>

#include "virtio_serial.h"

static bool restore_port(struct virtio_serial_port *port)
{
	uint64_t note = virtio_serial_port_rx(port)->note;

	if (!(note & PORT_NOTE_ADDED) &&
	    virtio_serial_multiport(port->serial)) {
		virtio_serial_send_control(port, VIRTIO_CONSOLE_PORT_ADD, 1);
		return false;
	}
	if (note & PORT_NOTE_READY)
		virtio_serial_describe_port(port);
	if (note & PORT_NOTE_GUEST_OPEN && !port->guest_connected)
		virtio_serial_port_set_guest(port, true);
	if (!!(note & PORT_NOTE_HOST_OPEN) != port->host_connected)
		virtio_serial_send_control(port, VIRTIO_CONSOLE_PORT_OPEN,
					   port->host_connected);
	return true;
}

/* Ports that the driver knows and that are not there any more. */
static void restore_removed(struct virtio_serial *serial)
{
	struct virtqueue *rx;
	uint32_t id;

	for (id = 0; id < serial->max_ports; id++) {
		rx = &serial->vdev.queues[id ? 2 * (id + 1) : 0];
		if (serial->table[id] || !(rx->note & PORT_NOTE_ADDED))
			continue;
		virtqueue_set_note(rx, 0);
		virtio_serial_send_remove(serial, id);
	}
}

void virtio_serial_restored(struct virtio_device *dev)
{
	struct virtio_serial *serial = (struct virtio_serial *)dev;
	struct virtio_serial_port *port;

	if (virtio_serial_multiport(serial) &&
	    !dev->queues[VIRTIO_SERIAL_CONTROL_RX].note)
		return;
	serial->driver_seen = true;
	serial->driver_ready = true;
	restore_removed(serial);
	for (port = serial->ports; port; port = port->next)
		restore_port(port);
}
