// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mux.c - several front-ends on one character device
 *
 * What they write goes to it as it comes; what is typed goes to the one that
 * has the focus, and the keys behind the escape character (Ctrl-a) say which
 * that is.  So everything that comes in is looked at, and what the one with the
 * focus does not read yet is kept, up to a bound.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "error.h"
#include "mux.h"
#include "opts.h"

struct mux_options {
	const char *backend;
	const char *id;
	const char *chardev;
};

static const struct opt_desc mux_options[] = {
	{ "backend", OPT_STRING, offsetof(struct mux_options, backend) },
	{ "id", OPT_STRING, offsetof(struct mux_options, id),
	  "name by which devices and monitors refer to it" },
	{ "chardev", OPT_STRING, offsetof(struct mux_options, chardev),
	  "ID of the chardev that they share" },
	{ NULL }
};

static struct chardev_mux *to_mux(struct chardev *chr)
{
	return (struct chardev_mux *)chr;
}

static struct mux_end *to_end(struct chardev *chr)
{
	return (struct mux_end *)chr;
}

/* Say to the base what is wanted of it, and deliver what is there. */
static void mux_update(struct chardev_mux *mux)
{
	const struct mux_end *end = &mux->ends[mux->focus];
	unsigned int want = 0, i;
	bool deliver = false;

	if (bytes_len(&end->input) < MUX_INPUT && end->chr.frontend)
		want |= CHARDEV_READ;
	if (bytes_len(&mux->words))
		want |= CHARDEV_WRITE;
	for (i = 0; i < MUX_ENDS; i++) {
		end = &mux->ends[i];
		want |= end->chr.want & (CHARDEV_WRITE | CHARDEV_KEEP);
		if (end->chr.want & CHARDEV_READ && bytes_len(&end->input))
			deliver = true;
	}
	chardev_want(mux->base, CHARDEV_READ | CHARDEV_WRITE | CHARDEV_KEEP,
		     want);
	sd_event_source_set_enabled(mux->deliver,
				    deliver ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int mux_deliver(sd_event_source *source, void *data)
{
	struct chardev_mux *mux = data;
	unsigned int i;

	for (i = 0; i < MUX_ENDS; i++) {
		struct chardev *chr = &mux->ends[i].chr;

		if (chr->want & CHARDEV_READ && chr->frontend &&
		    bytes_len(&mux->ends[i].input))
			chr->frontend->readable(chr->frontend_data);
	}
	mux_update(mux);
	return 0;
}

static void end_set_focus(struct mux_end *end, bool focus)
{
	struct chardev *chr = &end->chr;

	if (chr->focus == focus)
		return;
	chr->focus = focus;
	if (chr->frontend && chr->frontend->focused)
		chr->frontend->focused(chr->frontend_data);
}

static void mux_set_focus(struct chardev_mux *mux, unsigned int focus)
{
	if (focus == mux->focus)
		return;

	end_set_focus(&mux->ends[mux->focus], false);
	mux->focus = focus;
	end_set_focus(&mux->ends[focus], true);
}

static void mux_next_focus(struct chardev_mux *mux)
{
	unsigned int i, focus;

	for (i = 1; i < MUX_ENDS; i++) {
		focus = (mux->focus + i) % MUX_ENDS;
		if (mux->ends[focus].chr.frontend) {
			mux_set_focus(mux, focus);
			return;
		}
	}
}

/* Keys without a meaning here are swallowed, as there are others in QEMU. */
static void mux_command(struct chardev_mux *mux, unsigned char key)
{
	switch (key) {
	case '?':
	case 'h':
		mux_help(mux);
		break;
	case 'x':
		mux_say(mux, "QEMU: Terminated\n\r");
		sd_event_exit(mux->event, 0);
		break;
	case 't':
		mux_toggle_stamps(mux);
		break;
	case 'c':
		mux_next_focus(mux);
		break;
	}
}

static void mux_key(struct chardev_mux *mux, unsigned char c)
{
	bool escaped = mux->escaped;

	mux->escaped = false;
	if (escaped && c != mux_escape())
		mux_command(mux, c);
	else if (!escaped && c == mux_escape())
		mux->escaped = true;
	else
		bytes_append(&mux->ends[mux->focus].input, &c, 1);
}

/* Not more than the one with the focus has room for. */
static void base_readable(void *data)
{
	struct chardev_mux *mux = data;
	unsigned char buf[256];
	struct iovec iov = { buf, sizeof(buf) };
	size_t room;
	ssize_t len, i;

	room = MUX_INPUT - bytes_len(&mux->ends[mux->focus].input);
	if (room < iov.iov_len)
		iov.iov_len = room;
	len = chardev_readv(mux->base, &iov, 1);
	for (i = 0; i < len; i++)
		mux_key(mux, buf[i]);
	mux_flush(mux);
	mux_update(mux);
}

static void base_writable(void *data)
{
	struct chardev_mux *mux = data;
	unsigned int i;

	mux->turn++;
	if (mux_flush(mux)) {
		for (i = 0; i < MUX_ENDS; i++) {
			struct chardev *chr =
				&mux->ends[(mux->turn + i) % MUX_ENDS].chr;

			if (chr->want & CHARDEV_WRITE && chr->frontend)
				chr->frontend->writable(chr->frontend_data);
		}
	}
	mux_update(mux);
}

static void base_opened(void *data)
{
	struct chardev_mux *mux = data;
	unsigned int i;

	mux->chr.open = true;
	mux->escaped = false;
	bytes_consume(&mux->words, bytes_len(&mux->words));
	for (i = 0; i < MUX_ENDS; i++)
		chardev_opened(&mux->ends[i].chr);
	mux_update(mux);
}

static void base_closed(void *data)
{
	struct chardev_mux *mux = data;
	unsigned int i;

	mux->chr.open = false;
	for (i = 0; i < MUX_ENDS; i++)
		chardev_closed(&mux->ends[i].chr);
	mux_update(mux);
}

static void base_resized(void *data)
{
	struct chardev_mux *mux = data;
	unsigned int i;

	for (i = 0; i < MUX_ENDS; i++)
		chardev_set_size(&mux->ends[i].chr, mux->base->cols,
				 mux->base->rows);
}

static const struct chardev_frontend_ops mux_base_ops = {
	.opened		= base_opened,
	.closed		= base_closed,
	.readable	= base_readable,
	.writable	= base_writable,
	.resized	= base_resized,
};

static ssize_t end_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	struct bytes *input = &to_end(chr)->input;
	size_t done = 0, part;
	int i;

	for (i = 0; i < num && bytes_len(input); i++) {
		part = bytes_len(input);
		if (part > iov[i].iov_len)
			part = iov[i].iov_len;
		memcpy(iov[i].iov_base, bytes_peek(input), part);
		bytes_consume(input, part);
		done += part;
	}
	return done ? (ssize_t)done : -EAGAIN;
}

static ssize_t end_writev(struct chardev *chr, const struct iovec *iov, int num)
{
	return mux_write(to_end(chr)->mux, iov, num);
}

/* Nothing that was typed for one front-end is for the next. */
static void end_update(struct chardev *chr)
{
	struct mux_end *end = to_end(chr);
	struct chardev_mux *mux = end->mux;

	if (!chr->frontend) {
		bytes_consume(&end->input, bytes_len(&end->input));
		if (end == &mux->ends[mux->focus])
			mux_next_focus(mux);
	}
	mux_update(mux);
}

/* As in QEMU, the last one to come has the focus. */
static void end_attached(struct chardev *chr)
{
	struct mux_end *end = to_end(chr);

	mux_set_focus(end->mux, end - end->mux->ends);
	mux_update(end->mux);
}

static void mux_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "mux");
}

