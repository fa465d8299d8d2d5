// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine.c - what the command line and the monitors have made
 */

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "chardev.h"
#include "error.h"
#include "machine_types.h"
#include "opts.h"
#include "virtio_serial.h"

int machine_create(struct machine **ret)
{
	struct machine *machine;
	int err;

	machine = calloc(1, sizeof(*machine));
	if (!machine)
		return -ENOMEM;

	err = sd_event_new(&machine->loop);
	if (err < 0) {
		free(machine);
		return err;
	}
	machine_set_uuid(machine, "00000000-0000-0000-0000-000000000000");
	*ret = machine;
	return 0;
}

/* Users go before what they use. */
void machine_destroy(struct machine *machine)
{
	struct machine_chardev *entry;

	if (!machine)
		return;

	machine_destroy_exports(machine);
	machine_destroy_devices(machine);
	machine_destroy_monitors(machine);
	machine_destroy_events(machine);
	while (machine->chardevs) {
		entry = machine->chardevs;
		machine->chardevs = entry->next;
		chardev_destroy(entry->chr);
		free(entry);
	}
	sd_event_unref(machine->loop);
	free(machine->name);
	free(machine);
}

struct sd_event *machine_loop(struct machine *machine)
{
	return machine->loop;
}

int machine_set_name(struct machine *machine, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;

	free(machine->name);
	machine->name = copy;
	return 0;
}

const char *machine_name(const struct machine *machine)
{
	return machine->name;
}

void machine_set_uuid(struct machine *machine, const char uuid[37])
{
	memcpy(machine->uuid, uuid, sizeof(machine->uuid));
}

const char *machine_uuid(const struct machine *machine)
{
	return machine->uuid;
}

void machine_set_running(struct machine *machine, bool running)
{
	struct machine_device *device;

	if (machine->running == running)
		return;

	machine->running = running;
	for (device = machine->devices; device; device = device->next)
		virtio_serial_set_stopped(device->serial, !running);
	/* Nobody is told of the beginning. */
	if (machine->started || !running)
		machine_event(machine, running ? "RESUME" : "STOP", NULL);
	machine->started = true;
}

bool machine_running(const struct machine *machine)
{
	return machine->running;
}

const char *machine_status(const struct machine *machine)
{
	if (machine->running)
		return "running";

	return machine->started ? "paused" : "prelaunch";
}

void machine_shutdown(struct machine *machine, const char *reason)
{
	struct json_object *data = json_object_new_object();

	json_object_object_add(data, "guest", json_object_new_boolean(false));
	json_object_object_add(data, "reason", json_object_new_string(reason));
	machine_event(machine, "SHUTDOWN", data);
	sd_event_exit(machine->loop, 0);
}

struct chardev *machine_find_chardev(const struct machine *machine,
				     const char *id)
{
	struct machine_chardev *entry;

	for (entry = machine->chardevs; entry; entry = entry->next) {
		if (!strcmp(entry->chr->id, id))
			return entry->chr;
	}
	return NULL;
}

bool machine_has_chardev(const struct machine *machine, const char *id)
{
	return machine_find_chardev(machine, id);
}

int machine_add_chardev(struct machine *machine, const struct opts *opts,
			bool runtime, struct error *error)
{
	struct machine_chardev **link = &machine->chardevs;
	const char *id = opts_get(opts, "id");
	struct machine_chardev *entry;
	int ret;

	if (id && machine_has_chardev(machine, id))
		return error_set(error, -EEXIST, "Duplicate ID '%s' for chardev",
				 id);

	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return error_set(error, -ENOMEM, "out of memory");

	ret = chardev_create(machine->loop, opts, runtime, &entry->chr, error);
	if (ret) {
		free(entry);
		return ret;
	}
	while (*link)
		link = &(*link)->next;
	*link = entry;
	return 0;
}

int machine_remove_chardev(struct machine *machine, const char *id,
			   struct error *error)
{
	struct machine_chardev **link = &machine->chardevs;
	struct machine_chardev *entry;

	while (*link && strcmp((*link)->chr->id, id))
		link = &(*link)->next;
	entry = *link;
	if (!entry)
		return error_set(error, -ENOENT, "Chardev '%s' not found", id);
	if (entry->chr->frontend)
		return error_set(error, -EBUSY, "Chardev '%s' is busy", id);

	*link = entry->next;
	chardev_destroy(entry->chr);
	free(entry);
	return 0;
}

void machine_visit_chardevs(struct machine *machine,
			    void (*visit)(void *data, const char *label,
					  const char *filename,
					  bool frontend_open),
			    void *data)
{
	struct machine_chardev *entry;
	char filename[PATH_MAX];

	for (entry = machine->chardevs; entry; entry = entry->next) {
		chardev_filename(entry->chr, filename, sizeof(filename));
		visit(data, entry->chr->id, filename,
		      entry->chr->frontend_open);
	}
}
