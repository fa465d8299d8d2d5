// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * work.c - what may block, done by a thread
 *
 * A call to a file system can hang for as long as its server or its disk does.
 * Each work that does so has a thread to itself; one thread waits for the next
 * work, so that a series of short ones costs no more than two switches each.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "context.h"
#include "work.h"

/* As many as the helper program has. */
#define MAX_WORKS	32

/* What run() needs: a buffer and some calls. */
#define STACK_SIZE	(192u << 10)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;

/* Under the lock. */
static struct work *queue;		/* to be run, and how many */
static unsigned int queued;
static struct work *finished;		/* to be told of */
static unsigned int waiting;		/* threads without work */

/* Of the loop. */
static unsigned int in_progress;
static int wake = -1;			/* an eventfd; -1: not yet used */
static sd_event_source *source;

static struct work *next_work(void)
{
	struct work *work;

	while (!queue) {
		if (waiting)
			return NULL;
		waiting++;
		pthread_cond_wait(&more, &lock);
		waiting--;
	}
	work = queue;
	queue = work->next;
	queued--;
	return work;
}

static void *thread(void *data)
{
	uint64_t one = 1;
	struct work *work;

	pthread_mutex_lock(&lock);
	while ((work = next_work())) {
		pthread_mutex_unlock(&lock);
		work->run(work);
		pthread_mutex_lock(&lock);
		work->next = finished;
		finished = work;
		if (write(wake, &one, sizeof(one)) < 0)
			break;
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static int on_wake(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
	struct work *work;
	struct work *next;
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return 0;
	pthread_mutex_lock(&lock);
	work = finished;
	finished = NULL;
	pthread_mutex_unlock(&lock);

	for (; work; work = next) {
		next = work->next;
		in_progress--;
		work->done(work);
	}
	return 0;
}

/* Signals are the loop's. */
static int add_thread(void)
{
	pthread_attr_t attr;
	pthread_t id;
	sigset_t all;
	sigset_t old;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&id, &attr, thread, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

static int work_init(void)
{
	int err;

	if (source)
		return 0;
	if (wake < 0)
		wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake < 0)
		return -errno;
	err = sd_event_add_io(agent_event(), &source, wake, EPOLLIN, on_wake,
			      NULL);
	return err < 0 ? err : 0;
}

/* Return: whether there are fewer threads than works for them. */
static bool enqueue(struct work *work)
{
	struct work **end = &queue;
	bool few;

	work->next = NULL;
	pthread_mutex_lock(&lock);
	while (*end)
		end = &(*end)->next;
	*end = work;
	few = ++queued > waiting;
	pthread_cond_signal(&more);
	pthread_mutex_unlock(&lock);
	return few;
}

/* Return: false when a thread has it by now. */
static bool withdraw(struct work *work)
{
	struct work **p;
	bool found;

	pthread_mutex_lock(&lock);
	for (p = &queue; *p && *p != work; p = &(*p)->next)
		;
	found = *p;
	if (found) {
		*p = work->next;
		queued--;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

int work_start(struct work *work)
{
	int err;

	if (in_progress == MAX_WORKS)
		return -EAGAIN;
	err = work_init();
	if (err)
		return err;

	if (enqueue(work)) {
		err = add_thread();
		if (err && withdraw(work))
			return err;
	}
	in_progress++;
	return 0;
}

void work_finish(void)
{
	source = sd_event_source_disable_unref(source);
}
