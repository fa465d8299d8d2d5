// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fanout.c - a character device that is several others
 *
 * Pace
 * ----
 *
 * The one that writes waits for the fastest member, or in a hub for the
 * slowest.  A member that falls behind by more than the memory holds loses what
 * it has not read, which is counted, and nobody else notices.  Without members
 * nothing is kept, unless a history is asked for: then there is always somebody
 * to write to, and what the fastest member has not read counts as unread.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "error.h"
#include "fanout.h"

/* Rounds of writing to one member in a turn of the loop. */
#define TURN_WRITES	16

struct member {
	struct member *next;
	struct fanout *fanout;
	struct chardev *chr;
	uint64_t at;		/* next byte to get */
	bool owned;
	bool gone;		/* to be destroyed in the next turn */
};

struct fanout {
	struct chardev chr;
	struct fanout_config config;
	const struct fanout_source_ops *source_ops;
	void *source;
	struct history history;
	uint64_t delivered;		/* what some member has got at least */
	uint64_t lagged;		/* bytes that slow members did not get */
	struct member *members;
	struct chardev *reading;	/* whose input is being read */
	struct sd_event_source *later;
	bool resume;			/* there is room for the front-end */
	bool present;			/* some member is open */
};

static const struct chardev_ops fanout_ops;

static struct fanout *to_fanout(struct chardev *chr)
{
	return (struct fanout *)chr;
}

struct fanout *fanout_from_chardev(struct chardev *chr)
{
	return chr->ops == &fanout_ops ? to_fanout(chr) : NULL;
}

struct chardev *fanout_chardev(struct fanout *fanout)
{
	return &fanout->chr;
}

unsigned int fanout_members(const struct fanout *fanout)
{
	const struct member *member;
	unsigned int count = 0;

	for (member = fanout->members; member; member = member->next)
		count += !member->gone;
	return count;
}

static bool member_open(const struct member *member)
{
	return !member->gone && member->chr->open;
}

static bool any_open(const struct fanout *fanout)
{
	const struct member *member;

	for (member = fanout->members; member; member = member->next) {
		if (member_open(member))
			return true;
	}
	return false;
}

/* A member came or went: was it the first, or the last? */
static void update_presence(struct fanout *fanout)
{
	bool present = any_open(fanout);

	if (fanout->present == present)
		return;
	fanout->present = present;
	chardev_clients_changed(&fanout->chr, present);
}

/* The oldest byte that may not be overwritten. */
static uint64_t unread(const struct fanout *fanout)
{
	const struct member *member;
	bool in_step = fanout->config.in_step, found = false;
	uint64_t at = fanout->delivered;

	for (member = fanout->members; member; member = member->next) {
		if (!member_open(member))
			continue;
		if (!found || (in_step ? member->at < at : member->at > at))
			at = member->at;
		found = true;
	}
	return at > fanout->history.start ? at : fanout->history.start;
}

static void later(struct fanout *fanout)
{
	sd_event_source_set_enabled(fanout->later, SD_EVENT_ONESHOT);
}

static void resume_if_room(struct fanout *fanout)
{
	const struct history *history = &fanout->history;

	if (history_waiting(history, unread(fanout)) < history->size) {
		fanout->resume = true;
		later(fanout);
	}
}

/* Is there room again for a front-end that waits for it? */
static void resume_frontend(struct fanout *fanout)
{
	if (fanout->chr.want & CHARDEV_WRITE)
		resume_if_room(fanout);
}

static size_t total_of(const struct iovec *iov, int num)
{
	size_t total = 0;

	while (num--)
		total += iov++->iov_len;
	return total;
}

/* What was overwritten meanwhile is lost to a member. */
static void member_catch_up(struct member *member)
{
	struct fanout *fanout = member->fanout;
	uint64_t start = fanout->history.start;

	if (member->at >= start)
		return;
	fanout->lagged += start - member->at;
	member->at = start;
}

/* Write to a member what it has not got.  Return: is it up to date? */
static bool member_flush(struct member *member)
{
	struct fanout *fanout = member->fanout;
	unsigned int turn = 0;
	struct iovec iov[2];
	ssize_t len;
	int num;

	while (member_open(member) && turn++ < TURN_WRITES) {
		member_catch_up(member);
		num = history_peek(&fanout->history, member->at, iov);
		if (!num)
			return true;
		len = chardev_writev(member->chr, iov, num);
		if (len == -EAGAIN)
			return false;
		/* Of one that has gone we hear in closed(). */
		if (len < 0)
			return true;
		member->at += len;
		if (member->at > fanout->delivered)
			fanout->delivered = member->at;
		history_refill(&fanout->history, unread(fanout));
	}
	return !history_readable(&fanout->history, member->at);
}

static void member_update(struct member *member)
{
	const struct chardev *chr = &member->fanout->chr;
	unsigned int want = chr->want & (CHARDEV_READ | CHARDEV_KEEP);

	if (member->gone)
		return;
	if (member_open(member) &&
	    history_readable(&member->fanout->history, member->at))
		want |= CHARDEV_WRITE;
	chardev_want(member->chr,
		     CHARDEV_READ | CHARDEV_WRITE | CHARDEV_KEEP, want);
}

