// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * control.c - the control queues
 *
 * What the guest says is acted on at once: its kernel spins until the buffer
 * comes back.  What it is told waits, if need be, until it has a buffer for it.
 *
 * Bound
 * -----
 *
 * No message is queued twice, and a port that is opened and closed while the
 * guest has no buffers keeps at most two messages of it: the guest learns that
 * the host was away, and how it is now.  A port that the guest has not heard of
 * yet leaves no trace when it goes.  So each id has at most PENDING_PER_ID.
 */

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/virtio_console.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-event.h>

#include "chardev.h"
#include "trace_events.h"
#include "virtio_serial.h"

/* REMOVE of a port gone; ADD, CONSOLE, RESIZE, NAME, two OPEN of the new one. */
#define PENDING_PER_ID	7

/* Messages from the guest in one turn of the loop. */
#define TURN_MESSAGES	128

static_assert(sizeof(struct virtio_console_control) == 8, "as on the wire");

static struct virtqueue *control_rx(struct virtio_serial *serial)
{
	return &serial->vdev.queues[VIRTIO_SERIAL_CONTROL_RX];
}

static struct virtqueue *control_tx(struct virtio_serial *serial)
{
	return &serial->vdev.queues[VIRTIO_SERIAL_CONTROL_TX];
}

static size_t copy_to_iov(const struct iovec *iov, unsigned int num,
			  size_t offset, const void *from, size_t len)
{
	size_t done = 0, part;

	for (; num && done < len; num--, iov++) {
		if (offset >= iov->iov_len) {
			offset -= iov->iov_len;
			continue;
		}
		part = iov->iov_len - offset;
		if (part > len - done)
			part = len - done;
		memcpy((uint8_t *)iov->iov_base + offset,
		       (const uint8_t *)from + done, part);
		done += part;
		offset = 0;
	}
	return done;
}

static size_t copy_from_iov(void *to, const struct iovec *iov, unsigned int num,
			    size_t len)
{
	size_t done = 0, part;

	for (; num && done < len; num--, iov++) {
		part = iov->iov_len < len - done ? iov->iov_len : len - done;
		memcpy((uint8_t *)to + done, iov->iov_base, part);
		done += part;
	}
	return done;
}

static bool pending_is(const struct virtio_serial_control *msg, uint32_t id,
		       uint16_t event)
{
	return msg->id == id && msg->event == event;
}

static void pending_delete(struct virtio_serial *serial, unsigned int at)
{
	serial->num_pending--;
	memmove(&serial->pending[at], &serial->pending[at + 1],
		(serial->num_pending - at) * sizeof(*serial->pending));
}

/*
 * The port is going.  What the guest has not been told about it, it need not
 * hear.  Return: has the guest heard of the port?
 */
static bool pending_forget(struct virtio_serial *serial, uint32_t id)
{
	bool known = true;
	unsigned int i = serial->num_pending;

	while (i--) {
		if (serial->pending[i].id != id)
			continue;
		if (serial->pending[i].event == VIRTIO_CONSOLE_PORT_REMOVE)
			break;
		if (serial->pending[i].event == VIRTIO_CONSOLE_PORT_ADD)
			known = false;
		pending_delete(serial, i);
	}
	return known;
}

/* Return: is there no need to queue the message? */
static bool pending_coalesce(struct virtio_serial *serial, uint32_t id,
			     uint16_t event, uint16_t value)
{
	unsigned int i = serial->num_pending;
	unsigned int same = 0, last = 0;

	while (i--) {
		if (pending_is(&serial->pending[i], id,
			       VIRTIO_CONSOLE_PORT_REMOVE))
			break;
		if (pending_is(&serial->pending[i], id, event) && !same++)
			last = i;
	}
	if (!same)
		return false;
	if (event != VIRTIO_CONSOLE_PORT_OPEN ||
	    serial->pending[last].value == value)
		return true;
	if (same < 2)
		return false;

	/* Open, closed, open again: the last two cancel out. */
	pending_delete(serial, last);
	return true;
}

static int pending_append(struct virtio_serial *serial,
			  const struct virtio_serial_control *msg)
{
	struct virtio_serial_control *pending;
	unsigned int max = serial->max_pending;

	if (serial->num_pending == max) {
		if (max >= serial->max_ports * PENDING_PER_ID)
			return -ENOBUFS;
		max = max ? 2 * max : 16;
		pending = realloc(serial->pending, max * sizeof(*pending));
		if (!pending)
			return -ENOMEM;
		serial->pending = pending;
		serial->max_pending = max;
	}
	serial->pending[serial->num_pending++] = *msg;
	return 0;
}

