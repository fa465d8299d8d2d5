/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - the device models behind -device
 */

#ifndef VPORTEMU_DEVICE_H
#define VPORTEMU_DEVICE_H

#include <stdio.h>

/* What `-device help` prints. */
void device_print_models(FILE *out);

/* What `-device MODEL,help` prints.  Return: 0, -ENOENT. */
int device_print_help(FILE *out, const char *model);

#endif /* VPORTEMU_DEVICE_H */
