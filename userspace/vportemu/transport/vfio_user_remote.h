/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio_user_remote.h - copies of guest memory that is not shared, and commands to
 * the client that keep them up to date
 */

#ifndef VPORTEMU_VFIO_USER_REMOTE_H
#define VPORTEMU_VFIO_USER_REMOTE_H

#include "vfio_user.h"
#include "virtqueue.h"

/* A copy of a part of a ring. */
struct vfu_part {
	uint8_t *data;
	uint64_t gpa;
	size_t len;
};

/* What a descriptor describes. */
struct vfu_buffer {
	struct vfu_buffer *next;
	uint64_t gpa;
	uint32_t len;
	uint32_t missing;	/* bytes on their way */
	uint16_t place;		/* of its element, in the order of all */
	bool in;
	bool orphan;
	uint8_t data[];
};

struct vfu_remote_queue {
	uint32_t generation;	/* answers to earlier ones are late */
	struct vfu_part parts[VIRTQUEUE_PARTS];
	unsigned int fetching;	/* parts on their way */
	uint8_t *staged;	/* the driver's parts, until both have come */
	uint8_t *sent;		/* VIRTQUEUE_USED as the driver can see it */
	bool reading;
	bool again;		/* something may have changed since */
	bool stalled;		/* until the output has gone */
	struct vfu_buffer *buffers;	/* in the order of their elements */
	struct vfu_buffer *orphans;	/* returned before they had come */
	size_t bytes;
};

/* A command that is not answered yet. */
struct vfu_op {
	uint16_t id;
	uint16_t command;
	uint16_t queue;
	uint32_t generation;
	uint32_t len;
	uint8_t *to;
	struct vfu_buffer *buffer;	/* that it is a part of, or NULL */
	/* or NULL */
	void (*done)(struct vfu_session *session, struct vfu_op *op);
};

struct vfu_remote {
	struct vfu_remote_queue *queues;
	struct vfu_op *ops;
	unsigned int head;
	unsigned int count;
	unsigned int max;
	uint16_t last_id;
};

static inline struct virtqueue *vfu_op_queue(struct vfu_session *session,
					     const struct vfu_op *op)
{
	return &session->client.dev->queues[op->queue];
}

static inline struct vfu_remote_queue *
vfu_remote_queue_of(struct vfu_session *session, const struct virtqueue *vq)
{
	return &session->remote->queues[vq->index];
}

/* vfio_user_op.c */

/*
 * Read into, or write from, op->to on; in order with all others.  op->done is
 * called when all of it is done, or with op->buffer for each part of it.
 */
void vfu_op_read(struct vfu_session *session, struct virtqueue *vq,
		 struct vfu_op op, uint64_t gpa, size_t len);
void vfu_op_write(struct vfu_session *session, struct virtqueue *vq,
		  struct vfu_op op, uint64_t gpa, size_t len);

#endif /* VPORTEMU_VFIO_USER_REMOTE_H */