/* Fill one buffer of the guest's.  Return: bytes, 0 when it is too small. */
static size_t control_fill(struct virtio_serial *serial,
			   const struct virtqueue_elem *elem,
			   const struct virtio_serial_control *msg)
{
	struct virtio_console_control wire = {
		.id	= htole32(msg->id),
		.event	= htole16(msg->event),
		.value	= htole16(msg->value),
	};
	const struct iovec *iov = elem->iov + elem->out_num;
	struct virtio_serial_port *port;
	uint16_t size[2];		/* columns, rows */
	size_t len;

	len = copy_to_iov(iov, elem->in_num, 0, &wire, sizeof(wire));
	if (len < sizeof(wire))
		return 0;

	port = virtio_serial_find_port(serial, msg->id);
	if (msg->event == VIRTIO_CONSOLE_RESIZE && port && port->chr) {
		size[0] = htole16(port->chr->cols);
		size[1] = htole16(port->chr->rows);
		len += copy_to_iov(iov, elem->in_num, len, size, sizeof(size));
	}
	if (msg->event == VIRTIO_CONSOLE_PORT_NAME && port && port->name)
		len += copy_to_iov(iov, elem->in_num, len, port->name,
				   strlen(port->name) + 1);
	return len;
}

/* What the guest has been told now. */
static void control_note(struct virtio_serial *serial,
			 const struct virtio_serial_control *msg)
{
	static const uint64_t notes[] = {
		[VIRTIO_CONSOLE_PORT_ADD]	= PORT_NOTE_ADDED,
		[VIRTIO_CONSOLE_CONSOLE_PORT]	= PORT_NOTE_CONSOLE,
		[VIRTIO_CONSOLE_PORT_NAME]	= PORT_NOTE_NAME,
	};
	struct virtio_serial_port *port;

	port = virtio_serial_find_port(serial, msg->id);
	if (!port)
		return;
	if (msg->event < sizeof(notes) / sizeof(notes[0]) && notes[msg->event])
		virtio_serial_port_note(port, notes[msg->event],
					notes[msg->event]);
	if (msg->event == VIRTIO_CONSOLE_PORT_OPEN)
		virtio_serial_port_note(port, PORT_NOTE_HOST_OPEN,
					msg->value ? PORT_NOTE_HOST_OPEN : 0);
}

/* Send what can be sent now. */
void virtio_serial_control_flush(struct virtio_serial *serial)
{
	struct virtqueue *vq = control_rx(serial);
	struct iovec iov[VIRTQUEUE_MAX_SEGMENTS];
	struct virtqueue_elem elem;
	unsigned int sent = 0;
	size_t len;

	while (sent < serial->num_pending) {
		if (virtqueue_pop(vq, &elem, iov, VIRTQUEUE_MAX_SEGMENTS) < 1) {
			if (virtqueue_want_kick(vq))
				continue;
			break;
		}
		len = control_fill(serial, &elem, &serial->pending[sent]);
		if (!len) {
			virtio_device_break(&serial->vdev, vq,
				"buffer too small for a control message");
			break;
		}
		virtqueue_push(vq, &elem, len);
		control_note(serial, &serial->pending[sent]);
		sent++;
	}
	if (!sent)
		return;

	serial->num_pending -= sent;
	memmove(serial->pending, serial->pending + sent,
		serial->num_pending * sizeof(*serial->pending));
	virtqueue_flush(vq);
	if (!serial->num_pending)
		virtqueue_refuse_kick(vq);
}

void virtio_serial_control_clear(struct virtio_serial *serial)
{
	serial->num_pending = 0;
}

/**
 * virtio_serial_send_control() - tell the guest about a port
 * @port:  which
 * @event: VIRTIO_CONSOLE_PORT_ADD and so on
 * @value: of the message
 *
 * Messages to a guest without MULTIPORT, or without a driver, are for nobody:
 * it asks for all there is when it begins.
 */
void virtio_serial_send_control(struct virtio_serial_port *port,
				uint16_t event, uint16_t value)
{
	struct virtio_serial *serial = port->serial;
	struct virtio_serial_control msg = { port->id, event, value };

	serial_trace(SEND_CONTROL, "port %u, event %u, value %u", port->id,
		     event, value);
	if (!virtio_serial_multiport(serial) || !serial->driver_ready)
		return;
	if (event == VIRTIO_CONSOLE_PORT_REMOVE) {
		if (!pending_forget(serial, port->id))
			return;
	} else if (pending_coalesce(serial, port->id, event, value)) {
		return;
	}

	if (pending_append(serial, &msg)) {
		virtio_device_break(&serial->vdev, control_rx(serial),
				    "no memory for control messages");
		return;
	}
	virtio_serial_control_flush(serial);
}

void virtio_serial_send_remove(struct virtio_serial *serial, uint32_t id)
{
	const struct virtio_serial_control msg = {
		id, VIRTIO_CONSOLE_PORT_REMOVE, 1
	};

	if (!pending_append(serial, &msg))
		virtio_serial_control_flush(serial);
}

