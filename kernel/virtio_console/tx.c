// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - guest to host data
 *
 * What a writer hands over is staged and goes into the ring at once when the
 * host is idle.  While the host works on something, small writes gather in the
 * last staged buffer and leave when it is full or when the host comes back:
 * one buffer, one kick and one interrupt for many writes.
 *
 * The device's interrupts are enabled while something is staged, a writer would
 * find no room or somebody waits for the end, and disabled otherwise.
 * vcon_tx_settle() establishes this each time the lock is about to be dropped,
 * and says whether somebody who saw a full queue must be woken; so it does not
 * matter who takes a completion off the ring.
 *
 * An epoch ends when the host's end of the port is closed.  The host may have
 * lost the buffers it had (QEMU never returns the one it was sending), so they no
 * longer count as work that it will come back from.
 */

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/uio.h>
#include <linux/virtio_config.h>

#include "trace.h"
#include "vcon.h"

/* Free buffers that an idle port keeps. */
#define TX_POOL_IDLE	2

/* How long buffers lie in the pool before they are freed. */
#define TX_POOL_AGE	HZ

static void tx_trim_work(struct work_struct *work);

/**
 * vcon_tx_init() - make a transmit queue without virtqueue
 * @tx: zeroed memory
 */
void vcon_tx_init(struct vcon_tx *tx)
{
	spin_lock_init(&tx->q.lock);
	tx->q.holder = -1;
	INIT_LIST_HEAD(&tx->staged);
	INIT_DELAYED_WORK(&tx->trim, tx_trim_work);
}

/**
 * vcon_tx_room() - how many bytes may be handed over
 * @tx: the queue, its lock held
 */
size_t vcon_tx_room(const struct vcon_tx *tx)
{
	return vcon_tx_limit_bytes > tx->queued ?
	       vcon_tx_limit_bytes - tx->queued : 0;
}

/**
 * vcon_tx_has_room() - is there enough for somebody to be woken
 * @tx: the queue, its lock held
 */
bool vcon_tx_has_room(const struct vcon_tx *tx)
{
	return vcon_tx_room(tx) >= VCON_ATOMIC_WRITE;
}

/**
 * vcon_tx_pool_put() - a buffer is free; keep as many as can be in use at once
 * @tx:  the queue
 * @buf: the buffer; in no list
 *
 * Context: Any, slot->tx.q.lock held.
 */
void vcon_tx_pool_put(struct vcon_tx *tx, struct vcon_buf *buf)
{
	vcon_pool_put(&tx->pool, buf,
		      vcon_tx_limit_bytes / VCON_TX_BUF_BYTES + 1);
}

/**
 * vcon_tx_is_idle() - has the host taken everything
 * @tx: the queue, its lock held
 */
bool vcon_tx_is_idle(const struct vcon_tx *tx)
{
	return !tx->inflight && list_empty(&tx->staged);
}

static void tx_reclaim(struct vcon_tx *tx)
{
	struct vcon_buf *buf;
	unsigned int len;

	while ((buf = virtqueue_get_buf(tx->q.vq, &len))) {
		if (buf->epoch == tx->epoch) {
			tx->inflight--;
			tx->inflight_bytes -= buf->len;
			tx->queued -= buf->len;
		} else {
			tx->stale--;
		}
		vcon_tx_pool_put(tx, buf);
	}
}

/* Returns whether anything went into the ring. */
static bool tx_push(struct vcon_tx *tx, bool flush)
{
	struct vcon_slot *slot = container_of(tx, struct vcon_slot, tx);
	struct vcon_buf *buf;
	bool pushed = false;

	while ((buf = list_first_entry_or_null(&tx->staged, struct vcon_buf,
					       node))) {
		if (!flush && tx->inflight && buf->len < buf->size)
			break;

		buf->sg.length = buf->len;
		if (virtqueue_add_outbuf(tx->q.vq, &buf->sg, 1, buf, GFP_ATOMIC))
			break;

		trace_vcon_send(slot->vcon->index, slot->id, buf->len);
		list_del_init(&buf->node);
		buf->epoch = tx->epoch;
		buf->serial = ++tx->serial;
		tx->messages++;
		tx->inflight++;
		tx->inflight_bytes += buf->len;
		pushed = true;
	}

	return pushed;
}

