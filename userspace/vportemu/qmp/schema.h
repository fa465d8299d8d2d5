/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema.h - what commands return, in the words of query-qmp-schema
 *
 * A type is named as QEMU's documentation names it; "[T]" is an array of T.
 */

#ifndef VPORTEMU_QMP_SCHEMA_H
#define VPORTEMU_QMP_SCHEMA_H

#include <stdbool.h>

/* Of an object; or a case of a union, and the type with its members. */
struct schema_member {
	const char *name;		/* NULL ends the list */
	const char *type;
	bool optional;
};

struct schema_type {
	const char *name;		/* NULL ends the list */
	const struct schema_member *members;	/* NULL: an enumeration */
	const char *const *values;	/* of that; NULL ends it */
	const char *tag;		/* of a union: which member decides */
	const struct schema_member *cases;
};

/* schema_types.c */
extern const struct schema_type schema_types[];

#endif /* VPORTEMU_QMP_SCHEMA_H */
