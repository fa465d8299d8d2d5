/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtqueue.h - the device's end of a virtqueue
 *
 * A device takes elements with virtqueue_pop(), may give the last ones back as
 * if it had never seen them with virtqueue_unpop(), returns the others in order
 * with virtqueue_push() and shows them to the driver, all at once, with
 * virtqueue_flush(), or virtqueue_show() while there are more to come.  No element is kept from one turn of the event loop to the
 * next: what is not used is not taken.  So the position in the ring is the
 * whole state, and stopping a ring needs no draining.
 *
 * Trust
 * -----
 *
 * Every byte of a ring belongs to the guest and may change under our eyes:
 * each field is read once, checked, and used from the copy.  What a correct
 * driver cannot write breaks the device.
 */

#ifndef VPORTEMU_VIRTQUEUE_H
#define VPORTEMU_VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct virtio_device;
struct virtqueue;

/*
 * Pieces of memory in one element: what readv() and writev() take in one call
 * (IOV_MAX), and as many as QEMU allows.
 */
#define VIRTQUEUE_MAX_SEGMENTS	1024

/* The specification's. */
#define VIRTQUEUE_MAX_SIZE	32768

/* For who only looks. */
#define VIRTQUEUE_VIEW_DESCS	128

struct virtqueue_elem {
	struct iovec *iov;	/* what the device reads, then what it writes */
	unsigned int out_num;
	unsigned int in_num;
	size_t out_len;
	size_t in_len;
	uint16_t id;
	uint16_t slots;		/* places in the ring that it took */
};

/*
 * What has to be known of a queue, besides what is in the ring, to go on with
 * it: in another process or session.  Somebody else may write it, too.
 */
struct virtqueue_record {
	uint32_t position;	/* in the form of vq->base */
	uint32_t valid;
	uint64_t note;		/* the device's */
};

struct virtqueue_ops {
	int (*map)(struct virtqueue *vq);
	int (*pop)(struct virtqueue *vq, struct virtqueue_elem *elem,
		   struct iovec *iov, unsigned int max);
	void (*unpop)(struct virtqueue *vq, const struct virtqueue_elem *elem);
	void (*push)(struct virtqueue *vq, const struct virtqueue_elem *elem,
		     uint32_t len);
	/* Publish what was pushed.  Return: does the driver want to know? */
	bool (*publish)(struct virtqueue *vq);
	bool (*want_kick)(struct virtqueue *vq);
	void (*refuse_kick)(struct virtqueue *vq);
	/*
	 * resume() - continue at vq->base, or where the ring says that we were.
	 *
	 * Return: 0, -EINVAL when there is no such place in the ring.
	 */
	int (*resume)(struct virtqueue *vq);
	/* Where we are, in the form of vq->base. */
	uint32_t (*position)(const struct virtqueue *vq);
};

struct virtqueue {
	struct virtio_device *dev;
	const struct virtqueue_ops *ops;
	unsigned int index;
	bool running;

	/* What the driver said, through the transport. */
	uint16_t num;
	uint64_t desc_gpa;
	uint64_t avail_gpa;
	uint64_t used_gpa;

	/* Where these are mapped, while running. */
	void *desc;
	void *avail;
	void *used;

	uint32_t base;		/* where to go on from, while stopped */
	uint16_t last_avail;	/* next to take */
	uint16_t avail_seen;	/* split: the driver's index when last read */
	uint16_t used_idx;	/* next to return */
	uint16_t used_shown;	/* the index that the driver can see */
	bool avail_wrap;	/* packed: the wrap counters that belong to */
	bool used_wrap;		/* last_avail, used_idx and used_shown */
	bool shown_wrap;
	uint16_t shown_flags;	/* packed: of the descriptor at used_shown */
	bool shown_valid;	/* used_shown is from this run of the ring */
	bool event_idx;
	bool remote;		/* the ring is a copy */
	bool waiting;		/* for a copy of something */
	bool unread;		/* nobody looks at what is being taken */
	bool later;		/* what was to be taken is too much for now */
	bool call_due;		/* the driver wants to know of what was shown */

