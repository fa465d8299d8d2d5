/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio_user_wire.h - vfio-user messages as they are on the socket
 *
 * All fields are in the order of the machine that both ends run on.
 */

#ifndef VPORTEMU_VFIO_USER_WIRE_H
#define VPORTEMU_VFIO_USER_WIRE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_DEVICE_GET_INFO = 4,
	VFU_DEVICE_GET_REGION_INFO = 5,
	VFU_DEVICE_GET_REGION_IO_FDS = 6,
	VFU_DEVICE_GET_IRQ_INFO = 7,
	VFU_DEVICE_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	VFU_DMA_READ = 11,		/* these two from the server */
	VFU_DMA_WRITE = 12,
	VFU_DEVICE_RESET = 13,
	VFU_REGION_WRITE_MULTI = 15,
};

/* Header flags. */
enum {
	VFU_TYPE_MASK = 0xf,
	VFU_TYPE_COMMAND = 0x0,
	VFU_TYPE_REPLY = 0x1,
	VFU_NO_REPLY = 0x10,
	VFU_ERROR = 0x20,
};

/* DMA_MAP and DMA_UNMAP flags. */
enum {
	VFU_MAP_READ = 1,
	VFU_MAP_WRITE = 2,
	VFU_UNMAP_ALL = 2,
};

/* SET_IRQS flags. */
enum {
	VFU_IRQ_DATA_NONE = 0x01,
	VFU_IRQ_DATA_BOOL = 0x02,
	VFU_IRQ_DATA_EVENTFD = 0x04,
	VFU_IRQ_MASK = 0x08,
	VFU_IRQ_UNMASK = 0x10,
	VFU_IRQ_TRIGGER = 0x20,
};

/* What a region access may have; both ends have to agree to more. */
#define VFU_MAX_DATA	65536

/* Of eventfds in one SET_IRQS. */
#define VFU_MAX_FDS	16

#define VFU_NUM_REGIONS	9

struct vfu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size;		/* with this header */
	uint32_t flags;
	uint32_t error;
};

struct vfu_version {
	uint16_t major;
	uint16_t minor;
	/* JSON follows, with a NUL at its end */
};

struct vfu_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset;
	uint64_t address;
	uint64_t size;
};

struct vfu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t address;
	uint64_t size;
};

struct vfu_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

struct vfu_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset;
};

struct vfu_irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

struct vfu_irq_set {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
	/* data follows */
};

struct vfu_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	/* data follows */
};

struct vfu_dma_access {
	uint64_t address;
	uint64_t count;
	/* data follows */
};

union vfu_payload {
	struct vfu_version version;
	struct vfu_dma_map dma_map;
	struct vfu_dma_unmap dma_unmap;
	struct vfu_device_info device_info;
	struct vfu_region_info region_info;
	struct vfu_irq_info irq_info;
	struct vfu_irq_set irq_set;
	struct vfu_region_access access;
	struct vfu_dma_access dma;
	uint8_t bytes[sizeof(struct vfu_region_access) + VFU_MAX_DATA];
};

static_assert(sizeof(struct vfu_header) == 16, "as on the wire");
static_assert(sizeof(struct vfu_dma_map) == 32, "as on the wire");
static_assert(sizeof(struct vfu_dma_unmap) == 24, "as on the wire");
static_assert(sizeof(struct vfu_region_info) == 32, "as on the wire");
static_assert(sizeof(struct vfu_irq_set) == 20, "as on the wire");
static_assert(sizeof(struct vfu_region_access) == 16, "as on the wire");
static_assert(sizeof(struct vfu_dma_access) == 16, "as on the wire");

#endif /* VPORTEMU_VFIO_USER_WIRE_H */
