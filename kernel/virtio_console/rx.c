// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - host to guest data
 *
 * Buffers go from the ring to the chain "ready" and, once read, by way of the
 * chain "spent" back, many at a time.  The interrupt moves them to the first, and
 * so does a reader that finds it empty; pollers and sleepers look at that chain
 * only, so no completion is ever taken away from under somebody who waits for its
 * interrupt.
 *
 * The device's interrupts are enabled whenever the chain is empty or somebody
 * waits, polls or wants signals: to them more data is another event.  A reader
 * that takes more than a little disables them while it copies, and leaves it at
 * that if there is more in the chain and nobody else: it will look again.
 */

#include <linux/uio.h>

#include "vcon.h"

/* Copying less is over before an interrupt could be saved. */
#define RX_QUIET_BYTES	512

/* The part of all buffers that may wait for others to be given back with. */
#define RX_SPENT_PART	4

/**
 * vcon_rx_init() - make a receive queue without virtqueue
 * @rx: zeroed memory
 */
void vcon_rx_init(struct vcon_rx *rx)
{
	spin_lock_init(&rx->q.lock);
	rx->q.holder = -1;
}

/* Give a buffer to the device; one that it refuses is freed. */
static void rx_post(struct vcon_rx *rx, struct vcon_buf *buf)
{
	lockdep_assert_held(&rx->q.lock);

	buf->len = 0;
	buf->offset = 0;
	if (rx->q.vq &&
	    !virtqueue_add_inbuf(rx->q.vq, &buf->sg, 1, buf, GFP_ATOMIC))
		return;

	rx->bufs--;
	vcon_buf_free(buf);
}

static void rx_post_chain(struct vcon_rx *rx, struct vcon_chain *chain)
{
	struct vcon_buf *buf = chain->first;
	struct vcon_buf *next;

	for (; buf; buf = next) {
		next = buf->next;
		rx_post(rx, buf);
	}
	WRITE_ONCE(chain->first, NULL);
}

/* Give the device what was read. */
static void rx_post_spent(struct vcon_rx *rx)
{
	rx_post_chain(rx, &rx->spent);
	rx->num_spent = 0;
}

static bool rx_kick_prepare(struct vcon_rx *rx)
{
	if (!rx->q.vq || !virtqueue_kick_prepare(rx->q.vq))
		return false;

	rx->kicks++;
	return true;
}

/*
 * Move what the host has filled to the ready chain.  The used length is the
 * host's word and is clamped.  A buffer without data stays in the chain as well:
 * it is no end of file, readers skip it, and posting it again from here would
 * let the host keep us in this loop.
 *
 * There is no virtqueue while the device sleeps.
 *
 * Returns whether anything came.
 */
static bool rx_pull(struct vcon_rx *rx)
{
	struct virtqueue *vq = rx->q.vq;
	struct vcon_buf *buf;
	unsigned int len;
	bool came = false;

	lockdep_assert_held(&rx->q.lock);

	while (vq && (buf = virtqueue_get_buf(vq, &len))) {
		buf->len = min(len, buf->size);
		vcon_chain_add(&rx->ready, buf);
		rx->messages++;
		came = true;
	}

	return came;
}

/*
 * Enable the interrupts that rx_take() has disabled, and see to what came
 * meanwhile.  Ends when the host has no buffers left, if not before.
 *
 * Returns whether anything came.
 */
static bool rx_listen(struct vcon_rx *rx)
{
	bool came = false;

	lockdep_assert_held(&rx->q.lock);

	if (!rx->quiet)
		return false;

	/* Before they come: see vcon_rx_intr(). */
	WRITE_ONCE(rx->quiet, false);
	while (rx->q.vq && !virtqueue_is_broken(rx->q.vq) &&
	       !virtqueue_enable_cb(rx->q.vq))
		came |= rx_pull(rx);

	return came;
}

/**
 * vcon_rx_listen() - somebody wants to hear of what comes, whatever there is
 * @port: the port
 *
 * To be called when they can be found where port->ops->rx_ready() looks, and after
 * a barrier.
 *
 * Context: Any. Takes slot->rx.q.lock.
 */
void vcon_rx_listen(struct vcon_port *port)
{
	struct vcon_rx *rx = &port->slot->rx;
	unsigned long flags;
	bool came = false;

	if (!READ_ONCE(rx->quiet))
		return;

	flags = vcon_vq_lock(&rx->q);
	if (!port->gone)
		came = rx_listen(rx);
	vcon_vq_unlock(&rx->q, flags);

	if (came)
		READ_ONCE(port->ops)->rx_ready(port);
}

