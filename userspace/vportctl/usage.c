// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage.c - options and help of a subcommand
 */

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "vportctl.h"

/* A day: long enough for any command, and no overflow anywhere. */
#define MAX_TIMEOUT_S 86400

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "timeout", required_argument, NULL, 't' },
	{ NULL },
};

void usage_print(const struct subcommand *self)
{
	printf("Usage: vportctl %s %s\n%s", self->name, self->arguments,
	       self->help);
}

static int parse_timeout(const char *text, unsigned int *ret_ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds > 0 && seconds <= MAX_TIMEOUT_S)) {
		log_err("--timeout=%s: expected seconds, more than 0 and up to %d",
			text, MAX_TIMEOUT_S);
		return -EINVAL;
	}

	*ret_ms = ceil(seconds * 1000);
	return 1;
}

static int reject(const struct subcommand *self, const char *word,
		  const char *why)
{
	log_err("%s: %s: %s, see vportctl %s --help", self->name, word, why,
		self->name);
	return -EINVAL;
}

static int parse_option(const struct subcommand *self, const char *options,
			int c, char **argv, struct arguments *args)
{
	const char *word = argv[optind - 1];

	if (c == 'h') {
		usage_print(self);
		return 0;
	}
	if (c == ':')
		return reject(self, word, "needs an argument");
	if (c == '?' || !strchr(options, c))
		return reject(self, word, "unknown option");
	if (c == 't')
		return parse_timeout(optarg, &args->timeout_ms);

	args->json = true;
	return 1;
}

int usage_parse(const struct subcommand *self, const char *options, int min,
		int max, int argc, char **argv, struct arguments *args)
{
	int ret = 1;
	int c;

	args->json = false;
	args->timeout_ms = DEFAULT_TIMEOUT_MS;
	opterr = 0;
	optind = 1;
	while (ret == 1) {
		/* Options come first: what follows may begin with a dash. */
		c = getopt_long(argc, argv, "+:hjt:", long_options, NULL);
		if (c < 0)
			break;
		ret = parse_option(self, options, c, argv, args);
	}
	if (ret != 1)
		return ret;

	args->count = argc - optind;
	args->argv = argv + optind;
	if (args->count < min)
		return reject(self, self->arguments, "too few arguments");
	if (args->count > max)
		return reject(self, args->argv[max], "unexpected argument");
	return 1;
}
