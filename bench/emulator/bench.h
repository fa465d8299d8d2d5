/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench.h - types and functions shared by the files of this program
 */

#ifndef BENCH_EMULATOR_H
#define BENCH_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator.h"
#include "front_end.h"

/* Ids up to this, for which vhost-user has queues. */
#define BENCH_MAX_PORTS	126

/* A process under measurement, with a guest of so many open ports. */
struct bench_guest {
	struct emulator emu;
	struct front_end fe;
	unsigned int ports;
	int clients[BENCH_MAX_PORTS + 1];	/* by port, from 1 on */
};

/* guest.c */
void guest_start(struct bench_guest *guest, unsigned int ports);
void guest_stop(struct bench_guest *guest);

/*
 * Send buffers of @size bytes on all ports for @seconds, while a thread reads
 * all clients but that of port @stuck (0: all).
 * Return: bytes that were read, a second; @ret_cpu is what they took of the
 * process's time, in seconds for 10^9 bytes.
 */
double guest_send(struct bench_guest *guest, size_t size, double seconds,
		  unsigned int stuck, double *ret_cpu);

/*
 * Put buffers of @size bytes from @at on into a port's ring; take back what is
 * used and send it again, which returns how many.
 */
void guest_fill_ring(struct front_end *fe, unsigned int port, uint8_t *at,
		     size_t size);
unsigned int guest_resend(struct front_end *fe, unsigned int port);

/* One byte to the guest and back, for @seconds.  Return: times a second. */
double guest_echo(struct bench_guest *guest, double seconds);

/* What the scheduler has counted of a process's first thread, in seconds. */
double cpu_seconds(pid_t pid);

/*
 * qemu.c: as guest_send() on one port of QEMU's device, over rings in the same
 * memory, with qtest for kicks and calls.
 */
double qemu_send(size_t size, double seconds, double *ret_cpu);

/* plain.c: the same without a guest and a device */
double plain_send(size_t size, double seconds, double *ret_cpu);
double plain_echo(double seconds);

/* Seconds since some time. */
double now(void);

#endif /* BENCH_EMULATOR_H */
