// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ringbuf.c - a character device that keeps the last of what is written
 *
 * A monitor reads it; nothing goes to the guest.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chardev.h"
#include "error.h"
#include "opts.h"

#define DEFAULT_SIZE	(64u << 10)

/* It is all in memory, and a guest fills it. */
#define MAX_SIZE	(1u << 30)

struct chardev_ringbuf {
	struct chardev chr;
	uint32_t size;
	uint32_t prod;		/* count on, modulo 2^32 */
	uint32_t cons;
	uint8_t *data;
};

struct ringbuf_options {
	const char *backend;
	const char *id;
	uint64_t size;
};

static const struct opt_desc ringbuf_options[] = {
	{ "backend", OPT_STRING, offsetof(struct ringbuf_options, backend) },
	{ "id", OPT_STRING, offsetof(struct ringbuf_options, id),
	  "name by which a device or monitor refers to it" },
	{ "size", OPT_SIZE, offsetof(struct ringbuf_options, size),
	  "bytes to keep, a power of 2 (default: 64K)" },
	{ NULL }
};

static struct chardev_ringbuf *to_ringbuf(struct chardev *chr)
{
	return (struct chardev_ringbuf *)chr;
}

static int ringbuf_create(struct sd_event *event, const struct opts *opts,
			  bool runtime, struct chardev **ret,
			  struct error *error)
{
	struct ringbuf_options options = { .size = DEFAULT_SIZE };
	struct chardev_ringbuf *ring;
	int err;

	err = opts_apply(opts, ringbuf_options, NULL, &options, error);
	if (err)
		return err;
	if (!options.size || options.size & (options.size - 1))
		return error_set(error, -EINVAL,
			"size of ringbuf chardev must be power of two");
	if (options.size > MAX_SIZE)
		return error_set(error, -EINVAL,
			"size of ringbuf chardev must not be above %u",
			MAX_SIZE);

	ring = calloc(1, sizeof(*ring));
	if (ring)
		ring->data = malloc(options.size);
	if (!ring || !ring->data) {
		free(ring);
		return error_set(error, -ENOMEM, "out of memory");
	}
	ring->size = options.size;
	ring->chr.open = true;
	*ret = &ring->chr;
	return 0;
}

static void ringbuf_destroy(struct chardev *chr)
{
	free(to_ringbuf(chr)->data);
	free(chr);
}

static ssize_t ringbuf_readv(struct chardev *chr, const struct iovec *iov,
			     int num)
{
	return -EAGAIN;
}

/* The newest push the oldest out. */
static void ringbuf_put(struct chardev_ringbuf *ring, const uint8_t *data,
			size_t len)
{
	size_t at, part;

	if (len > ring->size) {
		data += len - ring->size;
		len = ring->size;
	}
	while (len) {
		at = ring->prod & (ring->size - 1);
		part = ring->size - at < len ? ring->size - at : len;
		memcpy(ring->data + at, data, part);
		ring->prod += part;
		data += part;
		len -= part;
	}
	if (ring->prod - ring->cons > ring->size)
		ring->cons = ring->prod - ring->size;
}

static ssize_t ringbuf_writev(struct chardev *chr, const struct iovec *iov,
			      int num)
{
	ssize_t len = 0;
	int i;

	for (i = 0; i < num; i++) {
		ringbuf_put(to_ringbuf(chr), iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	return len;
}

size_t chardev_ringbuf_read(struct chardev *chr, void *buf, size_t size)
{
	struct chardev_ringbuf *ring = to_ringbuf(chr);
	size_t len = ring->prod - ring->cons, i;

	if (len > size)
		len = size;
	for (i = 0; i < len; i++)
		((uint8_t *)buf)[i] = ring->data[ring->cons++ &
						 (ring->size - 1)];
	return len;
}

size_t chardev_ringbuf_len(struct chardev *chr)
{
	return to_ringbuf(chr)->prod - to_ringbuf(chr)->cons;
}

static void ringbuf_update(struct chardev *chr)
{
}

static void ringbuf_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "ringbuf");
}

const struct chardev_ops chardev_ringbuf_ops = {
	.name		= "ringbuf",
	.alias		= "memory",
	.options	= ringbuf_options,
	.create		= ringbuf_create,
	.destroy	= ringbuf_destroy,
	.readv		= ringbuf_readv,
	.writev		= ringbuf_writev,
	.update		= ringbuf_update,
	.filename	= ringbuf_filename,
};
