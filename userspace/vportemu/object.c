// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * object.c - user creatable objects: none, in QEMU's words
 *
 * Memory is the VMM's, and sockets are not encrypted.  A type would be a line of
 * a table here; until there is one, a command line or a client that wants an
 * object is told that it cannot have it, as by a QEMU that was built without.
 */

#include <errno.h>

#include "error.h"
#include "machine.h"
#include "opts.h"

int machine_add_object(struct machine *machine, const struct opts *opts,
		       struct error *error)
{
	const char *type = opts_get(opts, "qom-type");

	if (!type)
		return error_set(error, -EINVAL,
				 "Parameter 'qom-type' is missing");
	if (!opts_has(opts, "id"))
		return error_set(error, -EINVAL, "Parameter 'id' is missing");
	return error_set(error, -EINVAL,
			 "Parameter 'qom-type' does not accept value '%s'",
			 type);
}

int machine_remove_object(struct machine *machine, const char *id,
			  struct error *error)
{
	return error_set(error, -ENOENT, "object '%s' not found", id);
}
