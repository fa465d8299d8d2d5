// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command.c - the table of QMP commands
 */

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "machine.h"

/* The QEMU whose behaviour is matched. */
#define QEMU_MAJOR	10
#define QEMU_MINOR	2
#define QEMU_MICRO	2

static const struct qmp_command commands[];

struct json_object *qmp_version(void)
{
	struct json_object *version = json_object_new_object();
	struct json_object *qemu = json_object_new_object();

	json_object_object_add(qemu, "micro", json_object_new_int(QEMU_MICRO));
	json_object_object_add(qemu, "minor", json_object_new_int(QEMU_MINOR));
	json_object_object_add(qemu, "major", json_object_new_int(QEMU_MAJOR));
	json_object_object_add(version, "qemu", qemu);
	json_object_object_add(version, "package",
			       json_object_new_string("vport " VPORT_VERSION));
	return version;
}

static int qmp_query_version(struct machine *machine, struct json_object *args,
			     struct json_object **ret, struct error *error)
{
	*ret = qmp_version();
	return 0;
}

static int qmp_query_status(struct machine *machine, struct json_object *args,
			    struct json_object **ret, struct error *error)
{
	bool running = machine_running(machine);

	*ret = json_object_new_object();
	json_object_object_add(*ret, "status",
			       json_object_new_string(machine_status(machine)));
	json_object_object_add(*ret, "running",
			       json_object_new_boolean(running));
	return 0;
}

static int qmp_query_name(struct machine *machine, struct json_object *args,
			  struct json_object **ret, struct error *error)
{
	const char *name = machine_name(machine);

	*ret = json_object_new_object();
	if (name)
		json_object_object_add(*ret, "name",
				       json_object_new_string(name));
	return 0;
}

static int qmp_query_uuid(struct machine *machine, struct json_object *args,
			  struct json_object **ret, struct error *error)
{
	*ret = json_object_new_object();
	json_object_object_add(*ret, "UUID",
			       json_object_new_string(machine_uuid(machine)));
	return 0;
}

static int qmp_stop(struct machine *machine, struct json_object *args,
		    struct json_object **ret, struct error *error)
{
	machine_set_running(machine, false);
	return 0;
}

static int qmp_cont(struct machine *machine, struct json_object *args,
		    struct json_object **ret, struct error *error)
{
	machine_set_running(machine, true);
	return 0;
}

static int qmp_quit(struct machine *machine, struct json_object *args,
		    struct json_object **ret, struct error *error)
{
	machine_shutdown(machine, "host-qmp-quit");
	return 0;
}

static int qmp_query_commands(struct machine *machine, struct json_object *args,
			      struct json_object **ret, struct error *error);

