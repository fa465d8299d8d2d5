/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio_console - types and interfaces shared by the files of this module
 *
 * Objects
 * -------
 *
 * struct vcon		one per virtio device: the control queue pair and the
 *			table of slots.
 * struct vcon_slot	one per port id the device may use: a queue pair with
 *			its buffers.  Lives as long as the device, because a
 *			virtqueue does, whether a port uses it or not.
 * struct vcon_port	one per port the host has announced: what sits on top of
 *			a slot, a character device and perhaps an hvc console.
 * struct vcon_vq	a virtqueue together with the lock that serialises it.
 *
 * Locking
 * -------
 *
 * The letter after a field says what protects it; some are also read without that,
 * for a first look, and then written with WRITE_ONCE():
 *
 *  I:	set before the object is visible to others, constant afterwards
 *  W:	touched by vcon->control_work only, which never runs twice at once, and
 *	by probe and remove, freeze and restore while it cannot run
 *  C:	vcon->control_tx.lock
 *  O:	port->open_lock
 *  R:	slot->rx.q.lock
 *  T:	slot->tx.q.lock
 *  RT:	both of slot->rx.q.lock and slot->tx.q.lock for writes, either one for
 *	reads
 *  U:	written by W, read under RCU
 *
 * Locks nest in this order, outermost first:
 *
 *	port->open_lock
 *	port->read_lock, port->write_lock
 *	  slot->rx.q.lock
 *	    slot->tx.q.lock
 *	      vcon->control_tx.lock
 *
 * The vcon_vq locks are taken in virtqueue callbacks: they disable interrupts,
 * and nothing that sleeps, copies to user space, calls into hvc or prints runs
 * under them.  Printing matters because a message may come back as put_chars()
 * on the very lock; what the virtio core prints on a bad ring is caught by
 * vcon_vq.holder.
 *
 * A kick is prepared under the lock and notified after it, still in the same
 * RCU read-side section: virtqueues are deleted a grace period after the last
 * pointer to them was cleared.
 *
 * Lifetime
 * --------
 *
 * A port is refcounted through port->dev.  slot->port holds one reference, every
 * open file one and every control message of the port that the host has not
 * given back one.  vcon_port_unplug() sets port->gone under both queue locks,
 * wakes all sleepers and then drops the slot's reference; whoever takes a queue
 * lock after that sees the flag and leaves the slot alone, which may by then
 * belong to a new port of the same id.  A port holds a reference to its vcon,
 * so that the slot's locks outlive the device for as long as a file is open.
 */

#ifndef _VCON_H
#define _VCON_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/tty.h>
#include <linux/virtio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "vq.h"

struct iov_iter;
struct vcon_port;
struct hvc_struct;
struct dentry;

/* The largest max_nr_ports that is believed; the kernel's own limit since ever. */
#define VCON_MAX_PORTS		0x8000

/* A write of up to this many bytes is never mixed with another's, as in pipe(7). */
#define VCON_ATOMIC_WRITE	PIPE_BUF

/* As much as one buffer to the host holds, when memory allows. */
#define VCON_TX_BUF_BYTES	(32 * 1024)

/* One stretch of memory that travels through a data queue. */
struct vcon_buf {
	struct list_head node;		/* tx: staged; lock of the queue */
	struct vcon_buf *next;		/* in a struct vcon_chain or vcon_pool */
	struct scatterlist sg;		/* I: all of it; tx: the length as sent */
	u8 *data;			/* I */
	u32 size;			/* I: allocated */
	u32 len;			/* filled: by the host (rx), by us (tx) */
	u32 offset;			/* rx: consumed by readers */
	u32 epoch;			/* tx: vcon_tx.epoch when it was sent */
	u32 serial;			/* tx: its place among those sent */
};

/* Free buffers, kept because fresh memory is zeroed first. */
struct vcon_pool {
	struct vcon_buf *free;
	unsigned int count;
	unsigned int unused;		/* that lay here since the last look */
};

/* Buffers in a row; taken from one end, so that cutting it is no walk. */
struct vcon_chain {
	struct vcon_buf *first;		/* NULL: empty */
	struct vcon_buf *last;		/* stale when empty */
};

/* Host to guest. */
struct vcon_rx {
	struct vcon_vq q;
	struct vcon_chain ready;	/* R: filled by the host, oldest first */
	struct vcon_chain spent;	/* R: read, to be given to the host again */
	unsigned int num_spent;		/* R */
	unsigned int bufs;		/* R: in the ring, a chain or with a reader */
	bool filled;			/* R: the port has been open */
	bool quiet;			/* R: the device's interrupts are disabled */
	u64 messages;			/* R: buffers the host has filled */
	u64 bytes;			/* R: handed to readers */
	u64 discarded;			/* R: bytes nobody was there to read */
	u64 kicks;			/* R */
	u64 interrupts;			/* R */
};