/* Does anybody wait for what the host does next? */
static bool tx_is_awaited(const struct vcon_tx *tx)
{
	return !list_empty(&tx->staged) || !vcon_tx_has_room(tx) ||
	       (tx->drainers && tx->inflight);
}

/**
 * vcon_tx_settle() - bring the ring up to date: see the top of the file
 * @tx:       the queue
 * @was_full: as vcon_tx_has_room() said the last time the lock was dropped
 * @flush:    send what is staged, however little
 *
 * Ends because every turn takes at least one buffer off the ring, and only what
 * was staged goes in.
 *
 * Context: Any, slot->tx.q.lock held.
 * Return: VCON_KICK and VCON_WAKE, as needed once the lock is dropped.
 */
unsigned int vcon_tx_settle(struct vcon_tx *tx, bool was_full, bool flush)
{
	struct virtqueue *vq = tx->q.vq;
	unsigned int todo = 0;
	bool pushed = false;
	bool awaited;

	lockdep_assert_held(&tx->q.lock);

	if (!vq)		/* asleep: stays staged */
		return 0;

	do {
		tx_reclaim(tx);
		pushed |= tx_push(tx, flush);
		awaited = tx_is_awaited(tx);
		if (!awaited && !tx->quiet)
			virtqueue_disable_cb(vq);
		WRITE_ONCE(tx->quiet, !awaited);
	} while (awaited && !virtqueue_is_broken(vq) &&
		 !virtqueue_enable_cb(vq));

	if (pushed && virtqueue_kick_prepare(vq)) {
		tx->kicks++;
		todo |= VCON_KICK;
	}
	if ((was_full && vcon_tx_has_room(tx)) || virtqueue_is_broken(vq) ||
	    (tx->drainers && vcon_tx_is_idle(tx)))
		todo |= VCON_WAKE;

	return todo;
}

/* Bring the ring up to date when nobody hands anything over. */
static void tx_look(struct vcon_slot *slot, bool interrupt)
{
	struct vcon_tx *tx = &slot->tx;
	struct vcon_port *port;
	unsigned int todo = 0;
	unsigned long flags;

	rcu_read_lock();
	flags = vcon_vq_lock(&tx->q);
	if (tx->q.vq) {
		tx->interrupts += interrupt;
		todo = vcon_tx_settle(tx, !vcon_tx_has_room(tx), false);
	}
	vcon_vq_unlock_notify(&tx->q, flags, todo & VCON_KICK);

	port = rcu_dereference(slot->port);
	if ((todo & VCON_WAKE) && port)
		READ_ONCE(port->ops)->tx_ready(port);
	rcu_read_unlock();
}

/**
 * vcon_tx_intr() - the host has taken buffers of a transmit queue
 * @vq: the queue
 *
 * Queues that share an interrupt hear of each other's. What nobody waits for the
 * next writer takes off the ring.
 *
 * Context: virtqueue callback, typically interrupt. Takes slot->tx.q.lock.
 */
void vcon_tx_intr(struct virtqueue *vq)
{
	struct vcon_slot *slot = vcon_slot_of(vq);

	if (!READ_ONCE(slot->tx.quiet) || virtqueue_is_broken(vq))
		tx_look(slot, true);
}

/* What is in the ring is no longer waited for. */
static void tx_forget_inflight(struct vcon_tx *tx)
{
	lockdep_assert_held(&tx->q.lock);

	tx->epoch++;
	tx->stale += tx->inflight;
	tx->queued -= tx->inflight_bytes;
	tx->inflight = 0;
	tx->inflight_bytes = 0;
}

/**
 * vcon_tx_new_epoch() - the host has closed its end
 * @slot: whose port it is
 *
 * What the host has already may never come back, so nothing waits for it any
 * more. What is staged goes out now, for the host to keep or to throw away as it
 * does with all that arrives while its end is closed.
 *
 * Context: Process context. Takes slot->tx.q.lock.
 */
void vcon_tx_new_epoch(struct vcon_slot *slot)
{
	struct vcon_tx *tx = &slot->tx;
	unsigned long flags;
	unsigned int todo;

	flags = vcon_vq_lock(&tx->q);
	tx_forget_inflight(tx);
	todo = vcon_tx_settle(tx, false, true);
	vcon_vq_unlock_notify(&tx->q, flags, todo & VCON_KICK);
}

