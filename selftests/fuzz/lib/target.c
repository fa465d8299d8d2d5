// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * target.c - a device with a port and guest memory, for those who attack it
 */

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "guest_memory.h"
#include "log.h"
#include "target.h"
#include "virtio_serial.h"

#define MAX_TURNS	64

void target_create(struct target *target, size_t memory_size, bool pci)
{
	struct virtio_serial_config config = {
		.max_ports = 2,
		.emergency_write = true,
		.indirect_desc = true,
		.event_idx = true,
		.packed = pci,
		.ring_reset = pci,
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
	target->memory = memfd_create("guest", MFD_CLOEXEC);
	if (sd_event_new(&target->loop) < 0 ||
	    ftruncate(target->memory, memory_size) ||
	    virtio_serial_create(target->loop, "fuzz.0", &config,
				 &target->serial, NULL) ||
	    virtio_serial_add_port(target->serial, &port, &made, NULL))
		abort();
}

void target_run(struct target *target)
{
	unsigned int turn;

	for (turn = 0; turn < MAX_TURNS; turn++) {
		if (sd_event_run(target->loop, 0) <= 0)
			return;
	}
}

void target_send(struct target *target, int sock, struct iovec *iov,
		 unsigned int num, uint8_t what, unsigned int max_fds)
{
	unsigned int num_fds = what % (max_fds + 1), i;
	char control[CMSG_SPACE(TARGET_MAX_FDS * sizeof(int))] = { 0 };
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = num };
	int *fds = (int *)CMSG_DATA(cmsg);

	for (i = 0; i < num_fds; i++)
		fds[i] = what & 0x80 ? eventfd(1, EFD_CLOEXEC) :
				       dup(target->memory);
	if (num_fds) {
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(num_fds * sizeof(int));
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(num_fds * sizeof(int));
	}
	sendmsg(sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	for (i = 0; i < num_fds; i++)
		close(fds[i]);
}
