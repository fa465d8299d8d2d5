// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qemu.c - QEMU's device, driven as vportemu is
 *
 * For reference: qtest is text, and so a kick costs more than a guest's; there
 * is one for each call, which is when most of the ring is used.
 */

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "device.h"

#define READ_SIZE	(64u << 10)

/* Until the other end has gone.  Return: the bytes, as a number. */
static void *read_all(void *data)
{
	char *buf = malloc(READ_SIZE);
	int client = *(int *)data;
	uintptr_t total = 0;
	ssize_t len;

	while ((len = read(client, buf, READ_SIZE)) > 0)
		total += len;
	free(buf);
	return (void *)total;
}

/* The element that is waited for goes back into the ring as well. */
static void wait_and_resend(struct front_end *fe)
{
	struct fe_queue *q = &fe->queues[fe_tx(1)];

	fe_wait_used(fe, fe_tx(1));
	fe_add_head(fe, fe_tx(1), q->used->ring[(q->last_used - 1) % q->num].id);
	fe_kick(fe, fe_tx(1));
}

double qemu_send(size_t size, double seconds, double *ret_cpu)
{
	const char *vportemu = getenv("VPORTEMU");
	struct dut dut = { .kind = &dut_qemu };
	double start, cpu;
	pthread_t thread;
	void *total;
	int client;

	client = dut_open_port(&dut, FE_ALL_FEATURES);
	setenv("VPORTEMU", vportemu, 1);
	pthread_create(&thread, NULL, read_all, &client);
	start = now();
	cpu = cpu_seconds(dut.emu.pid);
	guest_fill_ring(&dut.fe, 1, dut.fe.mem + FE_MEM_SIZE / 2, size);
	while (now() - start < seconds) {
		if (!guest_resend(&dut.fe, 1))
			wait_and_resend(&dut.fe);
	}
	cpu = cpu_seconds(dut.emu.pid) - cpu;
	seconds = now() - start;
	dut_stop(&dut);
	pthread_join(thread, &total);
	close(client);
	fe_use(&fe_vhost_ops);
	*ret_cpu = cpu / (uintptr_t)total * 1e9;
	return (uintptr_t)total / seconds;
}
