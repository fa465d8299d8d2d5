// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - the control queues (VIRTIO 5.3.6.2)
 *
 * Receiving: QEMU drops a message for which it finds no buffer.  So the work
 * takes all messages off the queue, copies them out of shared memory and gives
 * the buffers back before it acts upon the first one.
 *
 * Announcing a port: PORT_READY makes the host answer with up to three messages,
 * CONSOLE_PORT, PORT_NAME and PORT_OPEN.  Only one port at a time is made ready,
 * so that the answers always find buffers, and a port is published when its
 * PORT_READY came back, since the answers are in the queue by then: what the
 * device node's first uevent says is complete.
 *
 * A burst that used up all buffers may have lost messages all the same: a host
 * with more ports than buffers announces them at once.  Then every port is asked
 * again, and ids without a port are asked too, since a PORT_READY for a port that
 * we have not heard of is answered like any other.
 */

#include <linux/jiffies.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_console.h>

#include "trace.h"
#include "vcon.h"

/* The longest message: a header and a port's name. */
#define CONTROL_BUF_BYTES	1024
#define CONTROL_PAYLOAD		(CONTROL_BUF_BYTES - \
				 sizeof(struct virtio_console_control))

/* More buffers than this are not given to the host, however long its queue. */
#define CONTROL_BUFS_MAX	256

/* How long a host may sit on PORT_READY before the port is published anyway. */
#define ANSWER_MS		100

static struct vcon_msg *inbox_at(struct vcon *vcon, unsigned int i)
{
	return vcon->inbox + i * (sizeof(struct vcon_msg) + CONTROL_PAYLOAD);
}

/* Say that something is no port of ours. */
static void control_refuse(struct vcon *vcon, u32 id)
{
	unsigned long flags;
	bool busy;

	flags = vcon_vq_lock(&vcon->control_tx);
	busy = vcon->refusal->busy;
	if (!busy)
		vcon->refusal->id = id;
	vcon_vq_unlock(&vcon->control_tx, flags);

	if (!busy)
		vcon_ctl_send(vcon, vcon->refusal, 0);
}

static void control_reclaim(struct vcon *vcon)
{
	struct vcon_ctl *ctl;

	while ((ctl = vcon_ctl_get_sent(vcon))) {
		if ((vcon->answering && ctl == vcon->answering->ready) ||
		    (vcon->probing && ctl == vcon->probe))
			vcon->answered = true;
		vcon_ctl_put(ctl);
	}
}

static bool control_post(struct vcon *vcon, void *data)
{
	struct scatterlist sg;

	lockdep_assert_held(&vcon->control_rx.lock);

	sg_init_one(&sg, data, CONTROL_BUF_BYTES);
	return !virtqueue_add_inbuf(vcon->control_rx.vq, &sg, 1, data,
				    GFP_ATOMIC);
}

/*
 * Copy a message out of memory that the host can still write to, once, and wipe
 * it: the next message's length is the host's word only.
 */
static bool control_read(struct vcon *vcon, struct vcon_msg *msg, void *data,
			 unsigned int len)
{
	struct virtio_console_control head;

	len = min_t(unsigned int, len, CONTROL_BUF_BYTES);
	if (len < sizeof(head)) {
		dev_warn_ratelimited(&vcon->vdev->dev,
				     "control message of %u bytes, expected %zu or more\n",
				     len, sizeof(head));
		return false;
	}

	memcpy(&head, data, sizeof(head));
	msg->id = virtio32_to_cpu(vcon->vdev, head.id);
	msg->event = virtio16_to_cpu(vcon->vdev, head.event);
	msg->value = virtio16_to_cpu(vcon->vdev, head.value);
	msg->len = len - sizeof(head);
	memcpy(msg->payload, data + sizeof(head), msg->len);
	return true;
}

/*
 * Take what the host has sent, at most an inbox full, and give the buffers back.
 * *@ret_more is whether the queue may hold more.
 */
