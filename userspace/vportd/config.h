/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.h - the files that say which handler serves which port
 */

#ifndef VPORTD_CONFIG_H
#define VPORTD_CONFIG_H

#include <stdio.h>

struct config;
struct error;
struct port_conf;

#define CONFIG_FILE "/etc/vportd.conf"

/**
 * config_load() - read the configuration
 * @path:  the main file, whose drop-ins are PATH.d/\*.conf; NULL: CONFIG_FILE,
 *         which need not be there
 * @ret:   the configuration
 * @error: why not
 *
 * Drop-ins come first, by name, then the main file, then what is built in: the
 * first section that matches a port counts.
 *
 * Return: 0 or -errno; nothing is kept of a configuration with an error.
 */
int config_load(const char *path, struct config **ret, struct error *error);

/**
 * config_load_stream() - the same for one file alone
 * @stream: its text
 * @name:   what messages call it
 */
int config_load_stream(FILE *stream, const char *name, struct config **ret,
		       struct error *error);

/* NULL is allowed; sections that have other users stay. */
void config_destroy(struct config *config);

/* The section for a port, borrowed, or NULL. */
struct port_conf *config_match(const struct config *config, const char *name);

#endif /* VPORTD_CONFIG_H */
