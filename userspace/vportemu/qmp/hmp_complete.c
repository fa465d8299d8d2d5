// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hmp_complete.c - what a person may mean who has typed a part of a word
 *
 * The first word is a command.  Behind one, it is what there is of the kind that
 * the command takes.
 */

#include <string.h>

#include "command.h"
#include "hmp.h"
#include "machine.h"

/* Looks for the @left-th word of those that begin with @prefix. */
struct search {
	struct machine *machine;
	const char *prefix;
	unsigned int left;
	const char *found;
};

static void offer(struct search *search, const char *word)
{
	if (search->found || !word ||
	    strncmp(word, search->prefix, strlen(search->prefix)))
		return;
	if (!search->left--)
		search->found = word;
}

/* Of those that are in a list by number. */
static void offer_all(struct search *search,
		      const char *(*name)(unsigned int index))
{
	unsigned int i;

	for (i = 0; name(i); i++)
		offer(search, name(i));
}

static void offer_commands(struct search *search)
{
	offer_all(search, hmp_command_name);
}

static void offer_infos(struct search *search)
{
	offer_all(search, hmp_info_name);
}

static void offer_backends(struct search *search)
{
	offer_all(search, qmp_backend_name);
}

static void offer_models(struct search *search)
{
	offer_all(search, qom_port_name);
}

static void offer_chardev(void *data, const char *label, const char *filename,
			  bool frontend_open)
{
	offer(data, label);
}

static void offer_chardevs(struct search *search)
{
	machine_visit_chardevs(search->machine, offer_chardev, search);
}

static void offer_ringbuf(void *data, const char *label, const char *filename,
			  bool frontend_open)
{
	struct search *search = data;

	if (!strcmp(machine_chardev_backend(search->machine, label),
		    "ringbuf"))
		offer(search, label);
}

static void offer_ringbufs(struct search *search)
{
	machine_visit_chardevs(search->machine, offer_ringbuf, search);
}

static void offer_port(void *data, const struct machine_port *port)
{
	offer(data, port->id);
}

static void offer_device(void *data, const struct machine_device_info *info)
{
	offer(data, info->id);
}

static void offer_devices(struct search *search)
{
	machine_visit_devices(search->machine, offer_device, search);
	machine_visit_ports(search->machine, offer_port, search);
}

static const struct {
	const char *command;
	void (*offer)(struct search *search);
} arguments[] = {
	{ "chardev-add", offer_backends },
	{ "chardev-change", offer_chardevs },
	{ "chardev-remove", offer_chardevs },
	{ "chardev-send-break", offer_chardevs },
	{ "device_add", offer_models },
	{ "device_del", offer_devices },
	{ "help", offer_commands },
	{ "info", offer_infos },
	{ "ringbuf_read", offer_ringbufs },
	{ "ringbuf_write", offer_ringbufs },
};

const char *hmp_complete(struct machine *machine, const char *start,
			 unsigned int index)
{
	struct search search = {
		.machine = machine, .prefix = start, .left = index,
	};
	size_t i, len = strcspn(start, " ");

	if (!start[len]) {
		offer_commands(&search);
		return search.found;
	}
	search.prefix = start + len + strspn(start + len, " ");
	if (strchr(search.prefix, ' '))
		return NULL;
	for (i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		if (strlen(arguments[i].command) == len &&
		    !strncmp(arguments[i].command, start, len))
			arguments[i].offer(&search);
	}
	return search.found;
}
