/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * opts.h - QEMU option strings: key=value lists and JSON objects
 *
 * `driver,key=value,flag,noflag,text=a,,b`: the first member may leave out its
 * key, a lone word is a flag, a doubled comma is a comma.  The last of several
 * equal keys counts.  An argument that starts with a brace is a JSON object
 * instead, whose members keep their types.
 *
 * What a set of options may contain is a const table; opts_apply() checks
 * against it and fills a plain struct, so that no option can be accepted
 * without having a place to go to.
 */

#ifndef VPORT_OPTS_H
#define VPORT_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct error;
struct json_object;

struct opts {
	struct json_object *values;	/* key -> string, or any type if JSON */
	bool strict;			/* JSON: "4" is not a number */
};

enum opt_type {
	OPT_STRING,		/* const char *, borrowed from the options */
	OPT_BOOL,		/* bool: on, off */
	OPT_U32,		/* uint32_t */
	OPT_SIZE,		/* uint64_t: bytes, or with a suffix of kMGTPE */
	OPT_AUTO,		/* const char *: on, off or auto */
	OPT_PCI_ADDRESS,	/* const char *: SLOT or SLOT.FUNCTION, in hex */
};

struct opt_desc {
	const char *name;	/* NULL ends a table */
	enum opt_type type;
	size_t offset;		/* of the member in the struct to fill */
	const char *help;	/* words for `,help`; "": none; NULL: not listed */
};

/**
 * opts_parse() - take an argument apart
 * @opts:    filled on success; end with opts_finish()
 * @text:    the argument, of either form
 * @implied: key of a first member that has none; NULL: it is a flag
 * @error:   why not
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int opts_parse(struct opts *opts, const char *text, const char *implied,
	       struct error *error);

/**
 * opts_from_json() - options that came as a JSON object
 * @opts:   filled; end with opts_finish()
 * @object: a reference is taken
 *
 * Numbers and booleans are accepted as strings as well, as monitors' clients
 * write them.
 */
void opts_from_json(struct opts *opts, struct json_object *object);

/* Free what @opts holds; strings got from it end here. */
void opts_finish(struct opts *opts);

/* The text of a string member, or NULL. */
const char *opts_get(const struct opts *opts, const char *name);

/* Is there a member @name of whatever type? */
bool opts_has(const struct opts *opts, const char *name);

/**
 * opts_apply() - check against a table and fill a struct
 * @opts:   the options
 * @descs:  what is allowed
 * @driver: a device model's name, to complain of properties; NULL: parameters
 * @target: the struct; members that are not given stay as they are
 * @error:  why not
 *
 * Return: 0, -EINVAL.
 */
int opts_apply(const struct opts *opts, const struct opt_desc *descs,
	       const char *driver, void *target, struct error *error);

/**
 * opts_apply_part() - the same for those that the table has
 * @opts:   the options
 * @descs:  some of what is allowed
 * @target: the struct
 * @rest:   the others, on success; end with opts_finish()
 * @error:  why not
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int opts_apply_part(const struct opts *opts, const struct opt_desc *descs,
		    void *target, struct opts *rest, struct error *error);

/* Letters, digits, '-', '.', '_', starting with a letter, as QEMU's ids. */
bool opts_id_wellformed(const char *id);

/* The word for a type, as in `,help`. */
const char *opts_type_name(enum opt_type type);

/**
 * opts_values() - a filled struct, as an object
 * @descs:  the table that it was filled by; members without help are left out
 * @target: the struct
 *
 * Return: the object; strings that are NULL are empty ones.
 */
struct json_object *opts_values(const struct opt_desc *descs,
				const void *target);

/* Print a table as `-device X,help` does, in order of names. */
void opts_print_help(FILE *out, const struct opt_desc *descs);

#endif /* VPORT_OPTS_H */
