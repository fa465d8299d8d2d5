// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hub.c - one front-end on several character devices
 *
 * Output goes to all that are open, at the speed of the slowest; input comes
 * from all.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chardev.h"
#include "error.h"
#include "fanout.h"
#include "opts.h"

/* As QEMU's. */
#define HUB_CHARDEVS	4

/* How far one may be ahead of the slowest. */
#define HUB_MEMORY	(64u << 10)

struct hub_options {
	const char *backend;
	const char *id;
	const char *chardevs[HUB_CHARDEVS + 1];
};

#define HUB(option, member, help) \
	{ option, OPT_STRING, offsetof(struct hub_options, member), help }

static const struct opt_desc hub_options[] = {
	HUB("backend", backend, NULL),
	HUB("id", id, "name by which a device or monitor refers to it"),
	HUB("chardevs.0", chardevs[0], "ID of the first chardev"),
	HUB("chardevs.1", chardevs[1], "ID of the second chardev"),
	HUB("chardevs.2", chardevs[2], "ID of the third chardev"),
	HUB("chardevs.3", chardevs[3], "ID of the fourth chardev"),
	HUB("chardevs.4", chardevs[4], NULL),
	{ NULL }
};

static void hub_destroy(void *source)
{
}

static void hub_filename(void *source, bool open, char *buf, size_t size)
{
	snprintf(buf, size, "hub");
}

static const struct fanout_source_ops hub_ops = {
	.destroy	= hub_destroy,
	.filename	= hub_filename,
};

static int hub_check(const char *id, struct chardev **ret, struct error *error)
{
	struct chardev *chr = chardev_find(id);

	if (!chr)
		return error_set(error, -ENOENT,
				 "hub: chardev can't be found by id '%s'", id);
	if (chr->joins_others)
		return error_set(error, -EINVAL,
				 "hub: multiplexers and hub devices can't be stacked, check chardev '%s', chardev should not be a hub device or have 'mux=on' enabled",
				 id);
	if (chardev_in_use(chr))
		return error_set(error, -EBUSY,
				 "chardev '%s' is already in use", id);
	*ret = chr;
	return 0;
}

static int hub_add_all(struct fanout *fanout, const struct hub_options *options,
		       struct error *error)
{
	struct chardev *chr = NULL;
	unsigned int i;
	int err;

	if (!options->chardevs[0])
		return error_set(error, -EINVAL,
				 "hub: 'chardevs' list is not defined");
	if (options->chardevs[HUB_CHARDEVS])
		return error_set(error, -EINVAL,
				 "hub: too many uses of chardevs '%s' (maximum is %d)",
				 options->id, HUB_CHARDEVS);
	for (i = 0; options->chardevs[i]; i++) {
		err = hub_check(options->chardevs[i], &chr, error);
		if (err)
			return err;
		if (fanout_add(fanout, chr, false))
			return error_set(error, -ENOMEM, "out of memory");
	}
	return 0;
}

static int hub_create(struct sd_event *event, const struct opts *opts,
		      bool runtime, struct chardev **ret, struct error *error)
{
	static const struct fanout_config config = {
		.history = { .size = HUB_MEMORY },
		.in_step = true,
	};
	struct hub_options options = { .backend = NULL };
	struct fanout *fanout;
	int err;

	err = opts_apply(opts, hub_options, NULL, &options, error);
	if (!err)
		err = fanout_create(event, &config, &hub_ops, NULL, &fanout,
				    error);
	if (err)
		return err;
	err = hub_add_all(fanout, &options, error);
	if (err) {
		chardev_destroy(fanout_chardev(fanout));
		return err;
	}
	*ret = fanout_chardev(fanout);
	(*ret)->joins_others = true;
	return 0;
}

const struct chardev_ops chardev_hub_ops = {
	.name		= "hub",
	.options	= hub_options,
	.create		= hub_create,
};