/* The host had this buffer in an epoch that is over, and will not return it. */
static void tx_recycle(struct virtqueue *vq, void *data)
{
	struct vcon_tx *tx = &vcon_slot_of(vq)->tx;
	struct vcon_buf *buf = data;
	unsigned long flags;

	flags = vcon_vq_lock(&tx->q);
	tx->lost += buf->len;
	tx->stale--;
	vcon_vq_unlock(&tx->q, flags);

	vcon_buf_free(buf);
}

/*
 * Take the virtqueue if it should be reset: when a good part of the ring is with
 * buffers that the host has lost, and nothing in it that it may still work on.
 */
static struct virtqueue *tx_take_wedged(struct vcon_tx *tx)
{
	struct virtqueue *vq;
	unsigned long flags;

	flags = vcon_vq_lock(&tx->q);
	vq = tx->q.vq;
	if (vq)
		tx_reclaim(tx);
	if (vq && (tx->inflight || virtqueue_is_broken(vq) ||
		   tx->stale < virtqueue_get_vring_size(vq) / 4))
		vq = NULL;
	if (vq) {
		tx->q.vq = NULL;
		tx->resets++;
	}
	vcon_vq_unlock(&tx->q, flags);

	return vq;
}

/**
 * vcon_tx_recover() - get back the descriptors that the host has lost
 * @slot: whose port's host end is closed and about to be open
 *
 * QEMU never returns the buffer that it was sending when its client left. When
 * many have gone that way, the queue is reset, which the host allows at a time
 * when it holds none. Without VIRTIO_F_RING_RESET nothing changes.
 *
 * Context: As for fields marked W. Takes slot->tx.q.lock. Sleeps.
 */
void vcon_tx_recover(struct vcon_slot *slot)
{
	struct vcon_tx *tx = &slot->tx;
	struct virtqueue *vq;
	unsigned long flags;
	int ret;

	if (!virtio_has_feature(slot->vcon->vdev, VIRTIO_F_RING_RESET))
		return;

	vq = tx_take_wedged(tx);
	if (!vq)
		return;

	/* For those who are about to notify. */
	synchronize_rcu();
	ret = compat_virtqueue_reset(vq, tx_recycle);
	if (ret)
		dev_warn_ratelimited(&slot->vcon->vdev->dev,
				     "output of port %u cannot be reset: error %d\n",
				     slot->id, ret);

	flags = vcon_vq_lock(&tx->q);
	tx->q.vq = vq;
	WRITE_ONCE(tx->quiet, false);
	vcon_vq_unlock(&tx->q, flags);
	vcon_tx_resume(slot);
}

/**
 * vcon_tx_discard() - drop what is staged and count it: the port was unplugged
 * @slot: whose port it was
 *
 * A writer at work finds the port gone and frees what it holds; the bytes that
 * were promised to it are forgotten here.
 *
 * Context: Process context. Takes slot->tx.q.lock.
 */
void vcon_tx_discard(struct vcon_slot *slot)
{
	struct vcon_tx *tx = &slot->tx;
	struct vcon_buf *buf;
	unsigned long flags;
	LIST_HEAD(drop);

	flags = vcon_vq_lock(&tx->q);
	list_splice_init(&tx->staged, &drop);
	list_for_each_entry(buf, &drop, node)
		tx->discarded += buf->len;
	tx_forget_inflight(tx);
	tx->queued = 0;
	vcon_pool_trim(&tx->pool, 0);
	vcon_vq_unlock(&tx->q, flags);

	vcon_buf_free_list(&drop);
}

/**
 * vcon_tx_trim() - give memory back: the port was closed
 * @slot: whose port it was
 *
 * Context: Process context. Takes slot->tx.q.lock.
 */
void vcon_tx_trim(struct vcon_slot *slot)
{
	struct vcon_tx *tx = &slot->tx;
	unsigned long flags;

	flags = vcon_vq_lock(&tx->q);
	vcon_pool_trim(&tx->pool, 0);
	vcon_vq_unlock(&tx->q, flags);
}

/*
 * Fresh memory is zeroed first, which costs half as much as filling it, so a
 * burst's buffers are kept for the next one, but not for ever.
 */
