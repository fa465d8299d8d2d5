/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * string_list.h - strings of JSON as C has them
 */

#ifndef VPORTD_STRING_LIST_H
#define VPORTD_STRING_LIST_H

#include <stdbool.h>

struct json_object;

/* Whether a string, or one of an array, has a NUL inside; NULL has none. */
bool strings_have_nul(struct json_object *value);

/**
 * strings_from_json() - an argument list
 * @first: the first string; NULL: none
 * @array: the others, which are borrowed; NULL: none
 *
 * Return: the list with a NULL at its end, to be passed to free(), or NULL.
 */
char **strings_from_json(const char *first, struct json_object *array);

#endif /* VPORTD_STRING_LIST_H */