/*
 * Is there anybody but those who read what is there?  Whoever comes now looks at
 * rx->quiet afterwards: pairs with the barrier before vcon_rx_listen().
 */
static bool rx_is_awaited(struct vcon_port *port)
{
	return !port->slot->rx.ready.first || wq_has_sleeper(&port->rx_wait) ||
	       READ_ONCE(port->async);
}

/**
 * vcon_rx_intr() - the host has filled buffers of a receive queue
 * @vq: the queue
 *
 * Queues that share an interrupt hear of each other's.
 *
 * Context: virtqueue callback, typically interrupt. Takes slot->rx.q.lock.
 */
void vcon_rx_intr(struct virtqueue *vq)
{
	struct vcon_slot *slot = vcon_slot_of(vq);
	struct vcon_rx *rx = &slot->rx;
	struct vcon_port *port;
	unsigned long flags;
	bool wake = false;

	if (READ_ONCE(rx->quiet) && !virtqueue_is_broken(vq))
		return;

	rcu_read_lock();
	flags = vcon_vq_lock(&rx->q);
	if (rx->q.vq) {
		rx->interrupts++;
		wake = rx_pull(rx) || virtqueue_is_broken(vq);
	}
	vcon_vq_unlock(&rx->q, flags);

	port = rcu_dereference(slot->port);
	if (wake && port)
		READ_ONCE(port->ops)->rx_ready(port);
	rcu_read_unlock();
}

static bool rx_wants_buf(struct vcon_rx *rx)
{
	unsigned int most;

	lockdep_assert_held(&rx->q.lock);

	if (!rx->q.vq || virtqueue_is_broken(rx->q.vq) || !rx->q.vq->num_free)
		return false;

	most = virtqueue_get_vring_size(rx->q.vq);
	if (vcon_rx_buffers)
		most = min(most, vcon_rx_buffers);

	return rx->bufs < most;
}

/**
 * vcon_rx_fill() - give the device as many buffers as a port is to have
 * @slot: whose port is about to be opened
 *
 * Buffers come into being with the first open and stay with the ring, from which
 * nothing but a reset takes them back.
 *
 * Context: Process context, while the slot's port cannot be unplugged. Takes
 *          slot->rx.q.lock. Sleeps.
 * Return: 0; -ENOMEM when the device has no buffer at all.
 */
int vcon_rx_fill(struct vcon_slot *slot)
{
	struct vcon_rx *rx = &slot->rx;
	struct vcon_buf *buf;
	unsigned long flags;
	bool kick = false;
	bool more;
	bool any;

	do {
		/* Zeroed: the host may claim to have written more than it did. */
		buf = vcon_buf_alloc(vcon_rx_buffer_bytes,
				     GFP_KERNEL | __GFP_ZERO);
		flags = vcon_vq_lock(&rx->q);
		more = buf && rx_wants_buf(rx);
		if (more) {
			rx->bufs++;
			rx_post(rx, buf);
		} else {
			kick = rx_kick_prepare(rx);
		}
		WRITE_ONCE(rx->filled, true);
		any = rx->bufs;
		vcon_vq_unlock_notify(&rx->q, flags, kick);
	} while (more);

	vcon_buf_free(buf);
	return any ? 0 : -ENOMEM;
}

/**
 * vcon_rx_ready() - would a read return now, with whatever result
 * @port: the port
 *
 * Without the lock: whoever changes one of these wakes port->rx_wait afterwards.
 *
 * Context: Any.
 */
bool vcon_rx_ready(struct vcon_port *port)
{
	struct vcon_rx *rx = &port->slot->rx;
	struct virtqueue *vq;
	bool broken;

	if (READ_ONCE(rx->ready.first) || READ_ONCE(port->gone) ||
	    !READ_ONCE(port->host_open))
		return true;

	rcu_read_lock();
	vq = READ_ONCE(rx->q.vq);
	broken = vq && virtqueue_is_broken(vq);
	rcu_read_unlock();

	return broken;
}

/**
 * vcon_rx_pending() - how many bytes can be read at once
 * @port: the port; vcon_rx_listen() makes it count what came just now
 *
 * Context: Any. Takes slot->rx.q.lock.
 */
size_t vcon_rx_pending(struct vcon_port *port)
{
	struct vcon_rx *rx = &port->slot->rx;
	struct vcon_buf *buf;
	unsigned long flags;
	size_t sum = 0;

	flags = vcon_vq_lock(&rx->q);
	if (!port->gone)
		for (buf = rx->ready.first; buf; buf = buf->next)
			sum += buf->len - buf->offset;
	vcon_vq_unlock(&rx->q, flags);

	return sum;
}

