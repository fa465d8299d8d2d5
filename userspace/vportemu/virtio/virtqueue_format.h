/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtqueue_format.h - what the formats of a virtqueue have in common
 */

#ifndef VPORTEMU_VIRTQUEUE_FORMAT_H
#define VPORTEMU_VIRTQUEUE_FORMAT_H

#include <endian.h>

#include "virtio_device.h"
#include "virtio_device.h"
#include "virtqueue.h"

static inline uint16_t virtqueue_read16(const void *from)
{
	return le16toh(__atomic_load_n((const uint16_t *)from,
				       __ATOMIC_RELAXED));
}

static inline void virtqueue_write16(void *to, uint16_t value)
{
	__atomic_store_n((uint16_t *)to, htole16(value), __ATOMIC_RELAXED);
}

/* The same into memory that somebody may be copying. */
static inline void virtqueue_wrote(struct virtqueue *vq,
				   const volatile void *at, size_t len)
{
	guest_memory_dirty(&vq->dev->mem, at, len);
}

/* virtqueue.c */

/* A part of a ring: what it must be, and then where it is. */
struct virtqueue_place {
	uint64_t gpa;
	size_t len;
	size_t align;
	bool write;
	void *at;
};

/*
 * Find the parts of a ring.
 *
 * Return: 0; -EFAULT when one is nowhere, or not aligned.
 */
int virtqueue_map_parts(struct virtqueue *vq,
			struct virtqueue_place parts[VIRTQUEUE_PARTS]);

/**
 * virtqueue_add_segment() - add what one descriptor describes to an element
 * @vq:   the queue
 * @elem: grows
 * @addr: of the buffer
 * @len:  of the buffer
 * @in:   the device writes it
 * @max:  room in elem->iov
 *
 * Return: NULL, or what is wrong.
 */
const char *virtqueue_add_segment(struct virtqueue *vq,
				  struct virtqueue_elem *elem, uint64_t addr,
				  uint32_t len, bool in, unsigned int max);

/* Find an indirect table.  Return: NULL, or what is wrong. */
const char *virtqueue_find_indirect(struct virtqueue *vq, uint64_t addr,
				    uint32_t len, bool next, void **ret);

#endif /* VPORTEMU_VIRTQUEUE_FORMAT_H */
