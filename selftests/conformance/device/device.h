/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - a device under test: QEMU's own, or vportemu's on a transport
 *
 * A check builds a command line, starts it, and then is the guest (fe_*, see
 * front_end.h), the host (sockets of chardevs) and the administrator (QMP).
 * It does not know which device it has.
 */

#ifndef SELFTESTS_CONFORMANCE_DEVICE_H
#define SELFTESTS_CONFORMANCE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator.h"
#include "front_end.h"

#define DUT_MAX_EVENTS	64

struct dut;

struct dut_kind {
	const char *title;		/* NULL: ask the program */
	const char *program;		/* unless a variable says another */
	const char *variable;
	const struct fe_ops *front_end;

	/* Begin the command line, after the program. */
	void (*begin)(struct dut *dut);

	/* End it: how the device is reached; then connect to that. */
	void (*arrange)(struct dut *dut);
	void (*connect)(struct dut *dut);

	/* After fe_begin(). */
	uint64_t (*features)(struct front_end *fe);
	bool (*accepts)(struct front_end *fe, uint64_t features);
	uint32_t (*get_config)(struct front_end *fe, unsigned int at,
			       unsigned int size);
	void (*set_config)(struct front_end *fe, unsigned int at,
			   unsigned int size, uint32_t value);
};

extern const struct dut_kind dut_qemu;
extern const struct dut_kind dut_vhost;
extern const struct dut_kind dut_vfio;

struct dut {
	const struct dut_kind *kind;
	struct emulator emu;
	struct front_end fe;
	int qmp;
	char *events[DUT_MAX_EVENTS];	/* that nobody asked for yet */
	int event_count;
};

/* The command line: a virtio-serial-pci "s0" with these @properties. */
void dut_begin(struct dut *dut, const char *properties);

/* Run it, with a monitor; negotiate @features; and DEVICE_READY. */
void dut_start(struct dut *dut);
void dut_negotiate(struct dut *dut, uint64_t features);
void dut_driver(struct dut *dut);
void dut_stop(struct dut *dut);

/* The command line is refused with these words. */
void dut_refused(struct dut *dut, const char *words);

/* QMP; events that come in between are kept. */
void dut_expect(struct dut *dut, const char *command, const char *answer);
void dut_says(struct dut *dut, const char *command, const char *words);
void dut_fails(struct dut *dut, const char *command, const char *desc);
void dut_event(struct dut *dut, const char *words);

/* Is a chardev's front-end open? */
void dut_frontend_open(struct dut *dut, const char *chardev, bool open);

/* Add a chardev "socket,id=@name" of the command line; connect to it. */
void dut_chardev(struct dut *dut, const char *name);
int dut_client(struct dut *dut, const char *name);

/*
 * One port, "p1" on chardev "c1", of a device with three at most; the same,
 * open on both sides.  Return: the host's end.
 */
void dut_one_port(struct dut *dut, uint64_t features);
int dut_open_port(struct dut *dut, uint64_t features);

/* Run it with a console, "con" on chardev "c0". */
void dut_console(struct dut *dut, const char *properties);

/* One buffer out, and until it is used; the host's end of it. */
void dut_send(struct dut *dut, uint32_t port, const char *words);
void host_hears(int fd, const char *words);

/* One buffer in, that has these words. */
void dut_receive(struct dut *dut, uint32_t port, const char *words);

#endif /* SELFTESTS_CONFORMANCE_DEVICE_H */
