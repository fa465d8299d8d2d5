// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_trace.c - QMP commands about trace events
 */

#include <errno.h>
#include <json-c/json.h>

#include "command.h"
#include "error.h"
#include "machine.h"

static void list_event(void *data, const char *name, bool enabled)
{
	struct json_object *entry = json_object_new_object();

	json_object_object_add(entry, "name", json_object_new_string(name));
	json_object_object_add(entry, "state",
			       json_object_new_string(enabled ? "enabled" :
						      "disabled"));
	json_object_array_add(data, entry);
}

int qmp_trace_event_get_state(struct machine *machine, struct json_object *args,
			      struct json_object **ret, struct error *error)
{
	const char *name = qmp_arg_string(args, "name");

	*ret = json_object_new_array();
	machine_visit_traces(name, list_event, *ret);
	if (json_object_array_length(*ret) || machine_is_trace_pattern(name))
		return 0;

	json_object_put(*ret);
	*ret = NULL;
	return error_set(error, -EINVAL, "unknown event \"%s\"", name);
}

/* None of them is ever unavailable. */
int qmp_trace_event_set_state(struct machine *machine, struct json_object *args,
			      struct json_object **ret, struct error *error)
{
	struct json_object *enable;

	json_object_object_get_ex(args, "enable", &enable);
	return machine_enable_traces(qmp_arg_string(args, "name"),
				     json_object_get_boolean(enable), error);
}
