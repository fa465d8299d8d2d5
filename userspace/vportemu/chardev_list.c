// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chardev_list.c - the machine's character devices, and what monitors do to them
 */

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chardev.h"
#include "error.h"
#include "machine_types.h"
#include "opts.h"

struct chardev *machine_find_chardev(const struct machine *machine,
				     const char *id)
{
	struct machine_chardev *entry;

	for (entry = machine->chardevs; entry; entry = entry->next) {
		if (!strcmp(entry->chr->id, id))
			return entry->chr;
	}
	return NULL;
}

bool machine_has_chardev(const struct machine *machine, const char *id)
{
	return machine_find_chardev(machine, id);
}

static int add_chardev(struct machine *machine, const struct opts *opts,
		       bool runtime, struct error *error)
{
	struct machine_chardev **link = &machine->chardevs;
	const char *id = opts_get(opts, "id");
	struct machine_chardev *entry;
	int ret;

	if (id && machine_has_chardev(machine, id))
		return error_set(error, -EEXIST, "Duplicate ID '%s' for chardev",
				 id);

	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return error_set(error, -ENOMEM, "out of memory");

	ret = chardev_create(machine->loop, opts, runtime, &entry->chr, error);
	if (ret) {
		free(entry);
		return ret;
	}
	while (*link)
		link = &(*link)->next;
	*link = entry;
	return 0;
}

/*
 * With mux=on the one that was asked for becomes ID-base, and ID is a mux on
 * top of it.
 */
static int add_muxed(struct machine *machine, struct opts *opts, bool runtime,
		     struct error *error)
{
	const char *id = opts_get(opts, "id");
	struct json_object *mux;
	struct opts mux_opts;
	char base[256];
	int ret;

	if (!id)
		return error_set(error, -EINVAL, "chardev: no id specified");
	snprintf(base, sizeof(base), "%s-base", id);
	mux = json_object_new_object();
	json_object_object_add(mux, "backend", json_object_new_string("mux"));
	json_object_object_add(mux, "id", json_object_new_string(id));
	json_object_object_add(mux, "chardev", json_object_new_string(base));
	opts_from_json(&mux_opts, mux);
	json_object_put(mux);

	json_object_object_add(opts->values, "id",
			       json_object_new_string(base));
	ret = add_chardev(machine, opts, runtime, error);
	if (!ret) {
		ret = add_chardev(machine, &mux_opts, runtime, error);
		if (ret)
			machine_remove_chardev(machine, base, NULL);
	}
	opts_finish(&mux_opts);
	return ret;
}

int machine_add_chardev(struct machine *machine, const struct opts *opts,
			bool runtime, struct error *error)
{
	const char *id = opts_get(opts, "id");
	bool mux = false;
	struct opts rest;
	int ret;

	/* Monitors' clients may call theirs what they like. */
	if (!runtime && id && !opts_id_wellformed(id))
		return error_set(error, -EINVAL,
				 "Parameter 'id' expects an identifier");
	ret = opts_apply_part(opts, chardev_mux_option, &mux, &rest, error);
	if (ret)
		return ret;
	ret = mux ? add_muxed(machine, &rest, runtime, error) :
		    add_chardev(machine, &rest, runtime, error);
	opts_finish(&rest);
	return ret;
}

int machine_remove_chardev(struct machine *machine, const char *id,
			   struct error *error)
{
	struct machine_chardev **link = &machine->chardevs;
	struct machine_chardev *entry;

	while (*link && strcmp((*link)->chr->id, id))
		link = &(*link)->next;
	entry = *link;
	if (!entry)
		return error_set(error, -ENOENT, "Chardev '%s' not found", id);
	if (chardev_in_use(entry->chr))
		return error_set(error, -EBUSY, "Chardev '%s' is busy", id);

	*link = entry->next;
	chardev_destroy(entry->chr);
	free(entry);
	return 0;
}

void machine_visit_chardevs(struct machine *machine,
			    void (*visit)(void *data, const char *label,
					  const char *filename,
					  bool frontend_open),
			    void *data)
{
	struct machine_chardev *entry;
	char filename[PATH_MAX];

	for (entry = machine->chardevs; entry; entry = entry->next) {
		chardev_filename(entry->chr, filename, sizeof(filename));
		visit(data, entry->chr->id, filename,
		      entry->chr->frontend_open);
	}
}

static void clients_changed(void *data, const char *id, bool present)
{
	struct json_object *args = json_object_new_object();

	json_object_object_add(args, "id", json_object_new_string(id));
	json_object_object_add(args, "present",
			       json_object_new_boolean(present));
	machine_event_limited(data, "X_CHARDEV_CLIENTS", id, args);
}

