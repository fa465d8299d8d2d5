// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * null.c - a character device that takes everything and says nothing
 */

#include <errno.h>
#include <stdlib.h>

#include "chardev.h"
#include "error.h"
#include "opts.h"

struct null_options {
	const char *backend;
	const char *id;
};

static const struct opt_desc null_options[] = {
	{ "backend", OPT_STRING, offsetof(struct null_options, backend) },
	{ "id", OPT_STRING, offsetof(struct null_options, id),
	  "name by which a device or monitor refers to it" },
	{ NULL }
};

static int null_create(struct sd_event *event, const struct opts *opts,
		       bool runtime, struct chardev **ret, struct error *error)
{
	struct null_options options;
	int err;

	err = opts_apply(opts, null_options, NULL, &options, error);
	if (err)
		return err;

	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return error_set(error, -ENOMEM, "out of memory");
	(*ret)->open = true;
	return 0;
}

static void null_destroy(struct chardev *chr)
{
	free(chr);
}

static ssize_t null_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	return -EAGAIN;
}

static ssize_t null_writev(struct chardev *chr, const struct iovec *iov,
			   int num)
{
	ssize_t len = 0;
	int i;

	for (i = 0; i < num; i++)
		len += iov[i].iov_len;
	return len;
}

static void null_update(struct chardev *chr)
{
}

static void null_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "null");
}

const struct chardev_ops chardev_null_ops = {
	.name		= "null",
	.options	= null_options,
	.create		= null_create,
	.destroy	= null_destroy,
	.readv		= null_readv,
	.writev		= null_writev,
	.update		= null_update,
	.filename	= null_filename,
};
