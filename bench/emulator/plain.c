// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain.c - what a socket does without a guest and a device
 */

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* write() in one process, read() in another. */
double plain_send(size_t size, double seconds, double *ret_cpu)
{
	char *buf = calloc(1, size);
	double start = now();
	uint64_t total = 0;
	struct rusage usage;
	ssize_t len;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		abort();
	pid = fork();
	if (!pid) {
		close(fds[0]);
		while (now() - start < seconds &&
		       write(fds[1], buf, size) > 0)
			;
		_exit(0);
	}
	close(fds[1]);
	while ((len = read(fds[0], buf, size)) > 0)
		total += len;
	seconds = now() - start;
	close(fds[0]);
	wait4(pid, NULL, 0, &usage);
	*ret_cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
		    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6) /
		   total * 1e9;
	free(buf);
	return total / seconds;
}

struct relay {
	int sock;
	int to_guest;		/* eventfds */
	int from_guest;
	volatile char *byte;	/* where the guest has it */
};

/*
 * The guest: woken by one descriptor it wakes by the other.  As the one beside it
 * is, it is a thread: to change between processes takes longer.
 */
static void *run_guest(void *data)
{
	const struct relay *relay = data;
	uint64_t count;

	while (read(relay->to_guest, &count, 8) == 8 && *relay->byte != 'q') {
		count = 1;
		if (write(relay->from_guest, &count, 8) != 8)
			abort();
	}
	return NULL;
}

/* What stands between them does the least that it can. */
static void run_relay(const struct relay *relay)
{
	struct pollfd fds[2] = {
		{ relay->sock, POLLIN }, { relay->from_guest, POLLIN },
	};
	uint64_t count = 1;
	char c;

	while (poll(fds, 2, -1) > 0) {
		if (fds[0].revents) {
			if (read(relay->sock, &c, 1) != 1)
				c = 'q';
			*relay->byte = c;
			count = 1;
			if (write(relay->to_guest, &count, 8) != 8)
				_exit(1);
			if (c == 'q')
				_exit(0);
		}
		if (fds[1].revents) {
			c = *relay->byte;
			if (read(relay->from_guest, &count, 8) != 8 ||
			    write(relay->sock, &c, 1) != 1)
				_exit(1);
		}
	}
	_exit(1);
}

double plain_echo(double seconds)
{
	struct relay relay = {
		.to_guest = eventfd(0, 0),
		.from_guest = eventfd(0, 0),
		.byte = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0),
	};
	uint64_t rounds = 0;
	pthread_t guest;
	double start;
	char c = 'x';
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		abort();
	relay.sock = fds[1];
	if (!fork()) {
		close(fds[0]);
		run_relay(&relay);
	}
	close(fds[1]);
	pthread_create(&guest, NULL, run_guest, &relay);
	start = now();
	while (now() - start < seconds) {
		if (write(fds[0], &c, 1) != 1 || read(fds[0], &c, 1) != 1)
			abort();
		rounds++;
	}
	seconds = now() - start;
	close(fds[0]);
	pthread_join(guest, NULL);
	wait(NULL);
	close(relay.to_guest);
	close(relay.from_guest);
	munmap((void *)relay.byte, 4096);
	return rounds / seconds;
}