static void flush_all(struct fanout *fanout)
{
	struct member *member;

	for (member = fanout->members; member; member = member->next) {
		member_flush(member);
		member_update(member);
	}
}

/* Where one begins that has just come. */
static uint64_t first_byte(const struct fanout *fanout)
{
	if (fanout->config.replay)
		return fanout->history.start;
	if (fanout->config.keep && fanout->delivered > fanout->history.start)
		return fanout->delivered;

	return fanout->config.keep ? fanout->history.start :
				     fanout->history.end;
}

static void member_opened(void *data)
{
	struct member *member = data;
	struct fanout *fanout = member->fanout;

	member->at = first_byte(fanout);
	update_presence(fanout);
	if (!fanout->chr.open)
		chardev_opened(&fanout->chr);
	member_flush(member);
	member_update(member);
	resume_frontend(fanout);
}

/* Without a history nobody will ask for what the last one has not read. */
static void member_closed(void *data)
{
	struct member *member = data;
	struct fanout *fanout = member->fanout;

	if (member->owned) {
		member->gone = true;
		later(fanout);
	}
	update_presence(fanout);
	if (!fanout->config.keep && !any_open(fanout) && fanout->chr.open) {
		history_clear(&fanout->history);
		fanout->delivered = fanout->history.end;
		chardev_closed(&fanout->chr);
		return;
	}
	resume_frontend(fanout);
}

static void member_readable(void *data)
{
	struct member *member = data;
	struct chardev *chr = &member->fanout->chr;

	if (!chr->frontend || !(chr->want & CHARDEV_READ))
		return;
	member->fanout->reading = member->chr;
	chr->frontend->readable(chr->frontend_data);
	member->fanout->reading = NULL;
}

static void member_writable(void *data)
{
	struct member *member = data;

	member_flush(member);
	member_update(member);
	resume_frontend(member->fanout);
}

static void member_resized(void *data)
{
	struct member *member = data;

	chardev_set_size(&member->fanout->chr, member->chr->cols,
			 member->chr->rows);
}

static const struct chardev_frontend_ops member_ops = {
	.opened		= member_opened,
	.closed		= member_closed,
	.readable	= member_readable,
	.writable	= member_writable,
	.resized	= member_resized,
};

static void member_destroy(struct member *member)
{
	struct fanout *fanout = member->fanout;
	struct member **link = &fanout->members;

	while (*link != member)
		link = &(*link)->next;
	*link = member->next;
	chardev_detach(member->chr);
	if (member->owned)
		chardev_destroy(member->chr);
	free(member);
}

/* What may not be done inside of a member's call. */
static int fanout_later(sd_event_source *source, void *data)
{
	struct fanout *fanout = data;
	struct chardev *chr = &fanout->chr;
	struct member *member, *next;

	for (member = fanout->members; member; member = next) {
		next = member->next;
		if (!member->gone)
			continue;
		member_destroy(member);
		if (fanout->source_ops->member_gone)
			fanout->source_ops->member_gone(fanout->source);
	}
	if (fanout->resume) {
		fanout->resume = false;
		if (chr->want & CHARDEV_WRITE && chr->frontend)
			chr->frontend->writable(chr->frontend_data);
	}
	return 0;
}

int fanout_add(struct fanout *fanout, struct chardev *chr, bool owned)
{
	struct member **link = &fanout->members;
	struct member *member;

	member = calloc(1, sizeof(*member));
	if (!member)
		return -ENOMEM;
	member->fanout = fanout;
	member->chr = chr;
	member->owned = owned;
	if (chardev_attach(chr, &member_ops, member)) {
		free(member);
		return -EBUSY;
	}
	while (*link)
		link = &(*link)->next;
	*link = member;
	if (chr->cols)
		member_resized(member);
	chardev_set_frontend_open(chr, fanout->chr.frontend_open);
	if (chr->open)
		member_opened(member);
	member_update(member);
	return 0;
}

int fanout_configure(struct fanout *fanout, const struct fanout_config *config,
		     struct error *error)
{
	struct history history;
	int ret;

	ret = history_init(&history, &config->history, error);
	if (ret)
		return ret;
	history_finish(&fanout->history);
	fanout->history = history;
	fanout->config = *config;
	fanout->config.history.spill_path = NULL;
	fanout->chr.open = config->keep || any_open(fanout);
	return 0;
}

int fanout_create(struct sd_event *event, const struct fanout_config *config,
		  const struct fanout_source_ops *ops, void *source,
		  struct fanout **ret, struct error *error)
{
	struct fanout *fanout;
	int err;

	fanout = calloc(1, sizeof(*fanout));
	if (!fanout)
		return error_set(error, -ENOMEM, "out of memory");

