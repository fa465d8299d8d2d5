// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port.c - the life of a port: plugged, opened, closed, unplugged
 */

#include <errno.h>
#include <linux/virtio_console.h>
#include <stdlib.h>
#include <string.h>

#include "chardev.h"
#include "error.h"
#include "trace_events.h"
#include "virtio_serial.h"

struct virtio_serial_port *
virtio_serial_find_port(const struct virtio_serial *serial, uint32_t id)
{
	return id < serial->max_ports ? serial->table[id] : NULL;
}

/* Pair 0 is port 0's, pair 1 is for control, pair n is port n-1's. */
static unsigned int port_queue(const struct virtio_serial_port *port)
{
	return port->id ? 2 * (port->id + 1) : 0;
}

struct virtqueue *virtio_serial_port_rx(const struct virtio_serial_port *port)
{
	return &port->serial->vdev.queues[port_queue(port)];
}

struct virtqueue *virtio_serial_port_tx(const struct virtio_serial_port *port)
{
	return &port->serial->vdev.queues[port_queue(port) + 1];
}

void virtio_serial_port_note(struct virtio_serial_port *port, uint64_t mask,
			     uint64_t bits)
{
	struct virtqueue *rx = virtio_serial_port_rx(port);

	virtqueue_set_note(rx, (rx->note & ~mask) | bits);
}

/* The guest has opened or closed the port. */
void virtio_serial_port_set_guest(struct virtio_serial_port *port, bool open)
{
	struct virtio_serial *serial = port->serial;

	port->guest_connected = open;
	virtio_serial_port_note(port, PORT_NOTE_GUEST_OPEN,
				open ? PORT_NOTE_GUEST_OPEN : 0);
	if (port->chr)
		chardev_set_frontend_open(port->chr,
					  port->ops->frontend_open(port));
	virtio_serial_rx_update(port);
	if (serial->events)
		serial->events->port_changed(serial->events_data, port);
}

static void port_host_changed(struct virtio_serial_port *port)
{
	bool connected = port->ops->host_connected(port);

	if (!connected)
		virtio_serial_tx_closed(port);
	virtio_serial_rx_update(port);
	if (port->host_connected == connected)
		return;

	port->host_connected = connected;
	virtio_serial_send_control(port, VIRTIO_CONSOLE_PORT_OPEN, connected);
	if (connected)
		virtio_serial_tx(port);
}

static void port_chr_opened(void *data)
{
	const struct virtio_serial_port *port = data;

	serial_trace(CHR_EVENT, "port %u, event %d", port->id, TRACE_CHR_OPENED);
	port_host_changed(data);
}

static void port_chr_closed(void *data)
{
	const struct virtio_serial_port *port = data;

	serial_trace(CHR_EVENT, "port %u, event %d", port->id, TRACE_CHR_CLOSED);
	port_host_changed(data);
}

static void port_chr_readable(void *data)
{
	virtio_serial_rx(data);
}

static void port_chr_writable(void *data)
{
	virtio_serial_tx_writable(data);
}

bool virtio_serial_port_has_size(const struct virtio_serial_port *port)
{
	return port->ops->console && port->chr && port->chr->cols &&
	       virtio_has_feature(&port->serial->vdev, VIRTIO_CONSOLE_F_SIZE);
}

void virtio_serial_port_resized(struct virtio_serial_port *port)
{
	struct virtio_serial *serial = port->serial;

	if (!virtio_serial_port_has_size(port))
		return;
	if (virtio_serial_multiport(serial))
		virtio_serial_send_control(port, VIRTIO_CONSOLE_RESIZE, 0);
	else if (!port->id && virtio_device_running(&serial->vdev))
		virtio_device_config_changed(&serial->vdev);
}

static void port_chr_resized(void *data)
{
	virtio_serial_port_resized(data);
}

/* What waited for the old one goes to the new one. */
static void port_chr_replaced(void *data, struct chardev *chr)
{
	struct virtio_serial_port *port = data;

	port->chr = chr;
	port->throttled = false;
	chardev_set_frontend_open(chr, port->ops->frontend_open(port));
	virtio_serial_port_resized(port);
	port_host_changed(port);
	if (port->host_connected)
		virtio_serial_tx(port);
}

static const struct chardev_frontend_ops port_chr_ops = {
	.opened		= port_chr_opened,
	.closed		= port_chr_closed,
	.readable	= port_chr_readable,
	.writable	= port_chr_writable,
	.resized	= port_chr_resized,
	.replaced	= port_chr_replaced,
};

