/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio_client.h - a vfio-user client: messages, registers, memory, interrupts
 *
 * Made for tests: it can do all that a VMM does, and anything it must not.
 */

#ifndef SELFTESTS_VPORTEMU_VFIO_CLIENT_H
#define SELFTESTS_VPORTEMU_VFIO_CLIENT_H

#include <stddef.h>
#include <stdint.h>

enum {
	VC_VERSION = 1, VC_DMA_MAP = 2, VC_DMA_UNMAP = 3, VC_GET_INFO = 4,
	VC_GET_REGION_INFO = 5, VC_GET_REGION_IO_FDS = 6, VC_GET_IRQ_INFO = 7,
	VC_SET_IRQS = 8, VC_REGION_READ = 9, VC_REGION_WRITE = 10,
	VC_DMA_READ = 11, VC_DMA_WRITE = 12, VC_RESET = 13,
	VC_WRITE_MULTI = 15,
};

enum {
	VC_REPLY = 0x1, VC_NO_REPLY = 0x10, VC_ERROR = 0x20,
};

enum {
	VC_IRQ_NONE = 1, VC_IRQ_BOOL = 2, VC_IRQ_EVENTFD = 4, VC_IRQ_MASK = 8,
	VC_IRQ_UNMASK = 0x10, VC_IRQ_TRIGGER = 0x20,
};

enum {
	VC_INTX = 0, VC_MSI = 1, VC_MSIX = 2, VC_ERR = 3, VC_REQ = 4,
};

/* Regions */
enum {
	VC_LEGACY = 0, VC_MSIX_BAR = 1, VC_MODERN = 4, VC_CONFIG = 7,
};

struct vc_header {
	uint16_t id, command;
	uint32_t size, flags, error;
};

struct vc_region_info {
	uint32_t argsz, flags, index, cap_offset;
	uint64_t size, offset;
};

struct vc_info {
	uint32_t argsz, flags, a, b;
};

void vc_send(int sock, uint32_t command, uint32_t flags, const void *payload,
	     uint32_t size, const int *fds, int nfds);

/*
 * Read the answer to the last message; its payload must have @size bytes, or
 * none if it is an error.  Return: the error, 0 for well.
 */
uint32_t vc_reply(int sock, uint32_t command, void *payload, uint32_t size);

/* Send and read the answer. */
uint32_t vc_request(int sock, uint32_t command, const void *payload,
		    uint32_t size, const int *fds, int nfds, void *reply,
		    uint32_t reply_size);

/* As QEMU says it.  Return: the length of what is answered. */
uint32_t vc_negotiate(int sock);

uint32_t vc_map(int sock, uint64_t address, uint64_t size, uint64_t offset,
		uint32_t flags, int fd);
uint32_t vc_unmap(int sock, uint64_t address, uint64_t size, uint32_t flags);
uint32_t vc_set_irqs(int sock, uint32_t index, uint32_t flags, uint32_t start,
		     uint32_t count, const int *fds, int nfds);

/* Registers, of 1, 2, 4 or 8 bytes. */
uint64_t vc_read(int sock, uint32_t region, uint64_t offset, uint32_t size);
void vc_write(int sock, uint32_t region, uint64_t offset, uint32_t size,
	      uint64_t value);

/* A write that nobody waits for. */
void vc_post(int sock, uint32_t region, uint64_t offset, uint32_t size,
	     uint64_t value);

/* Return: the error. */
uint32_t vc_try_read(int sock, uint32_t region, uint64_t offset, uint32_t size);
uint32_t vc_try_write(int sock, uint32_t region, uint64_t offset,
		      uint32_t size);

/* Where in configuration space a capability is: 0, nowhere. */
unsigned int vc_find_cap(int sock, uint8_t id, int virtio_type);

#endif /* SELFTESTS_VPORTEMU_VFIO_CLIENT_H */
