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
 *  - otherwise the first end of file restarts the handler, or tells one that
 *    outlives its hosts;
 *  - replies wait not longer than DEVICE_GRACE after a host has left, and not
 *    longer than DEVICE_NEWS after input that came without news of a host: a
 *    client that said its piece and left will not fetch them, and the next one
 *    would take them for its own.
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

/*
 * For the news of a host whose data has come.  To answer nobody is a worse mistake
 * than to answer twice.  Before the first host there was no other whom the answers
 * could be for, and a machine that starts is a busy one.
 */
#define DEVICE_NEWS		(2 * SECOND)
#define DEVICE_NEWS_FIRST	(5 * SECOND)

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
	bool met;			/* a host was there since it was opened */
	bool away;			/* the last that epoll told was HUP */
	bool left;			/* a HUP, and no end of file since */
	bool doubt;			/* the session may be the next host's */
	uint64_t heard;			/* when input came from a host */
	uint64_t heard_first;		/* of such, the first for a while */
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

static void device_forget_host(struct device *device)
{
	device->settle = sd_event_source_disable_unref(device->settle);
	device->grace = sd_event_source_disable_unref(device->grace);
	device->doubt = false;
	device->heard = 0;
	device->heard_first = 0;
}

static void device_close(struct device *device)
{
	port_destroy(device->port);
	device->port = NULL;
	device_forget_host(device);
}

/* An unplugged port needs no retry: udev tells when there is a new one. */
static void device_complain(struct device *device, int err)
{
	bool gone = err == -ENODEV || err == -ENXIO || err == -ENOENT;

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

static void device_trouble(struct device *device, int err)
{
	device_close(device);
	device_complain(device, err);
}

/* A session with the host that left ends, unless it may be the next one's. */
static void device_end_session(struct device *device)
{
	int err = 0;

	device->left = false;
	if (device->doubt)
		return;
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
	device->doubt = false;
	log_debug("%s: the client left without its replies", device->name);
	port_drop_output(device->port);
	device_end_session(device);
	return 0;
}

static void device_grace(struct device *device, uint64_t delay)
{
	device->grace = sd_event_source_disable_unref(device->grace);
	if (device->setup.keep_output)
		return;

	sd_event_add_time_relative(device->event, &device->grace,
				   CLOCK_MONOTONIC, delay, 0,
				   device_on_grace, device);
}

static uint64_t device_now(const struct device *device)
{
	uint64_t now = 0;

	sd_event_now(device->event, CLOCK_MONOTONIC, &now);
	return now;
}

/* A handler that outlives its hosts is not one with requests and replies. */
static bool device_may_be_next(const struct device *device)
{
	return !device->setup.handler->host && !device->setup.keep_output &&
	       device->heard &&
	       device_now(device) - device->heard < DEVICE_SETTLE;
}

static void device_host_left(struct device *device)
{
	log_debug("%s: host left", device->name);
	device->left = true;
	device->away = true;
	device->doubt = device_may_be_next(device);
	if (device->doubt) {
		port_drop_old_output(device->port);
		device_grace(device, DEVICE_GRACE);
	} else if (!device->setup.keep_output) {
		port_drop_output(device->port);
	}
}

/*
 * So soon that the end of the old one's input has not been met, or not alone:
 * what is held is the new one's.
 */
static void device_next_host(struct device *device)
{
	bool held = device->settle;

	device->settle = sd_event_source_disable_unref(device->settle);
	if (device->doubt)
		return;
	if (port_tell_host(device->port, false)) {
		device->left = false;
		if (!device->setup.keep_output)
			port_drop_output(device->port);
	} else if (held) {
		device_end_session(device);
	}
}

static void device_host_came(struct device *device)
{
	log_debug("%s: host connected", device->name);
	device->met = true;
	device->away = false;
	device->grace = sd_event_source_disable_unref(device->grace);
	if (device->left)
		device_next_host(device);
	if (!device->port)
		return;
	device->doubt = false;
	port_tell_host(device->port, true);
	port_release_input(device->port);
}

static bool device_port_event(void *source, uint32_t revents)
{
	struct device *device = source;
	bool hup = revents & EPOLLHUP;

	if (hup == device->away)
		return true;

	if (hup) {
		device_host_left(device);
		port_hold_input(device->port);
	} else {
		device_host_came(device);
	}
	return device->port;
}

static void device_port_input(void *source)
{
	struct device *device = source;
	uint64_t now = device_now(device);

	if (device->away) {
		port_tell_host(device->port, true);
		device_grace(device, device->met ? DEVICE_NEWS :
						   DEVICE_NEWS_FIRST);
		return;
	}
	if (now - device->heard_first >= DEVICE_SETTLE) {
		device->heard_first = now;
		port_mark_output(device->port);
	}
	device->heard = now;
}

/*
 * No client sends this much before the news that it is there: these are the
 * answers to one that left, and behind them there is more of its input.
 */
static void device_port_full(void *source)
{
	struct device *device = source;

	if (device->away && !device->doubt && !device->setup.keep_output)
		port_drop_output(device->port);
}

/* poll() may have yet to tell; it will not drop the new replies. */
static void device_port_eof(void *source)
{
	struct device *device = source;

	if (!device->away)
		device_host_left(device);
	if (device->left)
		device_end_session(device);
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

	log_debug("%s: another host", device->name);
	device->settle = sd_event_source_disable_unref(device->settle);
	device_end_session(device);
	if (device->port)
		port_release_input(device->port);
}

static void device_port_failed(void *source, int err)
{
	device_trouble(source, err);
}

/* Return: a descriptor, or -errno. */
static int device_open_node(struct device *device)
{
	int fd = open(device->devnode,
		      O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	device->met = false;
	device->away = true;
	device->left = false;
	return fd < 0 ? -errno : fd;
}

static void device_attach(struct device *device)
{
	int fd = device_open_node(device);
	int err = fd < 0 ? fd : port_attach(device->port, fd);

	if (!err) {
		log_debug("%s: opened", device->name);
		device->told = 0;
		device->retry_delay = DEVICE_RETRY_MIN;
		return;
	}
	if (fd >= 0)
		close(fd);
	device_complain(device, err);
}

static void device_detach(struct device *device)
{
	log_debug("%s: closed", device->name);
	device_forget_host(device);
	port_tell_host(device->port, false);
	port_detach(device->port);
}

static void device_port_demand(void *source, bool open)
{
	struct device *device = source;

	if (open && !device->retry)
		device_attach(device);
	else if (!open)
		device_detach(device);
}

static const struct port_source_ops device_source_ops = {
	.always_out = true,
	.event = device_port_event,
	.input = device_port_input,
	.full = device_port_full,
	.eof = device_port_eof,
	.changed = device_port_changed,
	.unsure = device_port_unsure,
	.demand = device_port_demand,
	.failed = device_port_failed,
};

static void device_open(struct device *device)
{
	int fd = -1;
	int err;

	if (!device->setup.closed && !device->setup.on_demand) {
		fd = device_open_node(device);
		if (fd < 0) {
			device_trouble(device, fd);
			return;
		}
	}

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
	if (device->port && !device->retry)
		return;

	device->retry = sd_event_source_disable_unref(device->retry);
	if (device->port)
		port_resume_input(device->port);
	else
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
