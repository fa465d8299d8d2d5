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
#define MAX_TIMEOUT_S	86400
#define MAX_COUNT	1000000

static const struct option long_options[] = {
	{ "count", required_argument, NULL, 'c' },
	{ "follow", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "interval", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },
	{ "timeout", required_argument, NULL, 't' },
	{ NULL },
};

void usage_print(const struct subcommand *self)
{
	printf("Usage: vportctl %s %s\n%s", self->name, self->arguments,
	       self->help);
}

static int parse_seconds(const char *option, const char *text,
			 unsigned int *ret_ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds > 0 && seconds <= MAX_TIMEOUT_S)) {
		log_err("--%s=%s: expected seconds, more than 0 and up to %d",
			option, text, MAX_TIMEOUT_S);
		return -EINVAL;
	}

	*ret_ms = ceil(seconds * 1000);
	return 1;
}

static int parse_count(const char *text, unsigned int *ret)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !count || count > MAX_COUNT) {
		log_err("--count=%s: expected a number from 1 to %d", text,
			MAX_COUNT);
		return -EINVAL;
	}
	*ret = count;
	return 1;
}

static int reject(const struct subcommand *self, const char *word,
		  const char *why)
{
	log_err("%s: %s: %s, see vportctl %s --help", self->name, word, why,
		self->name);
	return -EINVAL;
}

static int too_few(const struct subcommand *self)
{
	log_err("%s: too few arguments, expected %s, see vportctl %s --help",
		self->name, self->arguments, self->name);
	return -EINVAL;
}

static int take_option(int c, struct arguments *args)
{
	switch (c) {
	case 'c':
		return parse_count(optarg, &args->number);
	case 'f':
		args->follow = true;
		return 1;
	case 'i':
		return parse_seconds("interval", optarg, &args->interval_ms);
	case 't':
		return parse_seconds("timeout", optarg, &args->timeout_ms);
	default:
		args->json = true;
		return 1;
	}
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

	return take_option(c, args);
}

int usage_parse(const struct subcommand *self, const char *options, int min,
		int max, int argc, char **argv, struct arguments *args)
{
	const char *letters = *options == '+' ? "+:c:fhi:jt:" : ":c:fhi:jt:";
	int ret = 1;
	int c;

	memset(args, 0, sizeof(*args));
	args->timeout_ms = DEFAULT_TIMEOUT_MS;
	args->interval_ms = DEFAULT_INTERVAL_MS;
	opterr = 0;
	/* Anew, and whether it begins with a plus is looked at again. */
	optind = 0;
	while (ret == 1) {
		c = getopt_long(argc, argv, letters, long_options, NULL);
		if (c < 0)
			break;
		ret = parse_option(self, options, c, argv, args);
	}
	if (ret != 1)
		return ret;

	args->count = argc - optind;
	args->argv = argv + optind;
	if (args->count < min)
		return too_few(self);
	if (args->count > max)
		return reject(self, args->argv[max], "unexpected argument");
	return 1;
}
