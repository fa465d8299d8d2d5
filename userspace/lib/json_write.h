/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_write.h - JSON text as QEMU prints it
 *
 * `{"return": {}}`: a blank after each colon and comma, everything outside
 * ASCII as \uXXXX.  Scripts compare these lines, and json-c has no such format.
 */

#ifndef VPORT_JSON_WRITE_H
#define VPORT_JSON_WRITE_H

#include <stdbool.h>

struct bytes;
struct json_object;

/**
 * json_write() - append a value's text to a queue
 * @out:    the queue; no newline is added
 * @value:  the value, borrowed; NULL is null
 * @pretty: one member a line, four blanks a level, as QEMU's pretty=on
 *
 * Return: 0; -ENOBUFS or -ENOMEM, and @out is then as before.
 */
int json_write(struct bytes *out, struct json_object *value, bool pretty);

#endif /* VPORT_JSON_WRITE_H */