	fanout->chr.ops = &fanout_ops;
	fanout->chr.log_fd = -1;
	fanout->history.spill_fd = -1;
	fanout->source_ops = ops;
	fanout->source = source;
	err = sd_event_add_defer(event, &fanout->later, fanout_later, fanout);
	if (err < 0) {
		free(fanout);
		return error_set(error, err, "%s", strerror(-err));
	}
	sd_event_source_set_enabled(fanout->later, SD_EVENT_OFF);
	err = fanout_configure(fanout, config, error);
	if (err) {
		sd_event_source_disable_unref(fanout->later);
		free(fanout);
		return err;
	}
	*ret = fanout;
	return 0;
}

static void fanout_destroy(struct chardev *chr)
{
	struct fanout *fanout = to_fanout(chr);

	while (fanout->members)
		member_destroy(fanout->members);
	fanout->source_ops->destroy(fanout->source);
	sd_event_source_disable_unref(fanout->later);
	history_finish(&fanout->history);
	free(fanout);
}

static ssize_t fanout_readv(struct chardev *chr, const struct iovec *iov,
			    int num)
{
	struct fanout *fanout = to_fanout(chr);

	return fanout->reading ? chardev_readv(fanout->reading, iov, num) :
				 -EAGAIN;
}

/*
 * What is there goes out before there is said to be no room: the members may
 * have some.
 */
static ssize_t fanout_writev(struct chardev *chr, const struct iovec *iov,
			     int num)
{
	struct fanout *fanout = to_fanout(chr);
	struct history *history = &fanout->history;
	ssize_t len;

	if (!chr->open)
		return -ENOTCONN;

	len = history_write(history, iov, num, unread(fanout));
	flush_all(fanout);
	if (len == -EAGAIN) {
		len = history_write(history, iov, num, unread(fanout));
		flush_all(fanout);
	}
	/* Who has written too much for it will want to know of room. */
	if (len < 0 || (size_t)len < total_of(iov, num))
		resume_if_room(fanout);
	return len;
}

static void fanout_update(struct chardev *chr)
{
	struct fanout *fanout = to_fanout(chr);
	struct member *member;

	for (member = fanout->members; member; member = member->next) {
		if (member->gone)
			continue;
		chardev_set_frontend_open(member->chr, chr->frontend_open);
		member_update(member);
	}
	resume_frontend(fanout);
}

static void fanout_filename(struct chardev *chr, char *buf, size_t size)
{
	struct fanout *fanout = to_fanout(chr);

	fanout->source_ops->filename(fanout->source, any_open(fanout), buf,
				     size);
}

static int fanout_add_client(struct chardev *chr, int fd)
{
	struct fanout *fanout = to_fanout(chr);

	return fanout->source_ops->add_client ?
	       fanout->source_ops->add_client(fanout->source, fd) : -EOPNOTSUPP;
}

static void fanout_send_break(struct chardev *chr)
{
	struct fanout *fanout = to_fanout(chr);

	if (fanout->source_ops->send_break)
		fanout->source_ops->send_break(fanout->source);
}

static void fanout_yank(struct chardev *chr)
{
	struct member *member;

	for (member = to_fanout(chr)->members; member; member = member->next) {
		if (!member->gone && member->chr->ops->yank)
			member->chr->ops->yank(member->chr);
	}
}

static void fanout_stats(const struct chardev *chr, struct chardev_stats *stats)
{
	const struct fanout *fanout = (const struct fanout *)chr;
	const struct member *member;

	stats->clients = 0;
	for (member = fanout->members; member; member = member->next)
		stats->clients += member_open(member);
	stats->waiting = history_waiting(&fanout->history, unread(fanout));
	stats->dropped = fanout->history.dropped;
	stats->lagged = fanout->lagged;
}

static const struct chardev_ops fanout_ops = {
	.name		= "fanout",
	.destroy	= fanout_destroy,
	.readv		= fanout_readv,
	.writev		= fanout_writev,
	.update		= fanout_update,
	.filename	= fanout_filename,
	.add_client	= fanout_add_client,
	.send_break	= fanout_send_break,
	.yank		= fanout_yank,
	.stats		= fanout_stats,
};

/* The source of a history: the one chardev that is behind it. */
static void wrapped_destroy(void *source)
{
	chardev_destroy(source);
}

static void wrapped_filename(void *source, bool open, char *buf, size_t size)
{
	chardev_filename(source, buf, size);
}

static int wrapped_add_client(void *source, int fd)
{
	return chardev_add_client(source, fd);
}

static void wrapped_send_break(void *source)
{
	chardev_send_break(source);
}

static const struct fanout_source_ops wrapped_ops = {
	.destroy	= wrapped_destroy,
	.filename	= wrapped_filename,
	.add_client	= wrapped_add_client,
	.send_break	= wrapped_send_break,
};

int fanout_wrap(struct sd_event *event, const struct fanout_config *config,
		struct chardev *chr, struct chardev **ret, struct error *error)
{
	struct fanout *fanout;
	int err;

	err = fanout_create(event, config, &wrapped_ops, chr, &fanout, error);
	if (err)
		return err;
	if (fanout_add(fanout, chr, false)) {
		/* What was not taken over stays the caller's. */
		sd_event_source_disable_unref(fanout->later);
		history_finish(&fanout->history);
		free(fanout);
		return error_set(error, -ENOMEM, "out of memory");
	}
	*ret = &fanout->chr;
	return 0;
}