/* The id 0 is for the first console, whether there is one or not. */
static int pick_id(const struct virtio_serial *serial,
		   const struct virtio_serial_port_config *config,
		   uint32_t *ret, struct error *error)
{
	uint32_t id = config->nr;

	if (id != VIRTIO_SERIAL_AUTO_ID) {
		*ret = id;
		return 0;
	}
	if (config->ops->console && !serial->table[0]) {
		*ret = 0;
		return 0;
	}
	for (id = 1; id < serial->max_ports; id++) {
		if (!serial->table[id]) {
			*ret = id;
			return 0;
		}
	}
	return error_set(error, -EINVAL,
		"virtio-serial-bus: Maximum port limit for this device reached");
}

static int check_port(const struct virtio_serial *serial,
		      const struct virtio_serial_port_config *config,
		      struct error *error)
{
	const struct virtio_serial_port *port;

	if (!config->nr && !config->ops->console)
		return error_set(error, -EINVAL,
			"Port number 0 on virtio-serial devices reserved for virtconsole devices for backward compatibility.");
	if (config->nr != VIRTIO_SERIAL_AUTO_ID &&
	    virtio_serial_find_port(serial, config->nr))
		return error_set(error, -EEXIST,
				 "virtio-serial-bus: A port already exists at id %u",
				 config->nr);

	for (port = serial->ports; config->name && port; port = port->next) {
		if (port->name && !strcmp(port->name, config->name))
			return error_set(error, -EEXIST,
				"virtio-serial-bus: A port already exists by name %s",
				config->name);
	}
	if (config->nr != VIRTIO_SERIAL_AUTO_ID &&
	    config->nr >= serial->max_ports)
		return error_set(error, -EINVAL,
				 "virtio-serial-bus: Out-of-range port id specified, max. allowed: %u",
				 serial->max_ports - 1);
	return 0;
}

static void port_free(struct virtio_serial_port *port)
{
	free(port->name);
	free(port->device_id);
	free(port);
}

static int port_alloc(const struct virtio_serial_port_config *config,
		      struct virtio_serial_port **ret)
{
	struct virtio_serial_port *port;

	port = calloc(1, sizeof(*port));
	if (!port)
		return -ENOMEM;

	port->ops = config->ops;
	if (config->name)
		port->name = strdup(config->name);
	if (config->device_id)
		port->device_id = strdup(config->device_id);
	if ((config->name && !port->name) ||
	    (config->device_id && !port->device_id)) {
		port_free(port);
		return -ENOMEM;
	}
	*ret = port;
	return 0;
}

/* The port takes its place: the guest is told, if there is one. */
static void port_plug(struct virtio_serial_port *port)
{
	struct virtio_serial *serial = port->serial;
	struct virtio_serial_port **link = &serial->ports;

	while (*link)
		link = &(*link)->next;
	*link = port;
	serial->table[port->id] = port;

	port->host_connected = port->ops->host_connected(port);
	if (!virtio_serial_multiport(serial) && !port->id)
		port->guest_connected = virtio_serial_port_rx(port)->running;
	if (port->chr)
		chardev_set_frontend_open(port->chr,
					  port->ops->frontend_open(port));
	virtio_serial_send_control(port, VIRTIO_CONSOLE_PORT_ADD, 1);
	if (virtio_device_running(&serial->vdev))
		virtio_device_config_changed(&serial->vdev);
	virtio_serial_rx_update(port);
}

int virtio_serial_add_port(struct virtio_serial *serial,
			   const struct virtio_serial_port_config *config,
			   struct virtio_serial_port **ret,
			   struct error *error)
{
	struct virtio_serial_port *port;
	uint32_t id = 0;
	int err;

	err = check_port(serial, config, error);
	if (!err)
		err = pick_id(serial, config, &id, error);
	if (err)
		return err;

	err = port_alloc(config, &port);
	if (err)
		return error_set(error, err, "out of memory");
	port->serial = serial;
	port->id = id;

	if (config->chr && chardev_attach(config->chr, &port_chr_ops, port)) {
		port_free(port);
		return error_set(error, -EBUSY, "chardev '%s' is already in use",
				 config->chr->id);
	}
	port->chr = config->chr;
	port_plug(port);
	*ret = port;
	return 0;
}

void virtio_serial_remove_port(struct virtio_serial_port *port)
{
	struct virtio_serial *serial = port->serial;
	struct virtio_serial_port **link = &serial->ports;

	if (port->chr)
		chardev_detach(port->chr);
	virtio_serial_tx_discard(serial, virtio_serial_port_tx(port));
	virtio_serial_send_control(port, VIRTIO_CONSOLE_PORT_REMOVE, 1);
	virtqueue_set_note(virtio_serial_port_tx(port), 0);
	virtio_serial_port_note(port, ~0ull, 0);

	while (*link != port)
		link = &(*link)->next;
	*link = port->next;
	serial->table[port->id] = NULL;
	port_free(port);
}
