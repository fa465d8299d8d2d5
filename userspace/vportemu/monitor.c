// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * monitor.c - a monitor: a session on a character device
 *
 * Bounds: while a client does not read its answers its commands are not read
 * either; one that does not even read events is cut off when they have become
 * MONITOR_OUT_MAX bytes.
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "chardev.h"
#include "error.h"
#include "log.h"
#include "machine_types.h"
#include "opts.h"
#include "qmp.h"

/* The answer to query-qmp-schema, the longest, is below 1 MiB. */
#define MONITOR_OUT_MAX	(16u << 20)

/* So much at a time; a command that is longer comes in pieces. */
#define MONITOR_READ	4096

struct monitor {
	struct monitor *next;
	struct machine *machine;
	struct chardev *chr;
	char *id;		/* of an object; NULL: stays for good */
	const struct monitor_session_ops *ops;
	void *session;
	struct bytes out;
	bool deaf;		/* cut off until it connects again */
};

struct monitor_options {
	const char *chardev;
	const char *mode;
	const char *id;
	bool pretty;
};

const struct opt_desc machine_monitor_options[] = {
	{ "chardev", OPT_STRING, offsetof(struct monitor_options, chardev),
	  "ID of a chardev to talk over" },
	{ "mode", OPT_STRING, offsetof(struct monitor_options, mode),
	  "control: QMP; readline: for people (default: readline)" },
	{ "id", OPT_STRING, offsetof(struct monitor_options, id),
	  "name of the monitor" },
	{ "pretty", OPT_BOOL, offsetof(struct monitor_options, pretty),
	  "one member a line (default: off)" },
	{ NULL }
};

/* Of an object, which says by its type what its mode is. */
static const struct opt_desc object_options[] = {
	{ "qom-type", OPT_STRING, offsetof(struct monitor_options, mode) },
	{ "id", OPT_STRING, offsetof(struct monitor_options, id) },
	{ "chardev", OPT_STRING, offsetof(struct monitor_options, chardev) },
	{ NULL }
};

static const struct opt_desc pretty_object_options[] = {
	{ "qom-type", OPT_STRING, offsetof(struct monitor_options, mode) },
	{ "id", OPT_STRING, offsetof(struct monitor_options, id) },
	{ "chardev", OPT_STRING, offsetof(struct monitor_options, chardev) },
	{ "pretty", OPT_BOOL, offsetof(struct monitor_options, pretty) },
	{ NULL }
};

static void monitor_flush(struct monitor *monitor)
{
	struct iovec iov;
	ssize_t len;

	while (bytes_len(&monitor->out)) {
		iov.iov_base = (void *)bytes_peek(&monitor->out);
		iov.iov_len = bytes_len(&monitor->out);
		len = chardev_writev(monitor->chr, &iov, 1);
		if (len == -EAGAIN)
			break;
		/* Of one that has gone we hear in closed(). */
		bytes_consume(&monitor->out,
			      len < 0 ? iov.iov_len : (size_t)len);
	}
	if (bytes_len(&monitor->out))
		chardev_want(monitor->chr, CHARDEV_READ | CHARDEV_WRITE,
			     CHARDEV_WRITE);
	else
		chardev_want(monitor->chr, CHARDEV_READ | CHARDEV_WRITE,
			     CHARDEV_READ);
}

/* The session has something to say. */
static void session_output(void *data, const void *text, size_t len)
{
	struct monitor *monitor = data;

	if (!monitor->chr->open || monitor->deaf)
		return;
	if (bytes_append(&monitor->out, text, len)) {
		log_warn("monitor on '%s': client does not read, cut off",
			 monitor->chr->id);
		monitor->deaf = true;
		return;
	}
	monitor_flush(monitor);
}

static void monitor_opened(void *data)
{
	struct monitor *monitor = data;

	monitor->deaf = false;
	bytes_consume(&monitor->out, bytes_len(&monitor->out));
	chardev_want(monitor->chr, CHARDEV_READ | CHARDEV_KEEP,
		     CHARDEV_READ | CHARDEV_KEEP);
	monitor->ops->begin(monitor->session);
}

static void monitor_closed(void *data)
{
	struct monitor *monitor = data;

	chardev_want(monitor->chr,
		     CHARDEV_READ | CHARDEV_WRITE | CHARDEV_KEEP, 0);
	monitor->ops->end(monitor->session);
}

static void monitor_readable(void *data)
{
	struct monitor *monitor = data;
	char buf[MONITOR_READ];
	struct iovec iov = { buf, sizeof(buf) };
	ssize_t len;

	len = chardev_readv(monitor->chr, &iov, 1);
	if (len <= 0)
		return;
	monitor->machine->speaker = monitor->chr;
	monitor->ops->input(monitor->session, buf, len);
	monitor->machine->speaker = NULL;
}

static void monitor_writable(void *data)
{
	monitor_flush(data);
}

static void monitor_focused(void *data)
{
	struct monitor *monitor = data;

	if (monitor->ops->focus)
		monitor->ops->focus(monitor->session, monitor->chr->focus);
}

static const struct chardev_frontend_ops monitor_chr_ops = {
	.opened		= monitor_opened,
	.closed		= monitor_closed,
	.readable	= monitor_readable,
	.writable	= monitor_writable,
	.focused	= monitor_focused,
};

static void monitor_destroy(struct monitor *monitor)
{
	monitor->chr->takes_fds = false;
	chardev_detach(monitor->chr);
	monitor->ops->destroy(monitor->session);
	bytes_finish(&monitor->out);
	free(monitor->id);
	free(monitor);
}

