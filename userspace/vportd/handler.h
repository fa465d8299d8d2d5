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
	const char *name;

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

/* handlers.c */

/**
 * handler_for_port() - who serves a port
 * @name: the port's name as its device tells it; NULL or "" when it has none
 *
 * Return: the handler, or NULL to leave the port to other programs.
 */
const struct handler_ops *handler_for_port(const char *name);

#endif /* VPORTD_HANDLER_H */