	uint64_t note;		/* the device's; gone after a reset */
	uint32_t noted_at;	/* position to which it belongs */
};

extern const struct virtqueue_ops virtqueue_packed_ops;
extern const struct virtqueue_ops virtqueue_split_ops;

void virtqueue_init(struct virtqueue *vq, struct virtio_device *dev,
		    unsigned int index);

/* Find the ring in guest memory: 0, -EINVAL, -EFAULT. */
int virtqueue_map(struct virtqueue *vq);

/**
 * virtqueue_start() - begin to use the ring
 *
 * Return: 0; -EINVAL, -EFAULT when size or addresses make no ring.
 */
int virtqueue_start(struct virtqueue *vq);

void virtqueue_stop(struct virtqueue *vq);

/*
 * The position to go on from, set only while stopped.  Split: an index.
 * Packed: an index in 15 bits and its wrap counter, for what is taken and, in
 * the upper half, for what is returned.
 */
void virtqueue_set_base(struct virtqueue *vq, uint32_t base);
uint32_t virtqueue_base(const struct virtqueue *vq);

/* Write something down that is to be known when the ring goes on. */
void virtqueue_set_note(struct virtqueue *vq, uint64_t note);

/* Is this where a driver begins? */
bool virtqueue_base_is_start(const struct virtqueue *vq, uint32_t base);

/**
 * virtqueue_pop() - take the next element
 * @vq:   the queue, running or not
 * @elem: the element
 * @iov:  room for its pieces
 * @max:  how much room; VIRTQUEUE_MAX_SEGMENTS is enough for any
 *
 * Return: 1 when there was one, 0 when not (or the device is broken),
 *         -ENOBUFS when @max is too small for it.
 */
int virtqueue_pop(struct virtqueue *vq, struct virtqueue_elem *elem,
		  struct iovec *iov, unsigned int max);

/* The same, when nobody is going to look at what is in it. */
int virtqueue_pop_unread(struct virtqueue *vq, struct virtqueue_elem *elem,
			 struct iovec *iov, unsigned int max);

/* Give back the element taken last; may be repeated, backwards. */
void virtqueue_unpop(struct virtqueue *vq, const struct virtqueue_elem *elem);

/* Return an element into which @len bytes were written.  Not yet visible. */
void virtqueue_push(struct virtqueue *vq, const struct virtqueue_elem *elem,
		    uint32_t len);

/* Show the driver what was pushed. */
void virtqueue_show(struct virtqueue *vq);

/* Interrupt the driver, once, if it wanted that of anything it was shown. */
void virtqueue_call(struct virtqueue *vq);

/* Both. */
void virtqueue_flush(struct virtqueue *vq);

/**
 * virtqueue_want_kick() - ask for a kick when buffers come
 *
 * Return: true when some have come meanwhile, for which there will be none.
 */
bool virtqueue_want_kick(struct virtqueue *vq);

/* One descriptor, as the driver wrote it. */
struct virtqueue_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
};

/* What there is at one place of a split ring. */
struct virtqueue_view {
	unsigned int head;
	uint16_t avail_flags;
	uint16_t avail_idx;
	uint16_t avail_ring;
	uint16_t used_flags;
	uint16_t used_idx;
	unsigned int num_descs;
	struct virtqueue_desc descs[VIRTQUEUE_VIEW_DESCS];
};

/**
 * virtqueue_split_view() - look without taking
 * @vq:    a running split ring
 * @index: place in the ring, modulo its size
 * @ret:   what is there, which a correct driver need not have written
 */
void virtqueue_split_view(struct virtqueue *vq, uint16_t index,
			  struct virtqueue_view *ret);

/* Spare the driver its kicks. */
void virtqueue_refuse_kick(struct virtqueue *vq);

#endif /* VPORTEMU_VIRTQUEUE_H */