void machine_watch_chardevs(struct machine *machine)
{
	chardev_watch_clients(clients_changed, machine);
}

/* The last ones first: a mux or hub comes behind what it is made of. */
void machine_destroy_chardevs(struct machine *machine)
{
	struct machine_chardev **link;

	chardev_watch_clients(NULL, NULL);
	while (machine->chardevs) {
		link = &machine->chardevs;
		while ((*link)->next)
			link = &(*link)->next;
		chardev_destroy((*link)->chr);
		free(*link);
		*link = NULL;
	}
}

int machine_change_chardev(struct machine *machine, const struct opts *opts,
			   struct error *error)
{
	const char *id = opts_get(opts, "id");
	struct machine_chardev *entry;
	struct chardev *chr;
	int ret;

	for (entry = machine->chardevs; entry; entry = entry->next) {
		if (!strcmp(entry->chr->id, id))
			break;
	}
	if (!entry)
		return error_set(error, -ENOENT, "Chardev '%s' does not exist",
				 id);
	if (entry->chr->joins_others)
		return error_set(error, -EOPNOTSUPP,
			"For mux or hub device hotswap is not supported yet");
	if (entry->chr->frontend && !entry->chr->frontend->replaced)
		return error_set(error, -EOPNOTSUPP,
				 "Chardev user does not support chardev hotswap");

	ret = chardev_create(machine->loop, opts, true, &chr, error);
	if (ret)
		return ret;
	/* It would stand before those that it joins, and be destroyed after. */
	if (chr->joins_others) {
		chardev_destroy(chr);
		return error_set(error, -EOPNOTSUPP,
			"For mux or hub device hotswap is not supported yet");
	}
	chardev_replace(entry->chr, chr);
	chardev_destroy(entry->chr);
	entry->chr = chr;
	return 0;
}

int machine_send_break(struct machine *machine, const char *id,
		       struct error *error)
{
	struct chardev *chr = machine_find_chardev(machine, id);

	if (!chr)
		return error_set(error, -ENOENT, "Chardev '%s' not found", id);

	chardev_send_break(chr);
	return 0;
}

const char *machine_chardev_backend(struct machine *machine, const char *id)
{
	return machine_find_chardev(machine, id)->backend;
}

bool machine_chardev_open(struct machine *machine, const char *id)
{
	return machine_find_chardev(machine, id)->open;
}

bool machine_can_yank(struct machine *machine, const char *id)
{
	struct chardev *chr = machine_find_chardev(machine, id);

	return chr && chr->ops->yank;
}

int machine_yank(struct machine *machine, const char *id)
{
	struct chardev *chr = machine_find_chardev(machine, id);

	if (!chr || !chr->ops->yank)
		return -ENODEV;
	chr->ops->yank(chr);
	return 0;
}

int machine_resize_chardev(struct machine *machine, const char *id,
			   uint16_t cols, uint16_t rows, struct error *error)
{
	struct chardev *chr = machine_find_chardev(machine, id);

	if (!chr)
		return error_set(error, -ENOENT, "Chardev '%s' not found", id);

	chardev_set_size(chr, cols, rows);
	return 0;
}

static struct chardev *find_ringbuf(struct machine *machine, const char *id,
				    struct error *error)
{
	struct chardev *chr = machine_find_chardev(machine, id);

	if (!chr)
		error_set(error, -ENOENT, "Device '%s' not found", id);
	else if (chr->ops != &chardev_ringbuf_ops)
		error_set(error, -EINVAL, "%s is not a ringbuf device", id);
	else
		return chr;
	return NULL;
}

int machine_ringbuf_read(struct machine *machine, const char *id, size_t size,
			 char **ret, size_t *ret_len, struct error *error)
{
	struct chardev *chr = find_ringbuf(machine, id, error);

	if (!chr)
		return -EINVAL;
	if (size > chardev_ringbuf_len(chr))
		size = chardev_ringbuf_len(chr);
	*ret = malloc(size + 1);
	if (!*ret)
		return error_set(error, -ENOMEM, "out of memory");
	*ret_len = chardev_ringbuf_read(chr, *ret, size);
	return 0;
}

int machine_ringbuf_write(struct machine *machine, const char *id,
			  const void *data, size_t len, struct error *error)
{
	struct chardev *chr = find_ringbuf(machine, id, error);
	struct iovec iov = { (void *)data, len };

	if (!chr)
		return -EINVAL;
	chardev_writev(chr, &iov, 1);
	return 0;
}

int machine_chardev_filename(struct machine *machine, const char *id,
			     char *buf, size_t size)
{
	struct chardev *chr = machine_find_chardev(machine, id);

	if (!chr)
		return -ENOENT;
	chardev_filename(chr, buf, size);
	return 0;
}
