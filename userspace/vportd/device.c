// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device.c - the device node of a virtio-serial port, from open to unplug
 *
 * The node is opened once and stays open while hosts come and go: every close
 * is an event on the host, which management software rate-limits and acts on.
 *
 * Hosts come and go
 * -----------------
 *
 * Without a host poll() reports HUP and read() gives 0.  The data of the next
 * client goes another way than the news that one client left and another came,
 * and can be read before either.  So
 *
 *  - when poll() or read() first tells that the host is away, what was queued
 *    by then is dropped;
 *  - what is read next is held back until the new host shows, whose it is then,
 *    or DEVICE_SETTLE is over, when it was the last of the old one;
 *  - what is read later is handled as ever, and its replies wait for the host;
 *  - the first end of file restarts the handler, or tells one that outlives
 *    its hosts;
 *  - replies wait not longer than DEVICE_GRACE: a client that said its piece
 *    and left will not fetch them, and the next one would take them for its
 *    own.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "handler.h"
#include "log.h"
#include "port.h"

#define SECOND		1000000ull
#define DEVICE_GRACE	(SECOND / 4)

/* From the data to the news: a millisecond, unless the machine is busy. */
#define DEVICE_SETTLE	(SECOND / 4)

/* Another program may hold the node: ask again after 1, 2, 4 .. 64 seconds. */
#define DEVICE_RETRY_MIN	SECOND
#define DEVICE_RETRY_MAX	(64 * SECOND)

struct device {
	sd_event *event;
	char *devnode;
	char *name;
	struct port_setup setup;
	struct port *port;		/* NULL: not open */
	bool away;			/* the last that epoll told was HUP */
	bool left;			/* a HUP, and no end of file since */
	sd_event_source *grace;
	sd_event_source *settle;
	sd_event_source *retry;
	uint64_t retry_delay;
	int told;			/* errno of the last message */
};

static int device_on_retry(sd_event_source *source, uint64_t usec,
			   void *userdata);

static void device_retry_later(struct device *device)
{
	uint64_t delay = device->retry_delay;

	device->retry = sd_event_source_disable_unref(device->retry);
	sd_event_add_time_relative(device->event, &device->retry,
				   CLOCK_MONOTONIC, delay, delay / 4,
				   device_on_retry, device);
	if (delay < DEVICE_RETRY_MAX)
		device->retry_delay = delay * 2;
}

static void device_close(struct device *device)
{
	port_destroy(device->port);
	device->port = NULL;
	device->settle = sd_event_source_disable_unref(device->settle);
	device->grace = sd_event_source_disable_unref(device->grace);
}

/* An unplugged port needs no retry: udev tells when there is a new one. */
static void device_trouble(struct device *device, int err)
{
	bool gone = err == -ENODEV || err == -ENXIO || err == -ENOENT;

	device_close(device);
	if (gone) {
		log_debug("%s: %s is gone", device->name, device->devnode);
		return;
	}

	if (device->told != err && err == -EBUSY)
		log_warn("%s: %s is in use by another program, waiting for it",
			 device->name, device->devnode);
	else if (device->told != err)
		log_warn("%s: %s: %s, trying again", device->name,
			 device->devnode, strerror(-err));
	device->told = err;
	device_retry_later(device);
}

static void device_restart(struct device *device)
{
	int err = 0;

	if (!port_tell_host(device->port, false))
		err = port_restart(device->port);
	if (err)
		device_trouble(device, err);
}

static int device_on_grace(sd_event_source *source, uint64_t usec,
			   void *userdata)
{
	struct device *device = userdata;

	device->grace = sd_event_source_disable_unref(device->grace);
	log_debug("%s: the client left without its replies", device->name);
	port_drop_output(device->port);
	device_restart(device);
	return 0;
}

static void device_host_left(struct device *device)
{
	device->left = true;
	port_hold_input(device->port);
	if (!device->setup.keep_output)
		port_drop_output(device->port);
}

/* So soon that the end of the old one's input has not been met, or not alone. */
static void device_next_host(struct device *device)
{
	device->settle = sd_event_source_disable_unref(device->settle);
	if (port_tell_host(device->port, false)) {
		device->left = false;
		if (!device->setup.keep_output)
			port_drop_output(device->port);
	}
}

static void device_host_came(struct device *device)
{
	device->grace = sd_event_source_disable_unref(device->grace);
	if (device->left)
		device_next_host(device);
	port_tell_host(device->port, true);
	port_release_input(device->port);
}

