// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_op.c - commands to the client: DMA_READ and DMA_WRITE
 *
 * They are answered in the order in which they were sent, some time later.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfio_user_remote.h"

/* In one message. */
#define CHUNK		32768

static struct vfu_op *op_add(struct vfu_remote *remote)
{
	struct vfu_op *ops;

	if (remote->head && remote->head + remote->count == remote->max) {
		memmove(remote->ops, remote->ops + remote->head,
			remote->count * sizeof(*ops));
		remote->head = 0;
	}
	if (remote->count == remote->max) {
		ops = realloc(remote->ops,
			      (2 * remote->max + 64) * sizeof(*ops));
		if (!ops)
			return NULL;
		remote->ops = ops;
		remote->max = 2 * remote->max + 64;
	}
	return &remote->ops[remote->head + remote->count++];
}

/* Ask for, or write, up to a chunk of memory. */
static void command(struct vfu_session *session, struct virtqueue *vq,
		    struct vfu_op op, uint64_t gpa)
{
	struct vfu_remote *remote = session->remote;
	struct vfu_dma_access access = { .address = gpa, .count = op.len };
	bool write = op.command == VFU_DMA_WRITE;
	struct vfu_op *slot = op_add(remote);
	int ret = -ENOMEM;

	op.id = ++remote->last_id;
	op.queue = vq->index;
	op.generation = vfu_remote_queue_of(session, vq)->generation;
	if (slot) {
		*slot = op;
		ret = vfu_command(session, op.id, op.command, &access,
				  write ? op.to : NULL, write ? op.len : 0);
	}
	/* That the client has gone is heard of elsewhere, and breaks nothing. */
	if (ret && ret != -ECONNRESET)
		virtio_device_break(session->client.dev, vq,
				    "no memory for messages");
}

void vfu_op_read(struct vfu_session *session, struct virtqueue *vq,
		 struct vfu_op op, uint64_t gpa, size_t len)
{
	void (*done)(struct vfu_session *session, struct vfu_op *op) = op.done;

	op.command = VFU_DMA_READ;
	while (len) {
		op.len = len < CHUNK ? len : CHUNK;
		len -= op.len;
		/* Buffers count their bytes; for others the last one counts. */
		op.done = op.buffer || !len ? done : NULL;
		command(session, vq, op, gpa);
		op.to += op.len;
		gpa += op.len;
	}
}

void vfu_op_write(struct vfu_session *session, struct virtqueue *vq,
		  struct vfu_op op, uint64_t gpa, size_t len)
{
	void (*done)(struct vfu_session *session, struct vfu_op *op) = op.done;

	op.command = VFU_DMA_WRITE;
	while (len) {
		op.len = len < CHUNK ? len : CHUNK;
		len -= op.len;
		op.done = len ? NULL : done;
		command(session, vq, op, gpa);
		op.to += op.len;
		gpa += op.len;
	}
}

static bool take_op(struct vfu_remote *remote, const struct vfu_msg *msg,
		    struct vfu_op *ret)
{
	struct vfu_op *op;

	if (!remote || !remote->count)
		return false;

	op = &remote->ops[remote->head];
	if (op->id != msg->hdr.id || op->command != msg->hdr.command)
		return false;
	*ret = *op;
	remote->head++;
	remote->count--;
	return true;
}

static bool has_data(const struct vfu_op *op, const struct vfu_msg *msg)
{
	return op->command == VFU_DMA_WRITE ||
	       vfu_payload_size(msg) >= sizeof(msg->payload.dma) + op->len;
}

int vfu_remote_reply(struct vfu_session *session, struct vfu_msg *msg)
{
	struct vfu_op op;
	struct virtqueue *vq;

	if (!take_op(session->remote, msg, &op)) {
		vfu_complain(session, "answer %u to command %u: expected none or another",
			     msg->hdr.id, msg->hdr.command);
		return -EPROTO;
	}
	vq = vfu_op_queue(session, &op);
	if (vfu_remote_queue_of(session, vq)->generation != op.generation)
		return 0;

	if (msg->hdr.flags & VFU_ERROR || !has_data(&op, msg)) {
		virtio_device_break(session->client.dev, vq,
				    "ring or buffer outside of memory");
		return 0;
	}
	if (op.command == VFU_DMA_READ)
		memcpy(op.to, vfu_data(msg, sizeof(msg->payload.dma)), op.len);
	if (op.done)
		op.done(session, &op);
	return 0;
}
