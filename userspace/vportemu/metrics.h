/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics.h - what ports have moved, for those who watch many machines
 */

#ifndef VPORTEMU_METRICS_H
#define VPORTEMU_METRICS_H

struct bytes;
struct machine;

/* metrics_text.c: append it all in OpenMetrics text format 1.0. */
void metrics_print(struct machine *machine, struct bytes *out);

#endif /* VPORTEMU_METRICS_H */
