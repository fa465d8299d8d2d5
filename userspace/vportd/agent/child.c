// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * child.c - the ends of programs that the daemon has started
 *
 * The loop could watch them by itself.  But where there are no pidfds (an old
 * kernel, a sandbox, a memory checker) it then looks at all descriptors a second
 * time and drops what came meanwhile, and an edge that is dropped never comes
 * again.  So a child is a descriptor here or, without pidfds, one of those that
 * SIGCHLD may be about.
 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

struct child {
	struct child *next;
	pid_t pid;
	int fd;			/* of it; -1: there are no pidfds */
	sd_event_source *io;
	void (*ended)(void *data, const siginfo_t *info);
	void *data;
};

static struct child *children;

static void child_free(struct child *child)
{
	struct child **p;

	for (p = &children; *p && *p != child; p = &(*p)->next)
		;
	if (*p)
		*p = child->next;
	sd_event_source_disable_unref(child->io);
	if (child->fd >= 0)
		close(child->fd);
	free(child);
}

/* Return: whether it is gone, and somebody was told. */
static bool child_look(struct child *child)
{
	void (*ended)(void *data, const siginfo_t *info) = child->ended;
	void *data = child->data;
	siginfo_t info = { 0 };

	if (waitid(P_PID, child->pid, &info, WEXITED | WNOHANG) || !info.si_pid)
		return false;
	child_free(child);
	if (ended)
		ended(data, &info);
	return ended;
}

static int on_io(sd_event_source *source, int fd, uint32_t revents,
		 void *userdata)
{
	child_look(userdata);
	return 0;
}

/* Whoever is told may change the list: begin anew. */
static int on_signal(sd_event_source *source,
		     const struct signalfd_siginfo *info, void *userdata)
{
	struct child *child = children;
	struct child *next;

	while (child) {
		next = child->next;
		if (child->fd < 0 && child_look(child))
			next = children;
		child = next;
	}
	return 0;
}

static int watch_signal(sd_event *event)
{
	static sd_event_source *source;

	if (source && sd_event_source_get_event(source) == event)
		return 0;
	sd_event_source_disable_unref(source);
	source = NULL;
	return sd_event_add_signal(event, &source, SIGCHLD, on_signal, NULL);
}

int child_watch(sd_event *event, pid_t pid,
		void (*ended)(void *data, const siginfo_t *info), void *data,
		struct child **ret)
{
	struct child *child = calloc(1, sizeof(*child));
	int err;

	if (!child)
		return -ENOMEM;
	child->pid = pid;
	child->ended = ended;
	child->data = data;
	child->fd = syscall(SYS_pidfd_open, pid, 0);
	if (child->fd >= 0)
		err = sd_event_add_io(event, &child->io, child->fd, EPOLLIN,
				      on_io, child);
	else
		err = watch_signal(event);
	if (err < 0) {
		child_free(child);
		return err;
	}

	child->next = children;
	children = child;
	/* It was not on the list yet if it has ended and that was told. */
	if (child->fd < 0)
		kill(getpid(), SIGCHLD);
	*ret = child;
	return 0;
}

void child_forget(struct child *child)
{
	if (child)
		child->ended = NULL;
}
