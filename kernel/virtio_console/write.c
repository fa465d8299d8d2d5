// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - those who hand over guest to host data
 *
 * A writer of the character device claims a buffer under the lock, copies into
 * it without the lock and hands it over under the lock; port->write_lock keeps
 * writers apart.  The console appends under the lock, since it has no user
 * memory to wait for.
 */

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/timekeeping.h>
#include <linux/uio.h>

#include "vcon.h"

/* Drop the lock and do what vcon_tx_settle() asked for. */
static void tx_unlock(struct vcon_port *port, unsigned long flags,
		      unsigned int todo)
{
	vcon_vq_unlock_notify(&port->slot->tx.q, flags, todo & VCON_KICK);

	if (todo & VCON_WAKE)
		READ_ONCE(port->ops)->tx_ready(port);
}

/* Why nothing can be taken from a writer just now, or 0. */
static int tx_refusal(struct vcon_port *port)
{
	struct vcon_tx *tx = &port->slot->tx;

	lockdep_assert_held(&tx->q.lock);

	if (port->gone)
		return -ENODEV;
	if (!tx->q.vq)		/* asleep */
		return -EAGAIN;
	if (virtqueue_is_broken(tx->q.vq))
		return -EIO;
	if (!port->host_open)
		return -EAGAIN;

	return 0;
}

/**
 * vcon_tx_ready() - would a write return now, with whatever result
 * @port: the port
 *
 * Context: Any. Takes slot->tx.q.lock.
 */
bool vcon_tx_ready(struct vcon_port *port)
{
	struct vcon_tx *tx = &port->slot->tx;
	unsigned long flags;
	bool ready;
	int ret;

	flags = vcon_vq_lock(&tx->q);
	ret = tx_refusal(port);
	ready = ret ? ret != -EAGAIN : vcon_tx_has_room(tx);
	vcon_vq_unlock(&tx->q, flags);

	return ready;
}

/*
 * Find a buffer to write into: the last staged one while it has space, else a
 * free one.  Either way nobody else sees it until tx_hand_over().
 *
 * On success the bytes that may be written are promised to the caller in
 * *@ret_len; NULL in *@ret_buf asks for a new buffer.
 *
 * Returns 0, -EAGAIN, -EIO or -ENODEV.
 */
static int tx_claim(struct vcon_port *port, size_t want, bool whole,
		    struct vcon_buf **ret_buf, size_t *ret_len)
{
	struct vcon_tx *tx = &port->slot->tx;
	struct vcon_buf *buf = NULL;
	unsigned int todo = 0;
	unsigned long flags;
	size_t len;
	int ret;

	flags = vcon_vq_lock(&tx->q);
	ret = tx_refusal(port);
	if (ret)
		goto out_unlock;

	len = min(want, vcon_tx_room(tx));
	if (!len || (whole && len < want)) {
		todo = vcon_tx_settle(tx, !vcon_tx_has_room(tx), false);
		len = min(want, vcon_tx_room(tx));
	}
	if (!len || (whole && len < want)) {
		tx->full++;
		ret = -EAGAIN;
		goto out_unlock;
	}

	if (!list_empty(&tx->staged)) {
		buf = list_last_entry(&tx->staged, struct vcon_buf, node);
		if (buf->len < buf->size)
			list_del_init(&buf->node);
		else
			buf = NULL;
	}
	if (!buf)
		buf = vcon_pool_get(&tx->pool);

	len = min_t(size_t, len, buf ? buf->size - buf->len : VCON_TX_BUF_BYTES);
	tx->queued += len;
	*ret_len = len;
	*ret_buf = buf;

out_unlock:
	tx_unlock(port, flags, todo);
	return ret;
}

/*
 * Stage what was written: @promised bytes were asked for, @written came.  A
 * port that went away meanwhile has no use for them.
 */
static int tx_hand_over(struct vcon_port *port, struct vcon_buf *buf,
			size_t promised, size_t written)
{
	struct vcon_tx *tx = &port->slot->tx;
	unsigned int todo = 0;
	unsigned long flags;
	bool was_full;
	int ret = 0;

	flags = vcon_vq_lock(&tx->q);
	if (port->gone) {
		/* Earlier writes were accepted, this one is refused. */
		if (buf)
			tx->discarded += buf->len - written;
		vcon_buf_free(buf);
		ret = -ENODEV;
		goto out_unlock;
	}

	was_full = !vcon_tx_has_room(tx);
	tx->queued -= promised - written;
	tx->bytes += written;
	if (buf && buf->len)
		list_add_tail(&buf->node, &tx->staged);
	else if (buf)
		vcon_tx_pool_put(tx, buf);
	todo = vcon_tx_settle(tx, was_full, false);

out_unlock:
	tx_unlock(port, flags, todo);
	return ret;
}

