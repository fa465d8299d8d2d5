// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_remote.c - guest memory that is not shared, by DMA messages
 *
 * Rings and what they describe are used as copies.  Nothing waits for an answer
 * of the client: it may be waiting for one of ours, and holds up its guest until
 * then.  What is not here yet is asked for, and the queue has no elements until
 * it comes.
 *
 * Order
 * -----
 *
 * The client does what it is asked in order.  So buffers are written before the
 * elements of the used ring, and these before its index; after that, the guest
 * is interrupted.  What the driver wrote meanwhile is read behind all that, its
 * index before its descriptors, and comes into force at once.  So nothing that a
 * driver adds is missed, however late it sees what we wrote.
 */

#include <endian.h>
#include <errno.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>

#include "vfio_user_remote.h"

/* Of copies for one queue, but for an element that is larger than that. */
#define QUEUE_BYTES	(1u << 20)
#define ELEMENT_BYTES	(16u << 20)

/* Unsent bytes above which queues have to wait. */
#define BACKLOG		(1u << 20)

static struct vfu_session *session_of(void *transport)
{
	return ((struct pci_function *)transport)->data;
}

static void free_buffers(struct vfu_buffer **list)
{
	struct vfu_buffer *buffer;

	while (*list) {
		buffer = *list;
		*list = buffer->next;
		free(buffer);
	}
}

static void forget(struct vfu_remote_queue *rq)
{
	unsigned int i;

	for (i = 0; i < VIRTQUEUE_PARTS; i++)
		free(rq->parts[i].data);
	free_buffers(&rq->buffers);
	free_buffers(&rq->orphans);
	free(rq->staged);
	free(rq->sent);
	*rq = (struct vfu_remote_queue) { .generation = rq->generation + 1 };
}

static void kick(struct virtqueue *vq)
{
	vq->waiting = false;
	virtio_queue_kick(vq);
}

static void unlink_buffer(struct vfu_buffer **link, struct vfu_buffer *buffer)
{
	while (*link != buffer)
		link = &(*link)->next;
	*link = buffer->next;
}

static void buffer_read(struct vfu_session *session, struct vfu_op *op)
{
	struct vfu_remote_queue *rq = &session->remote->queues[op->queue];
	struct vfu_buffer *buffer = op->buffer;

	buffer->missing -= op->len;
	if (buffer->missing)
		return;

	if (buffer->orphan) {
		unlink_buffer(&rq->orphans, buffer);
		free(buffer);
		return;
	}
	kick(vfu_op_queue(session, op));
}

static void index_written(struct vfu_session *session, struct vfu_op *op)
{
	pci_call(session->fn, vfu_op_queue(session, op));
}

static void read_driver_part(struct vfu_session *session, struct virtqueue *vq);

/* The driver's part has come as a whole. */
static void driver_part_read(struct vfu_session *session, struct vfu_op *op)
{
	struct virtqueue *vq = vfu_op_queue(session, op);
	struct vfu_remote_queue *rq = vfu_remote_queue_of(session, vq);
	const struct vfu_part *avail = &rq->parts[VIRTQUEUE_AVAIL];
	const struct vfu_part *desc = &rq->parts[VIRTQUEUE_DESC];
	const struct vring_avail *ring = (void *)avail->data;

	memcpy(desc->data, rq->staged + avail->len, desc->len);
	memcpy(avail->data, rq->staged, avail->len);
	rq->reading = false;
	if (rq->again)
		read_driver_part(session, vq);
	if (!vq->waiting && le16toh(ring->idx) != vq->avail_seen)
		kick(vq);
}

static void read_driver_part(struct vfu_session *session, struct virtqueue *vq)
{
	struct vfu_remote_queue *rq = vfu_remote_queue_of(session, vq);
	const struct vfu_part *avail = &rq->parts[VIRTQUEUE_AVAIL];
	const struct vfu_part *desc = &rq->parts[VIRTQUEUE_DESC];
	struct vfu_op op = { .to = rq->staged };

	rq->again = rq->reading;
	if (rq->reading)
		return;

	rq->reading = true;
	vfu_op_read(session, vq, op, avail->gpa, avail->len);
	op.to = rq->staged + avail->len;
	op.done = driver_part_read;
	vfu_op_read(session, vq, op, desc->gpa, desc->len);
}

