// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_fuzz.c - vfio-user messages from a client that means no good
 *
 * The input is cut into messages: a byte that says how many descriptors come
 * with it and of which kind, a byte for its command, one for its flags, one for
 * its length, and what is behind the header.  With the highest bit of the
 * command there is no header but what the input has.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "guest_memory.h"
#include "log.h"
#include "transport.h"
#include "vfio_user_wire.h"
#include "virtio_serial.h"

#define MAX_MESSAGE_FDS	18
#define MEMORY_SIZE	(1 << 20)
#define PREFIX		4

/* The loop has nothing to do unless somebody wrote. */
#define MAX_TURNS	64

static sd_event *loop;
static struct virtio_serial *serial;
static int memory = -1;
static bool over;

static void ended(void *data)
{
	over = true;
}

static void prepare(void)
{
	struct virtio_serial_config config = {
		.max_ports = 2,
		.emergency_write = true,
		.indirect_desc = true,
		.event_idx = true,
		.packed = true,
		.ring_reset = true,
	};
	struct virtio_serial_port_config port = {
		.ops = &virtserialport_ops,
		.nr = 1,
		.name = "fuzz",
	};
	struct virtio_serial_port *made;

	log_init("fuzz");
	log_set_level(LOG_EMERG);
	guest_memory_catch_faults();
	memory = memfd_create("guest", MFD_CLOEXEC);
	if (sd_event_new(&loop) < 0 || ftruncate(memory, MEMORY_SIZE) ||
	    virtio_serial_create(loop, "fuzz.0", &config, &serial, NULL) ||
	    virtio_serial_add_port(serial, &port, &made, NULL))
		abort();
	serial->vdev.pci = (struct virtio_pci_properties) {
		.vectors = 4,
		.legacy = true,
		.modern = true,
	};
}

static void run(void)
{
	unsigned int turn;

	for (turn = 0; turn < MAX_TURNS && sd_event_run(loop, 0) > 0; turn++)
		;
}

static void send_message(int sock, const uint8_t *prefix, const uint8_t *data,
			 size_t size)
{
	unsigned int num = prefix[0] % (MAX_MESSAGE_FDS + 1), i;
	char control[CMSG_SPACE(MAX_MESSAGE_FDS * sizeof(int))] = { 0 };
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct vfu_header header = {
		.command = prefix[1],
		.size = sizeof(header) + size,
		.flags = prefix[2],
	};
	struct iovec iov[2] = {
		{ &header, prefix[1] & 0x80 ? 0 : sizeof(header) },
		{ (void *)data, size },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	int *fds = (int *)CMSG_DATA(cmsg);

	for (i = 0; i < num; i++)
		fds[i] = prefix[0] & 0x80 ? eventfd(1, EFD_CLOEXEC) :
					    dup(memory);
	if (num) {
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(num * sizeof(int));
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(num * sizeof(int));
	}
	sendmsg(sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	for (i = 0; i < num; i++)
		close(fds[i]);
}

static void drain(int sock)
{
	char buf[4096];

	while (recv(sock, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t version[PREFIX] = { 0, VFU_VERSION };
	struct transport_address address = { .path = NULL };
	struct transport *transport;
	int pair[2];
	size_t len;

	if (!loop)
		prepare();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		abort();
	address.fd = pair[0];
	over = false;
	if (vfio_user_transport_ops.create(loop, "x0", &serial->vdev, &address,
					   ended, NULL, &transport, NULL))
		abort();

	if (size && *data & 1)
		send_message(pair[1], version, (const uint8_t *)"\0\0\0", 4);
	while (size > PREFIX && !over) {
		len = data[3] < size - PREFIX ? data[3] : size - PREFIX;
		send_message(pair[1], data, data + PREFIX, len);
		data += PREFIX + len;
		size -= PREFIX + len;
		run();
		drain(pair[1]);
	}
	/* Who has gone is not waited for. */
	close(pair[1]);
	run();
	vfio_user_transport_ops.destroy(transport);
	return 0;
}
