/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp.h - the two languages of a monitor, over whatever carries bytes
 */

#ifndef VPORTEMU_QMP_H
#define VPORTEMU_QMP_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct machine;

/* There is text for the client. */
typedef void (*monitor_output)(void *data, const void *text, size_t len);

struct monitor_session_ops {
	const char *mode;	/* the word behind mode= */

	/*
	 * create() - a session without a client.
	 *
	 * @machine: what its commands act on
	 * @output:  called with text for the client, with @data
	 * @pretty:  one member a line, where there are members
	 *
	 * Return: 0, -ENOMEM.
	 */
	int (*create)(struct machine *machine, monitor_output output,
		      void *data, bool pretty, void **ret);

	/* NULL is allowed. */
	void (*destroy)(void *session);

	/* A client has come: it is greeted. */
	void (*begin)(void *session);

	/* The client has gone. */
	void (*end)(void *session);

	/* What is typed comes here, or not; at first not.  Optional. */
	void (*focus)(void *session, bool focus);

	/* The client sent something. */
	void (*input)(void *session, const void *text, size_t len);

	/* Tell the client, if it wants to know. */
	void (*event)(void *session, struct json_object *event);
};

extern const struct monitor_session_ops qmp_session_ops;	/* programs */
extern const struct monitor_session_ops hmp_session_ops;	/* people */

#endif /* VPORTEMU_QMP_H */
