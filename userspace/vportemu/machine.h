/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - what the command line and the monitors have made
 *
 * Character devices, virtio-serial devices with their ports, exports by which
 * VMMs reach these, and monitors.  This is all that a monitor's command can
 * see.
 */

#ifndef VPORTEMU_MACHINE_H
#define VPORTEMU_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct json_object;
struct machine;
struct opts;
struct sd_event;

/* machine.c */
int machine_create(struct machine **ret);
void machine_destroy(struct machine *machine);
struct sd_event *machine_loop(struct machine *machine);

/* What query-name and query-uuid say; copied.  Return: 0, -ENOMEM. */
int machine_set_name(struct machine *machine, const char *name);
const char *machine_name(const struct machine *machine);
void machine_set_uuid(struct machine *machine, const char uuid[37]);
const char *machine_uuid(const struct machine *machine);

/**
 * machine_set_running() - stop and continue
 *
 * While stopped, no data moves between the guest and the character devices.
 * Monitors are told of a change.
 */
void machine_set_running(struct machine *machine, bool running);
bool machine_running(const struct machine *machine);
const char *machine_status(const struct machine *machine);

/**
 * machine_from_text() - take an option's argument apart and pass it on
 * @machine: for @add
 * @text:    key=value list or JSON
 * @implied: key of a first member without one, or NULL
 * @add:     what to do with it
 * @error:   why not
 *
 * Return: 0, -errno.
 */
int machine_from_text(struct machine *machine, const char *text,
		      const char *implied,
		      int (*add)(struct machine *machine,
				 const struct opts *opts, struct error *error),
		      struct error *error);

/* Leave the loop; monitors are told why. */
void machine_shutdown(struct machine *machine, const char *reason);

/* Options as behind -chardev; @runtime: nothing may wait. */
int machine_add_chardev(struct machine *machine, const struct opts *opts,
			bool runtime, struct error *error);
int machine_remove_chardev(struct machine *machine, const char *id,
			   struct error *error);
/* Replace the one of that id; devices on it go on with the new one. */
int machine_change_chardev(struct machine *machine, const struct opts *opts,
			   struct error *error);
int machine_send_break(struct machine *machine, const char *id,
		       struct error *error);

/* Cut the connection of a stuck socket.  Return: 0; -ENODEV: it has none. */
int machine_yank(struct machine *machine, const char *id);
bool machine_can_yank(struct machine *machine, const char *id);

int machine_resize_chardev(struct machine *machine, const char *id,
			   uint16_t cols, uint16_t rows, struct error *error);

/* Of a ringbuf: take up to @size bytes out, to be freed; put some in. */
int machine_ringbuf_read(struct machine *machine, const char *id, size_t size,
			 char **ret, size_t *ret_len, struct error *error);
int machine_ringbuf_write(struct machine *machine, const char *id,
			  const void *data, size_t len, struct error *error);

/* What query-chardev calls the file name.  Return: 0, -ENOENT. */
int machine_chardev_filename(struct machine *machine, const char *id,
			     char *buf, size_t size);

/* Of one that there is: the word behind -chardev, and whether it is open. */
const char *machine_chardev_backend(struct machine *machine, const char *id);
bool machine_chardev_open(struct machine *machine, const char *id);
bool machine_has_chardev(const struct machine *machine, const char *id);

/* Call @visit for each character device, the newest last. */
void machine_visit_chardevs(struct machine *machine,
			    void (*visit)(void *data, const char *label,
					  const char *filename,
					  bool frontend_open),
			    void *data);

/*
 * passed.c: descriptors that came with the command that is being executed
 *
 * By name, for `fd=NAME`; in sets, for `/dev/fdset/N`; for a chardev.
 */
int machine_getfd(struct machine *machine, const char *name,
		  struct error *error);
int machine_closefd(struct machine *machine, const char *name,
		    struct error *error);
int machine_add_fd(struct machine *machine, int64_t set, const char *opaque,
		   int64_t *ret_set, int *ret_fd, struct error *error);
int machine_add_client(struct machine *machine, const char *chardev,
		       const char *name, struct error *error);
int machine_remove_fd(int64_t set, int64_t fd, struct error *error);
void machine_visit_fdsets(void (*visit)(void *data, int64_t set, int fd,
					const char *opaque), void *data);

/* passed.c: options as behind -add-fd */
int machine_add_fd_option(struct machine *machine, const struct opts *opts,
			  struct error *error);

/* device.c: options as behind -device */
int machine_add_device(struct machine *machine, const struct opts *opts,
		       bool hotplug, struct error *error);
int machine_remove_device(struct machine *machine, const char *id,
			  struct error *error);

