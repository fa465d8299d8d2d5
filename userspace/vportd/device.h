/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - the device node of a virtio-serial port, from open to unplug
 */

#ifndef VPORTD_DEVICE_H
#define VPORTD_DEVICE_H

#include <systemd/sd-event.h>

struct device;
struct port_setup;

/**
 * device_create() - serve a port
 * @event: the loop
 * @setup: its node, never a link: two links may have one name; what messages
 *         call it; who serves it, borrowed with what configures him
 * @ret:   the device; not being able to open it now is no failure
 *
 * Return: 0 or -errno.
 */
int device_create(sd_event *event, const struct port_setup *setup,
		  struct device **ret);

/* NULL is allowed. */
void device_destroy(struct device *device);

/* Something happened to the port: if it could not be opened, try again. */
void device_retry(struct device *device);

#endif /* VPORTD_DEVICE_H */