/*
 * The driver has just started.  Where a transport cannot tell that its
 * predecessor has gone (over vhost-user a reset looks like a pause), this is
 * the first that is heard of it.
 */
static void handle_device_ready(struct virtio_serial *serial, uint16_t value)
{
	struct virtio_serial_port *port;

	if (!value) {
		virtio_serial_complain(serial,
				       "Guest failure in adding device %s",
				       serial->bus);
		return;
	}

	virtio_serial_control_clear(serial);
	serial->driver_ready = true;
	virtqueue_set_note(control_rx(serial), 1);
	for (port = serial->ports; port; port = port->next) {
		virtqueue_set_note(virtio_serial_port_tx(port), 0);
		virtio_serial_port_note(port, ~0ull, 0);
		if (port->guest_connected)
			virtio_serial_port_set_guest(port, false);
	}
	for (port = serial->ports; port; port = port->next)
		virtio_serial_send_control(port, VIRTIO_CONSOLE_PORT_ADD, 1);
}

/**
 * virtio_serial_describe_port() - tell the guest what it has not heard yet
 * @port: which it has asked about; with a size that may have changed
 */
void virtio_serial_describe_port(struct virtio_serial_port *port)
{
	uint64_t told = virtio_serial_port_rx(port)->note;

	if (port->ops->console && !(told & PORT_NOTE_CONSOLE))
		virtio_serial_send_control(port, VIRTIO_CONSOLE_CONSOLE_PORT,
					   1);
	if (virtio_serial_port_has_size(port))
		virtio_serial_send_control(port, VIRTIO_CONSOLE_RESIZE, 0);
	if (port->name && !(told & PORT_NOTE_NAME))
		virtio_serial_send_control(port, VIRTIO_CONSOLE_PORT_NAME, 1);
}

static void handle_port_ready(struct virtio_serial_port *port, uint16_t value)
{
	if (!value) {
		virtio_serial_complain(port->serial,
				       "Guest failure in adding port %u for device %s",
				       port->id, port->serial->bus);
		return;
	}

	virtio_serial_port_note(port, PORT_NOTE_READY | PORT_NOTE_CONSOLE |
				      PORT_NOTE_NAME, PORT_NOTE_READY);
	virtio_serial_describe_port(port);
	if (port->host_connected)
		virtio_serial_send_control(port, VIRTIO_CONSOLE_PORT_OPEN, 1);
}

static void handle_port_open(struct virtio_serial_port *port, uint16_t value)
{
	virtio_serial_port_set_guest(port, value);
}

/* What a guest may say about a port; anything else is let pass in silence. */
static void (*const port_handlers[])(struct virtio_serial_port *port,
				     uint16_t value) = {
	[VIRTIO_CONSOLE_PORT_READY]	= handle_port_ready,
	[VIRTIO_CONSOLE_PORT_OPEN]	= handle_port_open,
};

static void handle_message(struct virtio_serial *serial,
			   const struct virtqueue_elem *elem)
{
	struct virtio_console_control wire;
	struct virtio_serial_port *port;
	uint16_t event;
	uint32_t id;

	if (copy_from_iov(&wire, elem->iov, elem->out_num, sizeof(wire)) <
	    sizeof(wire))
		return;

	event = le16toh(wire.event);
	id = le32toh(wire.id);
	serial_trace(HANDLE_CONTROL, "event %u, value %u", event,
		     le16toh(wire.value));
	if (event == VIRTIO_CONSOLE_DEVICE_READY) {
		handle_device_ready(serial, le16toh(wire.value));
		return;
	}

	port = virtio_serial_find_port(serial, id);
	if (!port) {
		virtio_serial_complain(serial,
				       "Unexpected port id %u for device %s",
				       id, serial->bus);
		return;
	}
	serial_trace(HANDLE_CONTROL_PORT, "port %u", id);
	if (event < sizeof(port_handlers) / sizeof(port_handlers[0]) &&
	    port_handlers[event])
		port_handlers[event](port, le16toh(wire.value));
}

/* The guest has sent control messages, or may have. */
void virtio_serial_control_kicked(struct virtio_serial *serial)
{
	struct virtqueue *vq = control_tx(serial);
	struct iovec iov[VIRTQUEUE_MAX_SEGMENTS];
	struct virtqueue_elem elem;
	unsigned int turn = 0;

	for (;;) {
		if (virtqueue_pop(vq, &elem, iov, VIRTQUEUE_MAX_SEGMENTS) < 1) {
			if (virtqueue_want_kick(vq))
				continue;
			break;
		}
		handle_message(serial, &elem);
		virtqueue_push(vq, &elem, 0);
		if (++turn == TURN_MESSAGES) {
			sd_event_source_set_enabled(serial->more,
						    SD_EVENT_ONESHOT);
			break;
		}
	}
	virtqueue_flush(vq);
}