static struct vcon_buf *tx_alloc(gfp_t gfp)
{
	struct vcon_buf *buf;

	buf = vcon_buf_alloc(VCON_TX_BUF_BYTES,
			     gfp | __GFP_NOWARN | __GFP_NORETRY);
	if (buf)
		return buf;

	return vcon_buf_alloc(PAGE_SIZE, gfp | __GFP_NOWARN);
}

/* Append to @buf, as of a page: its bounds need not be looked up each time. */
static size_t tx_append(struct vcon_buf *buf, size_t len, struct iov_iter *from)
{
	size_t n;

	n = copy_page_from_iter(virt_to_page(buf->data),
				offset_in_page(buf->data) + buf->len,
				min_t(size_t, len, buf->size - buf->len), from);
	buf->len += n;

	return n;
}

/* One buffer's worth of tx_copy(); returns as it does. */
static ssize_t tx_copy_one(struct vcon_port *port, struct iov_iter *from,
			   bool whole, gfp_t gfp)
{
	struct vcon_buf *buf;
	size_t copied = 0;
	bool fresh;
	size_t len;
	int ret;

	ret = tx_claim(port, iov_iter_count(from), whole, &buf, &len);
	if (ret)
		return ret;

	fresh = !buf;
	if (fresh)
		buf = tx_alloc(gfp);
	if (buf) {
		copied = tx_append(buf, len, from);
		ret = copied ? 0 : -EFAULT;
	} else {
		ret = gfp & __GFP_DIRECT_RECLAIM ? -ENOMEM : -EAGAIN;
	}

	/* Always: what was promised and not used goes back. */
	if (tx_hand_over(port, buf, len, copied))
		return -ENODEV;
	if (fresh)
		vcon_tx_trim_later(port);

	return ret ? ret : copied;
}

/**
 * vcon_tx_copy() - take data from a writer
 * @port: the port; the caller holds port->write_lock and a reference
 * @from: the data
 * @gfp:  GFP_KERNEL_ACCOUNT, or GFP_NOWAIT for a caller that must not sleep
 *
 * Takes all there is room for; up to VCON_ATOMIC_WRITE bytes are taken as a
 * whole or not at all.
 *
 * Context: Process context. Takes slot->tx.q.lock. Sleeps in page faults.
 * Return: bytes taken, never 0; -EAGAIN when there is no room or the host end is
 *         closed; -ENODEV when the port is gone; -EIO when the device is broken;
 *         -EFAULT, -ENOMEM.
 */
ssize_t vcon_tx_copy(struct vcon_port *port, struct iov_iter *from, gfp_t gfp)
{
	bool whole = iov_iter_count(from) <= VCON_ATOMIC_WRITE;
	ssize_t total = 0;
	ssize_t n;

	lockdep_assert_held(&port->write_lock);

	do {
		/* The second buffer of a whole write was promised by the first. */
		n = tx_copy_one(port, from, whole && !total, gfp);
		if (n < 0)
			return total ? total : n;
		total += n;
	} while (iov_iter_count(from));

	return total;
}

/*
 * printk() hands its messages over in pieces of this size, and then calls
 * vcon_tx_flush().  Pieces of a terminal may be as small, and are not followed by
 * anything.
 */
#define TX_CONSOLE_PIECE	16

/* How long console output waits for whoever is inside the lock. */
#define TX_CONSOLE_WAIT_NS	(50 * NSEC_PER_MSEC)

/*
 * The lock for console output, which comes from anywhere: from a message that
 * the virtio core prints about this very ring, and from a processor that has
 * just stopped all others, perhaps inside the lock.
 *
 * The message about the ring may also wait, inside the lock, for the processor
 * that prints just now, and that one comes here.  So this does not wait for ever.
 */