static void part_read(struct vfu_session *session, struct vfu_op *op)
{
	struct virtqueue *vq = vfu_op_queue(session, op);
	struct vfu_remote_queue *rq = vfu_remote_queue_of(session, vq);

	if (--rq->fetching)
		return;

	memcpy(rq->sent, rq->parts[VIRTQUEUE_USED].data, rq->parts[VIRTQUEUE_USED].len);
	pci_memory_mapped(session->fn);
	/* What the driver has added since is not notified again. */
	if (vq->running)
		read_driver_part(session, vq);
}

/* Have room for it, and for what must be beside it. */
static bool part_alloc(struct vfu_remote_queue *rq, struct vfu_part *part)
{
	const struct vfu_part *parts = rq->parts;

	part->data = calloc(1, part->len);
	if (part == &parts[VIRTQUEUE_USED]) {
		rq->sent = malloc(part->len);
		return part->data && rq->sent;
	}
	if (part == &parts[VIRTQUEUE_AVAIL]) {
		rq->staged = malloc(part->len + parts[VIRTQUEUE_DESC].len);
		return part->data && rq->staged;
	}
	return part->data;
}

/* All are asked for before any is there. */
static void *remote_ring(void *transport, struct virtqueue *vq,
			 enum virtqueue_part index, uint64_t gpa, size_t len)
{
	struct vfu_session *session = session_of(transport);
	struct vfu_remote_queue *rq = vfu_remote_queue_of(session, vq);
	struct vfu_part *part = &rq->parts[index];
	struct vfu_op op = { .done = part_read };

	if (part->data && (part->gpa != gpa || part->len != len))
		return NULL;
	if (part->data) {
		vq->waiting = rq->fetching;
		return rq->fetching ? NULL : part->data;
	}
	part->gpa = gpa;
	part->len = len;
	if (!part_alloc(rq, part)) {
		forget(rq);
		vq->waiting = false;
		return NULL;
	}
	vq->waiting = true;
	rq->fetching++;
	op.to = part->data;
	vfu_op_read(session, vq, op, gpa, len);
	return NULL;
}

static struct vfu_buffer *find_buffer(const struct vfu_remote_queue *rq,
				  const struct virtqueue *vq, uint64_t gpa,
				  uint32_t len, bool in, size_t *ret_own)
{
	struct vfu_buffer *buffer;

	*ret_own = 0;
	for (buffer = rq->buffers; buffer; buffer = buffer->next) {
		if (buffer->place != vq->last_avail)
			continue;
		if (buffer->gpa == gpa && buffer->len == len &&
		    buffer->in == in)
			return buffer;
		*ret_own += buffer->len;
	}
	return NULL;
}

static struct vfu_buffer *add_buffer(struct vfu_remote_queue *rq,
				 const struct virtqueue *vq, uint64_t gpa,
				 uint32_t len, bool in)
{
	struct vfu_buffer *buffer, **link = &rq->buffers;

	buffer = calloc(1, sizeof(*buffer) + len);
	if (!buffer)
		return NULL;

	buffer->gpa = gpa;
	buffer->len = len;
	buffer->place = vq->last_avail;
	buffer->in = in;
	while (*link)
		link = &(*link)->next;
	*link = buffer;
	rq->bytes += len;
	return buffer;
}

/* May the queue have that much more now?  If not, it is told when. */
static bool has_room(struct vfu_session *session, struct virtqueue *vq,
		     size_t own, uint32_t len)
{
	struct vfu_remote_queue *rq = vfu_remote_queue_of(session, vq);

	if (bytes_len(&session->out) > BACKLOG) {
		rq->stalled = true;
		vq->waiting = true;
		return false;
	}
	if (own + len > ELEMENT_BYTES)
		return false;
	vq->later = rq->bytes > own && rq->bytes + len > QUEUE_BYTES;
	return !vq->later;
}

static void *remote_buffer(void *transport, struct virtqueue *vq, uint64_t gpa,
			   uint32_t len, bool in)
{
	struct vfu_session *session = session_of(transport);
	struct vfu_remote_queue *rq = vfu_remote_queue_of(session, vq);
	struct vfu_op op = { .done = buffer_read };
	struct vfu_buffer *buffer;
	size_t own;

	buffer = find_buffer(rq, vq, gpa, len, in, &own);
	if (!buffer) {
		if (!has_room(session, vq, own, len))
			return NULL;
		buffer = add_buffer(rq, vq, gpa, len, in);
		if (!buffer)
			return NULL;
		if (!in) {
			buffer->missing = len;
			op.buffer = buffer;
			op.to = buffer->data;
			vfu_op_read(session, vq, op, gpa, len);
		}
	}
	vq->waiting = buffer->missing;
	return buffer->missing ? NULL : buffer->data;
}

