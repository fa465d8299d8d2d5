/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture.h - what a program prints, kept until somebody asks
 *
 * The output goes through a pipe into an anonymous file of bounded size; what
 * does not fit is read and thrown away, so that the program never waits.
 */

#ifndef VPORTD_CAPTURE_H
#define VPORTD_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

struct capture {
	sd_event_source *io;	/* NULL: nobody holds the other end */
	int fd;			/* of the pipe */
	int file;
	size_t len;		/* in the file */
	size_t limit;
	bool truncated;
	void (*on_end)(struct capture *capture);
	void *data;
};

/* Make @capture one that captures nothing. */
void capture_init(struct capture *capture);

/**
 * capture_start() - make the pipe
 * @capture: initialised
 * @event:   the loop
 * @limit:   bytes to keep
 * @ret_fd:  the program's end, the caller's to close
 *
 * Return: 0 or -errno.
 */
int capture_start(struct capture *capture, sd_event *event, size_t limit,
		  int *ret_fd);

/* Whether more may come. */
bool capture_is_open(const struct capture *capture);

/* Whether there is a file to read from. */
static inline bool capture_is_used(const struct capture *capture)
{
	return capture->file >= 0;
}

/* Close all; whoever still writes gets SIGPIPE. */
void capture_finish(struct capture *capture);

#endif /* VPORTD_CAPTURE_H */
