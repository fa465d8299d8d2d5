// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtconsole.c - a console port: always open, and never waited for
 *
 * The guest's console driver spins with a lock held until its output is taken.
 * So what the chardev does not take at once is dropped, and counted.
 */

#include "chardev.h"
#include "virtio_serial.h"

static bool console_host_connected(const struct virtio_serial_port *port)
{
	return port->chr;
}

static bool console_frontend_open(const struct virtio_serial_port *port)
{
	return true;
}

const struct virtio_serial_port_ops virtconsole_ops = {
	.model		= "virtconsole",
	.console	= true,
	.host_connected	= console_host_connected,
	.frontend_open	= console_frontend_open,
};

/* To the first console that has somebody to read it; there is no retrying. */
void virtio_serial_emergency_write(struct virtio_serial *serial, uint8_t c)
{
	struct iovec iov = { &c, 1 };
	struct virtio_serial_port *port;

	for (port = serial->ports; port; port = port->next) {
		if (!port->ops->console || !port->host_connected)
			continue;
		if (chardev_writev(port->chr, &iov, 1) == 1)
			port->bytes_to_host++;
		else
			port->bytes_dropped++;
		return;
	}
}
