// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * object.c - user creatable objects: monitors
 *
 * QEMU has others for memory, which is the VMM's here, and for the encryption of
 * sockets, which is not there.  They are refused as by a QEMU that was built
 * without them.
 */

#include <errno.h>
#include <string.h>

#include "error.h"
#include "machine_types.h"
#include "opts.h"

static const struct {
	const char *name;
	int (*add)(struct machine *machine, const struct opts *opts,
		   struct error *error);
} types[] = {
	{ "monitor-hmp", machine_add_hmp_object },
	{ "monitor-qmp", machine_add_qmp_object },
};

int machine_add_object(struct machine *machine, const struct opts *opts,
		       struct error *error)
{
	const char *type = opts_get(opts, "qom-type");
	size_t i;

	if (!type)
		return error_set(error, -EINVAL,
				 "Parameter 'qom-type' is missing");
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(types[i].name, type))
			break;
	}
	if (i == sizeof(types) / sizeof(types[0]))
		return error_set(error, -EINVAL,
				 "Parameter 'qom-type' does not accept value '%s'",
				 type);
	if (!opts_get(opts, "id"))
		return error_set(error, -EINVAL, "Parameter 'id' is missing");
	return types[i].add(machine, opts, error);
}

int machine_remove_object(struct machine *machine, const char *id,
			  struct error *error)
{
	int ret = machine_remove_monitor(machine, id);

	if (ret == -EBUSY)
		return error_set(error, ret,
				 "Cannot delete the current QMP monitor");
	if (ret)
		return error_set(error, ret, "object '%s' not found", id);
	return 0;
}
