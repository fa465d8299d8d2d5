/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handler.h - what sits behind a port
 *
 * The port owns the descriptor and all buffering.  A handler sees whole
 * callbacks only, on the one thread there is, and never blocks.
 */

#ifndef VPORTD_HANDLER_H
#define VPORTD_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct port;

struct handler_ops {
	/* The word for "handler =" in the configuration. */
	const char *name;

	/* Whether input() is wanted also while the output queue is full. */
	bool duplex;

	/*
	 * start() - a session with a host begins, make ready to receive.
	 *
	 * Stores the handler's state in *ret_state on success and leaves it
	 * alone on failure.
	 *
	 * Return: 0, or -errno; the port is then closed.
	 */
	int (*start)(struct port *port, void **ret_state);

	/*
	 * input() - @len bytes, at least one, came from the host.
	 *
	 * May take fewer than offered; the rest is offered again, before what
	 * came in meanwhile, after port_resume_input() or, when the output
	 * queue was above its mark, when it no longer is.
	 *
	 * Return: bytes taken, or -errno to close the port.
	 */
	ssize_t (*input)(void *state, const void *data, size_t len);

	/*
	 * drained() - the output queue was above its mark and no longer is.
	 *
	 * Optional: for handlers that have more to send.
	 */
	void (*drained)(void *state);

	/*
	 * dropped() - what was queued for the host is forgotten.
	 *
	 * Optional: for handlers that are in the middle of something, whose
	 * rest would mean nothing.  Must not write.
	 */
	void (*dropped)(void *state);

	/*
	 * busy() - whether more is going to be sent without further input.
	 *
	 * Optional.  A client that has closed its sending half is kept until
	 * this says no; port_resume_input() makes the port look again.
	 */
	bool (*busy)(const void *state);

	/*
	 * host() - a host connected or, with all input taken, left.
	 *
	 * Optional: a handler without it is stopped and started anew when a
	 * host leaves.
	 */
	void (*host)(void *state, bool here);

	/*
	 * stop() - the host end is gone or the daemon exits.
	 *
	 * Guarantees:
	 *  - called exactly once for every successful start();
	 *  - no other callback for @state follows.
	 */
	void (*stop)(void *state);
};

/* agent.c */
extern const struct handler_ops agent_handler;

/* exec.c, lines.c, relay.c */
extern const struct handler_ops exec_handler;
extern const struct handler_ops log_handler;
extern const struct handler_ops relay_handler;

/* handlers.c */

/* Return: the handler that "handler = NAME" means, or NULL. */
const struct handler_ops *handler_find(const char *name);

#endif /* VPORTD_HANDLER_H */
