/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio_serial.h - the virtio-serial device and its ports
 *
 * VIRTIO 1.2, section 5.3, behaving as QEMU's device does: the order and the
 * values of its control messages, what is discarded and what waits, its words
 * when something is refused.
 *
 * Differences, all of which cure losses: a control message waits for a buffer
 * instead of being dropped; a partly sent buffer stays in the ring, so that
 * none leaks when the host closes; bytes that a console loses are counted.
 */

#ifndef VPORTEMU_VIRTIO_SERIAL_H
#define VPORTEMU_VIRTIO_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ratelimit.h"
#include "virtio_device.h"
#include "virtqueue.h"

struct chardev;
struct error;
struct sd_event;
struct sd_event_source;
struct virtio_serial;
struct virtio_serial_port;

/* Queues are numbered with 10 bits on QEMU's PCI transport, two a port. */
#define VIRTIO_SERIAL_MAX_PORTS		511
#define VIRTIO_SERIAL_DEFAULT_PORTS	31

#define VIRTIO_SERIAL_AUTO_ID		UINT32_MAX

/* What QEMU's queues have: 128 entries for data, 32 for control. */
#define VIRTIO_SERIAL_DATA_QUEUE_SIZE		128
#define VIRTIO_SERIAL_CONTROL_QUEUE_SIZE	32

/* Queue numbers; the ports behind the first follow in pairs. */
enum {
	VIRTIO_SERIAL_CONTROL_RX = 2,	/* host to guest */
	VIRTIO_SERIAL_CONTROL_TX = 3,
};

/*
 * The notes of queues: of a port's tx how many bytes of the next element have
 * been sent; of its rx what the guest has said and been told; of control rx
 * whether it has said DEVICE_READY.
 */
enum {
	PORT_NOTE_GUEST_OPEN = 1 << 0,
	PORT_NOTE_HOST_OPEN = 1 << 1,
	PORT_NOTE_ADDED = 1 << 2,
	PORT_NOTE_READY = 1 << 3,	/* it has asked what the port is */
	PORT_NOTE_CONSOLE = 1 << 4,
	PORT_NOTE_NAME = 1 << 5,
};

struct virtio_serial_config {
	uint32_t max_ports;
	bool emergency_write;
	bool console_size;
	bool indirect_desc;
	bool event_idx;
	bool packed;
	bool in_order;
	bool access_platform;
	bool ring_reset;
};

struct virtio_serial_events {
	/* The guest has opened or closed a port. */
	void (*port_changed)(void *data, struct virtio_serial_port *port);
};

struct virtio_serial_port_ops {
	const char *model;	/* QEMU's name: virtserialport */
	bool console;		/* a guest may spin until its output is taken */

	/* Does the host count as connected, with the chardev like this? */
	bool (*host_connected)(const struct virtio_serial_port *port);

	/* Does the chardev count as in use on our side? */
	bool (*frontend_open)(const struct virtio_serial_port *port);
};

extern const struct virtio_serial_port_ops virtserialport_ops;
extern const struct virtio_serial_port_ops virtconsole_ops;

struct virtio_serial_port {
	const struct virtio_serial_port_ops *ops;
	struct virtio_serial *serial;
	struct virtio_serial_port *next;	/* in the order they came */
	uint32_t id;
	char *name;			/* NULL: none */
	char *device_id;		/* of -device; NULL: none */
	struct chardev *chr;		/* NULL: none */

	bool guest_connected;
	bool host_connected;
	bool throttled;			/* output waits for the chardev */
	bool rx_starved;		/* input waits for guest buffers */
	bool tx_more;			/* its turn was over before its data */
	size_t rx_chunk;		/* how much to ask for at a time */

	uint64_t bytes_to_host;
	uint64_t bytes_to_guest;
	uint64_t bytes_dropped;		/* output that nobody took */
	uint64_t throttles;		/* times output had to wait */
	uint64_t starvations;		/* times input had to wait */
};

/* A control message that waits for a buffer. */
struct virtio_serial_control {
	uint32_t id;
	uint16_t event;
	uint16_t value;
};

struct virtio_serial {
	struct virtio_device vdev;
	char *bus;			/* name of its bus, for messages */
	uint32_t max_ports;
	bool stopped;			/* the machine is */
	bool driver_seen;		/* there is state to forget at reset */
	bool driver_ready;		/* it has said DEVICE_READY */

	struct virtio_serial_port **table;	/* by id */
	struct virtio_serial_port *ports;	/* in order */

