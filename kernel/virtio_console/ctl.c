// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - control messages to the host
 *
 * Sending never waits.  A message goes into the ring if there is room and into
 * a queue if not; it is sent on when the host gives others back.
 */

#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_console.h>

#include "trace.h"
#include "vcon.h"

/**
 * vcon_ctl_create() - make a message that can be sent any number of times
 * @port:  whose it is, NULL for the device's
 * @id:    the port id to send
 * @event: VIRTIO_CONSOLE_*
 *
 * Return: the message, idle; NULL when there is no memory.
 */
struct vcon_ctl *vcon_ctl_create(struct vcon_port *port, u32 id, u16 event)
{
	struct vcon_ctl *ctl;

	ctl = kzalloc(sizeof(*ctl), GFP_KERNEL);
	if (!ctl)
		return NULL;

	ctl->wire = kzalloc(sizeof(*ctl->wire), GFP_KERNEL);
	if (!ctl->wire) {
		kfree(ctl);
		return NULL;
	}

	INIT_LIST_HEAD(&ctl->node);
	ctl->port = port;
	ctl->id = id;
	ctl->event = event;
	ctl->toggle = event == VIRTIO_CONSOLE_PORT_OPEN;
	return ctl;
}

/**
 * vcon_ctl_destroy() - free a message that is not busy
 * @ctl: the message, or NULL
 */
void vcon_ctl_destroy(struct vcon_ctl *ctl)
{
	if (!ctl)
		return;

	kfree(ctl->wire);
	kfree(ctl);
}

/* Returns whether the host must be told. */
static bool ctl_push(struct vcon *vcon)
{
	struct virtqueue *vq = vcon->control_tx.vq;
	struct scatterlist sg;
	struct vcon_ctl *ctl;
	bool pushed = false;

	lockdep_assert_held(&vcon->control_tx.lock);

	while ((ctl = list_first_entry_or_null(&vcon->control_queue,
					       struct vcon_ctl, node))) {
		ctl->sent = ctl->toggle ? !ctl->sent : ctl->value;
		ctl->wire->id = cpu_to_virtio32(vcon->vdev, ctl->id);
		ctl->wire->event = cpu_to_virtio16(vcon->vdev, ctl->event);
		ctl->wire->value = cpu_to_virtio16(vcon->vdev, ctl->sent);

		sg_init_one(&sg, ctl->wire, sizeof(*ctl->wire));
		if (virtqueue_add_outbuf(vq, &sg, 1, ctl, GFP_ATOMIC)) {
			if (ctl->toggle)
				ctl->sent = !ctl->sent;
			break;
		}
		trace_vcon_control_out(vcon->index, ctl->id, ctl->event,
				       ctl->sent);
		list_del_init(&ctl->node);
		pushed = true;
	}

	return pushed && virtqueue_kick_prepare(vq);
}

/*
 * Take back what the host has done with.  What is to be said once more goes to
 * the queue again, the rest is left to the work.
 */
static void ctl_collect(struct vcon *vcon)
{
	struct virtqueue *vq = vcon->control_tx.vq;
	struct vcon_ctl *next;
	struct vcon_ctl *ctl;
	unsigned int len;

	lockdep_assert_held(&vcon->control_tx.lock);

	while ((ctl = virtqueue_get_buf(vq, &len)))
		list_add_tail(&ctl->node, &vcon->control_done);

	list_for_each_entry_safe(ctl, next, &vcon->control_done, node) {
		if (ctl->again || (ctl->toggle && ctl->sent != ctl->value))
			list_move_tail(&ctl->node, &vcon->control_queue);
		ctl->again = false;
	}
}

/**
 * vcon_ctl_send() - tell the host something
 * @vcon:  the device; without multiport this does nothing
 * @ctl:   the message
 * @value: what it is to say now
 *
 * A message that is still on its way is sent once more when it comes back.
 * PORT_OPEN then alternates until the host knows the last state: it never
 * misses that a port was closed in between, however often.  Whether it is back
 * is looked at here as well as in the work, or data written right after an open
 * would come before it.
 *
 * Context: Process context. Takes vcon->control_tx.lock. Does not sleep.
 */
