/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor.h - the virtio-serial ports of this machine, as they come and go
 */

#ifndef VPORTD_MONITOR_H
#define VPORTD_MONITOR_H

#include <systemd/sd-event.h>

struct monitor;

struct monitor_port {
	const char *sysname;	/* vport0p1; unique while the port exists */
	const char *devnode;	/* /dev/vport0p1 */
	const char *name;	/* as the host gave it; NULL: none, or not yet */
};

struct monitor_ops {
	/*
	 * found() - a port is there: at the start, when it is plugged and when
	 * something about it changes, which is how most get their name.
	 */
	void (*found)(void *data, const struct monitor_port *port);

	/* removed() - a port is gone. */
	void (*removed)(void *data, const char *sysname);
};

/**
 * monitor_create() - begin to watch
 * @event: the loop
 * @ops:   what to call; not called before monitor_start()
 * @data:  passed to @ops
 * @ret:   the monitor
 *
 * Return: 0 or -errno.
 */
int monitor_create(sd_event *event, const struct monitor_ops *ops, void *data,
		   struct monitor **ret);

/* Tell of the ports that are there already.  Return: 0 or -errno. */
int monitor_start(struct monitor *monitor);

/* NULL is allowed. */
void monitor_destroy(struct monitor *monitor);

/**
 * monitor_lookup() - which port a path stands for
 * @monitor: the monitor
 * @path:    a device node or a link to one
 * @found:   called with the port
 * @data:    passed to @found
 *
 * Return: 0, -errno of stat(), or -ENOTTY when it is no virtio-serial port.
 */
int monitor_lookup(struct monitor *monitor, const char *path,
		   void (*found)(void *data, const struct monitor_port *port),
		   void *data);

#endif /* VPORTD_MONITOR_H */