static const struct qmp_command commands[] = {
	{ "add-fd", qmp_add_fd,
	  { { "fdset-id", QMP_INT, false }, { "opaque", QMP_STRING, false } },
	  .returns = "AddfdInfo" },
	{ "add_client", qmp_add_client,
	  { { "protocol", QMP_STRING, true }, { "fdname", QMP_STRING, true } } },
	{ "chardev-add", qmp_chardev_add,
	  { { "id", QMP_STRING, true }, { "backend", QMP_OBJECT, true } },
	  .returns = "ChardevReturn" },
	{ "chardev-change", qmp_chardev_change,
	  { { "id", QMP_STRING, true }, { "backend", QMP_OBJECT, true } },
	  .returns = "ChardevReturn" },
	{ "chardev-remove", qmp_chardev_remove,
	  { { "id", QMP_STRING, true } } },
	{ "chardev-send-break", qmp_chardev_send_break,
	  { { "id", QMP_STRING, true } } },
	{ "chardev-window-size-changed", qmp_chardev_window_size_changed,
	  { { "id", QMP_STRING, true }, { "cols", QMP_INT, true },
	    { "rows", QMP_INT, true } } },
	{ "closefd", qmp_closefd, { { "fdname", QMP_STRING, true } } },
	{ "cont", qmp_cont },
	{ "device_add", qmp_device_add,
	  { { "driver", QMP_STRING, true }, { "bus", QMP_STRING, false },
	    { "id", QMP_STRING, false } }, .any_args = true },
	{ "device_del", qmp_device_del, { { "id", QMP_STRING, true } } },
	{ "device-list-properties", qmp_device_list_properties,
	  { { "typename", QMP_STRING, true } },
	  .returns = "[ObjectPropertyInfo]" },
	{ "getfd", qmp_getfd, { { "fdname", QMP_STRING, true } } },
	{ "human-monitor-command", qmp_human_monitor_command,
	  { { "command-line", QMP_STRING, true },
	    { "cpu-index", QMP_INT, false } },
	  .returns = "str" },
	{ "object-add", qmp_object_add,
	  { { "qom-type", QMP_STRING, true }, { "id", QMP_STRING, true } },
	  .any_args = true },
	{ "object-del", qmp_object_del, { { "id", QMP_STRING, true } } },
	{ "qom-get", qmp_qom_get,
	  { { "path", QMP_STRING, true }, { "property", QMP_STRING, true } },
	  .returns = "any" },
	{ "qom-list", qmp_qom_list, { { "path", QMP_STRING, true } },
	  .returns = "[ObjectPropertyInfo]" },
	{ "qom-list-get", qmp_qom_list_get, { { "paths", QMP_ARRAY, true } },
	  .returns = "[ObjectPropertiesValues]" },
	{ "qom-list-properties", qmp_qom_list_properties,
	  { { "typename", QMP_STRING, true } },
	  .returns = "[ObjectPropertyInfo]" },
	{ "qom-set", qmp_qom_set,
	  { { "path", QMP_STRING, true }, { "property", QMP_STRING, true },
	    { "value", QMP_ANY, true } } },
	{ "qom-list-types", qmp_qom_list_types,
	  { { "implements", QMP_STRING, false },
	    { "abstract", QMP_BOOL, false } },
	  .returns = "[ObjectTypeInfo]" },
	{ "query-chardev", qmp_query_chardev,
	  .returns = "[ChardevInfo]" },
	{ "query-chardev-backends", qmp_query_chardev_backends,
	  .returns = "[ChardevBackendInfo]" },
	{ "query-command-line-options", qmp_query_command_line_options,
	  { { "option", QMP_STRING, false } },
	  .returns = "[CommandLineOptionInfo]" },
	{ "query-commands", qmp_query_commands,
	  .returns = "[CommandInfo]" },
	{ "query-fdsets", qmp_query_fdsets,
	  .returns = "[FdsetInfo]" },
	{ "query-name", qmp_query_name,
	  .returns = "NameInfo" },
	{ "query-qmp-schema", qmp_query_schema, .returns = "[SchemaInfo]" },
	{ "query-status", qmp_query_status,
	  .returns = "StatusInfo" },
	{ "query-uuid", qmp_query_uuid,
	  .returns = "UuidInfo" },
	{ "query-version", qmp_query_version,
	  .returns = "VersionInfo" },
	{ "query-yank", qmp_query_yank, .returns = "[YankInstance]",
	  .allow_oob = true },
	{ "quit", qmp_quit },
	{ "remove-fd", qmp_remove_fd,
	  { { "fdset-id", QMP_INT, true }, { "fd", QMP_INT, false } } },
	{ "ringbuf-read", qmp_ringbuf_read,
	  { { "device", QMP_STRING, true }, { "size", QMP_INT, true },
	    { "format", QMP_STRING, false } },
	  .returns = "str" },
	{ "ringbuf-write", qmp_ringbuf_write,
	  { { "device", QMP_STRING, true }, { "data", QMP_STRING, true },
	    { "format", QMP_STRING, false } } },
	{ "stop", qmp_stop },
	{ "system_reset", qmp_system_reset },
	{ "trace-event-get-state", qmp_trace_event_get_state,
	  { { "name", QMP_STRING, true } },
	  .returns = "[TraceEventInfo]" },
	{ "trace-event-set-state", qmp_trace_event_set_state,
	  { { "name", QMP_STRING, true }, { "enable", QMP_BOOL, true },
	    { "ignore-unavailable", QMP_BOOL, false } } },
	{ "x-query-virtio", qmp_query_virtio, .returns = "[VirtioInfo]" },
	{ "x-query-virtio-queue-element", qmp_query_virtio_queue_element,
	  { { "path", QMP_STRING, true }, { "queue", QMP_INT, true },
	    { "index", QMP_INT, false } },
	  .returns = "VirtioQueueElement" },
	{ "x-query-virtio-queue-status", qmp_query_virtio_queue_status,
	  { { "path", QMP_STRING, true }, { "queue", QMP_INT, true } },
	  .returns = "VirtQueueStatus" },
	{ "x-query-virtio-status", qmp_query_virtio_status,
	  { { "path", QMP_STRING, true } },
	  .returns = "VirtioStatus" },
	{ "x-query-virtio-serial-stats", qmp_query_serial_stats,
	  .returns = "[VirtioSerialPortStats]" },
	{ "yank", qmp_yank, { { "instances", QMP_ARRAY, true } },
	  .allow_oob = true },
};

