// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * event.c - QMP events, and how often they may come
 *
 * An event that a guest can cause at will is sent at most once a second for
 * each key: the first at once, then the last of those that came meanwhile.
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <systemd/sd-event.h>

#include "machine_types.h"

#define LIMIT_USEC	1000000

/* An event that was sent within the last second. */
struct limited_event {
	struct limited_event *next;
	struct machine *machine;
	const char *name;
	char *key;			/* as many as there are ports */
	struct json_object *waiting;	/* NULL: no other came */
	struct sd_event_source *timer;
};

void machine_event(struct machine *machine, const char *name,
		   struct json_object *data)
{
	struct json_object *event = json_object_new_object();
	struct json_object *stamp = json_object_new_object();
	struct timeval now;

	gettimeofday(&now, NULL);
	json_object_object_add(stamp, "seconds",
			       json_object_new_int64(now.tv_sec));
	json_object_object_add(stamp, "microseconds",
			       json_object_new_int64(now.tv_usec));
	json_object_object_add(event, "timestamp", stamp);
	json_object_object_add(event, "event", json_object_new_string(name));
	if (data)
		json_object_object_add(event, "data", data);

	monitors_event(machine, event);
	json_object_put(event);
}

static void limited_free(struct limited_event *event)
{
	struct limited_event **link = &event->machine->limited_events;

	while (*link != event)
		link = &(*link)->next;
	*link = event->next;
	sd_event_source_disable_unref(event->timer);
	json_object_put(event->waiting);
	free(event->key);
	free(event);
}

static int limited_expired(sd_event_source *source, uint64_t usec, void *data)
{
	struct limited_event *event = data;
	struct json_object *waiting = event->waiting;

	if (!waiting) {
		limited_free(event);
		return 0;
	}

	event->waiting = NULL;
	sd_event_source_set_time_relative(source, LIMIT_USEC);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	machine_event(event->machine, event->name, waiting);
	return 0;
}

static struct limited_event *limited_find(struct machine *machine,
					  const char *name, const char *key)
{
	struct limited_event *event;

	for (event = machine->limited_events; event; event = event->next) {
		if (!strcmp(event->name, name) && !strcmp(event->key, key))
			return event;
	}
	return NULL;
}

/* Without memory for it there is no limit. */
static void limited_begin(struct machine *machine, const char *name,
			  const char *key)
{
	struct limited_event *event;

	event = calloc(1, sizeof(*event));
	if (!event)
		return;

	event->machine = machine;
	event->name = name;
	event->key = strdup(key);
	event->next = machine->limited_events;
	machine->limited_events = event;
	if (!event->key ||
	    sd_event_add_time_relative(machine->loop, &event->timer,
				       CLOCK_MONOTONIC, LIMIT_USEC, 1000,
				       limited_expired, event) < 0)
		limited_free(event);
}

/**
 * machine_event_limited() - tell the monitors, but not too often
 * @machine: whose monitors
 * @name:    of the event, for ever there
 * @key:     what it is about
 * @data:    taken over
 */
void machine_event_limited(struct machine *machine, const char *name,
			   const char *key, struct json_object *data)
{
	struct limited_event *event = limited_find(machine, name, key);

	if (event) {
		json_object_put(event->waiting);
		event->waiting = data;
		return;
	}
	limited_begin(machine, name, key);
	machine_event(machine, name, data);
}

void machine_destroy_events(struct machine *machine)
{
	while (machine->limited_events)
		limited_free(machine->limited_events);
}
