// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - what the host has not taken yet: how much, and waiting for it
 */

#include <linux/list.h>

#include "vcon.h"

/**
 * vcon_tx_drain_begin() - prepare to wait until the host has taken everything
 * @port: the port
 *
 * Context: Process context. Takes slot->tx.q.lock.
 * Return: the epoch, for vcon_tx_drained() and vcon_tx_drain_end().
 */
u32 vcon_tx_drain_begin(struct vcon_port *port)
{
	struct vcon_tx *tx = &port->slot->tx;
	unsigned int todo = 0;
	unsigned long flags;
	u32 epoch;

	flags = vcon_vq_lock(&tx->q);
	tx->drainers++;
	epoch = tx->epoch;
	if (!port->gone)
		todo = vcon_tx_settle(tx, false, true);
	vcon_vq_unlock_notify(&tx->q, flags, todo & VCON_KICK);

	return epoch;
}

/**
 * vcon_tx_drained() - is there anything left to wait for
 * @port:  the port
 * @epoch: from vcon_tx_drain_begin()
 *
 * Context: Any. Takes slot->tx.q.lock.
 */
bool vcon_tx_drained(struct vcon_port *port, u32 epoch)
{
	struct vcon_tx *tx = &port->slot->tx;
	unsigned long flags;
	bool done;

	flags = vcon_vq_lock(&tx->q);
	done = port->gone || tx->epoch != epoch || vcon_tx_is_idle(tx) ||
	       (tx->q.vq && virtqueue_is_broken(tx->q.vq));
	vcon_vq_unlock(&tx->q, flags);

	return done;
}

/**
 * vcon_tx_drain_end() - how the wait came out
 * @port:  the port
 * @epoch: from vcon_tx_drain_begin()
 *
 * Context: Process context. Takes slot->tx.q.lock.
 * Return: 0 when the host has taken everything; -ENODEV when the port is gone;
 *         -EIO when the host closed its end first or the device is broken;
 *         -EAGAIN when it is still not done.
 */
int vcon_tx_drain_end(struct vcon_port *port, u32 epoch)
{
	struct vcon_tx *tx = &port->slot->tx;
	unsigned long flags;
	int ret = 0;

	flags = vcon_vq_lock(&tx->q);
	tx->drainers--;
	if (port->gone)
		ret = -ENODEV;
	else if (tx->epoch != epoch ||
		 (tx->q.vq && virtqueue_is_broken(tx->q.vq)))
		ret = -EIO;
	else if (!vcon_tx_is_idle(tx))
		ret = -EAGAIN;
	vcon_vq_unlock(&tx->q, flags);

	return ret;
}

/**
 * vcon_tx_queued() - how many bytes the host has not taken yet
 * @port: the port
 *
 * Context: Any. Takes slot->tx.q.lock.
 */
size_t vcon_tx_queued(struct vcon_port *port)
{
	struct vcon_tx *tx = &port->slot->tx;
	unsigned long flags;
	size_t queued;

	flags = vcon_vq_lock(&tx->q);
	queued = port->gone ? 0 : tx->queued;
	vcon_vq_unlock(&tx->q, flags);

	return queued;
}