#define NUM_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void list_command(struct json_object *list, const char *name)
{
	struct json_object *entry = json_object_new_object();

	json_object_object_add(entry, "name", json_object_new_string(name));
	json_object_array_add(list, entry);
}

static int qmp_query_commands(struct machine *machine, struct json_object *args,
			      struct json_object **ret, struct error *error)
{
	size_t i;

	*ret = json_object_new_array();
	list_command(*ret, "qmp_capabilities");
	for (i = 0; i < NUM_COMMANDS; i++)
		list_command(*ret, commands[i].name);
	return 0;
}

const struct qmp_command *qmp_command_at(unsigned int index)
{
	return index < NUM_COMMANDS ? &commands[index] : NULL;
}

const struct qmp_command *qmp_command_find(const char *name)
{
	size_t i;

	for (i = 0; i < NUM_COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static int check_arg(const struct qmp_arg *arg, struct json_object *args,
		     struct error *error)
{
	static const struct {
		enum json_type type;
		const char *name;
	} types[] = {
		[QMP_STRING]	= { json_type_string, "string" },
		[QMP_BOOL]	= { json_type_boolean, "boolean" },
		[QMP_INT]	= { json_type_int, "integer" },
		[QMP_OBJECT]	= { json_type_object, "object" },
		[QMP_ARRAY]	= { json_type_array, "array" },
	};
	struct json_object *value;

	if (!json_object_object_get_ex(args, arg->name, &value)) {
		if (!arg->required)
			return 0;
		return error_set(error, -EINVAL, "Parameter '%s' is missing",
				 arg->name);
	}
	if (arg->type != QMP_ANY &&
	    !json_object_is_type(value, types[arg->type].type))
		return error_set(error, -EINVAL,
				 "Invalid parameter type for '%s', expected: %s",
				 arg->name, types[arg->type].name);
	return 0;
}

static bool has_arg(const struct qmp_command *command, const char *name)
{
	size_t i;

	for (i = 0; i < QMP_MAX_ARGS && command->args[i].name; i++) {
		if (!strcmp(command->args[i].name, name))
			return true;
	}
	return false;
}

int qmp_command_check(const struct qmp_command *command,
		      struct json_object *args, struct error *error)
{
	size_t i;
	int ret;

	if (command->any_args)
		return 0;

	for (i = 0; i < QMP_MAX_ARGS && command->args[i].name; i++) {
		ret = check_arg(&command->args[i], args, error);
		if (ret)
			return ret;
	}
	json_object_object_foreach(args, name, value) {
		if (!has_arg(command, name))
			return error_set(error, -EINVAL,
					 "Parameter '%s' is unexpected", name);
	}
	return 0;
}

const char *qmp_arg_string(struct json_object *args, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(args, name, &value))
		return NULL;

	return json_object_get_string(value);
}
