// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - the character device of a port, /dev/vportNpM
 *
 * Everything here is policy: what blocks, what wakes, which errno.  The queues
 * and their locks are the business of rx.c, tx.c and write.c.
 */

#include <linux/freezer.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/sockios.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "trace.h"
#include "vcon.h"

#define POLL_READABLE	(EPOLLIN | EPOLLRDNORM)
#define POLL_WRITABLE	(EPOLLOUT | EPOLLWRNORM)

/* As errnos of open(2) have always been: EBUSY in use, ENXIO not for you. */
static int chr_open_locked(struct vcon_port *port)
{
	int ret;

	lockdep_assert_held(&port->open_lock);

	if (port->gone || port->ops != &vcon_chr_ops)
		return -ENXIO;
	if (port->guest_open)
		return -EBUSY;

	/* What came while nobody was there is not for whoever comes now. */
	vcon_rx_discard(port->slot);
	ret = vcon_rx_fill(port->slot);
	if (ret)
		return ret;

	vcon_port_set_guest_open(port, true);
	return 0;
}

/**
 * vcon_chr_open() - open(2)
 * @inode: the device node
 * @file:  the file that is to be
 *
 * A port has one open file at a time, whatever its mode; the host is told.
 *
 * Context: Process context. Takes port->open_lock. Sleeps.
 * Return: 0; -EBUSY when the port is open; -ENXIO when it is a console or gone;
 *         -ENOMEM.
 */
static int vcon_chr_open(struct inode *inode, struct file *file)
{
	struct vcon_port *port = container_of(inode->i_cdev, struct vcon_port,
					      cdev);
	int ret;

	mutex_lock(&port->open_lock);
	ret = chr_open_locked(port);
	if (!ret)
		vcon_ctl_send(port->vcon, port->open, 1);
	mutex_unlock(&port->open_lock);
	if (ret)
		return ret;

	get_device(&port->dev);
	file->private_data = port;
	file->f_mode |= FMODE_NOWAIT;
	return nonseekable_open(inode, file);
}

/**
 * vcon_chr_release() - the last close(2)
 * @inode: the device node
 * @file:  the file
 *
 * What was written stays on its way to the host; what was not read is lost, and
 * counted.
 *
 * Context: Process context. Takes port->open_lock. Sleeps.
 */
static int vcon_chr_release(struct inode *inode, struct file *file)
{
	struct vcon_port *port = file->private_data;

	mutex_lock(&port->open_lock);
	if (!port->gone) {
		vcon_tx_flush(port);
		vcon_ctl_send(port->vcon, port->open, 0);
		vcon_rx_discard(port->slot);
		vcon_tx_trim(port->slot);
	}
	vcon_port_set_guest_open(port, false);
	mutex_unlock(&port->open_lock);

	put_device(&port->dev);
	return 0;
}

/* Interrupts are no use to those who do not want to wait. */
static int chr_lock(struct mutex *lock, struct kiocb *iocb)
{
	if (iocb->ki_flags & IOCB_NOWAIT)
		return mutex_trylock(lock) ? 0 : -EAGAIN;

	return mutex_lock_interruptible(lock) ? -ERESTARTSYS : 0;
}

static bool chr_may_wait(struct kiocb *iocb)
{
	return !(iocb->ki_flags & IOCB_NOWAIT) &&
	       !(iocb->ki_filp->f_flags & O_NONBLOCK);
}

/**
 * vcon_chr_read_iter() - read(2), readv(2) and their kin
 * @iocb: the open file
 * @to:   where the data goes
 *
 * Returns what is there, up to all that was asked for; never waits to fill @to.
 * port->read_lock is not held while waiting for data, so that a non-blocking
 * reader never waits behind a blocked one.
 *
 * Context: Process context. Takes and releases port->read_lock. Sleeps.
 * Return: bytes copied; 0 when the host end is closed and nothing is left;
 *         -ENODEV when the port is gone; -EIO when the device is broken;
 *         -EAGAIN, -ERESTARTSYS, -EFAULT.
 */
