/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smart.h - how an NVMe disk feels
 */

#ifndef HELPER_SMART_H
#define HELPER_SMART_H

struct json_object;

/* Add "smart" to @disk if the device @name tells. */
void smart_add(const char *name, struct json_object *disk);

#endif /* HELPER_SMART_H */
