// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_fuzz.c - vfio-user messages from a client that means no good
 *
 * The input is cut into messages: a byte that says how many descriptors come
 * with it and of which kind, a byte for its command, one for its flags, one for
 * its length, and what is behind the header.  With the highest bit of the
 * command there is no header but what the input has.  An answer is one to the
 * first command that has not been answered yet, with as many bytes as it asks
 * for.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "target.h"
#include "transport.h"
#include "vfio_user_wire.h"
#include "virtio_serial.h"

#define MEMORY_SIZE	(1 << 20)
#define PREFIX		4

#define MAX_ASKED	64

static struct {
	struct vfu_header header;
	struct vfu_dma_access access;
} asked[MAX_ASKED];
static unsigned int num_asked;

static struct target target;
static bool over;

static void ended(void *data)
{
	over = true;
}

static void prepare(void)
{
	target_create(&target, MEMORY_SIZE, true);
	target.serial->vdev.pci = (struct virtio_pci_properties) {
		.vectors = 4,
		.legacy = true,
		.modern = true,
	};
}

static void send_message(int sock, const uint8_t *prefix, const uint8_t *data,
			 size_t size)
{
	struct vfu_header header = {
		.command = prefix[1],
		.size = sizeof(header) + size,
		.flags = prefix[2],
	};
	struct iovec iov[2] = {
		{ &header, prefix[1] & 0x80 ? 0 : sizeof(header) },
		{ (void *)data, size },
	};

	target_send(&target, sock, iov, 2, prefix[0], TARGET_MAX_FDS);
}

/* Read all there is; remember what we are asked for. */
static void drain(int sock)
{
	static char buf[VFU_MAX_DATA];
	struct vfu_header header;
	ssize_t len;

	while (recv(sock, &header, sizeof(header), MSG_DONTWAIT) ==
	       sizeof(header)) {
		len = header.size - sizeof(header);
		if (len && recv(sock, buf, len, MSG_DONTWAIT) != len)
			abort();
		if (header.flags & VFU_TYPE_MASK || num_asked == MAX_ASKED)
			continue;
		asked[num_asked].header = header;
		memcpy(&asked[num_asked].access, buf,
		       sizeof(asked[0].access));
		num_asked++;
	}
}

static void answer(int sock, uint8_t flags, const uint8_t *data, size_t size)
{
	static uint8_t buf[sizeof(struct vfu_header) +
			   sizeof(struct vfu_dma_access) + VFU_MAX_DATA];
	struct vfu_header *header = (void *)buf;
	size_t len = sizeof(*header) + sizeof(struct vfu_dma_access), i;

	*header = asked[0].header;
	memcpy(header + 1, &asked[0].access, sizeof(asked[0].access));
	if (header->command == VFU_DMA_READ) {
		for (i = 0; i < asked[0].access.count; i++)
			buf[len + i] = size ? data[i % size] : 0;
		len += asked[0].access.count;
	}
	header->flags = flags;
	header->size = len;
	send(sock, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	num_asked--;
	memmove(asked, asked + 1, num_asked * sizeof(asked[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t version[PREFIX] = { 0, VFU_VERSION };
	struct transport_address address = { .path = NULL };
	struct transport *transport;
	int pair[2];
	size_t len;

	if (!target.loop)
		prepare();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		abort();
	address.fd = pair[0];
	over = false;
	num_asked = 0;
	if (vfio_user_transport_ops.create(target.loop, "x0",
					   &target.serial->vdev, &address,
					   ended, NULL, &transport, NULL))
		abort();

	if (size && *data & 1)
		send_message(pair[1], version, (const uint8_t *)"\0\0\0", 4);
	while (size > PREFIX && !over) {
		len = data[3] < size - PREFIX ? data[3] : size - PREFIX;
		if ((data[2] & VFU_TYPE_MASK) == VFU_TYPE_REPLY && num_asked)
			answer(pair[1], data[2], data + PREFIX, len);
		else
			send_message(pair[1], data, data + PREFIX, len);
		data += PREFIX + len;
		size -= PREFIX + len;
		target_run(&target);
		drain(pair[1]);
	}
	/* Who has gone is not waited for. */
	close(pair[1]);
	target_run(&target);
	vfio_user_transport_ops.destroy(transport);
	return 0;
}
