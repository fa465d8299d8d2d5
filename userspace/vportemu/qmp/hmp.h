/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hmp.h - the monitor's commands for people
 */

#ifndef VPORTEMU_HMP_H
#define VPORTEMU_HMP_H

struct bytes;
struct machine;

/* Of one answer: `info qtree` of 511 ports is below 128 KiB. */
#define HMP_ANSWER_MAX	(16u << 20)

/* hmp.c */

/* Execute @line, which is taken apart; the answer is appended to @out. */
void hmp_execute(struct machine *machine, char *line, struct bytes *out);

/* Of all commands; NULL behind the last. */
const char *hmp_command_name(unsigned int index);

/* One line of an answer. */
__attribute__((format(printf, 2, 3)))
void hmp_print(struct bytes *out, const char *format, ...);

/* hmp_complete.c */

/* The @index-th word that may follow in the place of the last of @start. */
const char *hmp_complete(struct machine *machine, const char *start,
			 unsigned int index);

/* hmp_info.c */
void hmp_info(struct machine *machine, const char *what, struct bytes *out);

/* Of all that `info` knows; NULL behind the last. */
const char *hmp_info_name(unsigned int index);

#endif /* VPORTEMU_HMP_H */