static unsigned int control_receive(struct vcon *vcon, bool *ret_more)
{
	unsigned int taken = 0;
	unsigned int num = 0;
	unsigned long flags;
	unsigned int len;
	void *data;

	while (taken < vcon->inbox_size) {
		flags = vcon_vq_lock(&vcon->control_rx);
		data = virtqueue_get_buf(vcon->control_rx.vq, &len);
		vcon_vq_unlock(&vcon->control_rx, flags);
		if (!data)
			break;

		taken++;
		if (control_read(vcon, inbox_at(vcon, num), data, len))
			num++;
		memset(data, 0, CONTROL_BUF_BYTES);

		flags = vcon_vq_lock(&vcon->control_rx);
		if (control_post(vcon, data))
			data = NULL;
		vcon_vq_unlock(&vcon->control_rx, flags);
		kfree(data);
	}

	*ret_more = taken == vcon->inbox_size;
	return num;
}

static struct vcon_port *control_create(struct vcon *vcon, u32 id)
{
	struct vcon_port *port;

	port = vcon_port_create(vcon, id);
	if (!IS_ERR(port))
		return port;

	dev_err_ratelimited(&vcon->vdev->dev,
			    "port %u cannot be added: error %ld\n", id,
			    PTR_ERR(port));
	control_refuse(vcon, id);
	return NULL;
}

static void control_port_add(struct vcon *vcon, struct vcon_port *port,
			     const struct vcon_msg *msg)
{
	if (port) {
		/*
		 * Said again: it is to be told again, also when it is being told
		 * right now and may have said so after it had heard.
		 */
		if (list_empty(&port->unready))
			list_add_tail(&port->unready, &vcon->unready);
		return;
	}

	port = control_create(vcon, msg->id);
	if (port)
		list_add_tail(&port->unready, &vcon->unready);
}

static void control_port_remove(struct vcon *vcon, struct vcon_port *port,
				const struct vcon_msg *msg)
{
	vcon_port_unplug(port);
}

static void control_console_port(struct vcon *vcon, struct vcon_port *port,
				 const struct vcon_msg *msg)
{
	if (msg->value)
		vcon_port_set_console(port);
}

static void control_resize(struct vcon *vcon, struct vcon_port *port,
			   const struct vcon_msg *msg)
{
	__virtio16 size[2];	/* columns, rows */

	if (!virtio_has_feature(vcon->vdev, VIRTIO_CONSOLE_F_SIZE))
		return;

	memcpy(size, msg->payload, sizeof(size));
	vcon_port_set_size(port, virtio16_to_cpu(vcon->vdev, size[0]),
			   virtio16_to_cpu(vcon->vdev, size[1]));
}

static void control_port_open(struct vcon *vcon, struct vcon_port *port,
			      const struct vcon_msg *msg)
{
	port->open_seen = msg->value;
	vcon_port_set_host_open(port, msg->value);
}

static void control_port_name(struct vcon *vcon, struct vcon_port *port,
			      const struct vcon_msg *msg)
{
	vcon_port_set_name(port, msg->payload, msg->len);
}

struct control_event {
	void (*act)(struct vcon *vcon, struct vcon_port *port,
		    const struct vcon_msg *msg);
	u32 payload;		/* bytes that must follow the header */
	bool portless;		/* the port need not exist */
	bool answer;		/* may answer PORT_READY */
};

/* VIRTIO 5.3.6.2; what is not here is for the host to receive, or unknown. */
static const struct control_event control_events[] = {
	[VIRTIO_CONSOLE_PORT_ADD]	= { control_port_add, .portless = true },
	[VIRTIO_CONSOLE_PORT_REMOVE]	= { control_port_remove },
	[VIRTIO_CONSOLE_CONSOLE_PORT]	= { control_console_port, .answer = true },
	[VIRTIO_CONSOLE_RESIZE]		= { control_resize, .payload = 4 },
	[VIRTIO_CONSOLE_PORT_OPEN]	= { control_port_open, .answer = true },
	[VIRTIO_CONSOLE_PORT_NAME]	= { control_port_name, .payload = 1,
					    .answer = true },
};

