/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fanout.h - a character device that is several others
 *
 * What a hub, a socket with several clients and a history have in common.
 * Output goes through a bounded memory to every member, each at its own speed;
 * input of all is merged, one read after the other.
 */

#ifndef VPORTEMU_FANOUT_H
#define VPORTEMU_FANOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chardev.h"
#include "history.h"

struct fanout;

/* Who brings the members. */
struct fanout_source_ops {
	/* All members have gone; so does the source. */
	void (*destroy)(void *source);

	/* A member that was owned has been destroyed.  Optional. */
	void (*member_gone)(void *source);

	/* As in chardev_ops; @open says whether anybody is there. */
	void (*filename)(void *source, bool open, char *buf, size_t size);
	int (*add_client)(void *source, int fd);	/* optional */
	void (*send_break)(void *source);		/* optional */
};

struct fanout_config {
	struct history_config history;
	bool replay;		/* begin with what is still there */
	bool keep;		/* open, and filled, without members, too */
	bool in_step;		/* nobody gets ahead of the slowest member */
};

/**
 * fanout_create() - one without members
 * @event:  the loop
 * @config: how it treats them
 * @ops:    who brings them
 * @source: for @ops; taken over on success
 * @ret:    the chardev, on success
 * @error:  why not
 *
 * Return: 0, -errno.
 */
int fanout_create(struct sd_event *event, const struct fanout_config *config,
		  const struct fanout_source_ops *ops, void *source,
		  struct fanout **ret, struct error *error);

/* Change what it keeps, before anything was written. */
int fanout_configure(struct fanout *fanout, const struct fanout_config *config,
		     struct error *error);

struct chardev *fanout_chardev(struct fanout *fanout);

/* NULL when @chr is none. */
struct fanout *fanout_from_chardev(struct chardev *chr);

/**
 * fanout_add() - one more member
 * @fanout: the group
 * @chr:    without a front-end
 * @owned:  it is destroyed when it closes, and with the group
 *
 * Return: 0, -ENOMEM, -EBUSY.
 */
int fanout_add(struct fanout *fanout, struct chardev *chr, bool owned);

unsigned int fanout_members(const struct fanout *fanout);

/**
 * fanout_wrap() - put a history in front of a chardev
 * @event:  the loop
 * @config: what to keep
 * @chr:    without a front-end; taken over on success
 * @ret:    the one to use in its place
 * @error:  why not
 *
 * Return: 0, -errno.
 */
int fanout_wrap(struct sd_event *event, const struct fanout_config *config,
		struct chardev *chr, struct chardev **ret, struct error *error);

#endif /* VPORTEMU_FANOUT_H */
