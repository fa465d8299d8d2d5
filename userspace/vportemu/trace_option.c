// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_option.c - -trace, -d and -D, and what monitors can say of the same
 *
 * Of QEMU's log items there is one: the others are about processors.
 */

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "log.h"
#include "machine.h"
#include "trace_events.h"
#include "trace_option.h"

struct trace_options {
	const char *enable;
	const char *events;
	const char *file;
};

#define TRACE_OPTION(member) \
	{ #member, OPT_STRING, offsetof(struct trace_options, member) }

const struct opt_desc trace_option_descs[] = {
	TRACE_OPTION(enable),
	TRACE_OPTION(events),
	TRACE_OPTION(file),
	{ NULL }
};

void machine_visit_traces(const char *pattern,
			  void (*visit)(void *data, const char *name,
					bool enabled),
			  void *data)
{
	const struct trace_event *event;

	for (event = serial_trace_events; event->name; event++) {
		if (!fnmatch(pattern, event->name, 0))
			visit(data, event->name, event->enabled);
	}
}

bool machine_is_trace_pattern(const char *text)
{
	return trace_is_pattern(text);
}

int machine_enable_traces(const char *pattern, bool on, struct error *error)
{
	if (trace_enable(serial_trace_events, pattern, on) ||
	    trace_is_pattern(pattern))
		return 0;

	return error_set(error, -EINVAL, "unknown event \"%s\"", pattern);
}

/* What comes before things are made: a dash takes the rest back. */
static void enable_early(const char *pattern)
{
	bool on = *pattern != '-';

	if (!on)
		pattern++;
	if (machine_enable_traces(pattern, on, NULL))
		log_warn("warning: trace event '%s' does not exist", pattern);
}

/* A file with a pattern a line, and comments. */
static int read_events(const char *path, struct error *error)
{
	FILE *file = fopen(path, "re");
	char line[128];

	if (!file)
		return error_set(error, -errno, "%s: %s", path,
				 strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#')
			enable_early(line);
	}
	fclose(file);
	return 0;
}

int build_log_file(struct machine *machine, const char *arg,
		   struct error *error)
{
	int ret = trace_open(arg);

	return ret ? error_set(error, ret, "Error opening logfile %s: %s", arg,
			       strerror(-ret)) : 0;
}

static int set_trace(struct machine *machine, const struct opts *opts,
		     struct error *error)
{
	struct trace_options options = { .enable = NULL };
	int ret;

	ret = opts_apply(opts, trace_option_descs, NULL, &options, error);
	if (!ret && options.enable)
		enable_early(options.enable);
	if (!ret && options.events)
		ret = read_events(options.events, error);
	if (!ret && options.file)
		ret = build_log_file(machine, options.file, error);
	return ret;
}

int build_trace(struct machine *machine, const char *arg, struct error *error)
{
	return machine_from_text(machine, arg, "enable", set_trace, error);
}

/* `trace:PATTERN`, several of them behind commas. */
int build_log_items(struct machine *machine, const char *arg,
		    struct error *error)
{
	char pattern[128];
	size_t len;

	for (; *arg; arg += len + (arg[len] == ',')) {
		len = strcspn(arg, ",");
		snprintf(pattern, sizeof(pattern), "%.*s", (int)len, arg);
		if (strncmp(pattern, "trace:", 6))
			return error_set(error, -EINVAL,
					 "'%s' is no log item, expected trace:PATTERN",
					 pattern);
		enable_early(pattern + 6);
	}
	return 0;
}

static void print_name(void *data, const char *name, bool enabled)
{
	printf("%s\n", name);
}

bool trace_option_help(const char *option, const char *arg)
{
	bool items = !strcmp(option, "d");

	if (items && !strcmp(arg, "help")) {
		printf("Log items (comma separated):\n"
		       "trace:PATTERN   enable trace events\n\n"
		       "Use \"-d trace:help\" to get a list of trace events.\n");
		return true;
	}
	if (strcmp(arg, items ? "trace:help" : "help") &&
	    (items || strcmp(arg, "enable=help")))
		return false;
	machine_visit_traces("*", print_name, NULL);
	return true;
}
