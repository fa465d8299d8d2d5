// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rx.c - host to guest
 *
 * The chardev is read, straight into the guest's buffers, only while the guest
 * has the port open and buffers in the ring; else the sender waits.
 */

#include <errno.h>

#include "chardev.h"
#include "trace_events.h"
#include "virtio_serial.h"

#define BATCH_ELEMENTS	64

/*
 * How much room to gather for one read: the least is QEMU's, the most is about
 * what a unix socket holds.  A read that fills it all makes it grow.
 */
#define CHUNK_MIN	4096
#define CHUNK_MAX	(256u << 10)

struct rx_batch {
	struct virtqueue_elem elems[BATCH_ELEMENTS];
	unsigned int count;
	struct iovec iov[VIRTQUEUE_MAX_SEGMENTS];
	unsigned int num;
	size_t room;
};

/* Will the guest take input, sooner or later? */
static bool rx_expected(const struct virtio_serial_port *port)
{
	return port->guest_connected && !port->serial->vdev.broken &&
	       virtio_serial_port_rx(port)->running;
}

/* Tell the chardev what the state of the port means for its input. */
void virtio_serial_rx_update(struct virtio_serial_port *port)
{
	unsigned int want = 0;

	if (!port->chr)
		return;
	if (rx_expected(port))
		want |= CHARDEV_KEEP;
	if (want && !port->serial->stopped && !port->rx_starved)
		want |= CHARDEV_READ;
	chardev_want(port->chr, CHARDEV_READ | CHARDEV_KEEP, want);
}

void virtio_serial_rx_kicked(struct virtio_serial_port *port)
{
	if (port->rx_starved)
		virtqueue_refuse_kick(virtio_serial_port_rx(port));
	port->rx_starved = false;
	virtio_serial_rx_update(port);
}

static void batch_pop(struct rx_batch *batch, struct virtqueue *vq,
		      size_t chunk)
{
	struct virtqueue_elem *elem;
	unsigned int i;

	batch->count = 0;
	batch->num = 0;
	batch->room = 0;
	while (batch->count < BATCH_ELEMENTS && batch->room < chunk) {
		elem = &batch->elems[batch->count];
		if (virtqueue_pop(vq, elem, batch->iov + batch->num,
				  VIRTQUEUE_MAX_SEGMENTS - batch->num) < 1)
			break;
		/* What the guest wrote in front of the room is not for us. */
		for (i = 0; elem->out_num && i < elem->in_num; i++)
			elem->iov[i] = elem->iov[elem->out_num + i];
		batch->num += elem->in_num;
		batch->room += elem->in_len;
		batch->count++;
	}
}

/* Return to the guest what @len bytes filled, and to the ring the rest. */
static void batch_complete(struct rx_batch *batch, struct virtqueue *vq,
			   size_t len)
{
	unsigned int i, left;
	size_t part;

	for (i = 0; i < batch->count && len; i++) {
		part = batch->elems[i].in_len;
		if (part > len)
			part = len;
		virtqueue_push(vq, &batch->elems[i], part);
		len -= part;
	}
	for (left = batch->count; left > i; left--)
		virtqueue_unpop(vq, &batch->elems[left - 1]);
}

static void rx_adapt(struct virtio_serial_port *port, size_t room, size_t len)
{
	if (len == room && port->rx_chunk < CHUNK_MAX)
		port->rx_chunk *= 2;
	else if (len < port->rx_chunk / 4 && port->rx_chunk > CHUNK_MIN)
		port->rx_chunk /= 2;
}

/* There are no buffers: the guest's kick is what goes on from here. */
static void rx_starve(struct virtio_serial_port *port, struct virtqueue *vq)
{
	if (virtqueue_want_kick(vq))
		return;

	port->rx_starved = true;
	port->starvations++;
	virtio_serial_rx_update(port);
}

/**
 * virtio_serial_rx() - the chardev has input
 * @port: a port of the device
 *
 * One read a turn: the chardev calls again while there is more.
 */
void virtio_serial_rx(struct virtio_serial_port *port)
{
	struct virtqueue *vq = virtio_serial_port_rx(port);
	struct rx_batch batch;
	ssize_t len;

	if (port->rx_chunk < CHUNK_MIN)
		port->rx_chunk = CHUNK_MIN;

	batch_pop(&batch, vq, port->rx_chunk);
	if (!batch.room) {
		/* An element without room is nothing to wait for, either. */
		batch_complete(&batch, vq, 0);
		if (batch.count)
			virtio_device_break(&port->serial->vdev, vq,
					    "receive buffer of no length");
		rx_starve(port, vq);
		return;
	}

	len = chardev_readv(port->chr, batch.iov, batch.num);
	batch_complete(&batch, vq, len > 0 ? len : 0);
	if (len == -EFAULT)
		virtio_device_break(&port->serial->vdev, vq,
				    "guest memory has vanished");
	if (len <= 0)
		return;

	port->bytes_to_guest += len;
	serial_trace(READ, "port %u, size %zd", port->id, len);
	virtqueue_flush(vq);
	rx_adapt(port, batch.room, len);
}
