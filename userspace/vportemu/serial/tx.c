// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tx.c - guest to host
 *
 * Buffers are handed to the chardev where they lie in guest memory, as many at
 * a time as one call takes.  What the chardev does not take is put back into
 * the ring; of an element that it took in part only the count is kept.
 */

#include <errno.h>
#include <systemd/sd-event.h>

#include "chardev.h"
#include "trace_events.h"
#include "virtio_serial.h"

/* Elements in one call: half of QEMU's queue. */
#define BATCH_ELEMENTS	64

/*
 * Bytes to gather for one call: about what a socket takes at a time.  What it
 * does not take has been gathered in vain.
 */
#define BATCH_BYTES	(512u << 10)

/* Bytes in one turn of the loop, before others have theirs. */
#define TURN_BYTES	(1u << 20)

/* The same for elements that are thrown away. */
#define TURN_DISCARDS	VIRTQUEUE_MAX_SIZE

struct tx_batch {
	struct virtqueue_elem elems[BATCH_ELEMENTS];
	unsigned int count;
	struct iovec iov[VIRTQUEUE_MAX_SEGMENTS];
	unsigned int num;
	size_t len;
};

/* Take what is there, up to a batch. */
static void batch_pop(struct tx_batch *batch, struct virtqueue *vq)
{
	struct virtqueue_elem *elem;

	batch->count = 0;
	batch->num = 0;
	batch->len = 0;
	while (batch->count < BATCH_ELEMENTS && batch->len < BATCH_BYTES) {
		elem = &batch->elems[batch->count];
		if (virtqueue_pop(vq, elem, batch->iov + batch->num,
				  VIRTQUEUE_MAX_SEGMENTS - batch->num) < 1)
			break;
		/* Room for the device to write is not asked for here. */
		batch->num += elem->out_num;
		batch->len += elem->out_len;
		batch->count++;
	}
}

/* Step over what has been sent already, which lies in the first element. */
static struct iovec *batch_skip(struct tx_batch *batch, size_t done,
				unsigned int *ret_num)
{
	struct iovec *iov = batch->iov;
	unsigned int num = batch->num;

	while (num && done >= iov->iov_len) {
		done -= iov->iov_len;
		iov++;
		num--;
	}
	if (num) {
		iov->iov_base = (uint8_t *)iov->iov_base + done;
		iov->iov_len -= done;
	}
	*ret_num = num;
	return iov;
}

/*
 * Return to the guest what @sent bytes, counted from the start of the batch,
 * cover, and to the ring what they do not.
 * Return: of the first element that is left, how much is sent.
 */
static size_t batch_complete(struct tx_batch *batch, struct virtqueue *vq,
			     size_t sent)
{
	unsigned int i, left;

	for (i = 0; i < batch->count && sent >= batch->elems[i].out_len; i++) {
		sent -= batch->elems[i].out_len;
		virtqueue_push(vq, &batch->elems[i], 0);
	}
	for (left = batch->count; left > i; left--)
		virtqueue_unpop(vq, &batch->elems[left - 1]);

	return i < batch->count ? sent : 0;
}

/* Write a batch.  Return: bytes from its start that are dealt with. */
static size_t tx_send(struct virtio_serial_port *port, struct tx_batch *batch)
{
	size_t done = virtio_serial_port_tx(port)->note;
	unsigned int num;
	struct iovec *iov;
	ssize_t len;

	/* A guest that swaps a buffer for a smaller one gets what it has. */
	if (done > batch->elems[0].out_len)
		done = batch->elems[0].out_len;

	iov = batch_skip(batch, done, &num);
	len = num ? chardev_writev(port->chr, iov, num) : 0;
	serial_trace(FLUSH, "port %u, in_len %zu, out_len %zd", port->id,
		     batch->len - done, len);
	if (len == -EFAULT) {
		virtio_device_break(&port->serial->vdev,
				    virtio_serial_port_tx(port),
				    "guest memory has vanished");
		return 0;
	}
	if (len >= 0)
		port->bytes_to_host += len;
	else if (len == -EAGAIN)
		len = 0;
	else
		port->bytes_dropped += batch->len - done;

	return len < 0 ? batch->len : done + len;
}

