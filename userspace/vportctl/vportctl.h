/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vportctl.h - what the files of this program share
 */

#ifndef VPORTCTL_H
#define VPORTCTL_H

#include <stdbool.h>

struct json_object;

struct subcommand {
	const char *name;
	const char *arguments;		/* as its usage line shows them */
	const char *summary;		/* for the list of subcommands */
	const char *help;		/* what it does, and its options */

	/* Gets its own argv; says what is wrong.  Return: exit status. */
	int (*run)(const struct subcommand *self, int argc, char **argv);
};

/* agent.c, cat.c, list.c, ping.c, qmp.c, send.c, watch.c */
int run_agent(const struct subcommand *self, int argc, char **argv);
int run_list(const struct subcommand *self, int argc, char **argv);
int run_cat(const struct subcommand *self, int argc, char **argv);
int run_ping(const struct subcommand *self, int argc, char **argv);
int run_send(const struct subcommand *self, int argc, char **argv);
int run_watch(const struct subcommand *self, int argc, char **argv);
int run_qmp(const struct subcommand *self, int argc, char **argv);

/* usage.c */

struct arguments {
	bool json;			/* --json */
	bool follow;			/* --follow */
	unsigned int number;		/* --count; 0: not given */
	unsigned int interval_ms;	/* --interval, DEFAULT_INTERVAL_MS */
	unsigned int timeout_ms;	/* --timeout, DEFAULT_TIMEOUT_MS */
	int count;			/* of what is left in argv */
	char **argv;
};

#define DEFAULT_TIMEOUT_MS	5000
#define DEFAULT_INTERVAL_MS	1000

/**
 * usage_parse() - options of a subcommand
 * @self:    the subcommand
 * @options: getopt()'s letters of those it has; after a "+" they stand before
 *           all else, which may begin with a dash
 * @min:     fewest arguments
 * @max:     most
 * @args:    filled in
 *
 * Return: 1 to go on, 0 when help was printed, -EINVAL after saying why.
 */
int usage_parse(const struct subcommand *self, const char *options, int min,
		int max, int argc, char **argv, struct arguments *args);

void usage_print(const struct subcommand *self);

/* json_text.c */

/* Print @value with its line end.  Return: 0 or -errno. */
int print_json(struct json_object *value);

/* The same in one line, at once. */
int print_json_line(struct json_object *value);

/**
 * parse_arguments() - the JSON-ARGUMENTS of a command line
 * @text: the text; NULL is an empty object
 * @ret:  the object
 *
 * Return: 0, or -EINVAL after saying why.
 */
int parse_arguments(const char *text, struct json_object **ret);

#endif /* VPORTCTL_H */
