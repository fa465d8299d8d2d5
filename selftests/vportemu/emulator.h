/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emulator.h - a vportemu process under test, and a monitor's client
 *
 * All its sockets are made here and passed as descriptors, so that one can
 * connect at once and nothing has to be waited for.
 */

#ifndef SELFTESTS_VPORTEMU_EMULATOR_H
#define SELFTESTS_VPORTEMU_EMULATOR_H

#include <stddef.h>
#include <sys/types.h>

#define EMULATOR_MAX_ARGS	1024
#define EMULATOR_MAX_SOCKETS	40

/* How long anything may take that happens at all, ms. */
#define EMULATOR_TIMEOUT	10000

struct emulator {
	pid_t pid;
	char *argv[EMULATOR_MAX_ARGS + 1];
	int argc;
	struct {
		char name[16];
		char path[108];
		int fd;
	} sockets[EMULATOR_MAX_SOCKETS];
	int num_sockets;
	char dir[80];
};

/* Begin a command line. */
void emulator_init(struct emulator *emu);

/* Add arguments, printf-like, cut at blanks. */
__attribute__((format(printf, 2, 3)))
void emulator_arg(struct emulator *emu, const char *format, ...);

/* A listening socket @name; its number is for the process's arguments. */
int emulator_socket(struct emulator *emu, const char *name);

/* `-chardev socket,id=NAME,fd=N,server=on,wait=off` on a socket @name. */
void emulator_chardev(struct emulator *emu, const char *name);

/* The type of export; the first one is vhost-user. */
extern const char *emulator_export;

/* A monitor and an export: sockets "qmp" and "vu", of device "s0". */
void emulator_standard(struct emulator *emu);

void emulator_start(struct emulator *emu);

/* Connect to socket @name. */
int emulator_connect(struct emulator *emu, const char *name);

/* End the process; it must exit with status 0. */
void emulator_stop(struct emulator *emu);

/* Wait for the process to end by itself.  Return: its status. */
int emulator_wait(struct emulator *emu);

/*
 * Run with @argv, which ends with NULL; what it prints goes to @out.
 * Return: exit status.
 */
int emulator_run(char *const argv[], char *out, size_t size);

/* Wait until there is something to read, or to accept; or fail. */
void wait_readable(int fd);

/* Read exactly @len bytes, or fail. */
void read_exactly(int fd, void *buf, size_t len);
void write_exactly(int fd, const void *buf, size_t len);

/* Fail unless the other end closes. */
void expect_eof(int fd);

/* Fail if there is something to read. */
void expect_silence(int fd);

/* A monitor's client: after the greeting and the negotiation. */
int qmp_connect(struct emulator *emu, const char *name);

/* Read one line, without its end. */
void qmp_read(int fd, char *line, size_t size);

/* Send @command together with a descriptor. */
void qmp_send_fd(int fd, const char *command, int passed);

/* Send @command and expect just this @answer; NULL: `{"return": {}}`. */
void qmp_expect(int fd, const char *command, const char *answer);

/* Expect an event with these words in it as the next line. */
void qmp_expect_event(int fd, const char *words);

#endif /* SELFTESTS_VPORTEMU_EMULATOR_H */
