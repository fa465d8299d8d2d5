/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.h - members of a result, one line each
 *
 * Each adds @name to @object; the name is a literal.
 */

#ifndef VPORTD_RESULT_H
#define VPORTD_RESULT_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;

void result_add_int(struct json_object *object, const char *name, int64_t n);
void result_add_uint(struct json_object *object, const char *name, uint64_t n);
void result_add_bool(struct json_object *object, const char *name, bool value);
void result_add_text(struct json_object *object, const char *name,
		     const char *text);

#endif /* VPORTD_RESULT_H */
