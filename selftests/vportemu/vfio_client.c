// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_client.c - a vfio-user client: messages, registers, memory, interrupts
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "emulator.h"
#include "vfio_client.h"

#define MAX_ACCESS	256

/* What QEMU says. */
static const char capabilities[] =
	"{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, "
	"\"max_dma_maps\": 65535, \"max_data_xfer_size\": 1048576, "
	"\"migration\": {\"pgsize\": 4096, \"max_bitmap_size\": 268435456}, "
	"\"write_multiple\": true}}";

static uint16_t last_id;

struct region_access {
	uint64_t offset;
	uint32_t region, count;
	uint8_t data[MAX_ACCESS];
};

#define ACCESS_SIZE	offsetof(struct region_access, data)

void vc_send(int sock, uint32_t command, uint32_t flags, const void *payload,
	     uint32_t size, const int *fds, int nfds)
{
	struct vc_header header = {
		++last_id, command, sizeof(header) + size, flags, 0
	};
	struct iovec iov[2] = {
		{ &header, sizeof(header) },
		{ (void *)payload, size },
	};
	char control[CMSG_SPACE(64 * sizeof(int))] = { 0 };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	struct cmsghdr *cmsg = (struct cmsghdr *)control;

	if (nfds) {
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, nfds * sizeof(int));
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
	}
	assert_int_equal(sendmsg(sock, &msg, MSG_NOSIGNAL),
			 sizeof(header) + size);
}

uint32_t vc_reply(int sock, uint32_t command, void *payload, uint32_t size)
{
	struct vc_header header;

	read_exactly(sock, &header, sizeof(header));
	assert_int_equal(header.id, last_id);
	assert_int_equal(header.command, command);
	if (header.flags == (VC_REPLY | VC_ERROR)) {
		assert_int_equal(header.size, sizeof(header));
		assert_true(header.error);
		return header.error;
	}
	assert_int_equal(header.flags, VC_REPLY);
	assert_int_equal(header.error, 0);
	assert_int_equal(header.size, sizeof(header) + size);
	read_exactly(sock, payload, size);
	return 0;
}

uint32_t vc_request(int sock, uint32_t command, const void *payload,
		    uint32_t size, const int *fds, int nfds, void *reply,
		    uint32_t reply_size)
{
	vc_send(sock, command, 0, payload, size, fds, nfds);
	return vc_reply(sock, command, reply, reply_size);
}

uint32_t vc_negotiate(int sock)
{
	char payload[4 + sizeof(capabilities)] = { 0 };
	struct vc_header header;

	memcpy(payload + 4, capabilities, sizeof(capabilities));
	vc_send(sock, VC_VERSION, 0, payload, sizeof(payload), NULL, 0);
	read_exactly(sock, &header, sizeof(header));
	assert_int_equal(header.flags, VC_REPLY);
	assert_in_range(header.size, sizeof(header) + 4,
			sizeof(header) + sizeof(payload));
	read_exactly(sock, payload, header.size - sizeof(header));
	return header.size - sizeof(header);
}

uint32_t vc_map(int sock, uint64_t address, uint64_t size, uint64_t offset,
		uint32_t flags, int fd)
{
	struct {
		uint32_t argsz, flags;
		uint64_t offset, address, size;
	} map = { sizeof(map), flags, offset, address, size };

	return vc_request(sock, VC_DMA_MAP, &map, sizeof(map), &fd, fd >= 0,
			  NULL, 0);
}

uint32_t vc_unmap(int sock, uint64_t address, uint64_t size, uint32_t flags)
{
	struct {
		uint32_t argsz, flags;
		uint64_t address, size;
	} unmap = { sizeof(unmap), flags, address, size };

	return vc_request(sock, VC_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0,
			  &unmap, sizeof(unmap));
}

uint32_t vc_set_irqs(int sock, uint32_t index, uint32_t flags, uint32_t start,
		     uint32_t count, const int *fds, int nfds)
{
	uint32_t set[5] = { sizeof(set), flags, index, start, count };

	return vc_request(sock, VC_SET_IRQS, set, sizeof(set), fds, nfds, NULL,
			  0);
}

uint64_t vc_read(int sock, uint32_t region, uint64_t offset, uint32_t size)
{
	struct region_access access = {
		.offset = offset, .region = region, .count = size
	};
	uint64_t value = 0;

	assert_int_equal(vc_request(sock, VC_REGION_READ, &access, ACCESS_SIZE,
				    NULL, 0, &access, ACCESS_SIZE + size), 0);
	assert_int_equal(access.count, size);
	memcpy(&value, access.data, size);
	return value;
}

void vc_write(int sock, uint32_t region, uint64_t offset, uint32_t size,
	      uint64_t value)
{
	struct region_access access = {
		.offset = offset, .region = region, .count = size
	};

	memcpy(access.data, &value, size);
	assert_int_equal(vc_request(sock, VC_REGION_WRITE, &access,
				    ACCESS_SIZE + size, NULL, 0, &access,
				    ACCESS_SIZE), 0);
	assert_int_equal(access.count, size);
}

void vc_post(int sock, uint32_t region, uint64_t offset, uint32_t size,
	     uint64_t value)
{
	struct region_access access = {
		.offset = offset, .region = region, .count = size
	};

	memcpy(access.data, &value, size);
	vc_send(sock, VC_REGION_WRITE, VC_NO_REPLY, &access, ACCESS_SIZE + size,
		NULL, 0);
}

uint32_t vc_try_read(int sock, uint32_t region, uint64_t offset, uint32_t size)
{
	struct region_access access = {
		.offset = offset, .region = region, .count = size
	};

	return vc_request(sock, VC_REGION_READ, &access, ACCESS_SIZE, NULL, 0,
			  &access, ACCESS_SIZE + size);
}

uint32_t vc_try_write(int sock, uint32_t region, uint64_t offset, uint32_t size)
{
	struct region_access access = {
		.offset = offset, .region = region, .count = size
	};

	return vc_request(sock, VC_REGION_WRITE, &access, ACCESS_SIZE + size,
			  NULL, 0, &access, ACCESS_SIZE);
}

unsigned int vc_find_cap(int sock, uint8_t id, int virtio_type)
{
	unsigned int at = vc_read(sock, VC_CONFIG, 0x34, 1), left = 48;

	for (; at; at = vc_read(sock, VC_CONFIG, at + 1, 1)) {
		assert_true(left--);
		assert_in_range(at, 0x40, 0xfc);
		if (vc_read(sock, VC_CONFIG, at, 1) == id &&
		    (virtio_type < 0 || (int)vc_read(sock, VC_CONFIG, at + 3,
						     1) == virtio_type))
			return at;
	}
	return 0;
}
