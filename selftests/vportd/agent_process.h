/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent_process.h - a guest agent as a process, and clients of its socket
 *
 * The environment variable AGENT names the program, build/vportd if unset.
 */

#ifndef AGENT_PROCESS_H
#define AGENT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct agent_process {
	pid_t pid;
	char dir[64];
	char path[96];
	char program[256];	/* with its first arguments */
};

/* Whether the program is qemu-ga and not ours. */
bool agent_is_qemu_ga(void);

/* Whether it runs under a memory checker, whose memory is not the agent's. */
bool agent_is_wrapped(void);

const char *agent_program(void);

/* Returns when clients can connect. */
void agent_process_start(struct agent_process *agent);

/* The same for a program that AGENT does not name. */
void agent_process_start_program(struct agent_process *agent,
				 const char *program);

/* Return: the exit status after SIGTERM. */
int agent_process_stop(struct agent_process *agent);

/* Kibibytes of resident memory that no file backs. */
long agent_process_memory(const struct agent_process *agent);

/* Clock ticks of processor time so far. */
long agent_process_ticks(const struct agent_process *agent);

int client_connect(const struct agent_process *agent);

void client_close(int fd);

/* Nothing more is sent; replies are still read. */
void client_half_close(int fd);

/* Those that are still connected. */
void client_close_all(void);

void client_send(int fd, const char *data, size_t len);

/* A line without its end, at most 10 s from now, or NULL at end of file. */
char *client_line(int fd);

/* Both at once, with the line compared as JSON. */
void client_ask(int fd, const char *request, const char *reply);

/* Nothing else may come before the reply to a guest-sync that is sent now. */
void client_sync(int fd);

/* Whether two lines say the same; a byte 0xFF before counts. */
bool same_json(const char *a, const char *b);

/* The one that a whole group of tests talks to, for cmocka. */
extern struct agent_process test_agent;

int test_agent_start(void **state);
int test_agent_stop(void **state);

/* After each test: one that fails has not come to its client_close(). */
int test_agent_end(void **state);

/* Skip the test if it is qemu-ga that runs, and say in what it differs. */
void known_to_differ(const char *how);

#endif /* AGENT_PROCESS_H */