static const struct chardev_ops mux_end_ops = {
	.name		= "mux",
	.readv		= end_readv,
	.writev		= end_writev,
	.update		= end_update,
	.filename	= mux_filename,
	.attached	= end_attached,
};

static struct chardev *mux_free_end(struct chardev *chr)
{
	struct chardev_mux *mux = to_mux(chr);
	unsigned int i;

	for (i = 0; i < MUX_ENDS; i++) {
		if (mux->ends[i].chr.frontend)
			continue;
		mux->ends[i].chr.id = chr->id;
		return &mux->ends[i].chr;
	}
	return NULL;
}

static bool mux_in_use(const struct chardev *chr)
{
	const struct chardev_mux *mux = (const struct chardev_mux *)chr;
	unsigned int i;

	for (i = 0; i < MUX_ENDS; i++) {
		if (mux->ends[i].chr.frontend)
			return true;
	}
	return false;
}

static void mux_destroy(struct chardev *chr)
{
	struct chardev_mux *mux = to_mux(chr);
	unsigned int i;

	if (mux->base)
		chardev_detach(mux->base);
	sd_event_source_disable_unref(mux->deliver);
	for (i = 0; i < MUX_ENDS; i++)
		bytes_finish(&mux->ends[i].input);
	bytes_finish(&mux->words);
	free(mux);
}

