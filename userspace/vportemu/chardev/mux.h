/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mux.h - types and interfaces shared by the files of the mux
 */

#ifndef VPORTEMU_MUX_H
#define VPORTEMU_MUX_H

#include <stdbool.h>
#include <time.h>

#include "bytes.h"
#include "chardev.h"

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

/* mux_output.c */

/* Get our own words out.  Return: is there nothing of them left? */
bool mux_flush(struct chardev_mux *mux);

__attribute__((format(printf, 2, 3)))
void mux_say(struct chardev_mux *mux, const char *format, ...);
void mux_help(struct chardev_mux *mux);
unsigned char mux_escape(void);

/* The time in front of lines, or not. */
void mux_toggle_stamps(struct chardev_mux *mux);

/* As in chardev_ops, for one of the front-ends. */
ssize_t mux_write(struct chardev_mux *mux, const struct iovec *iov, int num);

#endif /* VPORTEMU_MUX_H */
