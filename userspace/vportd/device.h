/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - the device node of a virtio-serial port, from open to unplug
 */

#ifndef VPORTD_DEVICE_H
#define VPORTD_DEVICE_H

#include <systemd/sd-event.h>

struct device;
struct handler_ops;

/**
 * device_create() - serve a port
 * @event:   the loop
 * @devnode: its node, never a link: two links may have one name
 * @name:    what messages call it
 * @handler: who serves it
 * @ret:     the device; not being able to open it now is no failure
 *
 * Return: 0 or -errno.
 */
int device_create(sd_event *event, const char *devnode, const char *name,
		  const struct handler_ops *handler, struct device **ret);

/* NULL is allowed. */
void device_destroy(struct device *device);

/* Something happened to the port: if it could not be opened, try again. */
void device_retry(struct device *device);

#endif /* VPORTD_DEVICE_H */