/* Check a message against the table, then act upon it. */
static void control_act(struct vcon *vcon, const struct vcon_msg *msg)
{
	struct device *dev = &vcon->vdev->dev;
	const struct control_event *event;
	struct vcon_port *port;

	if (msg->event >= ARRAY_SIZE(control_events) ||
	    !control_events[msg->event].act) {
		dev_dbg_ratelimited(dev, "control event %u: unknown, ignoring\n",
				    msg->event);
		return;
	}

	event = &control_events[msg->event];
	if (msg->id >= vcon->max_ports) {
		dev_warn_ratelimited(dev,
				     "control event %u: port %u, expected less than %u\n",
				     msg->event, msg->id, vcon->max_ports);
		return;
	}
	if (msg->len < event->payload) {
		dev_warn_ratelimited(dev,
				     "control event %u: %u bytes of payload, expected %u\n",
				     msg->event, msg->len, event->payload);
		return;
	}

	port = rcu_access_pointer(vcon->slots[msg->id].port);
	if (!port && event->answer && vcon->probing && vcon->probe->id == msg->id)
		port = control_create(vcon, msg->id);
	if (!port && !event->portless) {
		dev_dbg_ratelimited(dev, "control event %u: no port %u\n",
				    msg->event, msg->id);
		return;
	}

	trace_vcon_control_in(vcon->index, msg->id, msg->event, msg->value);
	event->act(vcon, port, msg);
}

/* The host's answers about a port are in, or too late: show the port. */
static void control_answered(struct vcon *vcon)
{
	struct vcon_port *port = vcon->answering;

	if (vcon->probing)
		port = rcu_access_pointer(vcon->slots[vcon->probe->id].port);
	cancel_delayed_work(&vcon->answer_late);
	if (port) {
		if (port->unsure && vcon->answered && !port->open_seen)
			vcon_port_set_host_open(port, false);
		port->unsure = false;
		vcon_port_publish(port);
		/* A device that has slept does not know it any more. */
		vcon_ctl_send(vcon, port->open, port->open->value);
	}
	vcon->answering = NULL;
	vcon->probing = false;
	vcon->answered = false;
}

/* Turn to the next id that may have a port we have not heard of. */
static void control_probe_next(struct vcon *vcon)
{
	while (vcon->probe_next < vcon->max_ports &&
	       rcu_access_pointer(vcon->slots[vcon->probe_next].port))
		vcon->probe_next++;
	if (vcon->probe_next >= vcon->max_ports || vcon->probe->busy)
		return;

	vcon->probing = true;
	vcon->probe->id = vcon->probe_next++;
	vcon_ctl_send(vcon, vcon->probe, 1);
}

static void control_next(struct vcon *vcon)
{
	struct vcon_port *port;

	if (vcon->answering || vcon->probing)
		return;

	port = list_first_entry_or_null(&vcon->unready, struct vcon_port,
					unready);
	if (port) {
		list_del_init(&port->unready);
		vcon->answering = port;
		port->open_seen = false;
		vcon_ctl_send(vcon, port->ready, 1);
	} else {
		control_probe_next(vcon);
	}

	if (vcon->answering || vcon->probing)
		mod_delayed_work(vcon->wq, &vcon->answer_late,
				 msecs_to_jiffies(ANSWER_MS));
}

/* Messages may have been lost: ask about every port there is or may be. */
static void control_resync(struct vcon *vcon)
{
	struct vcon_port *port;
	u32 id;

	for (id = 0; id < vcon->max_ports; id++) {
		port = rcu_access_pointer(vcon->slots[id].port);
		if (!port)
			continue;
		port->unsure = true;
		if (list_empty(&port->unready))
			list_add_tail(&port->unready, &vcon->unready);
	}
	vcon->probe_next = 0;
	vcon->lossy = false;
}

