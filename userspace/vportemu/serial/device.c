// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device.c - the virtio-serial device: features, configuration, queues
 */

#include <endian.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "chardev.h"
#include "error.h"
#include "log.h"
#include "virtio_serial.h"

#define CONFIG_SIZE_EMERGENCY	sizeof(struct virtio_console_config)
#define CONFIG_SIZE_PLAIN	offsetof(struct virtio_console_config, emerg_wr)

static struct virtio_serial *to_serial(struct virtio_device *dev)
{
	return (struct virtio_serial *)dev;
}

void virtio_serial_complain(struct virtio_serial *serial, const char *format,
			    ...)
{
	char text[256];
	va_list args;

	if (!ratelimit_allows(&serial->complaints))
		return;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_warn("virtio-serial-bus: %s", text);
}

static uint16_t serial_queue_size(const struct virtio_device *dev,
				  unsigned int index)
{
	return index == VIRTIO_SERIAL_CONTROL_RX ||
	       index == VIRTIO_SERIAL_CONTROL_TX ?
	       VIRTIO_SERIAL_CONTROL_QUEUE_SIZE :
	       VIRTIO_SERIAL_DATA_QUEUE_SIZE;
}

static void serial_get_config(struct virtio_device *dev, uint8_t *config)
{
	struct virtio_console_config fields = {
		.max_nr_ports = htole32(to_serial(dev)->max_ports),
	};
	const struct virtio_serial_port *port;

	port = virtio_serial_find_port(to_serial(dev), 0);
	if (port && port->chr &&
	    dev->offered >> VIRTIO_CONSOLE_F_SIZE & 1) {
		fields.cols = htole16(port->chr->cols);
		fields.rows = htole16(port->chr->rows);
	}
	memcpy(config, &fields, dev->config_size);
}

/*
 * Only the emergency write means something, and only while it is not 0: the
 * other fields come along unchanged where a transport sends the whole space.
 */
static void serial_set_config(struct virtio_device *dev, size_t offset,
			      const uint8_t *data, size_t len)
{
	size_t at = offsetof(struct virtio_console_config, emerg_wr);

	if (dev->config_size <= at || offset > at || offset + len <= at)
		return;
	if (data[at - offset])
		virtio_serial_emergency_write(to_serial(dev),
					      data[at - offset]);
}

/* The port that a data queue belongs to, or NULL. */
static struct virtio_serial_port *queue_port(struct virtio_serial *serial,
					     const struct virtqueue *vq)
{
	unsigned int pair = vq->index / 2;

	return virtio_serial_find_port(serial, pair ? pair - 1 : 0);
}

static bool is_control(const struct virtqueue *vq)
{
	return vq->index == VIRTIO_SERIAL_CONTROL_RX ||
	       vq->index == VIRTIO_SERIAL_CONTROL_TX;
}

static void serial_queue_kicked(struct virtio_device *dev, struct virtqueue *vq)
{
	struct virtio_serial *serial = to_serial(dev);
	struct virtio_serial_port *port;

	if (vq->index == VIRTIO_SERIAL_CONTROL_TX) {
		virtio_serial_control_kicked(serial);
		return;
	}
	if (vq->index == VIRTIO_SERIAL_CONTROL_RX) {
		virtio_serial_control_flush(serial);
		return;
	}

	port = queue_port(serial, vq);
	if (vq->index % 2 && port)
		virtio_serial_tx(port);
	else if (vq->index % 2)
		virtio_serial_tx_discard(serial, vq);
	else if (port)
		virtio_serial_rx_kicked(port);
}

static void serial_queue_started(struct virtio_device *dev,
				 struct virtqueue *vq)
{
	struct virtio_serial *serial = to_serial(dev);
	struct virtio_serial_port *port;

	serial->driver_seen = true;
	/* A count of bytes is for the element that it was made for. */
	if (vq->index % 2 && !is_control(vq) &&
	    vq->noted_at != virtqueue_base(vq))
		virtqueue_set_note(vq, 0);
	port = is_control(vq) ? NULL : queue_port(serial, vq);
	/* Without control messages there is one port, and it is open. */
	if (port && !port->id && !virtio_serial_multiport(serial)) {
		port->guest_connected = true;
		virtio_serial_rx_update(port);
	}
	serial_queue_kicked(dev, vq);
}

static void serial_queue_stopped(struct virtio_device *dev,
				 struct virtqueue *vq)
{
	struct virtio_serial_port *port;

	if (is_control(vq))
		return;
	port = queue_port(to_serial(dev), vq);
	if (port && !(vq->index % 2))
		virtio_serial_rx_update(port);
}

static void serial_queue_forgotten(struct virtio_device *dev,
				   struct virtqueue *vq)
{
	struct virtio_serial_port *port;

	port = is_control(vq) ? NULL : queue_port(to_serial(dev), vq);
	if (port && vq->index % 2)
		virtqueue_set_note(vq, 0);
}

static void serial_reset(struct virtio_device *dev)
{
	struct virtio_serial *serial = to_serial(dev);
	struct virtio_serial_port *port;

	virtio_serial_control_clear(serial);
	if (!serial->driver_seen)
		return;

	serial->driver_seen = false;
	serial->driver_ready = false;
	for (port = serial->ports; port; port = port->next) {
		port->tx_more = false;
		if (port->guest_connected)
			virtio_serial_port_set_guest(port, false);
	}
}