/* Of one that nobody wanted to look at, some may still be on its way. */
static void drop_buffer(struct vfu_remote_queue *rq, struct vfu_buffer *buffer)
{
	if (!buffer->missing) {
		free(buffer);
		return;
	}
	buffer->orphan = true;
	buffer->next = rq->orphans;
	rq->orphans = buffer;
}

/* Elements are returned in order: this is the one at used_idx. */
static void remote_returned(void *transport, struct virtqueue *vq, uint32_t len)
{
	struct vfu_session *session = session_of(transport);
	struct vfu_remote_queue *rq = vfu_remote_queue_of(session, vq);
	struct vfu_op op = { .len = 0 };
	struct vfu_buffer *buffer;
	uint32_t part;

	while (rq->buffers && rq->buffers->place == vq->used_idx) {
		buffer = rq->buffers;
		part = buffer->len < len ? buffer->len : len;
		if (buffer->in) {
			op.to = buffer->data;
			vfu_op_write(session, vq, op, buffer->gpa, part);
			len -= part;
		}
		rq->buffers = buffer->next;
		rq->bytes -= buffer->len;
		drop_buffer(rq, buffer);
	}
	if (!rq->stalled)
		vq->waiting = false;
}

/*
 * Flags and index are in front of the elements, and written behind them.  The
 * driver's wish for an interrupt is an old one here: it gets one in any case.
 */
static void remote_changed(void *transport, struct virtqueue *vq)
{
	struct vfu_session *session = session_of(transport);
	struct vfu_remote_queue *rq = vfu_remote_queue_of(session, vq);
	const size_t head = offsetof(struct vring_used, ring);
	struct vfu_part *used = &rq->parts[VIRTQUEUE_USED];
	const struct vring_used *ours = (void *)used->data;
	const struct vring_used *theirs = (void *)rq->sent;
	struct vfu_op op = { .len = 0 };

	if (!memcmp(ours, theirs, used->len))
		return;

	op.to = used->data + head;
	vfu_op_write(session, vq, op, used->gpa + head, used->len - head);
	op.to = used->data;
	if (ours->idx != theirs->idx)
		op.done = index_written;
	vfu_op_write(session, vq, op, used->gpa, head);
	memcpy(rq->sent, used->data, used->len);
	read_driver_part(session, vq);
}

static void remote_stopped(void *transport, struct virtqueue *vq)
{
	forget(vfu_remote_queue_of(session_of(transport), vq));
}

static const struct virtio_remote_ops remote_ops = {
	.ring		= remote_ring,
	.buffer		= remote_buffer,
	.returned	= remote_returned,
	.changed	= remote_changed,
	.stopped	= remote_stopped,
};

int vfu_remote_enable(struct vfu_session *session)
{
	struct virtio_device *dev = session->client.dev;
	struct vfu_remote *remote;

	if (session->remote)
		return 0;

	remote = calloc(1, sizeof(*remote));
	if (!remote)
		return -ENOMEM;

	remote->queues = calloc(dev->num_queues, sizeof(*remote->queues));
	if (!remote->queues) {
		free(remote);
		return -ENOMEM;
	}
	session->remote = remote;
	dev->remote = &remote_ops;
	return 0;
}

void vfu_remote_destroy(struct vfu_session *session)
{
	struct virtio_device *dev = session->client.dev;
	struct vfu_remote *remote = session->remote;
	unsigned int i;

	if (!remote)
		return;

	dev->remote = NULL;
	for (i = 0; i < dev->num_queues; i++)
		forget(&remote->queues[i]);
	free(remote->queues);
	free(remote->ops);
	free(remote);
}

bool vfu_remote_notified(void *data, struct virtqueue *vq)
{
	struct vfu_session *session = data;

	if (!vq->remote)
		return true;

	read_driver_part(session, vq);
	return false;
}

void vfu_remote_queue_reset(void *data, struct virtqueue *vq)
{
	struct vfu_session *session = data;

	if (session->remote)
		forget(vfu_remote_queue_of(session, vq));
}

void vfu_remote_resume(struct vfu_session *session)
{
	struct virtio_device *dev = session->client.dev;
	struct vfu_remote_queue *rq;
	unsigned int i;

	for (i = 0; session->remote && i < dev->num_queues; i++) {
		rq = &session->remote->queues[i];
		if (!rq->stalled)
			continue;
		rq->stalled = false;
		kick(&dev->queues[i]);
	}
}
