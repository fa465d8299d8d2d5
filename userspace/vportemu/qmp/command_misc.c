// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_misc.c - QMP commands about stuck sockets and the command line
 */

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "machine.h"

static void add_string(struct json_object *object, const char *name,
		       const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

struct yank_list {
	struct machine *machine;
	struct json_object *list;
};

static void list_instance(void *data, const char *label, const char *filename,
			  bool frontend_open)
{
	struct yank_list *instances = data;
	struct json_object *entry;

	if (!machine_can_yank(instances->machine, label))
		return;
	entry = json_object_new_object();
	add_string(entry, "id", label);
	add_string(entry, "type", "chardev");
	json_object_array_add(instances->list, entry);
}

int qmp_query_yank(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error)
{
	struct yank_list instances = { machine, json_object_new_array() };

	machine_visit_chardevs(machine, list_instance, &instances);
	*ret = instances.list;
	return 0;
}

/* The id of an instance, which is a chardev's in any case. */
static int instance_id(struct json_object *instance, const char **ret,
		       struct error *error)
{
	struct json_object *type, *id;
	const char *kind;

	if (!json_object_is_type(instance, json_type_object))
		return error_set(error, -EINVAL,
			"Invalid parameter type for 'instances[0]', expected: object");
	if (!json_object_object_get_ex(instance, "type", &type))
		return error_set(error, -EINVAL,
				 "Parameter 'instances[0].type' is missing");
	kind = json_object_get_string(type) ?: "null";
	if (!strcmp(kind, "block-node") || !strcmp(kind, "migration"))
		return error_set(error, -ENODEV, "Instance not found");
	if (strcmp(kind, "chardev"))
		return error_set(error, -EINVAL,
				 "Parameter 'type' does not accept value '%s'",
				 kind);
	if (!json_object_object_get_ex(instance, "id", &id) ||
	    !json_object_is_type(id, json_type_string))
		return error_set(error, -EINVAL,
				 "Parameter 'instances[0].id' is missing");
	*ret = json_object_get_string(id);
	return 0;
}

/* All of them or none. */
int qmp_yank(struct machine *machine, struct json_object *args,
	     struct json_object **ret, struct error *error)
{
	struct json_object *list;
	const char *id = NULL;
	size_t i, num;
	int err;

	json_object_object_get_ex(args, "instances", &list);
	num = json_object_array_length(list);
	for (i = 0; i < num; i++) {
		err = instance_id(json_object_array_get_idx(list, i), &id,
				  error);
		if (err)
			return err;
		if (!machine_can_yank(machine, id))
			return error_set(error, -ENODEV, "Instance not found");
	}
	for (i = 0; i < num; i++) {
		instance_id(json_object_array_get_idx(list, i), &id, NULL);
		machine_yank(machine, id);
	}
	return 0;
}

struct option_list {
	struct json_object *list;
	const char *only;		/* NULL: all */
	const char *last;		/* whose parameters are being listed */
	struct json_object *parameters;
};

static void list_option(void *data, const char *option, const char *name,
			const char *type, const char *help)
{
	struct option_list *options = data;
	struct json_object *entry;

	if (options->only && strcmp(options->only, option))
		return;
	if (!options->last || strcmp(options->last, option)) {
		entry = json_object_new_object();
		options->last = option;
		options->parameters = json_object_new_array();
		json_object_object_add(entry, "parameters",
				       options->parameters);
		add_string(entry, "option", option);
		json_object_array_add(options->list, entry);
	}
	if (!name)
		return;
	entry = json_object_new_object();
	add_string(entry, "name", name);
	if (help)
		add_string(entry, "help", help);
	add_string(entry, "type", type);
	json_object_array_add(options->parameters, entry);
}

int qmp_query_command_line_options(struct machine *machine,
				   struct json_object *args,
				   struct json_object **ret,
				   struct error *error)
{
	struct option_list options = {
		.list = json_object_new_array(),
		.only = qmp_arg_string(args, "option"),
	};

	machine_visit_options(list_option, &options);
	if (options.only && !options.last) {
		json_object_put(options.list);
		return error_set(error, -ENOENT,
				 "invalid option name: %s", options.only);
	}
	*ret = options.list;
	return 0;
}
