/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine_types.h - what a machine consists of, for the files that make it
 */

#ifndef VPORTEMU_MACHINE_TYPES_H
#define VPORTEMU_MACHINE_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "opts.h"

struct chardev;
struct limited_event;
struct machine_global;
struct metrics;
struct monitor;
struct sd_event_source;
struct transport;
struct transport_ops;
struct virtio_serial;

struct machine_chardev {
	struct machine_chardev *next;
	struct chardev *chr;
};

struct machine_device {
	struct machine_device *next;
	char *id;			/* NULL: none */
	const char *model;
	struct json_object *properties;	/* as they were when it was made */
	struct virtio_serial *serial;
	struct machine *machine;
};

struct machine_export {
	struct machine_export *next;
	char *id;
	struct machine *machine;
	struct machine_device *device;
	const struct transport_ops *ops;
	struct transport *transport;
	bool ended;
};

struct machine {
	struct sd_event *loop;
	char *name;
	char uuid[37];
	bool running;
	bool started;			/* has been running at least once */
	unsigned int unnamed_buses;

	struct chardev *speaker;	/* whose command is being executed */
	struct machine_chardev *chardevs;
	struct machine_device *devices;
	struct machine_export *exports;
	struct monitor *monitors;
	struct metrics *metrics;
	struct limited_event *limited_events;
	struct machine_global *globals;
};

/* chardev_list.c */
void machine_watch_chardevs(struct machine *machine);
struct chardev *machine_find_chardev(const struct machine *machine,
				     const char *id);
void machine_destroy_chardevs(struct machine *machine);

/* device.c */
void machine_destroy_devices(struct machine *machine);
struct machine_device *machine_find_device(const struct machine *machine,
					   const char *id);

/* export.c */
extern const struct opt_desc machine_export_options[];
void machine_destroy_exports(struct machine *machine);

/* monitor.c */
extern const struct opt_desc machine_monitor_options[];
int machine_add_hmp_object(struct machine *machine, const struct opts *opts,
			   struct error *error);
int machine_add_qmp_object(struct machine *machine, const struct opts *opts,
			   struct error *error);
/* Return: 0, -ENOENT; -EBUSY for the one that is speaking. */
int machine_remove_monitor(struct machine *machine, const char *id);
void machine_destroy_monitors(struct machine *machine);
void monitors_event(struct machine *machine, struct json_object *event);

/* passed.c */
extern const struct opt_desc machine_add_fd_options[];

/* metrics.c */
extern const struct opt_desc machine_metrics_options[];
void machine_destroy_metrics(struct machine *machine);

/* global.c */
extern const struct opt_desc machine_global_options[];
void machine_destroy_globals(struct machine *machine);

/*
 * Set what was said of all devices of a type.  @driver is the one that is being
 * made, @descs and @target are for opts_apply().
 */
int machine_apply_globals(const struct machine *machine, const char *driver,
			  const struct opt_desc *descs, void *target,
			  struct error *error);

/* event.c */
void machine_destroy_events(struct machine *machine);

#endif /* VPORTEMU_MACHINE_TYPES_H */