static ssize_t vcon_chr_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct vcon_port *port = iocb->ki_filp->private_data;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;

	for (;;) {
		if (chr_may_wait(iocb)) {
			ret = wait_event_freezable(port->rx_wait,
						   vcon_rx_ready(port));
			if (ret)
				return ret;
		}

		ret = chr_lock(&port->read_lock, iocb);
		if (ret)
			return ret;
		ret = vcon_rx_copy(port, to);
		mutex_unlock(&port->read_lock);

		if (ret > 0)
			trace_vcon_read(port->vcon->index, port->id, ret);
		if (ret != -EAGAIN || !chr_may_wait(iocb))
			return ret;

		/* There may always be a buffer, and never data in it. */
		if (signal_pending(current))
			return -ERESTARTSYS;
		cond_resched();
	}
}

/**
 * vcon_chr_write_iter() - write(2), writev(2) and their kin
 * @iocb: the open file
 * @from: the data
 *
 * Waits until all was taken.  Writes of up to VCON_ATOMIC_WRITE bytes are not
 * mixed with others; larger ones may be, as port->write_lock is not held while
 * waiting.
 *
 * Context: Process context. Takes and releases port->write_lock. Sleeps.
 * Return: bytes taken, less than asked for when there was no room and the file
 *         is non-blocking, the host closed its end or a signal came; -EAGAIN;
 *         -ENODEV when the port is gone; -EIO when the device is broken;
 *         -ERESTARTSYS, -EFAULT, -ENOMEM.
 */
static ssize_t vcon_chr_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	gfp_t gfp = iocb->ki_flags & IOCB_NOWAIT ? GFP_NOWAIT :
						   GFP_KERNEL_ACCOUNT;
	struct vcon_port *port = iocb->ki_filp->private_data;
	ssize_t total = 0;
	ssize_t ret = 0;

	while (iov_iter_count(from)) {
		ret = chr_lock(&port->write_lock, iocb);
		if (ret)
			break;
		ret = vcon_tx_copy(port, from, gfp);
		mutex_unlock(&port->write_lock);

		if (ret > 0) {
			total += ret;
			continue;
		}
		if (ret != -EAGAIN || !chr_may_wait(iocb))
			break;
		if (total && !READ_ONCE(port->host_open))
			break;

		ret = wait_event_freezable(port->tx_wait,
					   vcon_tx_ready(port) ||
					   (total && !READ_ONCE(port->host_open)));
		if (ret)
			break;
	}

	if (!total)
		return ret;

	trace_vcon_write(port->vcon->index, port->id, total);
	return total;
}

/**
 * vcon_chr_poll() - poll(2), select(2) and epoll
 * @file: the open file
 * @wait: whom to register with
 *
 * EPOLLHUP and EPOLLRDHUP for as long as the host's end is closed, with EPOLLIN,
 * since a read returns at once then; only EPOLLHUP when the port is gone.
 *
 * Context: Process context. Takes slot->rx.q.lock and slot->tx.q.lock.
 */
static __poll_t vcon_chr_poll(struct file *file, poll_table *wait)
{
	struct vcon_port *port = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &port->rx_wait, wait);
	poll_wait(file, &port->tx_wait, wait);
	/*
	 * Be seen in the queue before looking, as whoever changes something looks
	 * there afterwards: pairs with wq_has_sleeper(). Sleepers do so when they
	 * set their state, and find nothing ready, for which interrupts are enabled.
	 */
	smp_mb();
	vcon_rx_listen(port);

	if (READ_ONCE(port->gone))
		return EPOLLHUP;
	if (vcon_rx_ready(port))
		mask |= POLL_READABLE;
	if (vcon_tx_ready(port))
		mask |= POLL_WRITABLE;
	if (!READ_ONCE(port->host_open))
		mask |= EPOLLHUP | EPOLLRDHUP;

	return mask;
}

