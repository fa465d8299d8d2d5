// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_chardev.c - QMP commands about character devices
 */

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "machine.h"
#include "opts.h"

static void add_string(struct json_object *object, const char *name,
		       const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

static void add_bool(struct json_object *object, const char *name, bool value)
{
	json_object_object_add(object, name, json_object_new_boolean(value));
}

static void list_chardev(void *data, const char *label, const char *filename,
			 bool frontend_open)
{
	struct json_object *entry = json_object_new_object();

	add_bool(entry, "frontend-open", frontend_open);
	add_string(entry, "filename", filename);
	add_string(entry, "label", label);
	json_object_array_add(data, entry);
}

int qmp_query_chardev(struct machine *machine, struct json_object *args,
		      struct json_object **ret, struct error *error)
{
	*ret = json_object_new_array();
	machine_visit_chardevs(machine, list_chardev, *ret);
	return 0;
}

/*
 * Members of a QAPI object, and the options that mean the same.  What has no
 * option is no member that is known here.
 */
struct member {
	const char *name;	/* NULL ends the list */
	enum json_type type;
	const char *option;	/* NULL: handled by the caller */
	bool required;
};

#define COMMON_MEMBERS \
	{ "logfile", json_type_string, "logfile" }, \
	{ "logappend", json_type_boolean, "logappend" }, \
	{ "history-size", json_type_int, "history-size" }, \
	{ "history-policy", json_type_string, "history-policy" }, \
	{ "history-spill", json_type_string, "history-spill" }, \
	{ "history-spill-size", json_type_int, "history-spill-size" }, \
	{ "replay", json_type_boolean, "replay" }

static const struct member null_members[] = {
	COMMON_MEMBERS,
	{ NULL }
};

static const struct member hub_members[] = {
	{ "chardevs", json_type_array, NULL, true },
	{ NULL }
};

static const struct member mux_members[] = {
	{ "chardev", json_type_string, "chardev", true },
	{ NULL }
};

static const struct member pipe_members[] = {
	{ "device", json_type_string, "path", true },
	COMMON_MEMBERS,
	{ NULL }
};

static const struct member pty_members[] = {
	{ "path", json_type_string, "path" },
	COMMON_MEMBERS,
	{ NULL }
};

static const struct member ringbuf_members[] = {
	{ "size", json_type_int, "size" },
	COMMON_MEMBERS,
	{ NULL }
};

static const struct member stdio_members[] = {
	{ "signal", json_type_boolean, "signal" },
	COMMON_MEMBERS,
	{ NULL }
};

static const struct member udp_members[] = {
	{ "remote", json_type_object, NULL, true },
	{ "local", json_type_object, NULL },
	COMMON_MEMBERS,
	{ NULL }
};

static const struct member file_members[] = {
	{ "out", json_type_string, "path", true },
	{ "in", json_type_string, "input-path" },
	{ "append", json_type_boolean, "append" },
	COMMON_MEMBERS,
	{ NULL }
};

static const struct member socket_members[] = {
	{ "addr", json_type_object, NULL, true },
	{ "server", json_type_boolean, "server" },
	{ "wait", json_type_boolean, "wait" },
	{ "nodelay", json_type_boolean, "nodelay" },
	{ "reconnect", json_type_int, "reconnect" },
	{ "reconnect-ms", json_type_int, "reconnect-ms" },
	{ "max-clients", json_type_int, "max-clients" },
	{ "telnet", json_type_boolean, "telnet" },
	{ "tn3270", json_type_boolean, "tn3270" },
	{ "websocket", json_type_boolean, "websocket" },
	{ "tls-creds", json_type_string, "tls-creds" },
	{ "tls-authz", json_type_string, "tls-authz" },
	COMMON_MEMBERS,
	{ NULL }
};

static const struct member unix_members[] = {
	{ "path", json_type_string, "path", true },
	{ "abstract", json_type_boolean, "abstract" },
	{ "tight", json_type_boolean, "tight" },
	{ NULL }
};

static const struct member vsock_members[] = {
	{ "cid", json_type_string, "cid", true },
	{ "port", json_type_string, "port", true },
	{ NULL }
};

static const struct member udp_remote_members[] = {
	{ "host", json_type_string, "host", true },
	{ "port", json_type_string, "port", true },
	{ "ipv4", json_type_boolean, "ipv4" },
	{ "ipv6", json_type_boolean, "ipv6" },
	{ NULL }
};

static const struct member udp_local_members[] = {
	{ "host", json_type_string, "localaddr", true },
	{ "port", json_type_string, "localport", true },
	{ NULL }
};

static const struct member inet_members[] = {
	{ "host", json_type_string, "host", true },
	{ "port", json_type_string, "port", true },
	{ "ipv4", json_type_boolean, "ipv4" },
	{ "ipv6", json_type_boolean, "ipv6" },
	{ "keep-alive", json_type_boolean, "keep-alive" },
	{ "mptcp", json_type_boolean, "mptcp" },
	{ "numeric", json_type_boolean, "numeric" },
	{ "to", json_type_int, "to" },
	{ NULL }
};

static const struct member fd_members[] = {
	{ "str", json_type_string, "fd", true },
	{ NULL }
};

struct member_set {
	const char *type;
	const struct member *members;
};

static const struct member_set backends[] = {
	{ "file", file_members },
	{ "hub", hub_members },
	{ "memory", ringbuf_members },
	{ "mux", mux_members },
	{ "null", null_members },
	{ "pipe", pipe_members },
	{ "pty", pty_members },
	{ "ringbuf", ringbuf_members },
	{ "serial", pipe_members },
	{ "socket", socket_members },
	{ "stdio", stdio_members },
	{ "udp", udp_members },
	{ NULL }
};

static const struct member_set addresses[] = {
	{ "unix", unix_members },
	{ "inet", inet_members },
	{ "fd", fd_members },
	{ "vsock", vsock_members },
	{ NULL }
};

static const struct member_set udp_remotes[] = {
	{ "inet", udp_remote_members },
	{ NULL }
};

static const struct member_set udp_locals[] = {
	{ "inet", udp_local_members },
	{ NULL }
};

/* Just those that chardev-add takes. */
int qmp_query_chardev_backends(struct machine *machine,
			       struct json_object *args,
			       struct json_object **ret, struct error *error)
{
	const struct member_set *set;
	struct json_object *entry;

	*ret = json_object_new_array();
	for (set = backends; set->type; set++) {
		entry = json_object_new_object();
		add_string(entry, "name", set->type);
		json_object_array_add(*ret, entry);
	}
	return 0;
}

const char *qmp_backend_name(unsigned int index)
{
	return backends[index].type;
}

static int wrong_type(const char *where, const char *name,
		      enum json_type type, struct error *error)
{
	return error_set(error, -EINVAL,
			 "Invalid parameter type for '%s.%s', expected: %s",
			 where, name, type == json_type_int ? "integer" :
			 json_type_to_name(type));
}

static int take_member(const struct member *members, const char *name,
		       struct json_object *value, struct json_object *options,
		       const char *where, struct error *error)
{
	for (; members->name; members++) {
		if (strcmp(members->name, name))
			continue;
		if (!json_object_is_type(value, members->type))
			return wrong_type(where, name, members->type, error);
		if (members->option)
			json_object_object_add(options, members->option,
					       json_object_get(value));
		return 0;
	}
	return error_set(error, -EINVAL, "Parameter '%s.%s' is unexpected",
			 where, name);
}

/* Make options out of an object's members. */
static int take_members(const struct member *members,
			struct json_object *object, struct json_object *options,
			const char *where, struct error *error)
{
	const struct member *member;
	int ret;

	for (member = members; member->name; member++) {
		if (member->required &&
		    !json_object_object_get_ex(object, member->name, NULL))
			return error_set(error, -EINVAL,
					 "Parameter '%s.%s' is missing", where,
					 member->name);
	}
	json_object_object_foreach(object, name, value) {
		ret = take_member(members, name, value, options, where, error);
		if (ret)
			return ret;
	}
	return 0;
}

/* A member of a union, both of which have to be there, and no others. */
static int find_part(struct json_object *object, const char *name,
		     enum json_type type, const char *where,
		     struct json_object **ret, struct error *error)
{
	if (!json_object_object_get_ex(object, name, ret))
		return error_set(error, -EINVAL,
				 "Parameter '%s.%s' is missing", where, name);
	if (!json_object_is_type(*ret, type))
		return wrong_type(where, name, type, error);
	return 0;
}

static int refuse_other_parts(struct json_object *object, const char *where,
			      struct error *error)
{
	json_object_object_foreach(object, name, value) {
		(void)value;
		if (strcmp(name, "type") && strcmp(name, "data"))
			return error_set(error, -EINVAL,
					 "Parameter '%s.%s' is unexpected",
					 where, name);
	}
	return 0;
}

/* Make options out of `{"type": T, "data": {...}}`. */
static int take_union(const struct member_set *sets, struct json_object *object,
		      struct json_object *options, const char *where,
		      struct error *error)
{
	struct json_object *type, *members;
	char path[64];
	int ret;

	ret = find_part(object, "type", json_type_string, where, &type, error);
	if (ret)
		return ret;
	for (; sets->type; sets++) {
		if (!strcmp(sets->type, json_object_get_string(type)))
			break;
	}
	if (!sets->type)
		return error_set(error, -EINVAL,
				 "Parameter 'type' does not accept value '%s'",
				 json_object_get_string(type));

	ret = find_part(object, "data", json_type_object, where, &members,
			error);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "%s.data", where);
	ret = take_members(sets->members, members, options, path, error);
	return ret ?: refuse_other_parts(object, where, error);
}

