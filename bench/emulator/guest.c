// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest.c - a guest that does nothing but send, or answer
 *
 * It kicks and is called as a driver with event indices would be: not for
 * what the other side is going to see anyway.
 */

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define QUEUE	64

/* As in the pattern that is plain: what one read() takes. */
#define READ_SIZE	(64u << 10)

void guest_start(struct bench_guest *guest, unsigned int ports)
{
	struct timeval timeout = { .tv_usec = 100000 };
	int passed[BENCH_MAX_PORTS + 1];
	unsigned int port;
	char name[16];

	memset(guest, 0, sizeof(*guest));
	guest->ports = ports;
	emulator_init(&guest->emu);
	emulator_arg(&guest->emu, "-device virtio-serial-pci,id=s0,max_ports=%u",
		     ports + 1);
	emulator_arg(&guest->emu,
		     "--export vhost-user,id=x0,device=s0,addr.type=fd,addr.str=%d",
		     emulator_socket(&guest->emu, "vu"));
	for (port = 1; port <= ports; port++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			abort();
		/* Who reads looks up now and then whether it is to go on. */
		setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout,
			   sizeof(timeout));
		guest->clients[port] = pair[0];
		passed[port] = pair[1];
		snprintf(name, sizeof(name), "c%u", port);
		emulator_arg(&guest->emu, "-chardev socket,id=%s,fd=%d", name,
			     pair[1]);
		emulator_arg(&guest->emu,
			     "-device virtserialport,nr=%u,chardev=%s", port,
			     name);
	}
	emulator_start(&guest->emu);
	for (port = 1; port <= ports; port++)
		close(passed[port]);
	fe_connect(&guest->fe, emulator_connect(&guest->emu, "vu"));
	fe_begin(&guest->fe, FE_ALL_FEATURES);
	fe_driver_start(&guest->fe, 62);
	for (port = 1; port <= ports; port++)
		fe_expect_control(&guest->fe, port, VIRTIO_CONSOLE_PORT_ADD, 1,
				  NULL);
	for (port = 1; port <= ports; port++) {
		fe_open_port(&guest->fe, port);
		fe_expect_control(&guest->fe, port, VIRTIO_CONSOLE_PORT_OPEN, 1,
				  NULL);
	}
}

void guest_stop(struct bench_guest *guest)
{
	unsigned int port;

	for (port = 1; port <= guest->ports; port++)
		close(guest->clients[port]);
	fe_finish(&guest->fe);
	emulator_stop(&guest->emu);
}

struct reader {
	struct bench_guest *guest;
	unsigned int stuck;
	atomic_bool stop;
	uint64_t total;
};

static void *reader_run(void *data)
{
	struct reader *reader = data;
	struct pollfd fds[BENCH_MAX_PORTS];
	char *buf = malloc(READ_SIZE);
	unsigned int port, num = 0, i;
	ssize_t len;

	for (port = 1; port <= reader->guest->ports; port++) {
		if (port != reader->stuck)
			fds[num++] = (struct pollfd){
				reader->guest->clients[port], POLLIN
			};
	}
	while (!reader->stop) {
		/* Of one alone the next read() is as good as any wait. */
		if (num > 1 && poll(fds, num, 100) < 0)
			break;
		for (i = 0; i < num; i++) {
			len = recv(fds[i].fd, buf, READ_SIZE,
				   num > 1 ? MSG_DONTWAIT : 0);
			if (len > 0)
				reader->total += len;
		}
	}
	free(buf);
	return NULL;
}

/* What was added from index @old on: does the device want to know? */
static void kick_if_wanted(struct front_end *fe, unsigned int index,
			   uint16_t old)
{
	struct fe_queue *q = &fe->queues[index];
	volatile uint16_t *event = (void *)&q->used->ring[q->num];

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (vring_need_event(*event, q->avail->idx, old))
		fe_kick(fe, index);
}

unsigned int guest_resend(struct front_end *fe, unsigned int port)
{
	unsigned int index = fe_tx(port);
	struct fe_queue *q = &fe->queues[index];
	uint16_t old = q->avail->idx;
	unsigned int count = 0;

	while (q->used->idx != q->last_used) {
		fe_add_head(fe, index,
			    q->used->ring[q->last_used++ % q->num].id);
		count++;
	}
	/* The next call is for when most of it has gone. */
	q->avail->ring[q->num] = q->last_used + QUEUE * 3 / 4;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (count)
		kick_if_wanted(fe, index, old);
	return count;
}