void vcon_ctl_send(struct vcon *vcon, struct vcon_ctl *ctl, u16 value)
{
	unsigned long flags;
	bool kick = false;
	bool done = false;
	bool news;

	if (!vcon->multiport)
		return;

	flags = vcon_vq_lock(&vcon->control_tx);
	news = !ctl->toggle || ctl->value != value;
	ctl->value = value;
	if (vcon->stopped || (!ctl->busy && ctl->toggle && ctl->sent == value))
		goto out_unlock;

	if (ctl->busy) {
		ctl->again |= news;
		ctl_collect(vcon);
		done = !list_empty(&vcon->control_done);
	} else {
		ctl->busy = true;
		if (ctl->port)
			get_device(&ctl->port->dev);
		list_add_tail(&ctl->node, &vcon->control_queue);
	}
	kick = ctl_push(vcon);

out_unlock:
	vcon_vq_unlock_notify(&vcon->control_tx, flags, kick);

	/* There may be no interrupt any more that says so. */
	if (done)
		queue_work(vcon->wq, &vcon->control_work);
}

/**
 * vcon_ctl_put() - drop the port's reference that a busy message held
 * @ctl: the message; it may be gone afterwards
 */
void vcon_ctl_put(struct vcon_ctl *ctl)
{
	if (ctl->port)
		put_device(&ctl->port->dev);
}

/**
 * vcon_ctl_get_sent() - take a message that the host has given back
 * @vcon: the device
 *
 * One that has to be said again goes back to the queue and is not returned.
 *
 * Context: As for fields marked W. Takes vcon->control_tx.lock.
 * Return: the message, idle, to be passed to vcon_ctl_put(); or NULL.
 */
struct vcon_ctl *vcon_ctl_get_sent(struct vcon *vcon)
{
	struct vcon_ctl *ctl;
	unsigned long flags;
	bool kick;

	flags = vcon_vq_lock(&vcon->control_tx);
	ctl_collect(vcon);
	ctl = list_first_entry_or_null(&vcon->control_done, struct vcon_ctl,
				       node);
	if (ctl) {
		list_del_init(&ctl->node);
		ctl->busy = false;
	}
	kick = ctl_push(vcon);
	vcon_vq_unlock_notify(&vcon->control_tx, flags, kick);

	return ctl;
}

/**
 * vcon_ctl_forget() - the device does not know any more what it was told
 * @vcon: the device, stopped
 * @ctl:  the message
 *
 * Context: Process context. Takes vcon->control_tx.lock.
 */
void vcon_ctl_forget(struct vcon *vcon, struct vcon_ctl *ctl)
{
	unsigned long flags;

	flags = vcon_vq_lock(&vcon->control_tx);
	ctl->sent = 0;
	vcon_vq_unlock(&vcon->control_tx, flags);
}

/**
 * vcon_ctl_detach() - take every message from a device that has been reset
 * @vcon: the device, stopped
 *
 * Context: Process context. Takes vcon->control_tx.lock. Sleeps.
 */
void vcon_ctl_detach(struct vcon *vcon)
{
	struct virtqueue *vq = vcon->control_tx.vq;
	struct vcon_ctl *ctl;
	struct vcon_ctl *next;
	unsigned long flags;
	LIST_HEAD(drop);

	flags = vcon_vq_lock(&vcon->control_tx);
	list_splice_init(&vcon->control_queue, &drop);
	list_splice_init(&vcon->control_done, &drop);
	while (vq && (ctl = virtqueue_detach_unused_buf(vq)))
		list_add_tail(&ctl->node, &drop);
	vcon->control_tx.vq = NULL;
	vcon_vq_unlock(&vcon->control_tx, flags);

	list_for_each_entry_safe(ctl, next, &drop, node) {
		list_del_init(&ctl->node);
		ctl->busy = false;
		ctl->again = false;
		vcon_ctl_put(ctl);
	}
}
