// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chardev_list.c - what monitors do to the machine's character devices
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chardev.h"
#include "error.h"
#include "machine_types.h"
#include "opts.h"

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
	if (entry->chr->frontend && !entry->chr->frontend->replaced)
		return error_set(error, -EOPNOTSUPP,
				 "Chardev user does not support chardev hotswap");

	ret = chardev_create(machine->loop, opts, true, &chr, error);
	if (ret)
		return ret;
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
