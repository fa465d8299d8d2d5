// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtserialport.c - a port that is open when somebody has it open
 */

#include "chardev.h"
#include "virtio_serial.h"

static bool serialport_host_connected(const struct virtio_serial_port *port)
{
	return port->chr && port->chr->open;
}

static bool serialport_frontend_open(const struct virtio_serial_port *port)
{
	return port->guest_connected;
}

const struct virtio_serial_port_ops virtserialport_ops = {
	.model		= "virtserialport",
	.console	= false,
	.host_connected	= serialport_host_connected,
	.frontend_open	= serialport_frontend_open,
};