/* What there is to know of a port; strings may be NULL. */
struct machine_port {
	const char *device;		/* id of the device it is on */
	const char *bus;
	const char *model;
	const char *id;
	const char *name;
	const char *chardev;
	uint32_t nr;
	bool guest_connected;
	bool host_connected;
	bool throttled;
	uint64_t bytes_to_host;
	uint64_t bytes_to_guest;
	uint64_t bytes_dropped;
	uint64_t throttles;
	uint64_t starvations;
	unsigned int clients;		/* of the chardev */
	uint64_t history_waiting;	/* that no client has got yet */
	uint64_t clients_missed;	/* by clients that were too slow */
};

/* Call @visit for each port, in the order they came, device by device. */
void machine_visit_ports(struct machine *machine,
			 void (*visit)(void *data,
				       const struct machine_port *port),
			 void *data);

/* What there is to know of a device. */
struct machine_device_info {
	const char *id;			/* NULL: none */
	const char *model;
	const char *bus;
	struct json_object *properties;	/* values by name */
	uint64_t offered;		/* features */
	uint64_t features;		/* those the driver has taken */
	unsigned int num_queues;
	bool attached;			/* a VMM is there */
	bool started;			/* some ring runs */
	bool broken;			/* until the driver resets it */
};

/* The same for each device. */
void machine_visit_devices(struct machine *machine,
			   void (*visit)(void *data,
					 const struct machine_device_info *info),
			   void *data);

/* What there is to know of a queue. */
struct machine_queue {
	bool running;
	unsigned int num;
	uint64_t desc, avail, used;	/* guest addresses */
	uint16_t last_avail;
	uint16_t avail_seen;
	uint16_t used_idx;
	uint16_t used_shown;
	bool shown_valid;
};

/* What there is at one place of a split ring. */
struct machine_element {
	unsigned int head;
	uint16_t avail_flags, avail_idx, avail_ring;
	uint16_t used_flags, used_idx;
};

/*
 * Look at a place of a ring, calling @visit for each of its descriptors.
 * Return: 0, -ENOENT; -EOPNOTSUPP when the ring is packed.
 */
int machine_get_element(struct machine *machine, const char *bus,
			unsigned int queue, uint16_t index,
			void (*visit)(void *data, uint64_t addr, uint32_t len,
				      uint16_t flags),
			void *data, struct machine_element *ret);

/* Of the device with that bus.  Return: 0, -ENOENT. */
int machine_get_queue(struct machine *machine, const char *bus,
		      unsigned int index, struct machine_queue *ret);

/*
 * Call @visit for each property of a model.
 * Return: 0, -ENOENT.
 */
int machine_visit_properties(const char *model,
			     void (*visit)(void *data, const char *name,
					   const char *type,
					   const char *description),
			     void *data);

/* type_list.c: a type of object, and what it is a kind of */
struct machine_type {
	const char *name;
	const char *parent;		/* NULL: none */
	bool abstract;
};

/* One after the other, until NULL; parents come first. */
const struct machine_type *machine_type_at(unsigned int index);
const struct machine_type *machine_type_find(const char *name);
bool machine_type_is(const struct machine_type *type, const char *name);

/*
 * trace_option.c: call @visit for each event that fits; enable some, or disable
 * them.  Return: 0; -EINVAL when there is none of that name.
 */
void machine_visit_traces(const char *pattern,
			  void (*visit)(void *data, const char *name,
					bool enabled),
			  void *data);
bool machine_is_trace_pattern(const char *text);
int machine_enable_traces(const char *pattern, bool on, struct error *error);

/* global.c: options as behind -global, and what has come of them in the end */
int machine_add_global(struct machine *machine, const struct opts *opts,
		       struct error *error);
void machine_check_globals(const struct machine *machine);

/*
 * option_list.c: call @visit for each parameter of each option that has some;
 * @name is NULL for an option that has none.
 */
void machine_visit_options(void (*visit)(void *data, const char *option,
					 const char *name, const char *type,
					 const char *help),
			   void *data);

/* Forget what drivers said; monitors are told.  Rings go on. */
void machine_reset(struct machine *machine, const char *reason);

/* object.c: options as behind -object */
int machine_add_object(struct machine *machine, const struct opts *opts,
		       struct error *error);
int machine_remove_object(struct machine *machine, const char *id,
			  struct error *error);

/* export.c: options as behind --export */
int machine_add_export(struct machine *machine, const struct opts *opts,
		       struct error *error);

/* monitor.c: options as behind -mon */
int machine_add_monitor(struct machine *machine, const struct opts *opts,
			struct error *error);

/* metrics.c: options as behind -metrics */
int machine_add_metrics(struct machine *machine, const struct opts *opts,
			struct error *error);

/* event.c: @data is taken over, and may be NULL */
void machine_event(struct machine *machine, const char *name,
		   struct json_object *data);
void machine_event_limited(struct machine *machine, const char *name,
			   const char *key, struct json_object *data);

#endif /* VPORTEMU_MACHINE_H */
