/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readconfig.h - a file of options, behind -readconfig
 */

#ifndef VPORTEMU_READCONFIG_H
#define VPORTEMU_READCONFIG_H

struct error;

/**
 * readconfig() - read options from a file
 * @path:  of the file
 * @add:   called for each group, with its name, the options in it as on the
 *         command line, and where it ends in the file; both strings are
 *         borrowed
 * @data:  for @add
 * @error: why not
 *
 * Return: 0; -errno, also that of @add.
 */
int readconfig(const char *path,
	       int (*add)(void *data, const char *group, const char *text,
			  const char *place, struct error *error),
	       void *data, struct error *error);

#endif /* VPORTEMU_READCONFIG_H */
