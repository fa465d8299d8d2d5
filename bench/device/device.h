/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - types and functions shared by the files of this program
 */

#ifndef BENCH_DEVICE_H
#define BENCH_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { QEMU, VHOST, VFIO, NUM_DEVICES };

/* The same virtio-serial device, and the host's end of its port. */
struct device {
	const char *name;
	pid_t pid;		/* of its process; 0: it is in QEMU's */
	int listener;		/* for QEMU to connect to; -1: none */
	int port;		/* its chardev's end of the pair */
	int host;		/* the other end */
};

struct machine {
	struct device devices[NUM_DEVICES];
	pid_t qemu;
};

/* What of the host one transfer took. */
struct cost {
	double seconds;
	double device;		/* CPU seconds of the process or thread of it */
	double io;		/* of QEMU, but for its virtual processors */
	double vcpu;		/* of these */
	double sleeps;		/* of whatever "device" counts */
};

/* machine.c */
void machine_start(struct machine *machine, const char *vportemu,
		   const char *dir, const char *const qemu[]);

/* Return: exit status of QEMU, after its guest has been told to end. */
int machine_end(struct machine *machine);

/* transfer.c: @bytes from or to the guest, in its calls of @size bytes. */
struct cost transfer(const struct machine *machine,
		     const struct device *device, bool from_guest, size_t size,
		     uint64_t bytes);

_Noreturn void die(const char *what);

#endif /* BENCH_DEVICE_H */
