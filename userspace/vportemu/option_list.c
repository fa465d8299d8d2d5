// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option_list.c - what query-command-line-options says
 */

#include <string.h>

#include "chardev.h"
#include "machine_types.h"
#include "option_build.h"
#include "opts.h"
#include "process.h"
#include "trace_option.h"

/* QEMU's words for the types of parameters. */
static const char *type_word(enum opt_type type)
{
	static const char *const words[] = {
		[OPT_STRING]		= "string",
		[OPT_BOOL]		= "boolean",
		[OPT_U32]		= "number",
		[OPT_SIZE]		= "size",
		[OPT_AUTO]		= "string",
		[OPT_PCI_ADDRESS]	= "string",
	};

	return words[type];
}

struct listing {
	void (*visit)(void *data, const char *option, const char *name,
		      const char *type, const char *help);
	void *data;
};

static void list_table(const struct listing *listing, const char *option,
		       const struct opt_desc *descs)
{
	for (; descs->name; descs++)
		listing->visit(listing->data, option, descs->name,
			       type_word(descs->type), descs->help);
}

/* Is the parameter one of a back-end before this one? */
static bool listed_before(const struct chardev_ops *const *ops,
			  const char *name)
{
	const struct chardev_ops *const *other;
	const struct opt_desc *desc;

	for (other = chardev_backends; other != ops; other++) {
		for (desc = (*other)->options; desc->name; desc++) {
			if (!strcmp(desc->name, name))
				return true;
		}
	}
	return false;
}

static void list_chardev(const struct listing *listing)
{
	const struct chardev_ops *const *ops;
	const struct opt_desc *desc;

	for (ops = chardev_backends; *ops; ops++) {
		for (desc = (*ops)->options; desc->name; desc++) {
			if (!listed_before(ops, desc->name))
				listing->visit(listing->data, "chardev",
					       desc->name,
					       type_word(desc->type),
					       desc->help);
		}
	}
	list_table(listing, "chardev", chardev_common_options);
	list_table(listing, "chardev", chardev_mux_option);
}

void machine_visit_options(void (*visit)(void *data, const char *option,
					 const char *name, const char *type,
					 const char *help),
			   void *data)
{
	const struct listing listing = { visit, data };

	list_table(&listing, "add-fd", machine_add_fd_options);
	list_chardev(&listing);
	visit(data, "device", NULL, NULL, NULL);
	list_table(&listing, "export", machine_export_options);
	list_table(&listing, "global", machine_global_options);
	list_table(&listing, "metrics", machine_metrics_options);
	list_table(&listing, "mon", machine_monitor_options);
	list_table(&listing, "msg", option_msg_descs);
	list_table(&listing, "name", option_name_descs);
	list_table(&listing, "run-with", process_run_with_descs);
	list_table(&listing, "trace", trace_option_descs);
}
