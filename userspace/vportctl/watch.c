// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - vportctl watch: what happens to the ports of this machine
 *
 * Ports that come and go are told by udev, states by sysfs where the driver
 * has them there.  Counters tell nobody, so they are looked at once a second,
 * and with them the states that only debugfs has.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>
#include <libudev.h>

#include "log.h"
#include "ports.h"
#include "vportctl.h"

#define TICK_MS 1000

/* The events of udev, and two attributes of each port. */
struct watch {
	struct udev *udev;
	struct udev_monitor *monitor;
	struct table table;
	struct pollfd *fds;	/* the monitor's first */
	size_t count;
	bool json;
};

static void tell_json(const struct row *row, const char *what, int64_t bytes)
{
	struct json_object *event = json_object_new_object();
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_object_object_add(event, "time", json_object_new_double(
				       now.tv_sec + now.tv_nsec / 1e9));
	json_object_object_add(event, "device",
			       json_object_new_string(row->device));
	json_object_object_add(event, "name", row->name ?
			       json_object_new_string(row->name) : NULL);
	json_object_object_add(event, "event", json_object_new_string(what));
	if (bytes >= 0)
		json_object_object_add(event, "bytes",
				       json_object_new_int64(bytes));
	print_json_line(event);
	json_object_put(event);
}

static void tell_text(const struct row *row, const char *what, int64_t bytes)
{
	char clock[16];
	time_t now = time(NULL);
	const char *p;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
	printf("%s %s ", clock, row->device);
	for (p = row->name; p && *p; p++)
		putchar((unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
	if (bytes < 0)
		printf("%s%s\n", row->name ? " " : "", what);
	else
		printf("%s%s %lld bytes\n", row->name ? " " : "", what,
		       (long long)bytes);
	fflush(stdout);
}

static void tell(const struct watch *watch, const struct row *row,
		 const char *what, int64_t bytes)
{
	if (watch->json)
		tell_json(row, what, bytes);
	else
		tell_text(row, what, bytes);
}

static void tell_state(const struct watch *watch, const struct row *row,
		       enum port_state before, enum port_state now,
		       const char *opened, const char *closed)
{
	if (now != before && now != PORT_UNKNOWN)
		tell(watch, row, now == PORT_OPEN ? opened : closed, -1);
}

static void tell_count(const struct watch *watch, const struct row *row,
		       int64_t before, int64_t now, const char *what)
{
	if (before >= 0 && now > before)
		tell(watch, row, what, now - before);
}

static void compare(const struct watch *watch, const struct row *before,
		    const struct row *now)
{
	const struct port_states *old = &before->states;
	const struct port_states *new = &now->states;

	if (now->name && (!before->name || strcmp(before->name, now->name)))
		tell(watch, now, "named", -1);
	tell_state(watch, now, old->host, new->host, "host-connected",
		   "host-left");
	tell_state(watch, now, old->guest, new->guest, "opened", "closed");
	tell_count(watch, now, old->received, new->received, "received");
	tell_count(watch, now, old->sent, new->sent, "sent");
}

static const struct row *find(const struct table *table, const char *device)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (!strcmp(table->rows[i].device, device))
			return &table->rows[i];
	}
	return NULL;
}

static void compare_all(const struct watch *watch, const struct table *before)
{
	const struct table *now = &watch->table;
	const struct row *row;
	size_t i;

	for (i = 0; i < before->count; i++) {
		if (!find(now, before->rows[i].device))
			tell(watch, &before->rows[i], "unplugged", -1);
	}
	for (i = 0; i < now->count; i++) {
		row = find(before, now->rows[i].device);
		if (row)
			compare(watch, row, &now->rows[i]);
		else
			tell(watch, &now->rows[i], "plugged", -1);
	}
}

