// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_qom.c - the tree of objects that QMP shows
 *
 * It is made anew for each command: nobody looks often, and there is nothing
 * to keep up to date.  A node is {"type": T, "id": ID, "children": {NAME:
 * node}, "values": {PROPERTY: value}}.
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "machine.h"
#include "opts.h"

struct qom_tree {
	struct machine *machine;
	struct json_object *root;
	struct json_object *chardevs;
	struct json_object *named;	/* of devices */
	struct json_object *anonymous;
	unsigned int num_anonymous;
};

static void add_value(struct json_object *node, const char *name,
		      struct json_object *value)
{
	struct json_object *values;

	json_object_object_get_ex(node, "values", &values);
	json_object_object_add(values, name, value);
}

static struct json_object *add_node(struct json_object *parent,
				    const char *name, const char *type)
{
	struct json_object *node = json_object_new_object(), *children;

	json_object_object_add(node, "type", json_object_new_string(type));
	json_object_object_add(node, "children", json_object_new_object());
	json_object_object_add(node, "values", json_object_new_object());
	add_value(node, "type", json_object_new_string(type));
	if (parent) {
		json_object_object_get_ex(parent, "children", &children);
		json_object_object_add(children, name, node);
	}
	return node;
}

static void add_chardev(void *data, const char *label, const char *filename,
			bool frontend_open)
{
	struct qom_tree *tree = data;
	struct json_object *node;
	char type[64];

	snprintf(type, sizeof(type), "chardev-%s",
		 machine_chardev_backend(tree->machine, label));
	node = add_node(tree->chardevs, label, type);
	add_value(node, "filename", json_object_new_string(filename));
	add_value(node, "connected", json_object_new_boolean(
			machine_chardev_open(tree->machine, label)));
}

static struct json_object *add_device_node(struct qom_tree *tree,
					   const char *id, const char *type)
{
	struct json_object *node;
	char name[32];

	if (id) {
		node = add_node(tree->named, id, type);
	} else {
		snprintf(name, sizeof(name), "device[%u]",
			 tree->num_anonymous++);
		node = add_node(tree->anonymous, name, type);
	}
	json_object_object_add(node, "id", json_object_new_string(id ?: ""));
	add_value(node, "realized", json_object_new_boolean(true));
	return node;
}

static void add_device(void *data, const struct machine_device_info *info)
{
	struct json_object *node = add_device_node(data, info->id, info->model);

	json_object_object_foreach(info->properties, name, value)
		add_value(node, name, json_object_get(value));
	if (strcmp(info->model, "virtio-serial-device"))
		add_node(node, "virtio-backend", "virtio-serial-device");
}

static void add_port(void *data, const struct machine_port *port)
{
	struct json_object *node = add_device_node(data, port->id, port->model);

	add_value(node, "chardev", json_object_new_string(port->chardev ?: ""));
	add_value(node, "name", json_object_new_string(port->name ?: ""));
	add_value(node, "nr", json_object_new_int64(port->nr));
	add_value(node, "parent_bus", json_object_new_string(port->bus));
}

static struct json_object *make_tree(struct machine *machine)
{
	struct qom_tree tree = { .machine = machine };
	struct json_object *top;

	tree.root = add_node(NULL, NULL, "container");
	tree.chardevs = add_node(tree.root, "chardevs", "container");
	top = add_node(tree.root, "machine", "container");
	tree.named = add_node(top, "peripheral", "container");
	tree.anonymous = add_node(top, "peripheral-anon", "container");
	machine_visit_chardevs(machine, add_chardev, &tree);
	machine_visit_devices(machine, add_device, &tree);
	machine_visit_ports(machine, add_port, &tree);
	return tree.root;
}

/* The node of an absolute path, or of an id alone; borrowed from the tree. */
static struct json_object *find_node(struct json_object *root, const char *path)
{
	struct json_object *node = root, *children;
	char name[256];
	size_t len;

	if (*path != '/') {
		json_object_object_get_ex(node, "children", &children);
		json_object_object_get_ex(children, "machine", &node);
		json_object_object_get_ex(node, "children", &children);
		json_object_object_get_ex(children, "peripheral", &node);
	}
	for (;;) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (!len)
			return node;
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		json_object_object_get_ex(node, "children", &children);
		if (!json_object_object_get_ex(children, name, &node))
			return NULL;
		path += len;
	}
}

static const char *member(struct json_object *node, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(node, name, &value) ?
	       json_object_get_string(value) : "";
}

struct qom_visit {
	void (*visit)(void *data, unsigned int depth, const char *name,
		      const char *type);
	void *data;
};

static void visit_children(const struct qom_visit *visit,
			   struct json_object *node, unsigned int depth)
{
	struct json_object *children;

	json_object_object_get_ex(node, "children", &children);
	json_object_object_foreach(children, name, child) {
		visit->visit(visit->data, depth, name, member(child, "type"));
		visit_children(visit, child, depth + 1);
	}
}

void qom_visit(struct machine *machine,
	       void (*visit)(void *data, unsigned int depth, const char *name,
			     const char *type),
	       void *data)
{
	const struct qom_visit visiting = { visit, data };
	struct json_object *tree = make_tree(machine);

	visit_children(&visiting, tree, 0);
	json_object_put(tree);
}

