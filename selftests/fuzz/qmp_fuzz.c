// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp_fuzz.c - what a client may say to a monitor, and what comes of it
 *
 * The whole emulator without its main(), and without files, sockets and
 * terminals: these cannot be had.  The first byte says in which language the
 * rest is.
 */

#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <termios.h>

#include "chardev.h"
#include "log.h"
#include "machine.h"
#include "opts.h"
#include "qmp.h"

/* The loop has nothing to do but to tell of what was commanded. */
#define MAX_TURNS	32

int __wrap_open(const char *path, int flags, ...);
int __wrap_openpty(int *master, int *slave, char *name,
		   const struct termios *termp, const struct winsize *winp);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_getaddrinfo(const char *node, const char *service,
		       const struct addrinfo *hints, struct addrinfo **ret);

int __wrap_open(const char *path, int flags, ...)
{
	errno = EACCES;
	return -1;
}

int __wrap_openpty(int *master, int *slave, char *name,
		   const struct termios *termp, const struct winsize *winp)
{
	errno = EACCES;
	return -1;
}

int __wrap_socket(int domain, int type, int protocol)
{
	errno = EACCES;
	return -1;
}

int __wrap_getaddrinfo(const char *node, const char *service,
		       const struct addrinfo *hints, struct addrinfo **ret)
{
	return EAI_FAIL;
}

static int add_chardev(struct machine *machine, const struct opts *opts,
		       struct error *error)
{
	return machine_add_chardev(machine, opts, false, error);
}

static int add_device(struct machine *machine, const struct opts *opts,
		      struct error *error)
{
	return machine_add_device(machine, opts, false, error);
}

static void build(struct machine *machine)
{
	static const struct {
		const char *text;
		const char *implied;
		int (*add)(struct machine *machine, const struct opts *opts,
			   struct error *error);
	} options[] = {
		{ "null,id=n0", "backend", add_chardev },
		{ "ringbuf,id=r0,size=16", "backend", add_chardev },
		{ "null,id=m0,mux=on", "backend", add_chardev },
		{ "virtio-serial-pci,id=s0,max_ports=4", "driver", add_device },
		{ "virtserialport,id=p1,chardev=r0,name=one", "driver",
		  add_device },
		{ "virtconsole,id=c0,chardev=m0", "driver", add_device },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (machine_from_text(machine, options[i].text,
				      options[i].implied, options[i].add, NULL))
			abort();
	}
}

/* QMP answers in lines that end as QEMU's do. */
static void check_output(void *data, const void *text, size_t len)
{
	const char *end = (const char *)text + len;

	if (data == &qmp_session_ops && (len < 2 || memcmp(end - 2, "\r\n", 2)))
		abort();
}

static void run(struct machine *machine)
{
	sd_event *loop = machine_loop(machine);
	unsigned int turn;

	for (turn = 0; turn < MAX_TURNS; turn++) {
		if (sd_event_get_state(loop) == SD_EVENT_FINISHED ||
		    sd_event_run(loop, 0) <= 0)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char hello[] = "{'execute': 'qmp_capabilities'}";
	const struct monitor_session_ops *ops;
	struct machine *machine;
	void *session;

	if (!size)
		return 0;
	log_init("fuzz");
	log_set_level(LOG_EMERG);
	chardev_stdio_forbid();
	ops = *data & 1 ? &hmp_session_ops : &qmp_session_ops;
	if (machine_create(&machine) ||
	    ops->create(machine, check_output, (void *)ops, *data & 2,
			&session))
		abort();
	build(machine);
	machine_set_running(machine, true);
	if (ops->focus)
		ops->focus(session, true);
	ops->begin(session);
	if (ops == &qmp_session_ops)
		ops->input(session, hello, strlen(hello));
	ops->input(session, data + 1, size - 1);
	run(machine);
	ops->end(session);
	ops->destroy(session);
	machine_destroy(machine);
	return 0;
}
