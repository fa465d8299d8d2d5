/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_fixture.h - a guest with one port, on a chardev "c" of a test's choice
 */

#ifndef SELFTESTS_VPORTEMU_PORT_FIXTURE_H
#define SELFTESTS_VPORTEMU_PORT_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

#include "emulator.h"
#include "front_end.h"

struct port_fixture {
	struct emulator emu;
	struct front_end fe;
	int qmp;
	uint64_t features;	/* that the driver takes; 0: FE_ALL_FEATURES */
};

extern struct port_fixture f;

/* Begin a command line: device, port, monitor, export. */
void begin(void);

/* Port 1 of a guest that has it open; the host end is open already or not. */
void attach(bool host_open);
void end(void);

/* One piece of output or input through the port. */
void guest_says(const char *words);
void guest_hears(const char *words);
void host_hears(int fd, const char *words);
void write_tty(int fd, const char *words, ssize_t len);

/* The file name that query-chardev has for the chardev. */
void expect_filename(const char *name);

#endif /* SELFTESTS_VPORTEMU_PORT_FIXTURE_H */
