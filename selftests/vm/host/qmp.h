/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp.h - the client side of an emulator's monitor
 */

#ifndef VMHOST_QMP_H
#define VMHOST_QMP_H

#include <systemd/sd-event.h>

struct json_object;
struct qmp;

/* How many commands may wait for their answers: more is a bug of ours. */
#define QMP_MAX_PENDING	64

/*
 * A command was answered: @value is what "return" held, borrowed, or NULL and
 * @error is the monitor's text.
 */
typedef void qmp_done_fn(void *data, struct json_object *value,
			 const char *error);

struct qmp_ops {
	/* ready() - commands are accepted from now on. */
	void (*ready)(void *data);

	/* event() - @members is the event's "data", borrowed, or NULL. */
	void (*event)(void *data, const char *name,
		      struct json_object *members);
};

/**
 * qmp_create() - make a monitor socket and connect to it
 * @event: the event loop
 * @path:  where the socket is made
 * @ops:   callbacks
 * @data:  handed to them
 * @ret:   the client
 *
 * The emulator is given the listening end, qmp_listener(), and greets when it
 * is ready: nobody needs to wait for a socket to appear.
 */
int qmp_create(sd_event *event, const char *path, const struct qmp_ops *ops,
	       void *data, struct qmp **ret);

void qmp_destroy(struct qmp *qmp);

/* Return: the descriptor to hand to the emulator; it stays ours. */
int qmp_listener(const struct qmp *qmp);

/**
 * qmp_execute() - send a command
 * @qmp:     the client
 * @command: its name
 * @args:    its arguments, taken over, or NULL
 * @done:    called with the answer, or NULL
 * @data:    handed to it
 *
 * Return: 0, or -errno; @done is not called then.
 */
int qmp_execute(struct qmp *qmp, const char *command, struct json_object *args,
		qmp_done_fn *done, void *data);

#endif /* VMHOST_QMP_H */
