/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio_device.h - what lies between a device and its transport
 *
 * A transport (vhost-user, vfio-user) sees a device through virtio_device_ops
 * and does not know what it does; a device sees its transport through
 * virtio_transport_ops and does not know how the guest reaches it.
 */

#ifndef VPORTEMU_VIRTIO_DEVICE_H
#define VPORTEMU_VIRTIO_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest_memory.h"

struct virtio_device;
struct virtqueue;

/* One vhost-user message carries no more; PCI has room for it, too. */
#define VIRTIO_CONFIG_MAX	256

/* How the PCI function looks, where the transport has one. */
struct virtio_pci_properties {
	uint32_t vectors;	/* MSI-X; 0: there is none, only INTx */
	uint32_t class;		/* 0: the usual one of the device */
	bool legacy;		/* for drivers from before VIRTIO 1.0 */
	bool modern;
	bool page_per_queue;	/* for its notifications */
	uint32_t legacy_features;	/* offered to such drivers only */
};

struct virtqueue_record;

struct virtio_device_ops {
	uint16_t id;		/* as in <linux/virtio_ids.h> */
	const char *name;	/* QEMU's word for the kind of device */

	/* How many entries a ring should have; a driver may take fewer. */
	uint16_t (*queue_size)(const struct virtio_device *dev,
			       unsigned int index);

	/* Fill all config_size bytes, little-endian. */
	void (*get_config)(struct virtio_device *dev, uint8_t *config);

	/*
	 * set_config() - the driver wrote to the configuration space.
	 *
	 * @offset and @len lie within config_size.  A transport may show the
	 * whole space when the driver wrote a part of it.
	 */
	void (*set_config)(struct virtio_device *dev, size_t offset,
			   const uint8_t *data, size_t len);

	/*
	 * queue_started() - a ring can be used from now on.
	 *
	 * It may have buffers for which no kick will come.
	 */
	void (*queue_started)(struct virtio_device *dev, struct virtqueue *vq);

	/* The driver has made buffers available.  Often enough it has not. */
	void (*queue_kicked)(struct virtio_device *dev, struct virtqueue *vq);

	/*
	 * queue_stopped() - a ring cannot be used any more.
	 *
	 * No element may be kept from it.  This is a pause: the same driver
	 * may go on with it later.
	 */
	void (*queue_stopped)(struct virtio_device *dev, struct virtqueue *vq);

	/*
	 * queue_forgotten() - the driver has thrown a stopped ring away
	 *
	 * What was in it, even an element that was dealt with in part, will
	 * not come back.
	 */
	void (*queue_forgotten)(struct virtio_device *dev,
				struct virtqueue *vq);

	/* The driver is gone; forget what it said.  All rings are stopped. */
	void (*reset)(struct virtio_device *dev);

	/*
	 * restored() - the driver was served before, by us or another.
	 *
	 * The queues' notes are what they were then, if they are not nonsense:
	 * they come from the VMM.  No ring runs yet.
	 */
	void (*restored)(struct virtio_device *dev);
};

struct virtio_transport_ops {
	/* Interrupt the guest: used buffers are in the ring. */
	void (*call)(void *transport, struct virtqueue *vq);

	/* Interrupt the guest: the configuration space has changed. */
	void (*config_changed)(void *transport);

	/*
	 * broken() - the device has stopped working and needs a reset.
	 *
	 * @vq is the queue at fault, or NULL.
	 */
	void (*broken)(void *transport, struct virtqueue *vq, const char *why);
};

/* A ring has descriptors, what the driver writes and what the device does. */
enum virtqueue_part {
	VIRTQUEUE_DESC, VIRTQUEUE_AVAIL, VIRTQUEUE_USED, VIRTQUEUE_PARTS,
};

/*
 * Memory that is not mapped here, of which a transport can get copies.  A ring
 * there is used as a copy as a whole, and so is what its elements describe.
 *
 * What is asked for may not be there yet: the queue is then waiting, has no
 * elements, and is started or kicked when it has come.
 */
struct virtio_remote_ops {
	/*
	 * ring() - a part of a queue's ring; one after the other
	 *
	 * Return: the copy, or NULL; vq->waiting says whether it will come.
	 */
	void *(*ring)(void *transport, struct virtqueue *vq,
		      enum virtqueue_part part, uint64_t gpa, size_t len);

