/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.h - a program that the daemon starts
 */

#ifndef VPORTD_PROCESS_H
#define VPORTD_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

struct process;

struct process_spec {
	const char *name;	/* what messages call it */
	char **argv;		/* a program without a slash is looked up */
	char **environment;	/* NAME=VALUE, on top of the daemon's own */
	const char *user;	/* NULL: the daemon's */
	uid_t uid;
	gid_t gid;
	const char *directory;	/* NULL: the root */
	int stdio;		/* its standard input and output; -1: none */
	int listen_fd;		/* number 3, as systemd passes it; -1: none */
};

/**
 * process_start() - run a program in a session of its own
 * @event:  the loop; SIGCHLD is blocked
 * @spec:   what and how; descriptors stay the caller's
 * @exited: called when it has ended, and the process is gone
 * @data:   passed to @exited
 * @ret:    the process
 *
 * A program that cannot be run is one that ends with status 127, after a
 * message.
 *
 * Return: 0 or -errno.
 */
int process_start(sd_event *event, const struct process_spec *spec,
		  void (*exited)(void *data, const siginfo_t *info),
		  void *data, struct process **ret);

/* To it and to what it started. */
void process_signal(struct process *process, int signal);

/**
 * process_abandon() - end it, and tell nobody
 * @process: gone for the caller; NULL is allowed
 * @timeout: microseconds from SIGTERM to SIGKILL
 */
void process_abandon(struct process *process, uint64_t timeout);

/* Before the loop ends: they have had SIGTERM, the rest is init's. */
void process_forget_abandoned(void);

#endif /* VPORTD_PROCESS_H */
