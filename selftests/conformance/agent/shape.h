/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shape.h - whether a value looks as it should; see the file "checks"
 */

#ifndef CONFORM_SHAPE_H
#define CONFORM_SHAPE_H

#include <stdbool.h>

struct json_object;

/*
 * Integers with a name are passed to @keep.
 * Return: whether @value has the shape.
 */
bool shape_matches(struct json_object *shape, struct json_object *value,
		   void (*keep)(const char *name, long long number));

#endif /* CONFORM_SHAPE_H */
