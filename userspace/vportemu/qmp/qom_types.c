// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qom_types.c - what types of objects there are, and what can be said of them
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "machine.h"

static void add_string(struct json_object *object, const char *name,
		       const char *value)
{
	if (value)
		json_object_object_add(object, name,
				       json_object_new_string(value));
}

static struct json_object *default_value(const char *type, const char *text)
{
	if (!strcmp(type, "bool"))
		return json_object_new_boolean(!strncmp(text, "on", 2));
	if (!strcmp(type, "uint32"))
		return json_object_new_int64(strtoll(text, NULL, 10));

	return json_object_new_string_len(text, strcspn(text, ")"));
}

/* What `,help` says of a property is "WORDS (default: VALUE)", or a half of it. */
static struct json_object *list_property(struct json_object *list,
					 const char *name, const char *type,
					 const char *help)
{
	static const char mark[] = " (default: ";
	struct json_object *entry = json_object_new_object();
	const char *value = strstr(help, mark);
	size_t len = value ? (size_t)(value - help) : strlen(help);

	add_string(entry, "name", name);
	add_string(entry, "type", type);
	if (len)
		json_object_object_add(entry, "description",
				       json_object_new_string_len(help, len));
	if (value)
		json_object_object_add(entry, "default-value",
			default_value(type, value + strlen(mark)));
	json_object_array_add(list, entry);
	return entry;
}

static void list_model_property(void *data, const char *name, const char *type,
				const char *help)
{
	list_property(data, name, type, help);
}

/* Objects tell what they are, not how they would have been. */
static void list_object_property(void *data, const char *name, const char *type,
				 const char *help)
{
	json_object_object_del(list_property(data, name, type, help),
			       "default-value");
}

/* What objects of some kinds have, however they were made. */
static const struct {
	const char *kind;
	const char *name;
	const char *type;
} inborn[] = {
	{ "object", "type", "string" },
	{ "device", "parent_bus", "link<bus>" },
	{ "device", "realized", "bool" },
	{ "chardev", "filename", "str" },
	{ "chardev", "connected", "bool" },
};

int qmp_device_list_properties(struct machine *machine,
			       struct json_object *args,
			       struct json_object **ret, struct error *error)
{
	const char *name = qmp_arg_string(args, "typename");

	*ret = json_object_new_array();
	if (!machine_visit_properties(name, list_model_property, *ret))
		return 0;

	json_object_put(*ret);
	*ret = NULL;
	if (machine_type_find(name))
		return error_set(error, -EINVAL,
			"Parameter 'typename' expects a non-abstract device type");
	return error_set(error, -ENODEV, "Device '%s' not found", name);
}

int qmp_qom_list_properties(struct machine *machine, struct json_object *args,
			    struct json_object **ret, struct error *error)
{
	const char *name = qmp_arg_string(args, "typename");
	const struct machine_type *type = machine_type_find(name);
	size_t i;

	if (!type)
		return error_set(error, -ENODEV, "Class '%s' not found", name);
	*ret = json_object_new_array();
	for (i = 0; i < sizeof(inborn) / sizeof(inborn[0]); i++) {
		if (machine_type_is(type, inborn[i].kind))
			list_property(*ret, inborn[i].name, inborn[i].type, "");
	}
	machine_visit_properties(name, list_object_property, *ret);
	return 0;
}

const char *qom_port_name(unsigned int index)
{
	const struct machine_type *type;
	unsigned int i;

	for (i = 0; (type = machine_type_at(i)); i++) {
		if (!type->abstract &&
		    machine_type_is(type, "virtio-serial-port") && !index--)
			return type->name;
	}
	return NULL;
}

int qmp_qom_list_types(struct machine *machine, struct json_object *args,
		       struct json_object **ret, struct error *error)
{
	const char *implements = qmp_arg_string(args, "implements");
	struct json_object *abstract = NULL, *entry;
	const struct machine_type *type;
	unsigned int i;

	json_object_object_get_ex(args, "abstract", &abstract);
	*ret = json_object_new_array();
	for (i = 0; (type = machine_type_at(i)); i++) {
		if ((type->abstract && !json_object_get_boolean(abstract)) ||
		    (implements && !machine_type_is(type, implements)))
			continue;
		entry = json_object_new_object();
		add_string(entry, "name", type->name);
		if (type->abstract)
			json_object_object_add(entry, "abstract",
					       json_object_new_boolean(true));
		add_string(entry, "parent", type->parent);
		json_object_array_add(*ret, entry);
	}
	return 0;
}