	/*
	 * buffer() - what a descriptor describes, until its element is returned
	 *
	 * Return: as above; with vq->later there is no room before others have
	 *         been returned.
	 */
	void *(*buffer)(void *transport, struct virtqueue *vq, uint64_t gpa,
			uint32_t len, bool in);

	/* The next element is returned, with @len bytes in it. */
	void (*returned)(void *transport, struct virtqueue *vq, uint32_t len);

	/* The device has written to the ring, or may have. */
	void (*changed)(void *transport, struct virtqueue *vq);

	void (*stopped)(void *transport, struct virtqueue *vq);
};

struct virtio_device {
	const struct virtio_device_ops *ops;
	uint64_t offered;		/* features */
	uint64_t features;		/* those the driver has taken */
	size_t config_size;
	struct virtio_pci_properties pci;
	struct virtqueue *queues;
	unsigned int num_queues;
	unsigned int useful_queues;	/* those that a driver can ever use */
	struct guest_memory mem;
	bool broken;

	struct virtqueue_record *records;	/* written through; or NULL */
	struct virtqueue_record *former;	/* of an earlier session */
	bool has_former;
	bool former_is_exact;		/* it goes on where they say */

	const struct virtio_transport_ops *transport;	/* NULL: not attached */
	void *transport_data;
	const struct virtio_remote_ops *remote;		/* NULL: none */
};

static inline bool virtio_has_feature(const struct virtio_device *dev,
				      unsigned int bit)
{
	return dev->features >> bit & 1;
}

/**
 * virtio_device_init() - set up queues and memory table
 * @dev:        with everything but queues, memory and state filled in
 * @num_queues: how many it has
 *
 * Return: 0, -ENOMEM.
 */
int virtio_device_init(struct virtio_device *dev, unsigned int num_queues);

/* Undo virtio_device_init(); no transport is attached any more. */
void virtio_device_finish(struct virtio_device *dev);

/**
 * virtio_device_attach() - a transport takes the device
 *
 * Return: 0, -EBUSY when it has one.
 */
int virtio_device_attach(struct virtio_device *dev,
			 const struct virtio_transport_ops *ops, void *data);

/* The transport is gone, and with it the driver and its memory. */
void virtio_device_detach(struct virtio_device *dev);

/* Stop all rings and forget everything that the driver set. */
void virtio_device_reset(struct virtio_device *dev);

/* Write down what is to be known of all queues: num_queues of them. */
void virtio_device_save(const struct virtio_device *dev,
			struct virtqueue_record *records);

/*
 * Go on, when rings do, where the records say that somebody was: a front-end
 * cannot know that of a packed ring, in which there is no index.
 */
void virtio_device_set_former(struct virtio_device *dev,
			      const struct virtqueue_record *records);

/**
 * virtio_device_resume() - a ring is to go on at a position
 * @vq:   which
 * @base: where
 *
 * If that makes it the same driver as before, the device knows it again; if it
 * makes it another one, what was known is forgotten.
 */
void virtio_device_resume(struct virtqueue *vq, uint32_t base);

/* Know the former driver again, whatever the rings say. */
void virtio_device_restore(struct virtio_device *dev);

/* Start, stop, kick one ring; start returns 0 or why it cannot be. */
int virtio_queue_start(struct virtqueue *vq);
void virtio_queue_stop(struct virtqueue *vq);
void virtio_queue_kick(struct virtqueue *vq);

/* Forget where a stopped ring was: its driver makes another one. */
void virtio_queue_forget(struct virtqueue *vq);

/* Is any ring running? */
bool virtio_device_running(const struct virtio_device *dev);

/* The memory table has changed: find all running rings anew. */
void virtio_device_remap(struct virtio_device *dev);

/**
 * virtio_device_break() - the driver did what it must not
 * @dev: stops working until it is reset
 * @vq:  the queue at fault, or NULL
 * @why: what is wrong, for the log
 */
void virtio_device_break(struct virtio_device *dev, struct virtqueue *vq,
			 const char *why);

/* Tell the driver to read the configuration space again. */
void virtio_device_config_changed(struct virtio_device *dev);

#endif /* VPORTEMU_VIRTIO_DEVICE_H */