/* Returns whether interrupts could be enabled with nothing left to do. */
static bool control_rearm(struct vcon_vq *q)
{
	unsigned long flags;
	bool idle;

	flags = vcon_vq_lock(q);
	idle = virtqueue_is_broken(q->vq) || virtqueue_enable_cb(q->vq);
	vcon_vq_unlock(q, flags);

	return idle;
}

static void control_kick(struct vcon_vq *q)
{
	unsigned long flags;
	bool kick;

	flags = vcon_vq_lock(q);
	kick = virtqueue_kick_prepare(q->vq);
	vcon_vq_unlock_notify(q, flags, kick);
}

/*
 * One round.  PORT_READY is looked for before its answers are, and taken as
 * answered only when no answer can be left in the queue.
 */
static void control_work(struct work_struct *work)
{
	struct vcon *vcon = container_of(work, struct vcon, control_work);
	unsigned int num;
	unsigned int i;
	bool more;

	if (READ_ONCE(vcon->stopped))
		return;

	control_reclaim(vcon);
	num = control_receive(vcon, &more);
	if (num)
		control_kick(&vcon->control_rx);
	for (i = 0; i < num; i++)
		control_act(vcon, inbox_at(vcon, i));

	vcon->lossy |= more;
	if (vcon->answered && !more)
		control_answered(vcon);
	if (vcon->lossy && !more)
		control_resync(vcon);
	control_next(vcon);

	/* A round at a time, so that a flood does not keep others waiting. */
	if (more || !control_rearm(&vcon->control_rx) ||
	    !control_rearm(&vcon->control_tx))
		queue_work(vcon->wq, &vcon->control_work);
}

static void control_answer_late(struct work_struct *work)
{
	struct vcon *vcon = container_of(to_delayed_work(work), struct vcon,
					 answer_late);

	if (READ_ONCE(vcon->stopped) || (!vcon->answering && !vcon->probing))
		return;

	control_answered(vcon);
	control_next(vcon);
}

/**
 * vcon_control_intr() - something happened on a control queue
 * @vq: either of them
 *
 * Context: virtqueue callback, typically interrupt.
 */
void vcon_control_intr(struct virtqueue *vq)
{
	struct vcon *vcon = vq->vdev->priv;
	struct vcon_vq *q = vq->index == 2 ? &vcon->control_rx :
					     &vcon->control_tx;
	unsigned long flags;

	flags = vcon_vq_lock(q);
	if (q->vq)
		virtqueue_disable_cb(vq);
	vcon_vq_unlock(q, flags);

	queue_work(vcon->wq, &vcon->control_work);
}

/**
 * vcon_control_forget() - a port is going away, await no answer about it
 * @port: the port
 *
 * Context: as for fields marked W.
 */
void vcon_control_forget(struct vcon_port *port)
{
	struct vcon *vcon = port->vcon;

	list_del_init(&port->unready);
	if (vcon->answering == port) {
		vcon->answering = NULL;
		vcon->answered = false;
	}
}

/**
 * vcon_control_init() - prepare what lives as long as the device
 * @vcon: the device
 *
 * Return: 0 or -ENOMEM; vcon_control_finish() undoes either.
 */
int vcon_control_init(struct vcon *vcon)
{
	spin_lock_init(&vcon->control_rx.lock);
	spin_lock_init(&vcon->control_tx.lock);
	vcon->control_rx.holder = -1;
	vcon->control_tx.holder = -1;
	INIT_LIST_HEAD(&vcon->control_queue);
	INIT_LIST_HEAD(&vcon->control_done);
	INIT_LIST_HEAD(&vcon->unready);
	INIT_WORK(&vcon->control_work, control_work);
	INIT_DELAYED_WORK(&vcon->answer_late, control_answer_late);
	vcon->stopped = true;
	vcon->probe_next = U32_MAX;

	vcon->device_ready = vcon_ctl_create(NULL, VIRTIO_CONSOLE_BAD_ID,
					     VIRTIO_CONSOLE_DEVICE_READY);
	vcon->refusal = vcon_ctl_create(NULL, 0, VIRTIO_CONSOLE_PORT_READY);
	vcon->probe = vcon_ctl_create(NULL, 0, VIRTIO_CONSOLE_PORT_READY);
	if (!vcon->device_ready || !vcon->refusal || !vcon->probe)
		return -ENOMEM;

	return 0;
}