/* Guest to host. */
struct vcon_tx {
	struct vcon_vq q;
	struct list_head staged;	/* T: accepted, not yet in the ring */
	struct vcon_pool pool;		/* T */
	struct delayed_work trim;	/* frees what the pool need not keep */
	size_t queued;			/* T: bytes promised, staged or in flight */
	unsigned int inflight;		/* T: buffers sent in this epoch */
	size_t inflight_bytes;		/* T: what is in them */
	unsigned int stale;		/* T: in the ring since an earlier epoch */
	u32 epoch;			/* T: counts disconnects of the host */
	u32 serial;			/* T: of the last buffer sent */
	unsigned int drainers;		/* T: those who wait until all is taken */
	bool quiet;			/* T: the device's interrupts are disabled */
	u64 messages;			/* T: buffers given to the host */
	u64 bytes;			/* T: accepted from writers */
	u64 discarded;			/* T: accepted, then the port went away */
	u64 full;			/* T: times a writer found no room */
	u64 lost;			/* T: bytes in buffers the host never returned */
	u64 resets;			/* T: times the queue was reset for those */
	u64 kicks;			/* T */
	u64 interrupts;			/* T */
};

struct vcon_slot {
	struct vcon *vcon;		/* I */
	u32 id;				/* I */
	struct vcon_rx rx;
	struct vcon_tx tx;
	struct vcon_port __rcu *port;	/* U */
};

/*
 * A control message to the host.  There is one for each thing that can be said,
 * and it is sent again when what it says has changed, so that a host which never
 * answers costs no memory.
 */
struct vcon_ctl {
	struct list_head node;		/* C: in control_queue or control_done */
	struct vcon_port *port;		/* I: whose it is; NULL: the device's */
	struct virtio_console_control *wire;	/* own memory: the device reads it */
	u32 id;				/* C: port id as sent */
	u16 event;			/* I */
	bool busy;			/* C: queued, with the host or done */
	bool again;			/* C: to be sent once more */
	bool toggle;			/* I: alternates 1 and 0 on the wire */
	u16 value;			/* C: as it should be */
	u16 sent;			/* C: as it was last said */
};

/* A control message from the host, copied once out of shared memory. */
struct vcon_msg {
	u32 len;			/* bytes of payload behind the header */
	u32 id;
	u16 event;
	u16 value;
	u8 payload[];
};

struct vcon {
	struct kref ref;
	int index;			/* I: the virtio device's number */
	struct virtio_device *vdev;	/* I; cleared of meaning by dead */
	bool multiport;			/* I */
	u32 max_ports;			/* I */
	struct vcon_slot *slots;	/* I: max_ports of them */

	struct vcon_vq control_rx;
	struct vcon_vq control_tx;
	struct list_head control_queue;	/* C: struct vcon_ctl to be sent */
	struct list_head control_done;	/* C: those the host has given back */
	struct workqueue_struct *wq;	/* I: ordered */
	struct work_struct control_work;
	struct delayed_work answer_late;
	struct work_struct config_work;	/* console size without multiport */
	void *inbox;			/* W: struct vcon_msg, evenly apart */
	unsigned int inbox_size;	/* W: messages it has room for */
	struct vcon_ctl *device_ready;	/* I: DEVICE_READY */
	struct vcon_ctl *refusal;	/* I: PORT_READY 0 for what is no port */
	struct list_head unready;	/* W: ports whose PORT_READY is to be sent */
	struct vcon_port *answering;	/* W: port whose answers are awaited */
	struct vcon_ctl *probe;		/* I: PORT_READY for what may be a port */
	bool probing;			/* W: its answers are awaited */
	u32 probe_next;			/* W: id to be probed next, if that low */
	bool lossy;			/* W: messages may have been lost */
	bool answered;			/* W: the host has given its message back */
	bool stopped;			/* C: no more messages */
};

/*
 * What sits on top of a port.  Called from virtqueue callbacks and writers,
 * without locks held; must not sleep.
 */
struct vcon_port_ops {
	/* Data, end of file or the end of the port: there is something to read. */
	void (*rx_ready)(struct vcon_port *port);

	/* A writer that found no room, or no host, may find it now. */
	void (*tx_ready)(struct vcon_port *port);
};

