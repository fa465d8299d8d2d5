// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qom_types.c - what types of objects there are, and what can be said of them
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
	if (value)
		json_object_object_add(object, name,
				       json_object_new_string(value));
}

static void list_property(void *data, const char *name, const char *type,
			  const char *description)
{
	struct json_object *entry = json_object_new_object();

	add_string(entry, "name", name);
	add_string(entry, "type", type);
	add_string(entry, "description", description);
	json_object_array_add(data, entry);
}

struct qom_type {
	const char *name;
	const char *parent;
	bool abstract;
};

/* A parent comes before its children. */
static const struct qom_type types[] = {
	{ "object", NULL, true },
	{ "chardev", "object", true },
	{ "chardev-file", "chardev" },
	{ "chardev-hub", "chardev" },
	{ "chardev-mux", "chardev" },
	{ "chardev-null", "chardev" },
	{ "chardev-pipe", "chardev" },
	{ "chardev-pty", "chardev" },
	{ "chardev-ringbuf", "chardev" },
	{ "chardev-serial", "chardev" },
	{ "chardev-socket", "chardev" },
	{ "chardev-stdio", "chardev" },
	{ "chardev-udp", "chardev" },
	{ "device", "object", true },
	{ "pci-device", "device", true },
	{ "virtio-device", "device", true },
	{ "virtio-pci", "pci-device", true },
	{ "virtio-serial-device", "virtio-device" },
	{ "virtio-serial-pci", "virtio-pci" },
	{ "virtio-serial-pci-non-transitional", "virtio-pci" },
	{ "virtio-serial-pci-transitional", "virtio-pci" },
	{ "virtio-serial-port", "device", true },
	{ "virtconsole", "virtio-serial-port" },
	{ "virtserialport", "virtio-serial-port" },
};

#define NUM_TYPES	(sizeof(types) / sizeof(types[0]))

static const struct qom_type *find_type(const char *name)
{
	size_t i;

	for (i = 0; i < NUM_TYPES; i++) {
		if (!strcmp(types[i].name, name))
			return &types[i];
	}
	return NULL;
}

int qmp_device_list_properties(struct machine *machine,
			       struct json_object *args,
			       struct json_object **ret, struct error *error)
{
	const char *name = qmp_arg_string(args, "typename");

	*ret = json_object_new_array();
	if (!machine_visit_properties(name, list_property, *ret))
		return 0;

	json_object_put(*ret);
	*ret = NULL;
	return error_set(error, -ENODEV, "Device '%s' not found", name);
}

/* Those of a model; other types have none that could be given. */
int qmp_qom_list_properties(struct machine *machine, struct json_object *args,
			    struct json_object **ret, struct error *error)
{
	const char *name = qmp_arg_string(args, "typename");

	if (!find_type(name))
		return error_set(error, -ENODEV, "Class '%s' not found", name);
	*ret = json_object_new_array();
	machine_visit_properties(name, list_property, *ret);
	return 0;
}

static bool type_is(const struct qom_type *type, const char *name)
{
	for (;;) {
		if (!strcmp(type->name, name))
			return true;
		if (!type->parent)
			return false;
		type = find_type(type->parent);
	}
}

const char *qom_port_name(unsigned int index)
{
	size_t i;

	for (i = 0; i < NUM_TYPES; i++) {
		if (!types[i].abstract &&
		    type_is(&types[i], "virtio-serial-port") && !index--)
			return types[i].name;
	}
	return NULL;
}

int qmp_qom_list_types(struct machine *machine, struct json_object *args,
		       struct json_object **ret, struct error *error)
{
	const char *implements = qmp_arg_string(args, "implements");
	struct json_object *abstract = NULL, *entry;
	size_t i;

	json_object_object_get_ex(args, "abstract", &abstract);
	*ret = json_object_new_array();
	for (i = 0; i < NUM_TYPES; i++) {
		if ((types[i].abstract && !json_object_get_boolean(abstract)) ||
		    (implements && !type_is(&types[i], implements)))
			continue;
		entry = json_object_new_object();
		add_string(entry, "name", types[i].name);
		if (types[i].abstract)
			json_object_object_add(entry, "abstract",
					       json_object_new_boolean(true));
		add_string(entry, "parent", types[i].parent);
		json_object_array_add(*ret, entry);
	}
	return 0;
}
