// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmdline.c - the command line
 *
 * Options are QEMU's, and as there `-x` and `--x` are the same.  As there, too,
 * things are made in the order in which they need each other, whatever their
 * order on the line: character devices, monitors, devices, exports.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chardev.h"
#include "cmdline.h"
#include "device.h"
#include "error.h"
#include "log.h"
#include "machine.h"
#include "option.h"
#include "opts.h"
#include "readconfig.h"
#include "shorthand.h"
#include "trace_option.h"

/*
 * Take the option at @at.  `--x=y` is one with its argument.
 * Return: index of the next, -EINVAL.
 */
static int next_option(int argc, char **argv, int at,
		       const struct option **ret, const char **ret_arg)
{
	const char *text = argv[at];
	const char *name = text + 1 + (text[0] == '-' && text[1] == '-');
	size_t len = strcspn(name, "=");

	if (*text != '-') {
		log_err("%s: expected an option", text);
		return -EINVAL;
	}
	*ret = option_find(name, len);
	*ret_arg = NULL;
	if (!*ret || (name[len] && (text[1] != '-' || !(*ret)->argument))) {
		log_err("%s: invalid option", text);
		return -EINVAL;
	}
	if (!(*ret)->argument)
		return at + 1;
	if (name[len]) {
		*ret_arg = name + len + 1;
		return at + 1;
	}
	if (at + 1 == argc) {
		log_err("%s: requires an argument", text);
		return -EINVAL;
	}
	*ret_arg = argv[at + 1];
	return at + 2;
}

static bool asks_for_help(const char *arg)
{
	return arg && (!strcmp(arg, "help") || !strcmp(arg, "?"));
}

static void print_backends(void)
{
	const struct chardev_ops *const *ops;

	printf("Available chardev backend types:\n");
	for (ops = chardev_backends; *ops; ops++) {
		printf("%s\n", (*ops)->name);
		opts_print_help(stdout, (*ops)->options);
		opts_print_help(stdout, chardev_common_options);
		opts_print_help(stdout, chardev_mux_option);
	}
}

/* `-device help`, `-device MODEL,help`, `-chardev help`. */
static bool scan_argument(const struct option *option, const char *arg)
{
	const char *comma = strrchr(arg, ',');
	char model[64];

	if (option->stage == STAGE_CHARDEV && asks_for_help(arg)) {
		print_backends();
		return true;
	}
	if (option->build == build_trace || option->build == build_log_items)
		return trace_option_help(option->name, arg);
	if (option->stage != STAGE_DEVICE)
		return false;
	if (asks_for_help(arg)) {
		device_print_models(stdout);
		return true;
	}
	if (!comma || !asks_for_help(comma + 1))
		return false;

	snprintf(model, sizeof(model), "%.*s", (int)(comma - arg), arg);
	return !device_print_help(stdout, model);
}

/* Remember an option, or do at once what it says.  Return: 0, -errno. */
static int take(struct cmdline *cmdline, const struct option *option,
		const char *arg, const char *place, struct error *error)
{
	struct cmdline_item *item;

	item = reallocarray(cmdline->items, cmdline->num_items + 1,
			    sizeof(*item));
	if (!item)
		return error_set(error, -ENOMEM, "out of memory");
	cmdline->items = item;
	item += cmdline->num_items++;
	*item = (struct cmdline_item){ option, arg ? strdup(arg) : NULL,
				       place ? strdup(place) : NULL };
	if ((arg && !item->arg) || (place && !item->place))
		return error_set(error, -ENOMEM, "out of memory");

	if (option->scan)
		return option->scan(cmdline, item->arg, error);
	if (scan_argument(option, arg))
		cmdline->done = true;
	return 0;
}

static int take_group(void *data, const char *group, const char *text,
		      const char *place, struct error *error)
{
	const struct option *option = option_find(group, strlen(group));

	if (!option || !option->group)
		return error_set(error, -ENOENT,
				 "There is no option group '%s'", group);
	return take(data, option, text, place, error);
}

