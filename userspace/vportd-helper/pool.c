// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pool.c - processes that wait for requests
 *
 * A new process costs more than most requests, so those that are done are kept;
 * but no more of them than it takes for one to be there while another is at
 * work.
 *
 * Each worker has a place in a table that they share with the first process,
 * and says there whether it waits.  The first process sleeps on a pipe, to which
 * a worker writes when it was the last one to wait, as does the handler of SIGCHLD.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool.h"

/* The daemon has 32 requests in progress at most; the others are done soon. */
#define MAX_WORKERS	64

/* Of those that are done, so many may wait. */
#define MAX_IDLE	2

struct worker {
	pid_t pid;		/* 0: none; for the first process alone */
	atomic_bool idle;
};

static struct worker *workers;
static struct worker *self;
static int wake[2];

static void tell_first(void)
{
	int saved = errno;

	/* A full pipe wakes just as well. */
	if (write(wake[1], "", 1) < 0)
		errno = saved;
}

static void on_child(int signal)
{
	tell_first();
}

static int count_idle(void)
{
	int count = 0;
	int i;

	for (i = 0; i < MAX_WORKERS; i++)
		count += atomic_load(&workers[i].idle);
	return count;
}

void pool_taken(void)
{
	atomic_store(&self->idle, false);
	if (!count_idle())
		tell_first();
}

__attribute__((noreturn))
static void work(bool (*serve)(void))
{
	signal(SIGCHLD, SIG_DFL);
	while (serve()) {
		if (count_idle() >= MAX_IDLE)
			break;
		atomic_store(&self->idle, true);
	}
	_exit(0);
}

static void reap(void)
{
	pid_t pid;
	int i;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (i = 0; i < MAX_WORKERS; i++) {
			if (workers[i].pid != pid)
				continue;
			workers[i].pid = 0;
			atomic_store(&workers[i].idle, false);
		}
	}
}

/* Return: 0 or -errno. */
static int add_worker(bool (*serve)(void))
{
	struct worker *worker = workers;
	pid_t pid;

	while (worker->pid) {
		if (++worker == workers + MAX_WORKERS)
			return 0;	/* one that ends makes room */
	}

	atomic_store(&worker->idle, true);
	pid = fork();
	if (!pid) {
		self = worker;
		work(serve);
	}
	if (pid > 0) {
		/* Not the child, too: the table is shared. */
		worker->pid = pid;
		return 0;
	}

	atomic_store(&worker->idle, false);
	return -errno;
}

static int pool_init(void)
{
	struct sigaction action = { .sa_handler = on_child };

	workers = mmap(NULL, MAX_WORKERS * sizeof(*workers),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (workers == MAP_FAILED || pipe2(wake, O_CLOEXEC | O_NONBLOCK) ||
	    sigaction(SIGCHLD, &action, NULL))
		return -errno;

	return 0;
}

int pool_run(int fd, bool (*serve)(void))
{
	struct pollfd pfds[2] = { { .fd = fd } };
	char bytes[64];
	int err;

	err = pool_init();
	pfds[1].fd = wake[0];
	pfds[1].events = POLLIN;
	while (!err) {
		reap();
		if (!count_idle())
			err = add_worker(serve);
		if (!err && poll(pfds, 2, -1) < 0 && errno != EINTR)
			err = -errno;
		if (pfds[0].revents)
			break;
		while (read(wake[0], bytes, sizeof(bytes)) > 0)
			;
	}

	return err;
}
