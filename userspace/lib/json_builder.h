/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_builder.h - a JSON value out of characters, with json-c's tokener
 *
 * For json_stream.c alone, which sees to it that the text has no more brackets,
 * no other words and no other strings than JSON allows.
 */

#ifndef VPORT_JSON_BUILDER_H
#define VPORT_JSON_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct json_tokener;

/* Bytes per call of the tokener, each of which switches the locale. */
#define JSON_STAGE_SIZE 4096

struct json_builder {
	struct json_tokener *tokener;	/* NULL until it is needed */
	struct json_object *value;	/* what the tokener made */
	bool whole;			/* the tokener is done */
	size_t total;			/* characters of this value */
	size_t staged;
	char stage[JSON_STAGE_SIZE];
};

/*
 * Each returns NULL, or what is wrong in QEMU's words; json_builder_reset() is
 * then the only thing that may follow.
 */

/* Add one character. */
const char *json_builder_put(struct json_builder *b, char c);

/* Let the tokener look at what has been added. */
const char *json_builder_flush(struct json_builder *b);

/**
 * json_builder_end() - the text is complete
 * @b:       the builder, which then holds nothing
 * @members: colons in the text, outside of strings
 * @ret:     the value, the caller's from now on; NULL is null
 */
const char *json_builder_end(struct json_builder *b, size_t members,
			     struct json_object **ret);

/* Hold nothing, and little memory. */
void json_builder_reset(struct json_builder *b);

/* Hold no memory at all. */
void json_builder_finish(struct json_builder *b);

#endif /* VPORT_JSON_BUILDER_H */