static const struct virtio_device_ops serial_device_ops = {
	.id		= VIRTIO_ID_CONSOLE,
	.name		= "console",
	.queue_size	= serial_queue_size,
	.get_config	= serial_get_config,
	.set_config	= serial_set_config,
	.queue_started	= serial_queue_started,
	.queue_kicked	= serial_queue_kicked,
	.queue_stopped	= serial_queue_stopped,
	.queue_forgotten = serial_queue_forgotten,
	.reset		= serial_reset,
	.restored	= virtio_serial_restored,
};

static int serial_more(sd_event_source *source, void *data)
{
	struct virtio_serial *serial = data;
	struct virtio_serial_port *port;

	virtio_serial_control_kicked(serial);
	for (port = serial->ports; port; port = port->next) {
		if (port->tx_more) {
			port->tx_more = false;
			virtio_serial_tx(port);
		}
	}
	return 0;
}

static uint64_t offered_features(const struct virtio_serial_config *config)
{
	uint64_t features = 1ull << VIRTIO_F_VERSION_1;

	if (config->max_ports > 1)
		features |= 1ull << VIRTIO_CONSOLE_F_MULTIPORT;
	if (config->console_size)
		features |= 1ull << VIRTIO_CONSOLE_F_SIZE;
	if (config->emergency_write)
		features |= 1ull << VIRTIO_CONSOLE_F_EMERG_WRITE;
	if (config->indirect_desc)
		features |= 1ull << VIRTIO_RING_F_INDIRECT_DESC;
	if (config->event_idx)
		features |= 1ull << VIRTIO_RING_F_EVENT_IDX;
	if (config->packed)
		features |= 1ull << VIRTIO_F_RING_PACKED;
	if (config->in_order)
		features |= 1ull << VIRTIO_F_IN_ORDER;
	if (config->access_platform)
		features |= 1ull << VIRTIO_F_ACCESS_PLATFORM;
	if (config->ring_reset)
		features |= 1ull << VIRTIO_F_RING_RESET;
	return features;
}

static int serial_check(const struct virtio_serial_config *config,
			struct error *error)
{
	if (!config->max_ports)
		return error_set(error, -EINVAL,
				 "Maximum number of serial ports not specified");
	if (config->max_ports > VIRTIO_SERIAL_MAX_PORTS)
		return error_set(error, -EINVAL, "maximum ports supported: %u",
				 VIRTIO_SERIAL_MAX_PORTS);
	return 0;
}

/* Two queues a port and two for control, which are there in any case. */
static int serial_init(struct virtio_serial *serial, sd_event *event,
		       const char *bus,
		       const struct virtio_serial_config *config)
{
	int ret;

	serial->max_ports = config->max_ports;
	serial->vdev.ops = &serial_device_ops;
	serial->vdev.offered = offered_features(config);
	serial->vdev.config_size = config->emergency_write ?
				   CONFIG_SIZE_EMERGENCY : CONFIG_SIZE_PLAIN;
	serial->bus = strdup(bus);
	serial->table = calloc(config->max_ports, sizeof(*serial->table));
	if (!serial->bus || !serial->table)
		return -ENOMEM;

	ret = sd_event_add_defer(event, &serial->more, serial_more, serial);
	if (ret < 0)
		return ret;
	sd_event_source_set_enabled(serial->more, SD_EVENT_OFF);
	ret = virtio_device_init(&serial->vdev, 2 * (config->max_ports + 1));
	if (config->max_ports == 1)
		serial->vdev.useful_queues = 2;
	return ret;
}

int virtio_serial_create(struct sd_event *event, const char *bus,
			 const struct virtio_serial_config *config,
			 struct virtio_serial **ret, struct error *error)
{
	struct virtio_serial *serial;
	int err;

	err = serial_check(config, error);
	if (err)
		return err;

	serial = calloc(1, sizeof(*serial));
	if (!serial)
		return error_set(error, -ENOMEM, "out of memory");

	err = serial_init(serial, event, bus, config);
	if (err) {
		virtio_serial_destroy(serial);
		return error_set(error, err, "%s", strerror(-err));
	}
	*ret = serial;
	return 0;
}

void virtio_serial_destroy(struct virtio_serial *serial)
{
	if (!serial)
		return;

	while (serial->ports)
		virtio_serial_remove_port(serial->ports);
	if (serial->vdev.queues)
		virtio_device_finish(&serial->vdev);
	sd_event_source_disable_unref(serial->more);
	free(serial->pending);
	free(serial->table);
	free(serial->bus);
	free(serial);
}

void virtio_serial_set_events(struct virtio_serial *serial,
			      const struct virtio_serial_events *events,
			      void *data)
{
	serial->events = events;
	serial->events_data = data;
}

void virtio_serial_set_stopped(struct virtio_serial *serial, bool stopped)
{
	struct virtio_serial_port *port;

	serial->stopped = stopped;
	for (port = serial->ports; port; port = port->next) {
		virtio_serial_rx_update(port);
		if (!stopped)
			virtio_serial_tx(port);
	}
}
