/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mock.h - a host in the guest's own kernel: types of the module vcon_mock
 *
 * It stands where a transport does, so that a test can say what the device does,
 * down to the rings.  It keeps to one rule that a host need not keep to: memory of
 * a buffer is touched only while the driver has lent it, because here a write to
 * anything else would be the test's own mistake.
 *
 * Locks: mock->plug_lock is outermost and orders plugging, sleep and their
 * opposites.  q->lock is taken in any context, and nothing is called under it.
 */

#ifndef _MOCK_H
#define _MOCK_H

#include <linux/bitmap.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>
#include <linux/virtio_ring.h>
#include <linux/wait.h>
#include <uapi/linux/virtio_console.h>

#include "vcon_mock.h"

/* What is kept of the emergency register's output. */
#define MOCK_EMERGENCY_BYTES	4096

struct mock_queue;

/* A buffer that the driver has lent. */
struct mock_memory {
	void *data;
	u32 size;
	bool writable;			/* by the host */
};

/*
 * One of the two formats of a ring.  All are called with q->lock held and, but for
 * start(), while the rings may be looked at.
 */
struct mock_ring_ops {
	/* The rings are new. */
	void (*start)(struct mock_queue *q);

	/* Is there a buffer to be taken? */
	bool (*has_some)(struct mock_queue *q);

	/* Return: the number of the next buffer, of which has_some() has told. */
	u32 (*take)(struct mock_queue *q);

	/* The memory of a buffer that was taken, as the driver has described it. */
	struct mock_memory (*memory)(struct mock_queue *q, u32 id);

	/* Say that buffer @id was used, with @len bytes. */
	void (*give)(struct mock_queue *q, u32 id, u32 len);

	/* Say that @count more were, with whatever is there. */
	void (*jump)(struct mock_queue *q, u32 count);

	/* Write flags to where the next used buffer goes; NULL: there are none. */
	void (*mark)(struct mock_queue *q, u16 flags);
};

struct mock_queue {
	spinlock_t lock;
	struct virtqueue *vq;		/* lock; NULL: the driver has none */
	const struct mock_ring_ops *ops;	/* lock; NULL: not to be looked at */
	const struct vring *split;	/* lock: split rings */
	struct vring_packed_desc *packed;	/* lock: a packed ring */
	bool seen_wrap;			/* lock: packed: the driver's, at seen */
	bool used_wrap;			/* lock: packed: ours, at used */
	u16 seen;			/* lock: place in the available ring */
	u16 used;			/* lock: place in the used ring */
	/* lock: packed: what was taken, since used buffers overwrite it */
	struct mock_memory lent[VCON_MOCK_ENTRIES];
	bool wild;			/* lock: a lie was told, see mock_queue_give() */
	DECLARE_BITMAP(held, VCON_MOCK_ENTRIES);	/* lock: taken, not given */
	struct irq_work irq;		/* calls back as an interrupt does */
};

struct mock {
	struct kref ref;		/* the open file, the device */
	struct mutex plug_lock;
	bool plugged;			/* plug_lock */
	bool spent;			/* plug_lock: was plugged once */
	bool asleep;			/* plug_lock */
	struct virtio_device vdev;
	u64 features;
	u8 status;
	u32 entries;
	u32 fail_queue;
	bool fail_reset;
	struct mock_queue queues[VCON_MOCK_QUEUES];

	spinlock_t config_lock;
	struct virtio_console_config config;	/* config_lock */
	u8 emergency[MOCK_EMERGENCY_BYTES];	/* config_lock */
	unsigned int emergency_len;		/* config_lock */

	wait_queue_head_t wait;		/* for buffers */
	struct irq_work kick;		/* wakes them up, from anywhere */
};

static inline struct mock *to_mock(struct virtio_device *vdev)
{
	return container_of(vdev, struct mock, vdev);
}

/* main.c */
extern struct device *mock_parent;
void mock_put(struct mock *mock);

/* device.c */
int mock_plug(struct mock *mock, struct vcon_mock_plug *plug);
int mock_unplug(struct mock *mock);
int mock_sleep(struct mock *mock);
int mock_wake(struct mock *mock, u32 fail_queue);
int mock_set_config(struct mock *mock, const struct vcon_mock_config *config);
unsigned int mock_read_emergency(struct mock *mock, u8 *data, unsigned int len);

/* queue.c */
void mock_queue_init(struct mock_queue *q);
struct virtqueue *mock_queue_create(struct virtio_device *vdev,
				    unsigned int index, const char *name,
				    vq_callback_t *callback);
void mock_queue_delete(struct mock_queue *q);
void mock_queue_start(struct mock_queue *q);
void mock_queue_stop(struct mock_queue *q);
int mock_queue_take(struct mock_queue *q, struct vcon_mock_buf *buf, void *data);
int mock_queue_give(struct mock_queue *q, const struct vcon_mock_buf *buf,
		    const void *data);
int mock_queue_jump(struct mock_queue *q, u32 count);
int mock_queue_mark(struct mock_queue *q, u16 flags);
int mock_queue_interrupt(struct mock_queue *q);
bool mock_queue_has_some(struct mock_queue *q);

/* split.c */
extern const struct mock_ring_ops mock_split_ops;

/* packed.c */
extern const struct mock_ring_ops mock_packed_ops;

/* play.c */
int mock_play(struct mock *mock, struct vcon_mock_play *play);

#endif /* _MOCK_H */
