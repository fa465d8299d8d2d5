// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * export.c - offers of a device to VMMs, behind --export
 */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "log.h"
#include "machine_types.h"
#include "opts.h"
#include "transport.h"
#include "virtio_serial.h"

struct export_options {
	const char *type;
	const char *id;
	const char *device;
	const char *addr_type;
	const char *addr_path;
	const char *addr_str;
};

#define EXPORT(option, member, help) \
	{ option, OPT_STRING, offsetof(struct export_options, member), help }

const struct opt_desc machine_export_options[] = {
	EXPORT("type", type, "vfio-user or vhost-user"),
	EXPORT("id", id, "name of the export"),
	EXPORT("device", device, "id of the device to export"),
	EXPORT("addr.type", addr_type, "unix or fd"),
	EXPORT("addr.path", addr_path, "path of a unix socket to listen on"),
	EXPORT("addr.str", addr_str, "number of a descriptor that was passed"),
	{ NULL }
};

static int missing(const char *name, struct error *error)
{
	return error_set(error, -EINVAL, "Parameter '%s' is missing", name);
}

static int bad_value(const char *name, const char *value, struct error *error)
{
	return error_set(error, -EINVAL,
			 "Parameter '%s' does not accept value '%s'", name,
			 value);
}

static int parse_address(const struct export_options *options,
			 struct transport_address *address,
			 struct error *error)
{
	char *end;
	long fd;

	if (!options->addr_type)
		return missing("addr.type", error);
	if (!strcmp(options->addr_type, "unix")) {
		address->path = options->addr_path;
		return address->path ? 0 : missing("addr.path", error);
	}
	if (strcmp(options->addr_type, "fd"))
		return bad_value("addr.type", options->addr_type, error);
	if (!options->addr_str)
		return missing("addr.str", error);

	fd = strtol(options->addr_str, &end, 10);
	if (!isdigit((unsigned char)*options->addr_str) || *end || fd > INT_MAX)
		return bad_value("addr.str", options->addr_str, error);
	address->fd = fd;
	return 0;
}

/* The one that is named; or the only one there is. */
static int find_exported(const struct machine *machine, const char *id,
			 struct machine_device **ret, struct error *error)
{
	struct machine_device *device = machine->devices;
	struct machine_export *other;

	if (id)
		device = machine_find_device(machine, id);
	else if (!device || device->next)
		return missing("device", error);
	if (!device)
		return error_set(error, -ENOENT, "Device '%s' not found", id);

	for (other = machine->exports; other; other = other->next) {
		if (other->device == device)
			return error_set(error, -EBUSY,
					 "Device '%s' is exported by '%s' already",
					 device->id ?: "", other->id);
	}
	*ret = device;
	return 0;
}

/* When none is left that a VMM could come by, there is nothing left to do. */
static void export_ended(void *data)
{
	struct machine_export *export = data;
	struct machine *machine = export->machine;
	struct machine_export *other;

	export->ended = true;
	for (other = machine->exports; other; other = other->next) {
		if (!other->ended)
			return;
	}
	machine_shutdown(machine, "host-error");
}

static int export_create(struct machine *machine,
			 const struct export_options *options,
			 const struct transport_ops *ops,
			 struct machine_export **ret, struct error *error)
{
	struct transport_address address = { .fd = -1 };
	struct machine_export *export;
	int err;

	export = calloc(1, sizeof(*export));
	if (!export)
		return error_set(error, -ENOMEM, "out of memory");

	export->machine = machine;
	export->ops = ops;
	export->id = strdup(options->id);
	err = parse_address(options, &address, error);
	if (!err)
		err = find_exported(machine, options->device, &export->device,
				    error);
	if (!err)
		err = ops->create(machine->loop, options->id,
				  &export->device->serial->vdev, &address,
				  export_ended, export, &export->transport,
				  error);
	if (err) {
		free(export->id);
		free(export);
		return err;
	}
	*ret = export;
	return 0;
}

int machine_add_export(struct machine *machine, const struct opts *opts,
		       struct error *error)
{
	struct export_options options = { .type = NULL };
	const struct transport_ops *ops;
	struct machine_export *export;
	int ret;

	ret = opts_apply(opts, machine_export_options, NULL, &options, error);
	if (ret)
		return ret;
	if (!options.type)
		return missing("type", error);
	ops = transport_find(options.type);
	if (!ops)
		return bad_value("type", options.type, error);
	if (!options.id)
		return missing("id", error);
	if (!opts_id_wellformed(options.id))
		return error_set(error, -EINVAL,
				 "Parameter 'id' expects an identifier");
	for (export = machine->exports; export; export = export->next) {
		if (!strcmp(export->id, options.id))
			return error_set(error, -EEXIST,
					 "Duplicate ID '%s' for export",
					 options.id);
	}

	ret = export_create(machine, &options, ops, &export, error);
	if (ret)
		return ret;
	export->next = machine->exports;
	machine->exports = export;
	return 0;
}

void machine_destroy_exports(struct machine *machine)
{
	struct machine_export *export;

	while (machine->exports) {
		export = machine->exports;
		machine->exports = export->next;
		export->ops->destroy(export->transport);
		free(export->id);
		free(export);
	}
}