static bool tx_lock_console(struct vcon_vq *q, unsigned long *flags)
{
	u64 end = ktime_get_mono_fast_ns() + TX_CONSOLE_WAIT_NS;
	bool ours;

	local_irq_save(*flags);
	ours = READ_ONCE(q->holder) == smp_processor_id();
	local_irq_restore(*flags);
	if (ours)
		return false;

	while (!vcon_vq_trylock(q, flags)) {
		if (oops_in_progress || ktime_get_mono_fast_ns() > end)
			return false;
		cpu_relax();
	}

	return true;
}

/* The staged buffer that console output is appended to, or NULL. */
static struct vcon_buf *tx_console_buf(struct vcon_tx *tx)
{
	struct vcon_buf *buf;

	if (!list_empty(&tx->staged)) {
		buf = list_last_entry(&tx->staged, struct vcon_buf, node);
		if (buf->len < buf->size)
			return buf;
	}

	buf = vcon_pool_get(&tx->pool);
	if (!buf)
		buf = tx_alloc(GFP_ATOMIC);
	if (buf)
		list_add_tail(&buf->node, &tx->staged);

	return buf;
}

/**
 * vcon_tx_put() - take console output
 * @port: the port; it has no other writers
 * @data: what was printed
 * @len:  its length
 *
 * Never waits for the host, whose end may be open or not.  Once the device is
 * broken, as the virtio core leaves it when the machine is shut down, output goes
 * through the emergency register.
 *
 * Context: Any, a panic included. Takes slot->tx.q.lock.
 * Return: bytes taken, 0 when there is no room; -ENODEV when the port is gone.
 */
int vcon_tx_put(struct vcon_port *port, const void *data, size_t len)
{
	struct vcon_tx *tx = &port->slot->tx;
	struct vcon_buf *buf;
	unsigned int todo = 0;
	unsigned long flags;
	size_t done = 0;
	size_t n;

	if (!tx_lock_console(&tx->q, &flags))
		return 0;

	if (port->gone) {
		vcon_vq_unlock(&tx->q, flags);
		return -ENODEV;
	}
	if (tx->q.vq && virtqueue_is_broken(tx->q.vq)) {
		vcon_vq_unlock(&tx->q, flags);
		return vcon_emergency_write(port->vcon, data, len);
	}

	if (!vcon_tx_has_room(tx))
		todo |= vcon_tx_settle(tx, true, false);
	/* Here, as vcon_tx_trim_later() is not for all contexts. */
	if (vcon_tx_is_idle(tx))
		vcon_pool_trim(&tx->pool, 1);
	while (done < len && vcon_tx_room(tx) && (buf = tx_console_buf(tx))) {
		n = min3(len - done, (size_t)(buf->size - buf->len),
			 vcon_tx_room(tx));
		memcpy(buf->data + buf->len, data + done, n);
		buf->len += n;
		tx->queued += n;
		done += n;
	}

	tx->bytes += done;
	if (done < len)
		tx->full++;
	if (len > TX_CONSOLE_PIECE)
		todo |= vcon_tx_settle(tx, false, false);
	else
		irq_work_queue(&port->push);
	/* Not VCON_WAKE: hvc is the one who called. */
	vcon_vq_unlock_notify(&tx->q, flags, todo & VCON_KICK);

	return done;
}

/**
 * vcon_tx_push_work() - send what small pieces of console output were put
 * @work: the port's
 *
 * Runs once interrupts are enabled again: after a terminal's piece, and after a
 * whole message of printk(), which has been flushed by then.
 *
 * Context: Interrupt. Takes slot->tx.q.lock.
 */
void vcon_tx_push_work(struct irq_work *work)
{
	struct vcon_port *port = container_of(work, struct vcon_port, push);
	struct vcon_tx *tx = &port->slot->tx;
	unsigned int todo = 0;
	unsigned long flags;

	flags = vcon_vq_lock(&tx->q);
	if (!port->gone)
		todo = vcon_tx_settle(tx, !vcon_tx_has_room(tx), false);
	tx_unlock(port, flags, todo);
}

/**
 * vcon_tx_flush() - send what is staged without waiting for more
 * @port: the port
 *
 * Context: Any, a panic included. Takes slot->tx.q.lock.
 */
void vcon_tx_flush(struct vcon_port *port)
{
	struct vcon_tx *tx = &port->slot->tx;
	unsigned int todo = 0;
	unsigned long flags;

	if (!tx_lock_console(&tx->q, &flags))
		return;

	if (!port->gone)
		todo = vcon_tx_settle(tx, false, true);
	vcon_vq_unlock_notify(&tx->q, flags, todo & VCON_KICK);
}
