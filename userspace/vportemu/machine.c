// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine.c - what the command line and the monitors have made
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

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
	machine_watch_chardevs(machine);
	*ret = machine;
	return 0;
}

/* Users go before what they use. */
void machine_destroy(struct machine *machine)
{
	if (!machine)
		return;

	machine_destroy_exports(machine);
	machine_destroy_monitors(machine);
	machine_destroy_metrics(machine);
	machine_destroy_devices(machine);
	machine_destroy_events(machine);
	machine_destroy_chardevs(machine);
	machine_destroy_globals(machine);
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

int machine_from_text(struct machine *machine, const char *text,
		      const char *implied,
		      int (*add)(struct machine *machine,
				 const struct opts *opts, struct error *error),
		      struct error *error)
{
	struct opts opts;
	int ret;

	ret = opts_parse(&opts, text, implied, error);
	if (ret)
		return ret;
	ret = add(machine, &opts, error);
	opts_finish(&opts);
	return ret;
}

void machine_shutdown(struct machine *machine, const char *reason)
{
	struct json_object *data = json_object_new_object();

	json_object_object_add(data, "guest", json_object_new_boolean(false));
	json_object_object_add(data, "reason", json_object_new_string(reason));
	machine_event(machine, "SHUTDOWN", data);
	sd_event_exit(machine->loop, 0);
}
