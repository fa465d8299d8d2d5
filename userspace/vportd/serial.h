/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serial.h - a handler on a serial port
 */

#ifndef VPORTD_SERIAL_H
#define VPORTD_SERIAL_H

#include <stdbool.h>

#include <systemd/sd-event.h>

struct handler_ops;
struct serial;

/**
 * serial_create() - serve a serial port
 * @event:   the loop, which exits with EXIT_FAILURE when the port ends, without
 *           @retry
 * @path:    the port
 * @retry:   try again every 5 seconds while it cannot be opened
 * @handler: who serves it
 * @ret:     the serial port
 *
 * Logs what is wrong.
 *
 * Return: 0 or -errno.
 */
int serial_create(sd_event *event, const char *path, bool retry,
		  const struct handler_ops *handler, struct serial **ret);

/* NULL is allowed. */
void serial_destroy(struct serial *serial);

#endif /* VPORTD_SERIAL_H */