/* The tree, with the node of a path in it. */
static int open_node(struct machine *machine, const char *path,
		     struct json_object **ret_tree, struct json_object **ret,
		     struct error *error)
{
	struct json_object *tree = make_tree(machine);
	struct json_object *node = find_node(tree, path);

	if (!node) {
		json_object_put(tree);
		return error_set(error, -ENODEV, "Device '%s' not found", path);
	}
	*ret_tree = tree;
	*ret = node;
	return 0;
}

static const char *type_word(struct json_object *value)
{
	if (json_object_is_type(value, json_type_boolean))
		return "bool";

	return json_object_is_type(value, json_type_int) ? "int" : "string";
}

static struct json_object *list_entry(const char *name, const char *type)
{
	struct json_object *entry = json_object_new_object();

	json_object_object_add(entry, "name", json_object_new_string(name));
	json_object_object_add(entry, "type", json_object_new_string(type));
	return entry;
}

static struct json_object *list_node(struct json_object *node, bool with_values)
{
	struct json_object *list = json_object_new_array();
	struct json_object *values, *children, *entry;
	char type[128];

	json_object_object_get_ex(node, "values", &values);
	json_object_object_foreach(values, name, value) {
		entry = list_entry(name, type_word(value));
		if (with_values)
			json_object_object_add(entry, "value",
					       json_object_get(value));
		json_object_array_add(list, entry);
	}
	json_object_object_get_ex(node, "children", &children);
	json_object_object_foreach(children, child_name, child) {
		snprintf(type, sizeof(type), "child<%s>",
			 member(child, "type"));
		json_object_array_add(list, list_entry(child_name, type));
	}
	return list;
}

int qmp_qom_list(struct machine *machine, struct json_object *args,
		 struct json_object **ret, struct error *error)
{
	struct json_object *tree = NULL, *node = NULL;
	int err;

	err = open_node(machine, qmp_arg_string(args, "path"), &tree, &node,
			error);
	if (err)
		return err;
	*ret = list_node(node, false);
	json_object_put(tree);
	return 0;
}

int qmp_qom_list_get(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error)
{
	struct json_object *tree = make_tree(machine), *paths, *node, *entry;
	const char *path;
	size_t i;

	*ret = json_object_new_array();
	json_object_object_get_ex(args, "paths", &paths);
	for (i = 0; i < json_object_array_length(paths); i++) {
		path = json_object_get_string(json_object_array_get_idx(paths,
									i));
		node = find_node(tree, path ?: "?");
		if (!node) {
			json_object_put(*ret);
			json_object_put(tree);
			*ret = NULL;
			return error_set(error, -ENODEV,
					 "Device '%s' not found", path ?: "");
		}
		entry = json_object_new_object();
		json_object_object_add(entry, "properties",
				       list_node(node, true));
		json_object_array_add(*ret, entry);
	}
	json_object_put(tree);
	return 0;
}

static int find_property(struct json_object *node, const char *name,
			 struct json_object **ret, struct error *error)
{
	struct json_object *values;

	json_object_object_get_ex(node, "values", &values);
	if (json_object_object_get_ex(values, name, ret))
		return 0;
	return error_set(error, -ENOENT, "Property '%s.%s' not found",
			 member(node, "type"), name);
}

int qmp_qom_get(struct machine *machine, struct json_object *args,
		struct json_object **ret, struct error *error)
{
	struct json_object *tree = NULL, *node = NULL, *value;
	int err;

	err = open_node(machine, qmp_arg_string(args, "path"), &tree, &node,
			error);
	if (err)
		return err;
	err = find_property(node, qmp_arg_string(args, "property"), &value,
			    error);
	if (!err)
		*ret = json_object_get(value);
	json_object_put(tree);
	return err;
}

/* Properties are written once, when an object is made. */
int qmp_qom_set(struct machine *machine, struct json_object *args,
		struct json_object **ret, struct error *error)
{
	const char *property = qmp_arg_string(args, "property");
	struct json_object *tree = NULL, *node = NULL, *value;
	int err;

	err = open_node(machine, qmp_arg_string(args, "path"), &tree, &node,
			error);
	if (err)
		return err;
	err = find_property(node, property, &value, error);
	if (!err && json_object_object_get_ex(node, "id", NULL) &&
	    strcmp(property, "type") && strcmp(property, "parent_bus"))
		err = error_set(error, -EPERM,
				"Attempt to set property '%s' on device '%s' (type '%s') after it was realized",
				property, member(node, "id"),
				member(node, "type"));
	else if (!err)
		err = error_set(error, -EPERM,
				"Property '%s.%s' is not writable",
				member(node, "type"), property);
	json_object_put(tree);
	return err;
}

int qmp_object_add(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error)
{
	struct opts opts;
	int err;

	opts_from_json(&opts, args);
	err = machine_add_object(machine, &opts, error);
	opts_finish(&opts);
	return err;
}

int qmp_object_del(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error)
{
	return machine_remove_object(machine, qmp_arg_string(args, "id"),
				     error);
}
