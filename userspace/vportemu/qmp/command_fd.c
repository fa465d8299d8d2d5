// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_fd.c - QMP commands about descriptors that come with them
 */

#include <errno.h>
#include <json-c/json.h>

#include "command.h"
#include "error.h"
#include "machine.h"

int qmp_getfd(struct machine *machine, struct json_object *args,
	      struct json_object **ret, struct error *error)
{
	return machine_getfd(machine, qmp_arg_string(args, "fdname"), error);
}

int qmp_closefd(struct machine *machine, struct json_object *args,
		struct json_object **ret, struct error *error)
{
	return machine_closefd(machine, qmp_arg_string(args, "fdname"), error);
}

/* A number that may be left out. */
static int take_number(struct json_object *args, const char *name,
		       int64_t *number, struct error *error)
{
	struct json_object *value;

	*number = -1;
	if (!json_object_object_get_ex(args, name, &value))
		return 0;
	*number = json_object_get_int64(value);
	if (*number < 0)
		return error_set(error, -EINVAL,
			"Parameter '%s' expects a non-negative value", name);
	return 0;
}

static void add_number(struct json_object *object, const char *name,
		       int64_t number)
{
	json_object_object_add(object, name, json_object_new_int64(number));
}

int qmp_add_fd(struct machine *machine, struct json_object *args,
	       struct json_object **ret, struct error *error)
{
	int64_t set;
	int fd, err;

	err = take_number(args, "fdset-id", &set, error);
	if (!err)
		err = machine_add_fd(machine, set,
				     qmp_arg_string(args, "opaque"), &set, &fd,
				     error);
	if (err)
		return err;
	*ret = json_object_new_object();
	add_number(*ret, "fdset-id", set);
	add_number(*ret, "fd", fd);
	return 0;
}

int qmp_remove_fd(struct machine *machine, struct json_object *args,
		  struct json_object **ret, struct error *error)
{
	int64_t set, fd;
	int err;

	err = take_number(args, "fdset-id", &set, error);
	if (!err)
		err = take_number(args, "fd", &fd, error);
	return err ?: machine_remove_fd(set, fd, error);
}

/* The sets come one after the other. */
static void list_fd(void *data, int64_t set, int fd, const char *opaque)
{
	struct json_object *list = data, *entry, *fds, *number = NULL;
	size_t len = json_object_array_length(list);

	entry = len ? json_object_array_get_idx(list, len - 1) : NULL;
	if (entry)
		json_object_object_get_ex(entry, "fdset-id", &number);
	if (!entry || json_object_get_int64(number) != set) {
		entry = json_object_new_object();
		add_number(entry, "fdset-id", set);
		json_object_object_add(entry, "fds", json_object_new_array());
		json_object_array_add(list, entry);
	}
	json_object_object_get_ex(entry, "fds", &fds);
	entry = json_object_new_object();
	add_number(entry, "fd", fd);
	if (opaque)
		json_object_object_add(entry, "opaque",
				       json_object_new_string(opaque));
	json_object_array_add(fds, entry);
}

int qmp_query_fdsets(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error)
{
	*ret = json_object_new_array();
	machine_visit_fdsets(list_fd, *ret);
	return 0;
}

int qmp_add_client(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error)
{
	return machine_add_client(machine, qmp_arg_string(args, "protocol"),
				  qmp_arg_string(args, "fdname"), error);
}