/**
 * vcon_control_finish() - the opposite of vcon_control_init()
 * @vcon: the device, stopped and detached
 */
void vcon_control_finish(struct vcon *vcon)
{
	vcon_ctl_destroy(vcon->device_ready);
	vcon_ctl_destroy(vcon->refusal);
	vcon_ctl_destroy(vcon->probe);
	kvfree(vcon->inbox);
}

/**
 * vcon_control_start() - give the host buffers and tell it that we are ready
 * @vcon: the device, with its queues, DRIVER_OK
 *
 * Context: Process context. Takes the control queues' locks. Sleeps.
 * Return: 0; -ENOMEM, and the host knows that nothing will come of it.
 */
int vcon_control_start(struct vcon *vcon)
{
	unsigned int num = min_t(unsigned int, CONTROL_BUFS_MAX,
				 virtqueue_get_vring_size(vcon->control_rx.vq));
	unsigned int posted = 0;
	unsigned long flags;
	bool refused;
	void *data;

	if (!vcon->inbox)
		vcon->inbox = kvcalloc(num, sizeof(struct vcon_msg) +
				       CONTROL_PAYLOAD, GFP_KERNEL);
	vcon->inbox_size = num;

	while (vcon->inbox && posted < num) {
		data = kzalloc(CONTROL_BUF_BYTES, GFP_KERNEL);
		if (!data)
			break;
		flags = vcon_vq_lock(&vcon->control_rx);
		refused = !control_post(vcon, data);
		vcon_vq_unlock(&vcon->control_rx, flags);
		if (refused) {
			kfree(data);
			break;
		}
		posted++;
	}

	flags = vcon_vq_lock(&vcon->control_tx);
	WRITE_ONCE(vcon->stopped, false);
	vcon_vq_unlock(&vcon->control_tx, flags);

	if (posted)
		control_kick(&vcon->control_rx);
	vcon_ctl_send(vcon, vcon->device_ready, posted ? 1 : 0);

	return posted ? 0 : -ENOMEM;
}

/**
 * vcon_control_stop() - neither act upon messages nor send any
 * @vcon: the device
 *
 * Context: Process context. Sleeps until the work is at rest.
 */
void vcon_control_stop(struct vcon *vcon)
{
	unsigned long flags;

	flags = vcon_vq_lock(&vcon->control_tx);
	WRITE_ONCE(vcon->stopped, true);
	vcon_vq_unlock(&vcon->control_tx, flags);

	cancel_work_sync(&vcon->control_work);
	cancel_delayed_work_sync(&vcon->answer_late);
	vcon->answering = NULL;
	vcon->probing = false;
	vcon->answered = false;
}

/**
 * vcon_control_detach() - take every buffer from a device that has been reset
 * @vcon: the device, stopped
 *
 * Context: Process context. Takes the control queues' locks. Sleeps.
 */
void vcon_control_detach(struct vcon *vcon)
{
	unsigned long flags;
	void *data;

	vcon_ctl_detach(vcon);

	flags = vcon_vq_lock(&vcon->control_rx);
	while (vcon->control_rx.vq &&
	       (data = virtqueue_detach_unused_buf(vcon->control_rx.vq)))
		kfree(data);
	vcon->control_rx.vq = NULL;
	vcon_vq_unlock(&vcon->control_rx, flags);
}