/* What a read that finds nothing has to say. */
static int rx_nothing(struct vcon_port *port)
{
	struct virtqueue *vq = port->slot->rx.q.vq;

	if (vq && virtqueue_is_broken(vq))
		return -EIO;

	return port->host_open ? -EAGAIN : 0;
}

/*
 * Detach buffers with at least @want bytes, or all there are.
 *
 * Returns 1 with buffers in @take, 0 at end of file, -EAGAIN, -EIO or -ENODEV.
 */
static int rx_take(struct vcon_port *port, size_t want, struct vcon_chain *take)
{
	struct vcon_rx *rx = &port->slot->rx;
	struct vcon_buf *last;
	unsigned long flags;
	int ret = 1;
	bool much;

	flags = vcon_vq_lock(&rx->q);
	if (port->gone)
		ret = -ENODEV;
	else if (!rx->ready.first && !rx_pull(rx))
		ret = rx_nothing(port);
	if (ret <= 0)
		goto out_unlock;

	for (last = rx->ready.first; last->next; last = last->next) {
		if (last->len - last->offset >= want)
			break;
		want -= last->len - last->offset;
	}
	vcon_chain_cut(&rx->ready, last, take);
	much = last != take->first || last->len - last->offset > RX_QUIET_BYTES;
	if (much && rx->q.vq && !rx->quiet) {
		virtqueue_disable_cb(rx->q.vq);
		WRITE_ONCE(rx->quiet, true);
	}

out_unlock:
	vcon_vq_unlock(&rx->q, flags);
	return ret;
}

/*
 * Copy until @to is full or a page of it cannot be had; the *@ret_num that are
 * empty then go to @used.
 */
static size_t rx_drain(struct vcon_chain *take, struct vcon_chain *used,
		       unsigned int *ret_num, struct iov_iter *to)
{
	struct vcon_buf *last = NULL;
	struct vcon_buf *buf;
	size_t total = 0;
	size_t copied;

	for (buf = take->first; buf; buf = buf->next) {
		/* Not as of a page: a pipe would keep that. */
		copied = copy_to_iter(buf->data + buf->offset,
				      buf->len - buf->offset, to);
		buf->offset += copied;
		total += copied;
		if (buf->offset < buf->len)
			break;
		last = buf;
		++*ret_num;
	}
	if (last)
		vcon_chain_cut(take, last, used);

	return total;
}

/*
 * What was not read goes back to the head of the chain, what was read to the host:
 * at once if it may be waiting for that, else with more.  When the port went away
 * meanwhile, all of it is nobody's.
 */
static void rx_give_back(struct vcon_port *port, struct vcon_chain *take,
			 struct vcon_chain *used, unsigned int num_used,
			 size_t copied)
{
	struct vcon_rx *rx = &port->slot->rx;
	unsigned long flags;
	bool kick = false;
	bool wake = false;

	flags = vcon_vq_lock(&rx->q);
	rx->bytes += copied;
	if (port->gone) {
		vcon_chain_put_back(used, take);
		rx->bufs -= vcon_chain_free(used);
	} else {
		vcon_chain_put_back(&rx->ready, take);
		vcon_chain_put_back(&rx->spent, used);
		rx->num_spent += num_used;
		if (!rx->ready.first || rx->num_spent > rx->bufs / RX_SPENT_PART) {
			rx_post_spent(rx);
			kick = rx_kick_prepare(rx);
		}
		if (rx_is_awaited(port))
			rx_listen(rx);
		wake = rx->ready.first;
	}
	vcon_vq_unlock_notify(&rx->q, flags, kick);

	if (wake)
		READ_ONCE(port->ops)->rx_ready(port);
}

/**
 * vcon_rx_copy() - read what the host has sent
 * @port: the port; the caller holds port->read_lock and a reference
 * @to:   where the data goes
 *
 * Takes as many buffers as it needs and there are, in one go, and gives them
 * back with at most one kick.  A fault in @to leaves the rest to be read.
 *
 * Context: Process context. Takes slot->rx.q.lock. Sleeps in page faults.
 * Return: bytes copied; 0 when the host end is closed and nothing is left;
 *         -EAGAIN when nothing is there; -ENODEV when the port is gone; -EIO
 *         when the device is broken; -EFAULT.
 */
