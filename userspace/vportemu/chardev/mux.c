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
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "bytes.h"
#include "chardev.h"
#include "error.h"
#include "opts.h"

/* As QEMU's. */
#define MUX_ENDS	4

/*
 * Typed ahead of one that does not read.  When it is full the keys that change
 * the focus cannot get through either, so it is more than QEMU's 32.
 */
#define MUX_INPUT	4096

/* Help, and a time for one line. */
#define MUX_WORDS	1024

struct mux_end {
	struct chardev chr;
	struct chardev_mux *mux;
	struct bytes input;
};

struct chardev_mux {
	struct chardev chr;		/* has the name, but no front-end */
	struct chardev *base;
	struct sd_event *event;
	struct sd_event_source *deliver;
	struct mux_end ends[MUX_ENDS];
	unsigned int focus;
	unsigned int turn;		/* who is the first to write */
	struct bytes words;		/* our own, in front of what follows */
	bool escaped;			/* the next key is for us */
	bool stamps;			/* put the time in front of lines */
	bool line_begins;
	struct timespec stamps_start;
};

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

static unsigned char escape = 1;

void chardev_mux_set_escape(unsigned char c)
{
	escape = c;
}

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

/* Get our own words out.  Return: is there nothing of them left? */
static bool mux_flush(struct chardev_mux *mux)
{
	struct iovec iov;
	ssize_t len;

	while (bytes_len(&mux->words)) {
		iov.iov_base = (void *)bytes_peek(&mux->words);
		iov.iov_len = bytes_len(&mux->words);
		len = chardev_writev(mux->base, &iov, 1);
		if (len == -EAGAIN)
			return false;
		/* Nobody is there to read them. */
		bytes_consume(&mux->words, len < 0 ? iov.iov_len : (size_t)len);
	}
	return true;
}

__attribute__((format(printf, 2, 3)))
static void mux_say(struct chardev_mux *mux, const char *format, ...)
{
	char text[128];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Whoever does not read the help does without. */
	bytes_append(&mux->words, text, len);
}

static void mux_help(struct chardev_mux *mux)
{
	static const char *const keys[][2] = {
		{ "h   ", "print this help" },
		{ "x   ", "exit emulator" },
		{ "t   ", "toggle console timestamps" },
		{ "c   ", "switch between console and monitor" },
	};
	char name[16] = "C-@";
	size_t i;

	if (escape > 0 && escape < 27)
		name[2] = 'a' - 1 + escape;
	else
		snprintf(name, sizeof(name), "0x%02x", escape);
	mux_say(mux, "\n\r");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		mux_say(mux, "%s %s %s\n\r", name, keys[i][0], keys[i][1]);
	mux_say(mux, "%s %s  sends %s\n\r", name, name, name);
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

static void mux_toggle_stamps(struct chardev_mux *mux)
{
	mux->stamps = !mux->stamps;
	mux->line_begins = false;
	clock_gettime(CLOCK_MONOTONIC, &mux->stamps_start);
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
	if (escaped && c != escape)
		mux_command(mux, c);
	else if (!escaped && c == escape)
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

/* The time since it was asked for, in front of a line. */
static void mux_stamp(struct chardev_mux *mux)
{
	struct timespec now;
	long msec;

	clock_gettime(CLOCK_MONOTONIC, &now);
	msec = (now.tv_sec - mux->stamps_start.tv_sec) * 1000 +
	       (now.tv_nsec - mux->stamps_start.tv_nsec) / 1000000;
	mux_say(mux, "[%02ld:%02ld:%02ld.%03ld] ", msec / 3600000,
		msec / 60000 % 60, msec / 1000 % 60, msec % 1000);
	mux->line_begins = false;
}

/* Write one line, or the rest of one, with the time in front. */
static ssize_t write_line(struct chardev_mux *mux, const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);
	struct iovec iov = {
		(void *)text, end ? (size_t)(end + 1 - text) : len
	};
	ssize_t done;

	if (mux->line_begins)
		mux_stamp(mux);
	if (!mux_flush(mux))
		return -EAGAIN;
	done = chardev_writev(mux->base, &iov, 1);
	if (end && done == (ssize_t)iov.iov_len)
		mux->line_begins = true;
	return done;
}

static ssize_t write_stamped(struct chardev_mux *mux, const struct iovec *iov,
			     int num)
{
	size_t done = 0, at;
	ssize_t len;
	int i;

	for (i = 0; i < num; i++) {
		for (at = 0; at < iov[i].iov_len; at += len) {
			len = write_line(mux, (char *)iov[i].iov_base + at,
					 iov[i].iov_len - at);
			if (len < 0)
				return done ? (ssize_t)done : len;
			done += len;
		}
	}
	return done;
}

static ssize_t end_writev(struct chardev *chr, const struct iovec *iov, int num)
{
	struct chardev_mux *mux = to_end(chr)->mux;

	if (mux->stamps)
		return write_stamped(mux, iov, num);
	if (!mux_flush(mux))
		return -EAGAIN;

	return chardev_writev(mux->base, iov, num);
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