struct vcon_port {
	struct vcon *vcon;		/* I: holds a reference */
	struct vcon_slot *slot;		/* I */
	u32 id;				/* I */
	struct device dev;
	struct cdev cdev;
	struct list_head unready;	/* W: in vcon->unready */
	struct rcu_head rcu;

	struct vcon_ctl *ready;		/* I: PORT_READY */
	struct vcon_ctl *open;		/* I: PORT_OPEN */

	struct mutex open_lock;		/* orders open, release and unplug */
	bool guest_open;		/* O */

	struct mutex read_lock;		/* one reader consumes at a time */
	struct mutex write_lock;	/* one writer produces at a time */
	wait_queue_head_t rx_wait;
	wait_queue_head_t tx_wait;
	struct fasync_struct *async;

	const struct vcon_port_ops *ops;	/* U: chardev or hvc */
	bool host_open;			/* RT */
	bool gone;			/* RT */

	char *name;			/* W; set once, kept until release */
	bool published;			/* W: the device node exists */
	bool refused;			/* W: it could not be made, and cannot be */
	bool unsure;			/* W: host_open is to be heard again */
	bool open_seen;			/* W: the host's answers said it is open */
	bool console;			/* W: the host called it a console */
	u32 size;			/* W: columns << 16 | rows; 0: not told */
	u32 vtermno;			/* W: hvc's name for the console */
	struct hvc_struct __rcu *hvc;	/* U */
	struct irq_work push;		/* console: sends what was put */
	struct dentry *debugfs;		/* W */
};

/* Bits that say what is left to be done once a queue lock is dropped. */
#define VCON_KICK	BIT(0)		/* virtqueue_notify() */
#define VCON_WAKE	BIT(1)		/* ops->rx_ready() or ops->tx_ready() */

/* main.c */
extern unsigned int vcon_rx_buffer_bytes;
extern unsigned int vcon_rx_buffers;
extern unsigned int vcon_tx_limit_bytes;

/* device.c */
extern struct virtio_driver vcon_driver;
void vcon_get(struct vcon *vcon);
void vcon_put(struct vcon *vcon);
size_t vcon_emergency_write(struct vcon *vcon, const u8 *data, size_t len);

/* control.c */
int vcon_control_init(struct vcon *vcon);
void vcon_control_finish(struct vcon *vcon);
int vcon_control_start(struct vcon *vcon);
void vcon_control_stop(struct vcon *vcon);
void vcon_control_detach(struct vcon *vcon);
void vcon_control_forget(struct vcon_port *port);
void vcon_control_intr(struct virtqueue *vq);

/* ctl.c */
struct vcon_ctl *vcon_ctl_create(struct vcon_port *port, u32 id, u16 event);
void vcon_ctl_destroy(struct vcon_ctl *ctl);
void vcon_ctl_send(struct vcon *vcon, struct vcon_ctl *ctl, u16 value);
struct vcon_ctl *vcon_ctl_get_sent(struct vcon *vcon);
void vcon_ctl_put(struct vcon_ctl *ctl);
void vcon_ctl_forget(struct vcon *vcon, struct vcon_ctl *ctl);
void vcon_ctl_detach(struct vcon *vcon);

/* port.c */
int vcon_port_init(void);
void vcon_port_exit(void);
struct vcon_port *vcon_port_create(struct vcon *vcon, u32 id);
void vcon_port_publish(struct vcon_port *port);
void vcon_port_unplug(struct vcon_port *port);
void vcon_port_set_name(struct vcon_port *port, const u8 *name, size_t len);
void vcon_port_set_console(struct vcon_port *port);
void vcon_port_set_size(struct vcon_port *port, u16 cols, u16 rows);
void vcon_port_set_host_open(struct vcon_port *port, bool open);
void vcon_port_set_guest_open(struct vcon_port *port, bool open);
bool vcon_port_is_gone(struct vcon_port *port);

/* chardev.c */
extern const struct file_operations vcon_chr_fops;
extern const struct vcon_port_ops vcon_chr_ops;
void vcon_chr_hangup(struct vcon_port *port);

/* hvc.c */
extern const struct vcon_port_ops vcon_hvc_ops;
int vcon_hvc_start(struct vcon_port *port);
void vcon_hvc_stop(struct vcon_port *port);
void vcon_hvc_resize(struct vcon_port *port);