ssize_t vcon_rx_copy(struct vcon_port *port, struct iov_iter *to)
{
	struct vcon_chain take = {};
	struct vcon_chain used = {};
	unsigned int num_used = 0;
	size_t copied;
	bool fault;
	int ret;

	lockdep_assert_held(&port->read_lock);

	ret = rx_take(port, iov_iter_count(to), &take);
	if (ret <= 0)
		return ret;

	copied = rx_drain(&take, &used, &num_used, to);
	fault = iov_iter_count(to) && take.first;
	rx_give_back(port, &take, &used, num_used, copied);

	if (copied)
		return copied;

	return fault ? -EFAULT : -EAGAIN;
}

/**
 * vcon_rx_get() - read into kernel memory without sleeping
 * @port: the port; no other reader exists
 * @data: where the data goes
 * @len:  room there
 *
 * Looks at the ring once: a host that returns buffers without data as fast as it
 * gets them must not keep us here, with interrupts off. So data may be pending
 * though there was none.
 *
 * Context: Any. Takes slot->rx.q.lock.
 * Return: bytes copied, 0 when there are none; -ENODEV when the port is gone.
 */
int vcon_rx_get(struct vcon_port *port, void *data, size_t len)
{
	struct vcon_rx *rx = &port->slot->rx;
	struct vcon_buf *buf;
	unsigned long flags;
	size_t done = 0;
	bool kick;
	size_t n;

	flags = vcon_vq_lock(&rx->q);
	if (port->gone) {
		vcon_vq_unlock(&rx->q, flags);
		return -ENODEV;
	}

	if (!rx->ready.first)
		rx_pull(rx);
	while (done < len && rx->ready.first) {
		buf = rx->ready.first;
		n = min_t(size_t, len - done, buf->len - buf->offset);
		memcpy(data + done, buf->data + buf->offset, n);
		buf->offset += n;
		done += n;
		if (buf->offset < buf->len)
			break;
		WRITE_ONCE(rx->ready.first, buf->next);
		rx_post(rx, buf);
	}

	rx->bytes += done;
	kick = rx_kick_prepare(rx);
	vcon_vq_unlock_notify(&rx->q, flags, kick);

	return done;
}

/**
 * vcon_rx_discard() - throw away what nobody has read, and count it
 * @slot: whose port was opened, closed or unplugged
 *
 * One pass over what is there now: a host that keeps sending fills the buffers
 * again and then has none left.
 *
 * Readers at work keep what they have detached.
 *
 * Context: Process context. Takes slot->rx.q.lock.
 */
void vcon_rx_discard(struct vcon_slot *slot)
{
	struct vcon_rx *rx = &slot->rx;
	struct vcon_buf *buf;
	unsigned long flags;
	bool kick;

	flags = vcon_vq_lock(&rx->q);
	rx_pull(rx);
	for (buf = rx->ready.first; buf; buf = buf->next)
		rx->discarded += buf->len - buf->offset;
	rx_post_chain(rx, &rx->ready);
	rx_post_spent(rx);
	kick = rx_kick_prepare(rx);
	rx_listen(rx);
	vcon_vq_unlock_notify(&rx->q, flags, kick);
}

/**
 * vcon_rx_resume() - give the device buffers again: it is back
 * @slot: the slot, with a new virtqueue
 *
 * Context: Process context. Takes slot->rx.q.lock. Sleeps.
 */
void vcon_rx_resume(struct vcon_slot *slot)
{
	if (READ_ONCE(slot->rx.filled))
		vcon_rx_fill(slot);
}

/**
 * vcon_rx_detach() - take every buffer from a device that has been reset
 * @slot: whose queue is about to be deleted
 * @keep: leave to readers what the host has sent
 *
 * Context: Process context. Takes slot->rx.q.lock.
 */
void vcon_rx_detach(struct vcon_slot *slot, bool keep)
{
	struct vcon_rx *rx = &slot->rx;
	struct vcon_chain drop = {};
	struct vcon_buf *buf;
	unsigned long flags;

	flags = vcon_vq_lock(&rx->q);
	if (keep) {
		rx_pull(rx);
	} else {
		drop = rx->ready;
		WRITE_ONCE(rx->ready.first, NULL);
	}
	vcon_chain_put_back(&drop, &rx->spent);
	rx->num_spent = 0;
	while (rx->q.vq && (buf = virtqueue_detach_unused_buf(rx->q.vq)))
		vcon_chain_add(&drop, buf);
	rx->bufs -= vcon_chain_free(&drop);
	WRITE_ONCE(rx->quiet, false);
	WRITE_ONCE(rx->q.vq, NULL);
	vcon_vq_unlock(&rx->q, flags);
}
