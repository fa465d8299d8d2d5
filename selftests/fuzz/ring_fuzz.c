// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_fuzz.c - split and packed rings and control messages, as a guest can write them
 *
 * The input is guest memory from its first byte on, with the rings of all
 * queues in it, then kicked a few times over.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "chardev.h"
#include "guest_memory.h"
#include "log.h"
#include "opts.h"
#include "virtio_serial.h"

#define MEMORY_SIZE	(64 << 10)

/* Small, so that the input reaches all of them. */
#define QUEUE_SIZE	4
#define QUEUE_BYTES	160
#define ROUNDS		4

static sd_event *loop;
static struct virtio_serial *serial;
static struct chardev *null;
static uint8_t *memory;

static void call(void *transport, struct virtqueue *vq)
{
}

static void config_changed(void *transport)
{
}

static void broken(void *transport, struct virtqueue *vq, const char *why)
{
}

static const struct virtio_transport_ops transport_ops = {
	.call		= call,
	.config_changed	= config_changed,
	.broken		= broken,
};

static void add_ports(void)
{
	struct virtio_serial_port_config console = {
		.ops = &virtconsole_ops,
		.nr = VIRTIO_SERIAL_AUTO_ID,
	};
	struct virtio_serial_port_config port = {
		.ops = &virtserialport_ops,
		.nr = 1,
		.name = "fuzz",
	};
	struct virtio_serial_port *made;
	struct opts opts;

	if (opts_parse(&opts, "null,id=n", "backend", NULL) ||
	    chardev_create(loop, &opts, false, &null, NULL))
		abort();
	opts_finish(&opts);
	port.chr = null;
	if (virtio_serial_add_port(serial, &console, &made, NULL) ||
	    virtio_serial_add_port(serial, &port, &made, NULL))
		abort();
}

static void prepare(void)
{
	struct guest_region_desc region = { .size = MEMORY_SIZE };
	struct virtio_serial_config config = {
		.max_ports = 2,
		.indirect_desc = true,
		.event_idx = true,
		.packed = true,
	};
	int fd = memfd_create("guest", MFD_CLOEXEC);

	log_init("fuzz");
	log_set_level(LOG_EMERG);
	if (ftruncate(fd, MEMORY_SIZE) || sd_event_new(&loop) < 0 ||
	    virtio_serial_create(loop, "fuzz.0", &config, &serial, NULL) ||
	    guest_memory_add(&serial->vdev.mem, &region, fd) ||
	    virtio_device_attach(&serial->vdev, &transport_ops, NULL))
		abort();
	add_ports();
	memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      0);
	if (memory == MAP_FAILED)
		abort();
	close(fd);
}

static void start_queues(bool event_idx, bool packed)
{
	struct virtio_device *dev = &serial->vdev;
	struct virtqueue *vq;
	unsigned int i;

	dev->features = dev->offered;
	if (!event_idx)
		dev->features &= ~(1ull << VIRTIO_RING_F_EVENT_IDX);
	if (!packed)
		dev->features &= ~(1ull << VIRTIO_F_RING_PACKED);
	for (i = 0; i < dev->num_queues; i++) {
		vq = &dev->queues[i];
		vq->num = QUEUE_SIZE;
		vq->desc_gpa = i * QUEUE_BYTES;
		vq->avail_gpa = vq->desc_gpa + 64;
		vq->used_gpa = vq->desc_gpa + 80;
		if (virtio_queue_start(vq))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int round, i;
	bool event_idx, packed;

	if (!loop)
		prepare();
	if (!size)
		return 0;
	event_idx = *data & 1;
	packed = *data++ & 2;
	size--;
	if (size > MEMORY_SIZE)
		size = MEMORY_SIZE;
	memcpy(memory, data, size);
	memset(memory + size, 0, MEMORY_SIZE - size);

	start_queues(event_idx, packed);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < serial->vdev.num_queues; i++)
			virtio_queue_kick(&serial->vdev.queues[i]);
		sd_event_run(loop, 0);
	}
	virtio_device_reset(&serial->vdev);
	return 0;
}