static void tx_trim_work(struct work_struct *work)
{
	struct vcon_slot *slot = container_of(to_delayed_work(work),
					      struct vcon_slot, tx.trim);
	struct vcon_tx *tx = &slot->tx;
	unsigned long flags;
	bool more;

	flags = vcon_vq_lock(&tx->q);
	vcon_pool_age(&tx->pool, TX_POOL_IDLE);
	vcon_vq_unlock(&tx->q, flags);

	/* What the host gave back when nobody waited for it goes next time. */
	tx_look(slot, false);
	flags = vcon_vq_lock(&tx->q);
	more = tx->pool.count > TX_POOL_IDLE;
	vcon_vq_unlock(&tx->q, flags);
	if (more)
		schedule_delayed_work(&tx->trim, TX_POOL_AGE);
}

/**
 * vcon_tx_trim_later() - buffers were allocated: see in a while who needs them
 * @port: whose
 *
 * Not under slot->tx.q.lock, which a message printed under a lock of the timers
 * or work queues may take.
 *
 * Context: Process context.
 */
void vcon_tx_trim_later(struct vcon_port *port)
{
	/* Whoever sees it gone has waited for those who did not. */
	rcu_read_lock();
	if (!READ_ONCE(port->gone))
		schedule_delayed_work(&port->slot->tx.trim, TX_POOL_AGE);
	rcu_read_unlock();
}

/**
 * vcon_tx_trim_cancel() - see to it that nothing is left to be done later
 * @slot: a slot, a grace period after its port has gone
 *
 * Context: Process context. Sleeps.
 */
void vcon_tx_trim_cancel(struct vcon_slot *slot)
{
	cancel_delayed_work_sync(&slot->tx.trim);
}

/**
 * vcon_tx_resume() - send what is staged: the device is back
 * @slot: the slot, with a new virtqueue
 *
 * Context: Process context. Takes slot->tx.q.lock.
 */
void vcon_tx_resume(struct vcon_slot *slot)
{
	struct vcon_tx *tx = &slot->tx;
	unsigned long flags;
	unsigned int todo;

	flags = vcon_vq_lock(&tx->q);
	todo = vcon_tx_settle(tx, false, true);
	vcon_vq_unlock_notify(&tx->q, flags, todo & VCON_KICK);
}

/*
 * Take the ring's buffers, which the virtqueue returns in any order.  Those of an
 * earlier epoch are lost: the host may have seen them or not.
 */
static void tx_detach_ring(struct vcon_tx *tx, struct list_head *list)
{
	struct vcon_buf *other;
	struct vcon_buf *buf;

	while (tx->q.vq && (buf = virtqueue_detach_unused_buf(tx->q.vq))) {
		if (buf->epoch != tx->epoch) {
			tx->lost += buf->len;
			vcon_buf_free(buf);
			continue;
		}
		/* The place of its serial number, from the end. */
		list_for_each_entry_reverse(other, list, node)
			if ((s32)(other->serial - buf->serial) < 0)
				break;
		list_add(&buf->node, &other->node);
	}
}

/**
 * vcon_tx_detach() - take every buffer from a device that has been reset
 * @slot: whose queue is about to be deleted
 * @keep: what the host has not taken is to be sent by vcon_tx_resume()
 *
 * Context: Process context. Takes slot->tx.q.lock.
 */
void vcon_tx_detach(struct vcon_slot *slot, bool keep)
{
	struct vcon_tx *tx = &slot->tx;
	unsigned long flags;
	LIST_HEAD(list);

	flags = vcon_vq_lock(&tx->q);
	if (tx->q.vq)
		tx_reclaim(tx);
	tx_detach_ring(tx, &list);
	if (keep) {
		/* Still queued, no longer in flight. */
		list_splice_init(&list, &tx->staged);
		tx->inflight = 0;
		tx->inflight_bytes = 0;
	} else {
		list_splice_init(&tx->staged, &list);
		tx_forget_inflight(tx);
		tx->queued = 0;
	}
	tx->stale = 0;
	vcon_pool_trim(&tx->pool, 0);
	WRITE_ONCE(tx->quiet, false);
	tx->q.vq = NULL;
	vcon_vq_unlock(&tx->q, flags);

	vcon_buf_free_list(&list);
}
