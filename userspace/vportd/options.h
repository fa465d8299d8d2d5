/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the command line, and qemu-ga.conf, which can say the same
 */

#ifndef VPORTD_OPTIONS_H
#define VPORTD_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "agent_conf.h"
#include "rpc_list.h"

#define QGA_CONF_FILE		"/etc/qemu/qemu-ga.conf"
#define QGA_PORT		"/dev/virtio-ports/org.qemu.guest_agent.0"

/* Given by the command line and the file alike; NULL, -1: not given. */
struct settings {
	char *method;
	char *path;
	char *logfile;
	char *pidfile;
	char *freeze_hook;
	char *state_dir;
	int daemon;
	int verbose;
	int retry;
	struct rpc_list block;
	struct rpc_list allow;
};

struct options {
	bool as_qemu_ga;		/* that is the name it was called by */
	const char *qga_conf;		/* NULL: the default */
	const char *conf;		/* vportd.conf; NULL: the default */
	bool check;
	bool dump;
	struct settings given;		/* by the command line */
	struct settings all;		/* that, the file, and the defaults */
	struct agent_conf agent;	/* points into @all */
};

/**
 * options_parse() - read the command line and the file
 * @options: filled in; options_finish() it in any case
 * @argc:    of main()
 * @argv:    of main(); borrowed
 *
 * Return: 1 to go on, 0 when all is said, -errno after saying why.
 */
int options_parse(struct options *options, int argc, char **argv);

/**
 * options_reload() - read the file again, for the agent's lists and hook
 * @options: those that the agent has
 *
 * Return: 0, or -errno after saying why; nothing has changed then.
 */
int options_reload(struct options *options);

void options_finish(struct options *options);

/* Print what qemu-ga.conf would have to say. */
int options_dump(const struct options *options);

/* settings.c */

void settings_init(struct settings *settings);
void settings_finish(struct settings *settings);

/**
 * settings_read() - fill in what is not given yet
 * @settings: given so far; the file's lists are added to its own
 * @path:     the file
 * @whole:    also what is about the process and its channel
 *
 * Return: 0, -ENOENT without a word, or another -errno after one.
 */
int settings_read(struct settings *settings, const char *path, bool whole);

/* Return: 0 or -ENOMEM; @value replaces what is there. */
int settings_set(char **member, const char *value);

/* usage.c */

void usage_print(bool as_qemu_ga, const char *agent_version);

#endif /* VPORTD_OPTIONS_H */
