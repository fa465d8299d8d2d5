// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - memory that travels through the data queues
 */

#include <linux/list.h>
#include <linux/slab.h>

#include "vcon.h"

/**
 * vcon_buf_alloc() - a buffer of one physically contiguous stretch
 * @size: bytes of data
 * @gfp:  how to get them
 *
 * The data is one stretch because QEMU makes a system call for each.
 *
 * Context: Sleeps when @gfp allows it.
 * Return: the buffer, empty; NULL when there is no memory.
 */
struct vcon_buf *vcon_buf_alloc(size_t size, gfp_t gfp)
{
	struct vcon_buf *buf;

	buf = kzalloc(sizeof(*buf), gfp);
	if (!buf)
		return NULL;

	buf->data = kmalloc(size, gfp);
	if (!buf->data) {
		kfree(buf);
		return NULL;
	}

	INIT_LIST_HEAD(&buf->node);
	sg_init_one(&buf->sg, buf->data, size);
	buf->size = size;
	return buf;
}

/**
 * vcon_buf_free() - the opposite of vcon_buf_alloc()
 * @buf: a buffer that the device does not have, or NULL
 *
 * Context: Any.
 */
void vcon_buf_free(struct vcon_buf *buf)
{
	if (!buf)
		return;

	kfree(buf->data);
	kfree(buf);
}

/**
 * vcon_buf_free_list() - free every buffer of a list that nobody else sees
 * @list: the list; empty afterwards
 *
 * Context: Any.
 */
void vcon_buf_free_list(struct list_head *list)
{
	struct vcon_buf *buf;
	struct vcon_buf *next;

	list_for_each_entry_safe(buf, next, list, node) {
		list_del(&buf->node);
		vcon_buf_free(buf);
	}
}

/**
 * vcon_chain_free() - free every buffer of a chain that nobody else sees
 * @chain: the chain; empty afterwards
 *
 * Context: Any.
 * Return: how many there were.
 */
unsigned int vcon_chain_free(struct vcon_chain *chain)
{
	struct vcon_buf *buf = chain->first;
	struct vcon_buf *next;
	unsigned int count = 0;

	for (; buf; buf = next, count++) {
		next = buf->next;
		vcon_buf_free(buf);
	}

	chain->first = NULL;
	return count;
}

/**
 * vcon_pool_get() - take a free buffer
 * @pool: the pool; the caller serialises
 *
 * Return: an empty buffer, or NULL.
 */
struct vcon_buf *vcon_pool_get(struct vcon_pool *pool)
{
	struct vcon_buf *buf;

	buf = pool->free;
	if (buf) {
		pool->free = buf->next;
		pool->count--;
		pool->unused = min(pool->unused, pool->count);
	}

	return buf;
}

/**
 * vcon_pool_put() - keep a buffer for reuse, or free it
 * @pool: the pool; the caller serialises
 * @buf:  the buffer; in no list
 * @most: how many to keep
 *
 * Context: Any.
 */
void vcon_pool_put(struct vcon_pool *pool, struct vcon_buf *buf,
		   unsigned int most)
{
	if (pool->count >= most || buf->size <= PAGE_SIZE) {
		vcon_buf_free(buf);
		return;
	}

	buf->len = 0;
	buf->next = pool->free;
	pool->free = buf;
	pool->count++;
}

/**
 * vcon_pool_trim() - free buffers until few are left
 * @pool: the pool; the caller serialises
 * @keep: how many may stay
 *
 * Context: Any.
 */
void vcon_pool_trim(struct vcon_pool *pool, unsigned int keep)
{
	while (pool->count > keep)
		vcon_buf_free(vcon_pool_get(pool));
}

/**
 * vcon_pool_age() - free the buffers that nobody has needed for a while
 * @pool: the pool; the caller serialises
 * @keep: how many may stay all the same
 *
 * Those are the ones that have been in the pool all the time since the last call.
 *
 * Context: Any.
 */
void vcon_pool_age(struct vcon_pool *pool, unsigned int keep)
{
	vcon_pool_trim(pool, max(pool->count - pool->unused, keep));
	pool->unused = pool->count;
}