/* Unlike on the command line, a socket listens and does not wait. */
static int take_socket(struct json_object *backend, struct json_object *options,
		       struct error *error)
{
	struct json_object *data, *addr, *server;
	bool listens = true;

	json_object_object_get_ex(backend, "data", &data);
	json_object_object_get_ex(data, "addr", &addr);
	if (json_object_object_get_ex(options, "server", &server))
		listens = json_object_get_boolean(server);
	add_bool(options, "server", listens);
	if (listens && !json_object_object_get_ex(options, "wait", NULL))
		add_bool(options, "wait", false);

	return take_union(addresses, addr, options, "backend.data.addr", error);
}

static int take_udp(struct json_object *backend, struct json_object *options,
		    struct error *error)
{
	struct json_object *data, *addr;
	int ret;

	json_object_object_get_ex(backend, "data", &data);
	json_object_object_get_ex(data, "remote", &addr);
	ret = take_union(udp_remotes, addr, options, "backend.data.remote",
			 error);
	if (!ret && json_object_object_get_ex(data, "local", &addr))
		ret = take_union(udp_locals, addr, options,
				 "backend.data.local", error);
	return ret;
}

/* The list is numbered options. */
static int take_hub(struct json_object *backend, struct json_object *options,
		    struct error *error)
{
	struct json_object *data, *list, *id;
	char name[32];
	size_t i;

