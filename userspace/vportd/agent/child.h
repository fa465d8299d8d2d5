/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child.h - the ends of programs that the daemon has started
 */

#ifndef VPORTD_CHILD_H
#define VPORTD_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

struct child;

/**
 * child_watch() - be told of a program's end
 * @event: the loop; SIGCHLD is blocked
 * @pid:   a child that nobody else waits for
 * @ended: called once; the child is gone by then
 * @data:  passed to @ended
 * @ret:   the child
 *
 * Return: 0 or -errno.
 */
int child_watch(sd_event *event, pid_t pid,
		void (*ended)(void *data, const siginfo_t *info), void *data,
		struct child **ret);

/* Its end is of no interest any more; NULL is allowed. */
void child_forget(struct child *child);

#endif /* VPORTD_CHILD_H */
