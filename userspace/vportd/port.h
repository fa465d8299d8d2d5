/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port.h - a stream of bytes to and from the host, with a handler behind it
 *
 * A port is fed by its source: the device node of a virtio-serial port
 * (device.c) or the clients of a socket (listen.c).
 */

#ifndef VPORTD_PORT_H
#define VPORTD_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct handler_ops;
struct port;
struct port_conf;

/* What is known of a port before it is one. */
struct port_setup {
	const struct handler_ops *handler;
	const struct port_conf *conf;	/* the handler's; NULL: it needs none */
	const char *name;
	const char *devnode;
	bool keep_output;	/* it is for whatever host comes next */
	bool closed;		/* the node is left to a program */
	bool on_demand;		/* or is open while the handler wants it */
};

/* For the handler. */

const struct port_setup *port_setup(const struct port *port);

sd_event *port_event(const struct port *port);

/**
 * port_write() - send to the host
 * @port: where to
 * @data: what
 * @len:  how much, up to PORT_WRITE_MAX
 *
 * Takes everything.  What the host does not take at once is queued; while the
 * queue is above its mark nothing more is read from the host, so a handler
 * that only answers needs no flow control of its own.
 *
 * Return: false when the queue is above its mark or the data had to be given
 *         up for want of memory, which also closes the port.
 */
bool port_write(struct port *port, const void *data, size_t len);

/* Whether port_write() would say true. */
bool port_writable(const struct port *port);

/*
 * For a port on demand: have the node open, or closed once the host has taken
 * what is queued.  Acts on the next turn of the loop.
 */
void port_want_open(struct port *port, bool open);

/* Offer again what input() did not take, on the next turn of the loop. */
void port_resume_input(struct port *port);

/* Call drained() on the next turn of the loop, or when the queue lets it. */
void port_resume_output(struct port *port);

/* One reply with 64 MiB of contents, the most a QEMU-like parser takes. */
#define PORT_WRITE_MAX	((64u << 20) + 4096)

/* For the source. */

struct port_source_ops {
	/* Whether event() is to be told of EPOLLOUT with nothing queued. */
	bool always_out;

	/*
	 * event() - epoll reported @revents, nothing has been done about it.
	 *
	 * Return: false when @port was destroyed in here.
	 */
	bool (*event)(void *source, uint32_t revents);

	/*
	 * input() - bytes were read and are about to go to the handler.
	 *
	 * Optional.
	 */
	void (*input)(void *source);

	/*
	 * full() - nothing is read any more, the output queue is above its
	 * mark.
	 *
	 * Optional; port_drop_output() is allowed.
	 */
	void (*full)(void *source);

	/* eof() - read() gave nothing.  May destroy the port. */
	void (*eof)(void *source);

	/*
	 * changed() - after port_hold_input(), the input does not end here.
	 *
	 * What is held is another's than what came before; follow with
	 * port_release_input().  May destroy the port.
	 *
	 * unsure() - it ends here, and something is held: the last of who left,
	 * or the first of another whose coming is told later.  Follow with
	 * port_release_input() once that is clear.
	 *
	 * Only for sources that call port_hold_input().
	 */
	void (*changed)(void *source);
	void (*unsure)(void *source);

	/*
	 * demand() - a port on demand is to be opened or closed.
	 *
	 * Follow with port_attach(), which may take its time, or port_detach().
	 */
	void (*demand)(void *source, bool open);

	/*
	 * failed() - the descriptor or the handler failed with -errno @err.
	 *
	 * Must destroy the port.
	 */
	void (*failed)(void *source, int err);
};

/**
 * port_create() - start a handler on a descriptor
 * @event:   the loop
 * @setup:   who is behind it; borrowed
 * @fd:      non-blocking, taken over on success; -1: the handler has no stream,
 *           or none yet
 * @ops:     the source, which borrows the port for as long as it lives
 * @source:  its state
 * @ret:     the port
 *
 * Return: 0 or -errno.
 */
int port_create(sd_event *event, const struct port_setup *setup,
		int fd, const struct port_source_ops *ops, void *source,
		struct port **ret);

/**
 * port_attach() - the descriptor of a port that has none
 * @port: the port
 * @fd:   as for port_create()
 *
 * Return: 0 or -errno.
 */
int port_attach(struct port *port, int fd);

/* Close the descriptor and forget what is queued in either direction. */
void port_detach(struct port *port);

/* Stop the handler and close the descriptor; NULL is allowed. */
void port_destroy(struct port *port);

/* Forget what is queued for the host, and read on if that was in the way. */
void port_drop_output(struct port *port);

/* What is queued by now is old. */
void port_mark_output(struct port *port);

/* Forget what is old.  What came behind it is kept. */
void port_drop_old_output(struct port *port);

/*
 * Keep what is read next from the handler until it is known whose it is, which
 * changed() or unsure() help to tell.
 */
void port_hold_input(struct port *port);

/* What is held goes to the handler on the next turn of the loop. */
void port_release_input(struct port *port);

bool port_has_output(const struct port *port);

/* Whether something is queued for the host or will be, as the handler knows. */
bool port_is_busy(const struct port *port);

/**
 * port_restart() - the next bytes are another client's
 *
 * Stops the handler and starts it anew; forgets input not yet taken.
 *
 * Return: 0, or -errno of the handler's start(); destroy the port then.
 */
int port_restart(struct port *port);

/* Tell the handler of a host.  Return: false when it does not want to know. */
bool port_tell_host(struct port *port, bool here);

#endif /* VPORTD_PORT_H */