void guest_fill_ring(struct front_end *fe, unsigned int port, uint8_t *at,
		     size_t size)
{
	struct fe_queue *q = &fe->queues[fe_tx(port)];
	unsigned int i;

	for (i = 0; i < QUEUE; i++) {
		q->desc[i].addr = fe_gpa(fe, at + i * size);
		q->desc[i].len = size;
		q->desc[i].flags = 0;
		fe_add_head(fe, fe_tx(port), i);
	}
	fe_kick(fe, fe_tx(port));
}

static void pump(struct bench_guest *guest, double seconds)
{
	struct pollfd calls[BENCH_MAX_PORTS];
	double end = now() + seconds;
	unsigned int port, count;

	for (port = 1; port <= guest->ports; port++)
		calls[port - 1] = (struct pollfd){
			guest->fe.queues[fe_tx(port)].call, POLLIN
		};
	while (now() < end) {
		count = 0;
		for (port = 1; port <= guest->ports; port++)
			count += guest_resend(&guest->fe, port);
		if (count)
			continue;
		poll(calls, guest->ports, 100);
		for (port = 1; port <= guest->ports; port++) {
			if (calls[port - 1].revents)
				fe_called(&guest->fe, fe_tx(port));
		}
	}
}

/* It is finer than ticks. */
double cpu_seconds(pid_t pid)
{
	char path[64];
	double nsec = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lf", &nsec) != 1)
		abort();
	fclose(file);
	return nsec / 1e9;
}

double guest_send(struct bench_guest *guest, size_t size, double seconds,
		  unsigned int stuck, double *ret_cpu)
{
	struct reader reader = { .guest = guest, .stuck = stuck };
	unsigned int port;
	double start, cpu;
	pthread_t thread;

	pthread_create(&thread, NULL, reader_run, &reader);
	start = now();
	cpu = cpu_seconds(guest->emu.pid);
	for (port = 1; port <= guest->ports; port++)
		guest_fill_ring(&guest->fe, port,
				guest->fe.mem + FE_MEM_SIZE / 2, size);
	pump(guest, seconds);
	cpu = cpu_seconds(guest->emu.pid) - cpu;
	seconds = now() - start;
	*ret_cpu = cpu / reader.total * 1e9;
	reader.stop = true;
	pthread_join(thread, NULL);
	return reader.total / seconds;
}

struct answerer {
	struct bench_guest *guest;
	atomic_bool stop;
};

/* The guest: what it gets it sends. */
static void *answerer_run(void *data)
{
	struct answerer *answerer = data;
	struct front_end *fe = &answerer->guest->fe;
	struct fe_queue *rx = &fe->queues[fe_rx(1)];
	struct fe_queue *tx = &fe->queues[fe_tx(1)];
	struct pollfd call = { rx->call, POLLIN };
	uint8_t *buf = fe_alloc(fe, 64);
	unsigned int i;
	uint16_t old;

	/* Nobody waits for a sent buffer. */
	tx->avail->ring[tx->num] = 0x8000;
	/* As a driver does, more buffers than are needed at once. */
	for (i = 0; i < QUEUE / 2; i++)
		fe_add(fe, fe_rx(1), buf, 1, true);
	fe_kick(fe, fe_rx(1));
	while (!answerer->stop) {
		while (rx->used->idx == rx->last_used && !answerer->stop) {
			poll(&call, 1, 100);
			fe_called(fe, fe_rx(1));
		}
		if (answerer->stop)
			break;
		fe_get_used(fe, fe_rx(1), NULL);
		old = rx->avail->idx;
		fe_add(fe, fe_rx(1), buf, 1, true);
		kick_if_wanted(fe, fe_rx(1), old);
		old = tx->avail->idx;
		fe_add(fe, fe_tx(1), buf, 1, false);
		tx->avail->ring[tx->num] = old + 0x8000;
		kick_if_wanted(fe, fe_tx(1), old);
	}
	return NULL;
}

double guest_echo(struct bench_guest *guest, double seconds)
{
	struct answerer answerer = { .guest = guest };
	double start = now();
	uint64_t rounds = 0;
	pthread_t thread;
	char c = 'x';

	pthread_create(&thread, NULL, answerer_run, &answerer);
	while (now() - start < seconds) {
		if (write(guest->clients[1], &c, 1) != 1)
			abort();
		/* The time limit of the socket is for who only reads. */
		while (read(guest->clients[1], &c, 1) != 1)
			;
		rounds++;
	}
	seconds = now() - start;
	answerer.stop = true;
	pthread_join(thread, NULL);
	return rounds / seconds;
}