static bool device_port_event(void *source, uint32_t revents)
{
	struct device *device = source;
	bool hup = revents & EPOLLHUP;

	if (hup == device->away)
		return true;

	device->away = hup;
	log_debug("%s: host %s", device->name, hup ? "left" : "connected");
	if (hup)
		device_host_left(device);
	else
		device_host_came(device);
	return true;
}

static void device_grace(struct device *device)
{
	if (device->grace || device->setup.keep_output)
		return;

	sd_event_add_time_relative(device->event, &device->grace,
				   CLOCK_MONOTONIC, DEVICE_GRACE, 0,
				   device_on_grace, device);
}

static void device_port_input(void *source)
{
	struct device *device = source;

	if (device->away) {
		port_tell_host(device->port, true);
		device_grace(device);
	}
}

/*
 * No client sends this much before the news that it is there: these are the
 * answers to one that left, and behind them there is more of its input.
 */
static void device_port_full(void *source)
{
	struct device *device = source;

	if (device->away && !device->setup.keep_output)
		port_drop_output(device->port);
}

static void device_port_eof(void *source)
{
	struct device *device = source;

	if (!device->away) {
		/* poll() has yet to tell; it will not drop the new replies. */
		device->away = true;
		device->left = true;
		log_debug("%s: host left", device->name);
		if (!device->setup.keep_output)
			port_drop_old_output(device->port);
		if (port_has_output(device->port))
			device_grace(device);
	}
	if (!device->left)
		return;

	device->left = false;
	device_restart(device);
}

static int device_on_settle(sd_event_source *source, uint64_t usec,
			    void *userdata)
{
	struct device *device = userdata;

	device->settle = sd_event_source_disable_unref(device->settle);
	port_release_input(device->port);
	return 0;
}

static void device_port_unsure(void *source)
{
	struct device *device = source;

	if (!device->settle)
		sd_event_add_time_relative(device->event, &device->settle,
					   CLOCK_MONOTONIC, DEVICE_SETTLE, 0,
					   device_on_settle, device);
}

/* The host left, and by the time that its end was read there was another. */
static void device_port_changed(void *source)
{
	struct device *device = source;

	device->left = false;
	log_debug("%s: another host", device->name);
	device->settle = sd_event_source_disable_unref(device->settle);
	device_restart(device);
	if (device->port)
		port_release_input(device->port);
}

static void device_port_failed(void *source, int err)
{
	device_trouble(source, err);
}

static const struct port_source_ops device_source_ops = {
	.always_out = true,
	.event = device_port_event,
	.input = device_port_input,
	.full = device_port_full,
	.eof = device_port_eof,
	.changed = device_port_changed,
	.unsure = device_port_unsure,
	.failed = device_port_failed,
};

static void device_open(struct device *device)
{
	int fd = -1;
	int err;

	if (!device->setup.closed)
		fd = open(device->devnode,
			  O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && !device->setup.closed) {
		device_trouble(device, -errno);
		return;
	}

	device->away = true;
	device->left = false;
	err = port_create(device->event, &device->setup, fd,
			  &device_source_ops, device, &device->port);
	if (err) {
		if (fd >= 0)
			close(fd);
		device_trouble(device, err);
		return;
	}

	device->told = 0;
	device->retry_delay = DEVICE_RETRY_MIN;
	log_info("%s: serving %s with handler %s", device->name,
		 device->devnode, device->setup.handler->name);
}

void device_retry(struct device *device)
{
	if (device->port)
		return;

	device->retry = sd_event_source_disable_unref(device->retry);
	device_open(device);
}

static int device_on_retry(sd_event_source *source, uint64_t usec,
			   void *userdata)
{
	device_retry(userdata);
	return 0;
}

int device_create(sd_event *event, const struct port_setup *setup,
		  struct device **ret)
{
	struct device *device;

	device = calloc(1, sizeof(*device));
	if (!device)
		return -ENOMEM;

	device->event = event;
	device->retry_delay = DEVICE_RETRY_MIN;
	device->devnode = strdup(setup->devnode);
	device->name = strdup(setup->name);
	device->setup = *setup;
	device->setup.devnode = device->devnode;
	device->setup.name = device->name;
	if (!device->devnode || !device->name) {
		device_destroy(device);
		return -ENOMEM;
	}

	device_open(device);
	*ret = device;
	return 0;
}

void device_destroy(struct device *device)
{
	if (!device)
		return;

	device_close(device);
	sd_event_source_disable_unref(device->retry);
	free(device->devnode);
	free(device->name);
	free(device);
}
