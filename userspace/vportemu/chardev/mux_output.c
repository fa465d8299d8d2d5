// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mux_output.c - what goes out of a mux: its front-ends' words and its own
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mux.h"

static unsigned char escape = 1;

void chardev_mux_set_escape(unsigned char c)
{
	escape = c;
}

unsigned char mux_escape(void)
{
	return escape;
}

bool mux_flush(struct chardev_mux *mux)
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

void mux_say(struct chardev_mux *mux, const char *format, ...)
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

void mux_help(struct chardev_mux *mux)
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

void mux_toggle_stamps(struct chardev_mux *mux)
{
	mux->stamps = !mux->stamps;
	mux->line_begins = false;
	clock_gettime(CLOCK_MONOTONIC, &mux->stamps_start);
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

ssize_t mux_write(struct chardev_mux *mux, const struct iovec *iov, int num)
{
	if (mux->stamps)
		return write_stamped(mux, iov, num);
	if (!mux_flush(mux))
		return -EAGAIN;

	return chardev_writev(mux->base, iov, num);
}
