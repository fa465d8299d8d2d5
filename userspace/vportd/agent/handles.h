/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handles.h - the files that clients have open
 */

#ifndef VPORTD_HANDLES_H
#define VPORTD_HANDLES_H

#include <stdbool.h>
#include <stdint.h>

struct command_call;

/* Well below the usual limit of 1024 descriptors, which clients need, too. */
#define HANDLES_MAX 256

struct file {
	int64_t handle;		/* 0: unused, -1: being opened */
	int fd;
	bool may_block;		/* whatever O_NONBLOCK says */
	bool busy;		/* somebody waits for it, or for its contents */
	bool leaving;		/* that was one who reads, and is gone */
	struct command_call *next;	/* waits for the end of that */
};

/* Return: a file for a handle to come, or NULL when there are HANDLES_MAX. */
struct file *handles_unused(void);

/**
 * handles_get() - the file that a call is about
 * @call: with the argument "handle"
 * @ret:  the file, which nobody else is at work with
 *
 * One whose reader is about to leave is waited for, by one call.
 *
 * Return: 0; -EINPROGRESS when the call will be run again; another -errno with
 *         the error set.
 */
int handles_get(struct command_call *call, struct file **ret);

/* For the released() of a text: its reader has left the struct file @data. */
void handles_released(void *data);

#endif /* VPORTD_HANDLES_H */