	struct virtio_serial_control *pending;
	unsigned int num_pending;
	unsigned int max_pending;

	struct sd_event_source *more;	/* goes on with ports' tx_more */
	const struct virtio_serial_events *events;
	void *events_data;

	struct ratelimit complaints;
};

/* device.c */

/**
 * virtio_serial_create() - make a device without ports
 * @event:  the loop
 * @bus:    its bus's name, copied
 * @config: as its properties say
 * @ret:    the device, on success
 * @error:  why not
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int virtio_serial_create(struct sd_event *event, const char *bus,
			 const struct virtio_serial_config *config,
			 struct virtio_serial **ret, struct error *error);

/* NULL is allowed.  No transport is attached; its ports go with it. */
void virtio_serial_destroy(struct virtio_serial *serial);

/* Who is to be told. */
void virtio_serial_set_events(struct virtio_serial *serial,
			      const struct virtio_serial_events *events,
			      void *data);

/**
 * virtio_serial_set_stopped() - freeze data, or let it flow again
 *
 * Control messages are answered all the time, and console output is taken: the
 * guest's kernel spins until they are.
 */
void virtio_serial_set_stopped(struct virtio_serial *serial, bool stopped);

/* The guest misbehaves: say so, but not without end. */
__attribute__((format(printf, 2, 3)))
void virtio_serial_complain(struct virtio_serial *serial, const char *format,
			    ...);

static inline bool virtio_serial_multiport(const struct virtio_serial *serial)
{
	return virtio_has_feature(&serial->vdev, 1);
}

/* control.c */
void virtio_serial_control_kicked(struct virtio_serial *serial);
void virtio_serial_control_flush(struct virtio_serial *serial);
void virtio_serial_control_clear(struct virtio_serial *serial);
void virtio_serial_send_control(struct virtio_serial_port *port,
				uint16_t event, uint16_t value);
void virtio_serial_describe_port(struct virtio_serial_port *port);

/* The same for an id whose port has gone. */
void virtio_serial_send_remove(struct virtio_serial *serial, uint32_t id);

/* port.c */

struct virtio_serial_port_config {
	const struct virtio_serial_port_ops *ops;
	uint32_t nr;		/* VIRTIO_SERIAL_AUTO_ID: any */
	const char *name;
	const char *device_id;
	struct chardev *chr;	/* without a front-end */
};

/**
 * virtio_serial_add_port() - plug in a port
 * @serial: where
 * @config: what
 * @ret:    the port, on success
 * @error:  why not, in QEMU's words
 *
 * That a name is taken on another device is the caller's to find out.
 *
 * Return: 0, -EINVAL, -EEXIST, -EBUSY, -ENOMEM.
 */
int virtio_serial_add_port(struct virtio_serial *serial,
			   const struct virtio_serial_port_config *config,
			   struct virtio_serial_port **ret,
			   struct error *error);

/* Unplug a port; its chardev is free again. */
void virtio_serial_remove_port(struct virtio_serial_port *port);

struct virtio_serial_port *
virtio_serial_find_port(const struct virtio_serial *serial, uint32_t id);

struct virtqueue *virtio_serial_port_rx(const struct virtio_serial_port *port);
struct virtqueue *virtio_serial_port_tx(const struct virtio_serial_port *port);

/* The window behind a port has changed: tell a guest that cares. */
void virtio_serial_port_resized(struct virtio_serial_port *port);
bool virtio_serial_port_has_size(const struct virtio_serial_port *port);

void virtio_serial_port_set_guest(struct virtio_serial_port *port, bool open);

/* Set what of @mask is true to @bits in the note of the port's rx. */
void virtio_serial_port_note(struct virtio_serial_port *port, uint64_t mask,
			     uint64_t bits);

/* restore.c */
void virtio_serial_restored(struct virtio_device *dev);

/* tx.c: guest to host */
void virtio_serial_tx(struct virtio_serial_port *port);
void virtio_serial_tx_discard(struct virtio_serial *serial,
			      struct virtqueue *vq);
void virtio_serial_tx_writable(struct virtio_serial_port *port);
void virtio_serial_tx_closed(struct virtio_serial_port *port);

/* rx.c: host to guest */
void virtio_serial_rx(struct virtio_serial_port *port);
void virtio_serial_rx_kicked(struct virtio_serial_port *port);
void virtio_serial_rx_update(struct virtio_serial_port *port);

/* virtconsole.c */
void virtio_serial_emergency_write(struct virtio_serial *serial, uint8_t c);

#endif /* VPORTEMU_VIRTIO_SERIAL_H */