/**
 * vcon_chr_fsync() - fsync(2), fdatasync(2)
 * @file:     the open file
 * @start:    ignored: a stream has no parts
 * @end:      ignored
 * @datasync: ignored
 *
 * Waits until the host has taken all that was written.
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EIO when the host closed its end before, or the device is broken;
 *         -ENODEV when the port is gone; -ERESTARTSYS.
 */
static int vcon_chr_fsync(struct file *file, loff_t start, loff_t end,
			  int datasync)
{
	struct vcon_port *port = file->private_data;
	u32 epoch;
	int ret;
	int err;

	epoch = vcon_tx_drain_begin(port);
	ret = wait_event_freezable(port->tx_wait, vcon_tx_drained(port, epoch));
	err = vcon_tx_drain_end(port, epoch);

	return ret ? ret : err;
}

/**
 * vcon_chr_ioctl() - FIONREAD, TIOCOUTQ
 * @file: the open file
 * @cmd:  FIONREAD: bytes that can be read at once; TIOCOUTQ: bytes that the host
 *        has not taken yet
 * @arg:  where the int goes
 *
 * Context: Process context. Takes a queue lock.
 * Return: 0; -ENOTTY for anything else; -EFAULT.
 */
static long vcon_chr_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct vcon_port *port = file->private_data;
	size_t bytes;

	if (cmd == FIONREAD) {
		vcon_rx_listen(port);
		bytes = vcon_rx_pending(port);
	} else if (cmd == TIOCOUTQ) {
		bytes = vcon_tx_queued(port);
	} else {
		return -ENOTTY;
	}

	return put_user((int)min_t(size_t, bytes, INT_MAX), (int __user *)arg);
}

static int vcon_chr_fasync(int fd, struct file *file, int on)
{
	struct vcon_port *port = file->private_data;
	int ret;

	ret = fasync_helper(fd, file, on, &port->async);
	if (ret > 0) {
		smp_mb();	/* pairs with wq_has_sleeper(), as for polling */
		vcon_rx_listen(port);
	}

	return ret;
}

static void chr_rx_ready(struct vcon_port *port)
{
	bool closed = !READ_ONCE(port->host_open);

	if (wq_has_sleeper(&port->rx_wait))
		wake_up_interruptible_poll(&port->rx_wait, POLL_READABLE |
					   (closed ? EPOLLHUP | EPOLLRDHUP : 0));
	kill_fasync(&port->async, SIGIO, closed ? POLL_HUP : POLL_IN);
}

static void chr_tx_ready(struct vcon_port *port)
{
	wake_up_interruptible_poll(&port->tx_wait, POLL_WRITABLE);
	if (READ_ONCE(port->host_open))
		kill_fasync(&port->async, SIGIO, POLL_OUT);
}

/**
 * vcon_chr_hangup() - wake everybody: the port is gone
 * @port: the port
 *
 * Context: Process context.
 */
void vcon_chr_hangup(struct vcon_port *port)
{
	wake_up_all(&port->rx_wait);
	wake_up_all(&port->tx_wait);
	kill_fasync(&port->async, SIGIO, POLL_HUP);
}

const struct vcon_port_ops vcon_chr_ops = {
	.rx_ready	= chr_rx_ready,
	.tx_ready	= chr_tx_ready,
};

const struct file_operations vcon_chr_fops = {
	.owner		= THIS_MODULE,
	.open		= vcon_chr_open,
	.release	= vcon_chr_release,
	.read_iter	= vcon_chr_read_iter,
	.write_iter	= vcon_chr_write_iter,
	.splice_read	= compat_splice_read,
	.splice_write	= iter_file_splice_write,
	.poll		= vcon_chr_poll,
	.fsync		= vcon_chr_fsync,
	.unlocked_ioctl	= vcon_chr_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.fasync		= vcon_chr_fasync,
	.llseek		= compat_no_llseek,
};
