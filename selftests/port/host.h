/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - what a guest's test may ask of the host, and ports by name
 *
 * A request goes through the control port and returns when it has taken
 * effect, so no test sleeps to let something happen.
 *
 * Return, unless said otherwise: 0; -ENODEV without a control port, -EREMOTEIO
 * if the host refused, whose reason is printed; -errno.
 */

#ifndef VPORT_TEST_HOST_H
#define VPORT_TEST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_CONTROL	"test.control"

/* Open the control port; done by the first request if it was not before. */
int host_connect(void);
void host_disconnect(void);

/* Send a request in printf's way; host_result() is the host's result. */
int host_request(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
const char *host_result(void);

/*
 * Add a port, anew if it was there; @options as in "driver=virtconsole".  The
 * guest may not have noticed yet, which port_open() waits for.
 */
int host_plug(const char *name, const char *options);

/* Remove a port, and wait until the guest has noticed. */
int host_unplug(const char *name);

/* Connect and disconnect the host end. */
int host_open(const char *name);
int host_close(const char *name);

/* Begin to send, and to expect, bytes of a pattern; wait for both. */
int host_send(const char *name, uint64_t len, uint32_t seed);
int host_expect(const char *name, uint64_t len, uint32_t seed);
int host_wait(const char *name);

/* Wait until the host knows that the guest's end is open, or closed. */
int host_await(const char *name, bool open);

/*
 * Find the node of a port, /dev/vportNpM; waits for it, and until it has gone
 * with port_wait_gone().
 */
int port_node(const char *name, char *path, size_t size);
int port_wait_gone(const char *name);

/* Return: a descriptor of the port's node, or -errno. */
int port_open(const char *name, int flags);

/* Wait until the port's driver knows the host end as open, or closed. */
int port_wait_host(int fd, bool open);

#endif /* VPORT_TEST_HOST_H */
