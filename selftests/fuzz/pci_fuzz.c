// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_fuzz.c - registers and memory of the PCI function, as a guest can use them
 *
 * The input's first byte says which registers there are; then come accesses of
 * 12 bytes: which kind, how many bytes, where, and what to write.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "guest_memory.h"
#include "pci.h"
#include "target.h"
#include "virtio_serial.h"

#define MEMORY_SIZE	(64 << 10)
#define PART		(MEMORY_SIZE / 4)
#define ACCESS		12

static struct target target;
static uint8_t *memory;

static bool msix(void *data, unsigned int vector)
{
	return vector % 2;
}

static void intx(void *data, bool level)
{
}

static void broken(void *data, struct virtqueue *vq, const char *why)
{
}

static bool notified(void *data, struct virtqueue *vq)
{
	return true;
}

static void queue_reset(void *data, struct virtqueue *vq)
{
}

static const struct pci_ops ops = {
	.msix		= msix,
	.intx		= intx,
	.notified	= notified,
	.queue_reset	= queue_reset,
	.broken		= broken,
};

static void prepare(void)
{
	target_create(&target, MEMORY_SIZE, true);
	memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      target.memory, 0);
	if (memory == MAP_FAILED)
		abort();
}

/* Four parts, of which the last cannot be written, that come and go. */
static void change_memory(struct pci_function *fn, unsigned int part)
{
	struct guest_region_desc region = {
		.gpa = part * PART,
		.size = PART,
		.offset = part * PART,
		.readonly = part == 3,
	};
	struct guest_memory *mem = &target.serial->vdev.mem;

	if (!guest_memory_add(mem, &region, target.memory)) {
		pci_memory_mapped(fn);
		return;
	}
	if (guest_memory_remove_range(mem, region.gpa, region.gpa + PART - 1))
		abort();
	pci_memory_unmapped(fn);
}

static void access_once(struct pci_function *fn, const uint8_t *data)
{
	static const unsigned int regions[] = {
		PCI_MODERN_BAR, PCI_LEGACY_BAR, PCI_MSIX_BAR, PCI_CONFIG_REGION,
	};
	unsigned int region = regions[data[0] & 3];
	uint16_t at = data[2] | data[3] << 8;
	uint8_t buf[256];

	if (data[0] & 0x80) {
		change_memory(fn, data[0] & 3);
	} else if (data[0] & 0x40) {
		memcpy(memory + at % (MEMORY_SIZE - 8), data + 4, 8);
	} else if (data[0] & 0x20) {
		pci_read(fn, region, at, buf, data[1]);
	} else {
		pci_write(fn, region, at, data + 4, data[1] % 9);
		pci_run(fn);
		sd_event_run(target.loop, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pci_function *fn;
	unsigned int part;

	if (!target.loop)
		prepare();
	if (!size)
		return 0;
	target.serial->vdev.pci = (struct virtio_pci_properties) {
		.vectors = *data & 7,
		.legacy = *data & 8,
		.modern = !(*data & 8) || *data & 16,
	};
	memset(memory, 0, MEMORY_SIZE);
	if (pci_create(&target.serial->vdev, &ops, NULL, &fn))
		abort();
	for (part = 0; part < 4; part++)
		change_memory(fn, part);
	for (data++, size--; size >= ACCESS; data += ACCESS, size -= ACCESS)
		access_once(fn, data);
	pci_destroy(fn);
	return 0;
}