	json_object_object_get_ex(backend, "data", &data);
	json_object_object_get_ex(data, "chardevs", &list);
	for (i = 0; i < json_object_array_length(list); i++) {
		id = json_object_array_get_idx(list, i);
		if (!json_object_is_type(id, json_type_string))
			return error_set(error, -EINVAL,
				"Invalid parameter type for 'backend.data.chardevs[%zu]', expected: string",
				i);
		snprintf(name, sizeof(name), "chardevs.%zu", i);
		json_object_object_add(options, name, json_object_get(id));
	}
	return 0;
}

/* What is not a member that is an option. */
static int take_rest(const char *name, struct json_object *backend,
		     struct json_object *options, struct error *error)
{
	static const struct {
		const char *name;
		int (*take)(struct json_object *backend,
			    struct json_object *options, struct error *error);
	} takers[] = {
		{ "hub", take_hub },
		{ "socket", take_socket },
		{ "udp", take_udp },
	};
	size_t i;

	for (i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		if (!strcmp(takers[i].name, name))
			return takers[i].take(backend, options, error);
	}
	return 0;
}

/* Make options of the arguments, as behind -chardev. */
static int take_chardev(struct json_object *args, struct opts *ret,
			struct error *error)
{
	struct json_object *options, *backend, *type;
	const char *name;
	int err;