/* rx.c */
void vcon_rx_init(struct vcon_rx *rx);
int vcon_rx_fill(struct vcon_slot *slot);
void vcon_rx_resume(struct vcon_slot *slot);
void vcon_rx_listen(struct vcon_port *port);
void vcon_rx_intr(struct virtqueue *vq);
bool vcon_rx_ready(struct vcon_port *port);
ssize_t vcon_rx_copy(struct vcon_port *port, struct iov_iter *to);
size_t vcon_rx_pending(struct vcon_port *port);
int vcon_rx_get(struct vcon_port *port, void *data, size_t len);
void vcon_rx_discard(struct vcon_slot *slot);
void vcon_rx_detach(struct vcon_slot *slot, bool keep);

/* tx.c */
void vcon_tx_init(struct vcon_tx *tx);
size_t vcon_tx_room(const struct vcon_tx *tx);
bool vcon_tx_has_room(const struct vcon_tx *tx);
bool vcon_tx_is_idle(const struct vcon_tx *tx);
void vcon_tx_pool_put(struct vcon_tx *tx, struct vcon_buf *buf);
unsigned int vcon_tx_settle(struct vcon_tx *tx, bool was_full, bool flush);
void vcon_tx_intr(struct virtqueue *vq);
void vcon_tx_new_epoch(struct vcon_slot *slot);
void vcon_tx_recover(struct vcon_slot *slot);
void vcon_tx_discard(struct vcon_slot *slot);
void vcon_tx_trim(struct vcon_slot *slot);
void vcon_tx_trim_later(struct vcon_port *port);
void vcon_tx_trim_cancel(struct vcon_slot *slot);
void vcon_tx_resume(struct vcon_slot *slot);
void vcon_tx_detach(struct vcon_slot *slot, bool keep);

/* drain.c */
u32 vcon_tx_drain_begin(struct vcon_port *port);
bool vcon_tx_drained(struct vcon_port *port, u32 epoch);
int vcon_tx_drain_end(struct vcon_port *port, u32 epoch);
size_t vcon_tx_queued(struct vcon_port *port);

/* write.c */
bool vcon_tx_ready(struct vcon_port *port);
ssize_t vcon_tx_copy(struct vcon_port *port, struct iov_iter *from, gfp_t gfp);
int vcon_tx_put(struct vcon_port *port, const void *data, size_t len);
void vcon_tx_push_work(struct irq_work *work);
void vcon_tx_flush(struct vcon_port *port);

/* buf.c */
struct vcon_buf *vcon_buf_alloc(size_t size, gfp_t gfp);
void vcon_buf_free(struct vcon_buf *buf);
void vcon_buf_free_list(struct list_head *list);
unsigned int vcon_chain_free(struct vcon_chain *chain);
struct vcon_buf *vcon_pool_get(struct vcon_pool *pool);
void vcon_pool_put(struct vcon_pool *pool, struct vcon_buf *buf,
		   unsigned int most);
void vcon_pool_trim(struct vcon_pool *pool, unsigned int keep);
void vcon_pool_age(struct vcon_pool *pool, unsigned int keep);

/* stats.c */
void vcon_stats_init(void);
void vcon_stats_exit(void);
void vcon_stats_add(struct vcon_port *port);
void vcon_stats_remove(struct vcon_port *port);

static inline void vcon_chain_add(struct vcon_chain *chain, struct vcon_buf *buf)
{
	buf->next = NULL;
	if (chain->first)
		chain->last->next = buf;
	else
		WRITE_ONCE(chain->first, buf);
	chain->last = buf;
}

/* Put all of @more before what is in @chain. */
static inline void vcon_chain_put_back(struct vcon_chain *chain,
				       struct vcon_chain *more)
{
	if (!more->first)
		return;

	more->last->next = chain->first;
	if (!chain->first)
		chain->last = more->last;
	WRITE_ONCE(chain->first, more->first);
	more->first = NULL;
}

/* Move the buffers from the first to @last, which is one of them, to @to. */
static inline void vcon_chain_cut(struct vcon_chain *chain, struct vcon_buf *last,
				  struct vcon_chain *to)
{
	to->first = chain->first;
	to->last = last;
	WRITE_ONCE(chain->first, last->next);
	last->next = NULL;
}

static inline struct vcon_slot *vcon_slot_of(struct virtqueue *vq)
{
	struct vcon *vcon = vq->vdev->priv;

	/* VIRTIO 5.3.2: 0, 1: port 0; 2, 3: control; 4, 5: port 1; ... */
	return &vcon->slots[vq->index < 2 ? 0 : vq->index / 2 - 1];
}

#endif /* _VCON_H */
