// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chardev.c - character devices, whatever their kind
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chardev.h"
#include "error.h"
#include "opts.h"

const struct chardev_ops *const chardev_backends[] = {
	&chardev_file_ops,
	&chardev_null_ops,
	&chardev_socket_ops,
	NULL
};

const struct chardev_ops *chardev_backend_find(const char *name)
{
	const struct chardev_ops *const *ops;

	for (ops = chardev_backends; *ops; ops++) {
		if (!strcmp((*ops)->name, name))
			return *ops;
	}
	return NULL;
}

int chardev_create(struct sd_event *event, const struct opts *opts,
		   bool runtime, struct chardev **ret, struct error *error)
{
	const char *backend = opts_get(opts, "backend");
	const char *id = opts_get(opts, "id");
	const struct chardev_ops *ops;
	struct chardev *chr;
	char *copy;
	int err;

	ops = backend ? chardev_backend_find(backend) : NULL;
	if (!backend)
		return error_set(error, -EINVAL, "chardev: \"backend\" missing");
	if (!ops)
		return error_set(error, -EINVAL,
				 "'%s' is not a valid char driver name",
				 backend);
	if (!id)
		return error_set(error, -EINVAL, "chardev: no id specified");
	if (!opts_id_wellformed(id))
		return error_set(error, -EINVAL,
				 "Parameter 'id' expects an identifier");

	copy = strdup(id);
	if (!copy)
		return error_set(error, -ENOMEM, "out of memory");
	err = ops->create(event, opts, runtime, &chr, error);
	if (err) {
		free(copy);
		return err;
	}
	chr->ops = ops;
	chr->id = copy;
	*ret = chr;
	return 0;
}

void chardev_destroy(struct chardev *chr)
{
	char *id;

	if (!chr)
		return;

	id = chr->id;
	chr->ops->destroy(chr);
	free(id);
}

int chardev_attach(struct chardev *chr, const struct chardev_frontend_ops *ops,
		   void *data)
{
	if (chr->frontend)
		return -EBUSY;

	chr->frontend = ops;
	chr->frontend_data = data;
	return 0;
}

void chardev_detach(struct chardev *chr)
{
	chr->frontend = NULL;
	chr->frontend_data = NULL;
	chr->want = 0;
	chr->frontend_open = false;
	chr->ops->update(chr);
}

ssize_t chardev_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	return chr->ops->readv(chr, iov, num);
}

ssize_t chardev_writev(struct chardev *chr, const struct iovec *iov, int num)
{
	return chr->ops->writev(chr, iov, num);
}

void chardev_want(struct chardev *chr, unsigned int mask, unsigned int want)
{
	unsigned int old = chr->want;

	chr->want = (old & ~mask) | want;
	if (chr->want != old)
		chr->ops->update(chr);
}

void chardev_set_frontend_open(struct chardev *chr, bool open)
{
	if (chr->frontend_open == open)
		return;

	chr->frontend_open = open;
	chr->ops->update(chr);
}

void chardev_filename(struct chardev *chr, char *buf, size_t size)
{
	chr->ops->filename(chr, buf, size);
}

void chardev_opened(struct chardev *chr)
{
	chr->open = true;
	if (chr->frontend)
		chr->frontend->opened(chr->frontend_data);
}

void chardev_closed(struct chardev *chr)
{
	chr->open = false;
	if (chr->frontend)
		chr->frontend->closed(chr->frontend_data);
}