	options = json_object_new_object();
	json_object_object_get_ex(args, "backend", &backend);
	err = take_union(backends, backend, options, "backend", error);
	if (!err) {
		json_object_object_get_ex(backend, "type", &type);
		name = json_object_get_string(type);
		add_string(options, "id", qmp_arg_string(args, "id"));
		add_string(options, "backend", name);
		err = take_rest(name, backend, options, error);
	}
	if (!err)
		opts_from_json(ret, options);
	json_object_put(options);
	return err;
}

/* Of a pseudo-terminal the client wants to know the name. */
static void return_pty(struct machine *machine, const char *id,
		       struct json_object **ret)
{
	char filename[PATH_MAX];

	if (machine_chardev_filename(machine, id, filename, sizeof(filename)) ||
	    strncmp(filename, "pty:", 4))
		return;
	*ret = json_object_new_object();
	add_string(*ret, "pty", filename + 4);
}

int qmp_chardev_add(struct machine *machine, struct json_object *args,
		    struct json_object **ret, struct error *error)
{
	const char *id = qmp_arg_string(args, "id");
	struct opts opts;
	int err;

	if (machine_has_chardev(machine, id))
		return error_set(error, -EEXIST,
				 "Chardev with id '%s' already exists", id);

	err = take_chardev(args, &opts, error);
	if (err)
		return err;
	err = machine_add_chardev(machine, &opts, true, error);
	opts_finish(&opts);
	if (err)
		return error_prefix(error, err, "Failed to add chardev '%s': ",
				    id);
	return_pty(machine, id, ret);
	return 0;
}

int qmp_chardev_change(struct machine *machine, struct json_object *args,
		       struct json_object **ret, struct error *error)
{
	struct opts opts;
	int err;

	err = take_chardev(args, &opts, error);
	if (err)
		return err;
	err = machine_change_chardev(machine, &opts, error);
	opts_finish(&opts);
	if (!err)
		return_pty(machine, qmp_arg_string(args, "id"), ret);
	return err;
}

int qmp_chardev_send_break(struct machine *machine, struct json_object *args,
			   struct json_object **ret, struct error *error)
{
	return machine_send_break(machine, qmp_arg_string(args, "id"), error);
}

int qmp_chardev_remove(struct machine *machine, struct json_object *args,
		       struct json_object **ret, struct error *error)
{
	return machine_remove_chardev(machine, qmp_arg_string(args, "id"),
				      error);
}

static int take_u16(struct json_object *args, const char *name, uint16_t *ret,
		    struct error *error)
{
	struct json_object *value;
	int64_t number;

	json_object_object_get_ex(args, name, &value);
	number = json_object_get_int64(value);
	if (number < 0 || number > UINT16_MAX)
		return error_set(error, -EINVAL,
				 "Parameter '%s' expects uint16_t", name);
	*ret = number;
	return 0;
}

int qmp_chardev_window_size_changed(struct machine *machine,
				    struct json_object *args,
				    struct json_object **ret,
				    struct error *error)
{
	uint16_t cols = 0, rows = 0;
	int err;

	err = take_u16(args, "cols", &cols, error);
	if (!err)
		err = take_u16(args, "rows", &rows, error);
	return err ?: machine_resize_chardev(machine,
					     qmp_arg_string(args, "id"), cols,
					     rows, error);
}
