/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * option.h - the options of the command line
 */

#ifndef VPORTEMU_OPTION_H
#define VPORTEMU_OPTION_H

#include <stdbool.h>
#include <stddef.h>

struct cmdline;
struct error;
struct machine;

enum stage {
	STAGE_SCAN,		/* acted upon when first seen */
	STAGE_SETTINGS,
	STAGE_CHARDEV,
	STAGE_MONITOR,
	STAGE_DEVICE,
	STAGE_EXPORT,
	NUM_STAGES
};

struct option {
	const char *name;
	const char *argument;	/* for help; NULL: takes none */
	const char *help;
	enum stage stage;
	bool group;		/* may be one in a file of options, too */

	/* For STAGE_SCAN; @arg is NULL for an option without argument. */
	int (*scan)(struct cmdline *cmdline, const char *arg,
		    struct error *error);

	/* For the others. */
	int (*build)(struct machine *machine, const char *arg,
		     struct error *error);
};

/* Return: NULL, there is none with a name of these @len bytes. */
const struct option *option_find(const char *name, size_t len);

#endif /* VPORTEMU_OPTION_H */