static int monitor_create(struct machine *machine, struct chardev *chr,
			  const struct monitor_session_ops *ops, bool pretty,
			  struct monitor **ret)
{
	struct monitor *monitor;
	int err;

	monitor = calloc(1, sizeof(*monitor));
	if (!monitor)
		return -ENOMEM;

	bytes_init(&monitor->out, MONITOR_OUT_MAX);
	monitor->machine = machine;
	monitor->chr = chr;
	monitor->ops = ops;
	err = ops->create(machine, session_output, monitor, pretty,
			  &monitor->session);
	if (err) {
		free(monitor);
		return err;
	}
	err = chardev_attach(chr, &monitor_chr_ops, monitor);
	if (err) {
		monitor->ops->destroy(monitor->session);
		free(monitor);
		return err;
	}
	chr->takes_fds = true;
	chardev_set_frontend_open(chr, true);
	monitor_focused(monitor);
	if (chr->open)
		monitor_opened(monitor);
	*ret = monitor;
	return 0;
}

static const struct monitor_session_ops *find_mode(const char *mode)
{
	static const struct monitor_session_ops *const all[] = {
		&qmp_session_ops, &hmp_session_ops,
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!strcmp(all[i]->mode, mode))
			return all[i];
	}
	return NULL;
}

static int add_monitor(struct machine *machine,
		       const struct monitor_options *options,
		       const struct monitor_session_ops *ops,
		       struct monitor **ret_monitor, struct error *error)
{
	struct monitor **link = &machine->monitors;
	struct chardev *chr;
	int ret;

	if (!options->chardev)
		return error_set(error, -EINVAL,
				 "Parameter 'chardev' is missing");
	chr = machine_find_chardev(machine, options->chardev);
	if (!chr)
		return error_set(error, -ENOENT, "chardev \"%s\" not found",
				 options->chardev);
	/* Each would see the others' answers, and commands in pieces. */
	if (chr->several_clients)
		return error_set(error, -EINVAL,
				 "chardev \"%s\" has several clients, expected one for a monitor",
				 options->chardev);
	chr = chardev_free_end(chr);

	ret = chr ? monitor_create(machine, chr, ops, options->pretty,
				   ret_monitor) : -EBUSY;
	if (ret)
		return error_set(error, ret, ret == -EBUSY ?
				 "Device '%s' is in use" :
				 "monitor on '%s': out of memory",
				 options->chardev);
	while (*link)
		link = &(*link)->next;
	*link = *ret_monitor;
	return 0;
}

int machine_add_monitor(struct machine *machine, const struct opts *opts,
			struct error *error)
{
	struct monitor_options options = { .mode = "readline" };
	const struct monitor_session_ops *ops;
	struct monitor *monitor;
	int ret;

	ret = opts_apply(opts, machine_monitor_options, NULL, &options, error);
	if (ret)
		return ret;
	ops = find_mode(options.mode);
	if (!ops)
		return error_set(error, -EINVAL,
				 "Parameter 'mode' does not accept value '%s'",
				 options.mode);
	if (options.pretty && ops != &qmp_session_ops)
		return error_set(error, -EINVAL,
			"'pretty' is not compatible with HMP monitors");
	return add_monitor(machine, &options, ops, &monitor, error);
}

static struct monitor **find_object(struct machine *machine, const char *id)
{
	struct monitor **link = &machine->monitors;

	while (*link && (!(*link)->id || strcmp((*link)->id, id)))
		link = &(*link)->next;
	return link;
}

static int add_object(struct machine *machine, const struct opts *opts,
		      const struct opt_desc *descs,
		      const struct monitor_session_ops *ops,
		      struct error *error)
{
	struct monitor_options options = { .mode = NULL };
	struct monitor *monitor;
	char *id;
	int ret;

	ret = opts_apply(opts, descs, NULL, &options, error);
	if (ret)
		return ret;
	if (!opts_id_wellformed(options.id))
		return error_set(error, -EINVAL,
				 "Parameter 'id' expects an identifier");
	if (*find_object(machine, options.id))
		return error_set(error, -EEXIST,
				 "attempt to add duplicate property '%s' to object (type 'container')",
				 options.id);
	id = strdup(options.id);
	if (!id)
		return error_set(error, -ENOMEM, "out of memory");
	ret = add_monitor(machine, &options, ops, &monitor, error);
	if (ret)
		free(id);
	else
		monitor->id = id;
	return ret;
}

int machine_add_hmp_object(struct machine *machine, const struct opts *opts,
			   struct error *error)
{
	return add_object(machine, opts, object_options, &hmp_session_ops,
			  error);
}

int machine_add_qmp_object(struct machine *machine, const struct opts *opts,
			   struct error *error)
{
	return add_object(machine, opts, pretty_object_options,
			  &qmp_session_ops, error);
}

int machine_remove_monitor(struct machine *machine, const char *id)
{
	struct monitor **link = find_object(machine, id), *monitor = *link;

	if (!monitor)
		return -ENOENT;
	if (monitor->chr == machine->speaker)
		return -EBUSY;
	*link = monitor->next;
	monitor_destroy(monitor);
	return 0;
}

void monitors_event(struct machine *machine, struct json_object *event)
{
	struct monitor *monitor;

	for (monitor = machine->monitors; monitor; monitor = monitor->next)
		monitor->ops->event(monitor->session, event);
}

void machine_destroy_monitors(struct machine *machine)
{
	struct monitor *monitor;

	while (machine->monitors) {
		monitor = machine->monitors;
		machine->monitors = monitor->next;
		monitor_destroy(monitor);
	}
}