static void mux_init_ends(struct chardev_mux *mux)
{
	struct mux_end *end;
	unsigned int i;

	for (i = 0; i < MUX_ENDS; i++) {
		end = &mux->ends[i];
		end->mux = mux;
		end->chr.ops = &mux_end_ops;
		end->chr.log_fd = -1;
		end->chr.cols = mux->base->cols;
		end->chr.rows = mux->base->rows;
		end->chr.open = mux->base->open;
		bytes_init(&end->input, MUX_INPUT);
	}
}

static int mux_find_base(const struct opts *opts, struct chardev **ret,
			 struct error *error)
{
	struct mux_options options = { .chardev = NULL };
	struct chardev *base;
	int err;

	err = opts_apply(opts, mux_options, NULL, &options, error);
	if (err)
		return err;
	if (!options.chardev)
		return error_set(error, -EINVAL,
				 "chardev: mux: no chardev given");
	base = chardev_find(options.chardev);
	if (!base)
		return error_set(error, -ENOENT,
				 "mux: base chardev %s not found",
				 options.chardev);
	if (base->joins_others)
		return error_set(error, -EINVAL,
				 "mux: base chardev %s is a mux or hub itself",
				 options.chardev);
	if (chardev_in_use(base))
		return error_set(error, -EBUSY,
				 "chardev '%s' is already in use",
				 options.chardev);
	*ret = base;
	return 0;
}

static int mux_create(struct sd_event *event, const struct opts *opts,
		      bool runtime, struct chardev **ret, struct error *error)
{
	struct chardev *base = NULL;
	struct chardev_mux *mux;
	int err;

	err = mux_find_base(opts, &base, error);
	if (err)
		return err;
	mux = calloc(1, sizeof(*mux));
	if (!mux)
		return error_set(error, -ENOMEM, "out of memory");

	err = sd_event_add_defer(event, &mux->deliver, mux_deliver, mux);
	if (err < 0) {
		free(mux);
		return error_set(error, err, "%s", strerror(-err));
	}
	sd_event_source_set_enabled(mux->deliver, SD_EVENT_OFF);
	mux->event = event;
	mux->base = base;
	mux->chr.open = base->open;
	mux->chr.joins_others = true;
	bytes_init(&mux->words, MUX_WORDS);
	mux_init_ends(mux);
	chardev_attach(base, &mux_base_ops, mux);
	chardev_set_frontend_open(base, true);
	*ret = &mux->chr;
	return 0;
}

static ssize_t mux_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	return -EAGAIN;
}

static ssize_t mux_writev(struct chardev *chr, const struct iovec *iov, int num)
{
	return -ENOTCONN;
}

static void mux_no_update(struct chardev *chr)
{
}

const struct chardev_ops chardev_mux_ops = {
	.name		= "mux",
	.options	= mux_options,
	.create		= mux_create,
	.destroy	= mux_destroy,
	.readv		= mux_readv,
	.writev		= mux_writev,
	.update		= mux_no_update,
	.filename	= mux_filename,
	.free_end	= mux_free_end,
	.in_use		= mux_in_use,
};
