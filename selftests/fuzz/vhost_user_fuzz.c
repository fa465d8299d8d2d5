// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user_fuzz.c - vhost-user messages from a front-end that means no good
 *
 * The input is cut into pieces: a byte that says how many descriptors come with
 * it and of which kind, a byte for its length, and the piece itself, written to
 * the socket of a session as it is.
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
#include "virtio_serial.h"

#define MAX_PIECE_FDS	9
#define MEMORY_SIZE	(1 << 20)

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
}

static void run(void)
{
	unsigned int turn;

	for (turn = 0; turn < MAX_TURNS && sd_event_run(loop, 0) > 0; turn++)
		;
}

static void send_piece(int sock, uint8_t what, const uint8_t *data, size_t size)
{
	unsigned int num = what % (MAX_PIECE_FDS + 1), i;
	char control[CMSG_SPACE(MAX_PIECE_FDS * sizeof(int))] = { 0 };
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct iovec iov = { (void *)data, size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int *fds = (int *)CMSG_DATA(cmsg);

	for (i = 0; i < num; i++)
		fds[i] = what & 0x80 ? eventfd(1, EFD_CLOEXEC) : dup(memory);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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
	if (vhost_user_transport_ops.create(loop, "x0", &serial->vdev, &address,
					    ended, NULL, &transport, NULL))
		abort();

	while (size > 2 && !over) {
		len = data[1] < size - 2 ? data[1] : size - 2;
		if (len)
			send_piece(pair[1], data[0], data + 2, len);
		data += 2 + len;
		size -= 2 + len;
		run();
	}
	vhost_user_transport_ops.destroy(transport);
	close(pair[1]);
	return 0;
}