int cmdline_read(struct cmdline *cmdline, const char *path,
		 struct error *error)
{
	return readconfig(path, take_group, cmdline, error);
}

/* Options in JSON are no group's, as in QEMU. */
static bool has_id(const struct cmdline_item *item, const char *id)
{
	struct opts opts;
	const char *text;
	bool is = false;

	if (*item->arg == '{' || opts_parse(&opts, item->arg, "", NULL))
		return false;
	text = opts_get(&opts, "id");
	if (text)
		is = !strcmp(text, id);
	opts_finish(&opts);
	return is;
}

static struct cmdline_item *find_item(const struct cmdline *cmdline,
				      const char *group, const char *id)
{
	struct cmdline_item *item;

	for (item = cmdline->items; item < cmdline->items + cmdline->num_items;
	     item++) {
		if (item->option->group && has_id(item, id) &&
		    !strcmp(item->option->name, group))
			return item;
	}
	return NULL;
}

/* `GROUP.ID.KEY=VALUE` */
int cmdline_set(struct cmdline *cmdline, const char *arg, struct error *error)
{
	char group[64], id[64], key[64], *text;
	struct cmdline_item *item;
	size_t size;
	int at = 0;

	if (sscanf(arg, "%63[^.].%63[^.].%63[^=,]%n", group, id, key, &at) != 3 ||
	    arg[at] != '=')
		return error_set(error, -EINVAL, "can't parse: \"%s\"", arg);
	item = find_item(cmdline, group, id);
	if (!item)
		return error_set(error, -ENOENT, "there is no %s \"%s\" defined",
				 group, id);
	/* Each comma may become two. */
	size = strlen(item->arg) + 2 * strlen(arg) + 4;
	text = malloc(size);
	if (!text)
		return error_set(error, -ENOMEM, "out of memory");
	sprintf(text, "%s,%s=", item->arg, key);
	shorthand_append_value(text, size, arg + at + 1);
	free(item->arg);
	item->arg = text;
	return 0;
}

static void say(const struct cmdline_item *item, const struct error *error)
{
	if (item->place)
		log_err("%s: %s", item->place, error->text);
	else if (item->arg)
		log_err("-%s %s: %s", item->option->name, item->arg,
			error->text);
	else
		log_err("-%s: %s", item->option->name, error->text);
}

int cmdline_scan(struct cmdline *cmdline, int argc, char **argv)
{
	const struct option *option;
	struct error error;
	const char *arg;
	int at = 1, ret = 0;

	*cmdline = (struct cmdline){ .process.parent = getppid() };
	while (at < argc && !cmdline->done && !ret) {
		at = next_option(argc, argv, at, &option, &arg);
		if (at < 0)
			return at;
		ret = take(cmdline, option, arg, NULL, &error);
		if (ret)
			say(&(struct cmdline_item){ option, (char *)arg },
			    &error);
	}
	if (ret || !cmdline->daemonize || !cmdline->process.exit_with_parent)
		return ret;
	log_err("-run-with exit-with-parent=on: incompatible with -daemonize, after which the parent is gone");
	return -EINVAL;
}

void cmdline_finish(struct cmdline *cmdline)
{
	size_t i;

	for (i = 0; i < cmdline->num_items; i++) {
		free(cmdline->items[i].arg);
		free(cmdline->items[i].place);
	}
	free(cmdline->items);
	process_finish(&cmdline->process);
}

int cmdline_build(const struct cmdline *cmdline, struct machine *machine)
{
	const struct cmdline_item *item;
	struct error error;
	enum stage stage;
	size_t i;
	int ret;

	for (stage = STAGE_SETTINGS; stage < NUM_STAGES; stage++) {
		for (i = 0; i < cmdline->num_items; i++) {
			item = &cmdline->items[i];
			if (item->option->stage != stage)
				continue;
			ret = item->option->build(machine, item->arg, &error);
			if (ret) {
				say(item, &error);
				return ret;
			}
		}
	}
	machine_check_globals(machine);
	return 0;
}
