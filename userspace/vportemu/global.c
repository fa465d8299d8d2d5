// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * global.c - properties that all devices of a type get, behind -global
 *
 * What is said of a device itself comes after it, and so counts for more.
 */

#include <errno.h>
#include <json-c/json.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "log.h"
#include "machine_types.h"
#include "opts.h"

struct machine_global {
	struct machine_global *next;
	struct opts said;		/* driver, property, value */
	const char *driver, *property, *value;
	struct opts opts;		/* the property alone */
};

struct global_options {
	const char *driver;
	const char *property;
	const char *value;
};

#define GLOBAL(member) \
	{ #member, OPT_STRING, offsetof(struct global_options, member) }

const struct opt_desc machine_global_options[] = {
	GLOBAL(driver),
	GLOBAL(property),
	GLOBAL(value),
	{ NULL }
};

static struct machine_global *global_create(const struct opts *opts,
					    const struct global_options *options)
{
	struct machine_global *global = calloc(1, sizeof(*global));

	if (!global)
		return NULL;

	opts_from_json(&global->said, opts->values);
	global->driver = options->driver;
	global->property = options->property;
	global->value = options->value;
	global->opts.values = json_object_new_object();
	json_object_object_add(global->opts.values, options->property,
			       json_object_new_string(options->value));
	return global;
}

int machine_add_global(struct machine *machine, const struct opts *opts,
		       struct error *error)
{
	struct global_options options = { .driver = NULL };
	struct machine_global **link = &machine->globals;
	int ret;

	ret = opts_apply(opts, machine_global_options, NULL, &options, error);
	if (ret)
		return ret;
	if (!options.driver || !options.property || !options.value)
		return error_set(error, -EINVAL,
			"options 'driver', 'property', and 'value' are required");
	while (*link)
		link = &(*link)->next;
	*link = global_create(opts, &options);
	return *link ? 0 : error_set(error, -ENOMEM, "out of memory");
}

/* These say which device it is, not how. */
static bool is_property(const char *name)
{
	return strcmp(name, "driver") && strcmp(name, "id") &&
	       strcmp(name, "bus");
}

static int apply(const struct machine_global *global, const char *driver,
		 const struct opt_desc *descs, void *target,
		 struct error *error)
{
	struct error why;
	int ret;

	if (is_property(global->property))
		ret = opts_apply(&global->opts, descs, driver, target, &why);
	else
		ret = error_set(&why, -EINVAL, "Property '%s.%s' not found",
				driver, global->property);
	if (!ret)
		return 0;
	return error_set(error, ret, "can't apply global %s.%s=%s: %s",
			 global->driver, global->property, global->value,
			 why.text);
}

int machine_apply_globals(const struct machine *machine, const char *driver,
			  const struct opt_desc *descs, void *target,
			  struct error *error)
{
	const struct machine_type *type = machine_type_find(driver);
	const struct machine_global *global;
	int ret = 0;

	for (global = machine->globals; global && !ret; global = global->next) {
		if (machine_type_is(type, global->driver))
			ret = apply(global, driver, descs, target, error);
	}
	return ret;
}

/* Those of the VMM's devices come along on command lines made for QEMU. */
void machine_check_globals(const struct machine *machine)
{
	const struct machine_global *global;

	for (global = machine->globals; global; global = global->next) {
		if (!machine_type_find(global->driver))
			log_warn("warning: global %s.%s has invalid class name",
				 global->driver, global->property);
	}
}

void machine_destroy_globals(struct machine *machine)
{
	struct machine_global *global;

	while (machine->globals) {
		global = machine->globals;
		machine->globals = global->next;
		opts_finish(&global->said);
		opts_finish(&global->opts);
		free(global);
	}
}
