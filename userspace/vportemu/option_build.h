/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * option_build.h - what the options of the command line make
 */

#ifndef VPORTEMU_OPTION_BUILD_H
#define VPORTEMU_OPTION_BUILD_H

#include "opts.h"

struct error;
struct machine;

/* What -name and -msg take. */
extern const struct opt_desc option_name_descs[];
extern const struct opt_desc option_msg_descs[];

/* Each makes what its argument describes.  Return: 0, -errno. */
int build_name(struct machine *machine, const char *arg,
	       struct error *error);
int build_msg(struct machine *machine, const char *arg, struct error *error);
int build_object(struct machine *machine, const char *arg,
		 struct error *error);
int build_uuid(struct machine *machine, const char *arg,
	       struct error *error);
int build_chardev(struct machine *machine, const char *arg,
		  struct error *error);
int build_mon(struct machine *machine, const char *arg,
	      struct error *error);
int build_device(struct machine *machine, const char *arg,
		 struct error *error);
int build_export(struct machine *machine, const char *arg,
		 struct error *error);
int build_global(struct machine *machine, const char *arg,
		 struct error *error);
int build_qmp(struct machine *machine, const char *arg,
	      struct error *error);
int build_qmp_pretty(struct machine *machine, const char *arg,
		     struct error *error);
int build_monitor(struct machine *machine, const char *arg,
		  struct error *error);
int build_metrics(struct machine *machine, const char *arg,
		  struct error *error);
int build_add_fd(struct machine *machine, const char *arg,
		 struct error *error);
int build_echr(struct machine *machine, const char *arg,
	       struct error *error);
int build_socket_path(struct machine *machine, const char *arg,
		      struct error *error);
int build_fd(struct machine *machine, const char *arg,
	     struct error *error);

#endif /* VPORTEMU_OPTION_BUILD_H */