/* It tells of a change once it has been read. */
static int open_attribute(const char *device, const char *attribute)
{
	char path[512];
	char c;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/%s", device,
		 attribute);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && pread(fd, &c, 1, 0) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void close_attributes(struct watch *watch)
{
	size_t i;

	for (i = 1; i < watch->count; i++) {
		if (watch->fds[i].fd >= 0)
			close(watch->fds[i].fd);
	}
	watch->count = 1;
}

static int open_attributes(struct watch *watch)
{
	size_t count = 1 + 2 * watch->table.count;
	struct pollfd *fds;
	size_t i;

	close_attributes(watch);
	fds = reallocarray(watch->fds, count, sizeof(*fds));
	if (!fds)
		return -ENOMEM;
	watch->fds = fds;
	for (i = 0; i < watch->table.count; i++) {
		const char *device = watch->table.rows[i].device;

		fds[1 + 2 * i].fd = open_attribute(device, "host_connected");
		fds[2 + 2 * i].fd = open_attribute(device, "guest_connected");
		fds[1 + 2 * i].events = POLLPRI;
		fds[2 + 2 * i].events = POLLPRI;
	}
	watch->count = count;
	return 0;
}

/*
 * The attributes of the ports known so far are read before the states are: what
 * changes behind that wakes poll().  New ports are looked at once more.
 */
static int look_once(struct watch *watch)
{
	struct table before = watch->table;
	int err;

	memset(&watch->table, 0, sizeof(watch->table));
	err = ports_fill(&watch->table);
	if (!err)
		compare_all(watch, &before);
	ports_free(&before);
	return err;
}

static int look(struct watch *watch)
{
	int err = look_once(watch);

	if (!err)
		err = open_attributes(watch);
	return err ? err : look_once(watch);
}

static bool has_counters(const struct table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (table->rows[i].states.received >= 0)
			return true;
	}
	return false;
}

static int wait_for_change(struct watch *watch)
{
	struct udev_device *device;
	int timeout = has_counters(&watch->table) ? TICK_MS : -1;

	if (poll(watch->fds, watch->count, timeout) < 0 && errno != EINTR)
		return -errno;
	while ((device = udev_monitor_receive_device(watch->monitor)))
		udev_device_unref(device);
	return 0;
}

static int watch_begin(struct watch *watch)
{
	watch->udev = udev_new();
	watch->fds = calloc(1, sizeof(*watch->fds));
	if (!watch->udev || !watch->fds)
		return -ENOMEM;

	watch->monitor = udev_monitor_new_from_netlink(
		watch->udev,
		access("/run/udev/control", F_OK) ? "kernel" : "udev");
	if (!watch->monitor)
		return -ENOMEM;
	if (udev_monitor_filter_add_match_subsystem_devtype(
		    watch->monitor, "virtio-ports", NULL) < 0 ||
	    udev_monitor_enable_receiving(watch->monitor) < 0)
		return -EIO;
	watch->fds[0].fd = udev_monitor_get_fd(watch->monitor);
	watch->fds[0].events = POLLIN;
	watch->count = 1;
	return 0;
}

static void watch_end(struct watch *watch)
{
	close_attributes(watch);
	free(watch->fds);
	ports_free(&watch->table);
	udev_monitor_unref(watch->monitor);
	udev_unref(watch->udev);
}

int run_watch(const struct subcommand *self, int argc, char **argv)
{
	struct watch watch = { 0 };
	struct arguments args;
	int err;

	err = usage_parse(self, "j", 0, 0, argc, argv, &args);
	if (err != 1)
		return err ? EXIT_FAILURE : EXIT_SUCCESS;

	watch.json = args.json;
	err = watch_begin(&watch);
	if (!err)
		err = look(&watch);
	while (!err && !ferror(stdout)) {
		err = wait_for_change(&watch);
		if (!err)
			err = look(&watch);
	}
	if (err)
		log_err("watch: %s", strerror(-err));
	watch_end(&watch);
	return EXIT_FAILURE;
}
