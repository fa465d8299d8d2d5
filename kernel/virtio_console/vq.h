/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio_console - a virtqueue and the lock that serialises it
 *
 * In a header because every byte that comes or goes passes here several times.
 */

#ifndef _VCON_VQ_H
#define _VCON_VQ_H

#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>

struct vcon_vq {
	spinlock_t lock;		/* serialises all use of vq */
	struct virtqueue *vq;		/* lock; NULL before and after its life */
	int holder;			/* the processor inside the lock, or -1 */
};

/**
 * vcon_vq_lock() - enter a queue
 * @q: the queue; q->vq may be NULL
 *
 * Inside is an RCU read-side section, as under every spin lock of this kind.
 *
 * Context: Any.
 * Return: the interrupt state for vcon_vq_unlock().
 */
static inline unsigned long vcon_vq_lock(struct vcon_vq *q)
	__acquires(&q->lock)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	WRITE_ONCE(q->holder, smp_processor_id());

	return flags;
}

/**
 * vcon_vq_trylock() - enter a queue unless somebody else is inside
 * @q:     the queue
 * @flags: the interrupt state for vcon_vq_unlock()
 *
 * Return: whether the queue was entered.
 */
static inline bool vcon_vq_trylock(struct vcon_vq *q, unsigned long *flags)
{
	if (!spin_trylock_irqsave(&q->lock, *flags))
		return false;
	WRITE_ONCE(q->holder, smp_processor_id());

	return true;
}

/**
 * vcon_vq_unlock() - leave a queue
 * @q:     the queue
 * @flags: from vcon_vq_lock()
 */
static inline void vcon_vq_unlock(struct vcon_vq *q, unsigned long flags)
	__releases(&q->lock)
{
	WRITE_ONCE(q->holder, -1);
	spin_unlock_irqrestore(&q->lock, flags);
}

/**
 * vcon_vq_unlock_notify() - leave a queue, then tell the host if need be
 * @q:      the queue
 * @flags:  from vcon_vq_lock()
 * @notify: virtqueue_kick_prepare() has said so
 */
static inline void vcon_vq_unlock_notify(struct vcon_vq *q,
					 unsigned long flags, bool notify)
	__releases(&q->lock)
{
	struct virtqueue *vq = q->vq;

	if (!notify) {
		vcon_vq_unlock(q, flags);
		return;
	}

	rcu_read_lock();
	vcon_vq_unlock(q, flags);
	virtqueue_notify(vq);
	rcu_read_unlock();
}

#endif /* _VCON_VQ_H */