static void tx_throttle(struct virtio_serial_port *port, struct virtqueue *vq)
{
	port->throttled = true;
	port->throttles++;
	serial_trace(THROTTLE, "port %u, throttle %d", port->id, 1);
	virtqueue_refuse_kick(vq);
	chardev_want(port->chr, CHARDEV_WRITE, CHARDEV_WRITE);
}

/* Send one batch.  Return: may there be more to send now? */
static bool tx_batch(struct virtio_serial_port *port, struct virtqueue *vq,
		     size_t *turn)
{
	struct tx_batch batch;
	size_t sent, rest;

	batch_pop(&batch, vq);
	if (!batch.count)
		return virtqueue_want_kick(vq);

	sent = tx_send(port, &batch);
	if (port->serial->vdev.broken)
		return false;
	if (sent < batch.len && port->ops->console) {
		port->bytes_dropped += batch.len - sent;
		sent = batch.len;
	}
	rest = batch_complete(&batch, vq, sent);
	virtqueue_show(vq);
	if (rest != vq->note)
		virtqueue_set_note(vq, rest);
	vq->noted_at = virtqueue_base(vq);
	*turn += sent;
	if (sent < batch.len) {
		tx_throttle(port, vq);
		return false;
	}
	return true;
}

/* Let others have their turn, then go on. */
static void tx_yield(struct virtio_serial_port *port)
{
	port->tx_more = true;
	sd_event_source_set_enabled(port->serial->more, SD_EVENT_ONESHOT);
}

/**
 * virtio_serial_tx() - the guest has output, or may have
 * @port: a port of the device
 *
 * A port whose host end is closed discards: nobody is to read it later.
 */
void virtio_serial_tx(struct virtio_serial_port *port)
{
	struct virtio_serial *serial = port->serial;
	struct virtqueue *vq = virtio_serial_port_tx(port);
	size_t turn = 0;

	if (!port->host_connected) {
		virtio_serial_tx_discard(serial, vq);
		return;
	}
	if (port->throttled || (serial->stopped && !port->ops->console))
		return;

	while (tx_batch(port, vq, &turn)) {
		if (turn < TURN_BYTES)
			continue;
		tx_yield(port);
		break;
	}
	/* One interrupt, however many batches there were. */
	virtqueue_call(vq);
}

static struct virtio_serial_port *tx_owner(struct virtio_serial *serial,
					   const struct virtqueue *vq)
{
	unsigned int pair = vq->index / 2;

	return virtio_serial_find_port(serial, pair ? pair - 1 : 0);
}

/* Return all there is in a ring to the guest, unread. */
void virtio_serial_tx_discard(struct virtio_serial *serial,
			      struct virtqueue *vq)
{
	struct virtio_serial_port *port = tx_owner(serial, vq);
	struct iovec iov[VIRTQUEUE_MAX_SEGMENTS];
	struct virtqueue_elem elem;
	unsigned int turn = 0;

	do {
		while (turn < TURN_DISCARDS &&
		       virtqueue_pop_unread(vq, &elem, iov,
					    VIRTQUEUE_MAX_SEGMENTS) > 0) {
			if (port)
				port->bytes_dropped += elem.out_len;
			virtqueue_push(vq, &elem, 0);
			turn++;
		}
		virtqueue_show(vq);
	} while (turn < TURN_DISCARDS && virtqueue_want_kick(vq));
	virtqueue_call(vq);

	if (turn == TURN_DISCARDS && port)
		tx_yield(port);
}

void virtio_serial_tx_writable(struct virtio_serial_port *port)
{
	port->throttled = false;
	serial_trace(THROTTLE, "port %u, throttle %d", port->id, 0);
	virtio_serial_tx(port);
	/* Mostly it is throttled again, and goes on to want the same. */
	if (!port->throttled)
		chardev_want(port->chr, CHARDEV_WRITE, 0);
}

/* The host has closed: what waits for it is no use any more. */
void virtio_serial_tx_closed(struct virtio_serial_port *port)
{
	if (port->chr)
		chardev_want(port->chr, CHARDEV_WRITE, 0);
	port->throttled = false;
	virtqueue_set_note(virtio_serial_port_tx(port), 0);
	virtio_serial_tx_discard(port->serial, virtio_serial_port_tx(port));
}
