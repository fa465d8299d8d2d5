// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * monitor.c - the virtio-serial ports of this machine, through libudev
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libudev.h>

#include "log.h"
#include "monitor.h"

#define SUBSYSTEM "virtio-ports"

/* Answers to a whole machine's worth of events; udevd uses as much. */
#define MONITOR_BUFFER	(1 << 20)

struct monitor {
	const struct monitor_ops *ops;
	void *data;
	struct udev *udev;
	struct udev_monitor *netlink;
	sd_event_source *io;
};

typedef void (*found_fn)(void *data, const struct monitor_port *port);

static void tell_found(struct udev_device *device, found_fn found, void *data)
{
	struct monitor_port port = {
		.sysname = udev_device_get_sysname(device),
		.devnode = udev_device_get_devnode(device),
		.name = udev_device_get_sysattr_value(device, "name"),
	};

	if (port.name && !*port.name)
		port.name = NULL;
	if (port.sysname && port.devnode)
		found(data, &port);
}

int monitor_start(struct monitor *monitor)
{
	struct udev_list_entry *entry;
	struct udev_enumerate *list;
	struct udev_device *device;
	int err;

	list = udev_enumerate_new(monitor->udev);
	if (!list)
		return -ENOMEM;

	err = udev_enumerate_add_match_subsystem(list, SUBSYSTEM);
	if (err >= 0)
		err = udev_enumerate_scan_devices(list);
	if (err < 0)
		goto out;

	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list)) {
		device = udev_device_new_from_syspath(
			monitor->udev, udev_list_entry_get_name(entry));
		if (!device)
			continue;	/* gone again */
		tell_found(device, monitor->ops->found, monitor->data);
		udev_device_unref(device);
	}
	err = 0;
out:
	udev_enumerate_unref(list);
	return err;
}

static void monitor_event(struct monitor *monitor, struct udev_device *device)
{
	const char *action = udev_device_get_action(device);

	if (!action)
		return;

	log_debug("%s: udev event %s", udev_device_get_sysname(device), action);
	if (!strcmp(action, "remove"))
		monitor->ops->removed(monitor->data,
				      udev_device_get_sysname(device));
	else
		tell_found(device, monitor->ops->found, monitor->data);
}

/*
 * After an overflow events are missing.  Looking again finds what came; what
 * went has told so through its descriptor.
 */
static int monitor_on_io(sd_event_source *source, int fd, uint32_t revents,
			 void *userdata)
{
	struct monitor *monitor = userdata;
	struct udev_device *device;

	for (;;) {
		errno = 0;
		device = udev_monitor_receive_device(monitor->netlink);
		if (!device)
			break;
		monitor_event(monitor, device);
		udev_device_unref(device);
	}

	if (errno == ENOBUFS) {
		log_warn("udev events were lost, looking at all ports again");
		monitor_start(monitor);
	}
	return 0;
}

/*
 * Events of udevd come when its rules are done and the links exist.  Without a
 * udevd there are only the kernel's.
 */
static const char *event_group(void)
{
	return access("/run/udev/control", F_OK) ? "kernel" : "udev";
}

static int monitor_connect(struct monitor *monitor, sd_event *event)
{
	int err;

	monitor->udev = udev_new();
	if (!monitor->udev)
		return -ENOMEM;
	monitor->netlink = udev_monitor_new_from_netlink(monitor->udev,
							 event_group());
	if (!monitor->netlink)
		return errno ? -errno : -ENOMEM;

	/* Needs CAP_NET_ADMIN; the default size will do otherwise. */
	udev_monitor_set_receive_buffer_size(monitor->netlink, MONITOR_BUFFER);
	err = udev_monitor_filter_add_match_subsystem_devtype(monitor->netlink,
							      SUBSYSTEM, NULL);
	if (err >= 0)
		err = udev_monitor_enable_receiving(monitor->netlink);
	if (err < 0)
		return err;

	err = sd_event_add_io(event, &monitor->io,
			      udev_monitor_get_fd(monitor->netlink), EPOLLIN,
			      monitor_on_io, monitor);
	return err < 0 ? err : 0;
}

int monitor_create(sd_event *event, const struct monitor_ops *ops, void *data,
		   struct monitor **ret)
{
	struct monitor *monitor;
	int err;

	monitor = calloc(1, sizeof(*monitor));
	if (!monitor)
		return -ENOMEM;

	monitor->ops = ops;
	monitor->data = data;
	errno = 0;
	err = monitor_connect(monitor, event);
	if (err) {
		monitor_destroy(monitor);
		return err;
	}

	*ret = monitor;
	return 0;
}

void monitor_destroy(struct monitor *monitor)
{
	if (!monitor)
		return;

	sd_event_source_disable_unref(monitor->io);
	udev_monitor_unref(monitor->netlink);
	udev_unref(monitor->udev);
	free(monitor);
}

int monitor_lookup(struct monitor *monitor, const char *path, found_fn found,
		   void *data)
{
	struct udev_device *device;
	const char *subsystem;
	struct stat st;
	int ret = -ENOTTY;

	if (stat(path, &st))
		return -errno;
	if (!S_ISCHR(st.st_mode))
		return -ENOTTY;

	device = udev_device_new_from_devnum(monitor->udev, 'c', st.st_rdev);
	if (!device)
		return -ENOTTY;

	subsystem = udev_device_get_subsystem(device);
	if (subsystem && !strcmp(subsystem, SUBSYSTEM)) {
		tell_found(device, found, data);
		ret = 0;
	}
	udev_device_unref(device);
	return ret;
}
