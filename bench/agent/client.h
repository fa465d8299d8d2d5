/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.h - an agent as a process, and one client of its socket
 */

#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stddef.h>
#include <sys/types.h>

struct agent {
	const char *name;
	pid_t pid;
	int fd;
	char dir[32];
};

/* Seconds, since whenever. */
double now(void);

__attribute__((noreturn, format(printf, 1, 2)))
void die(const char *format, ...);

/*
 * @command is followed by what both agents know: -m, -p, -t and -F with a hook
 * that takes two seconds to freeze.
 */
void agent_start(struct agent *agent, const char *name, const char *command);
void agent_stop(struct agent *agent);

/* Send a request whole. */
void agent_send(struct agent *agent, const char *request, size_t len);

/* Return: the reply's length, with its start in @reply, cut to @size. */
size_t agent_receive(struct agent *agent, char *reply, size_t size);

/* Both; dies where the reply is an error. */
size_t agent_ask(struct agent *agent, const char *request, char *reply,
		 size_t size);

/* Kibibytes: a line of /proc/PID/status, as "VmRSS". */
long agent_status(const struct agent *agent, const char *name);

/* Kibibytes: a line of /proc/PID/smaps_rollup, as "Private_Dirty". */
long agent_smaps(const struct agent *agent, const char *name);

#endif /* BENCH_CLIENT_H */
