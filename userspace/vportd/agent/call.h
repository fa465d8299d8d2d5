/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call.h - one request on its way to a reply
 *
 * For agent.c, which makes the calls; commands see command.h alone.
 */

#ifndef VPORTD_CALL_H
#define VPORTD_CALL_H

#include <stdbool.h>

struct bytes;
struct command;
struct json_object;

struct command_call {
	const struct command *command;	/* NULL: the request was no good */
	struct json_object *args;
	struct json_object *id;
	bool has_id;			/* null is an id, too */

	const char *error_class;
	char *error;			/* what went wrong, or NULL */
	struct json_object *result;
	bool done;

	/* Of the session; the call goes on when that is gone. */
	void (*on_done)(struct command_call *call);
	void *session;			/* NULL: nobody waits for the reply */
	struct command_call *next;
};

/* Return: a call without a command, or NULL. */
struct command_call *call_create(void);

/* NULL is allowed. */
void call_destroy(struct command_call *call);

/* Take envelope and arguments from @request; errors are left in @call. */
void call_parse(struct command_call *call, struct json_object *request);

/* Run it, unless there is an error already.  @call->done says how it went. */
void call_run(struct command_call *call);

/* Whether a call that is done has no reply. */
bool call_is_silent(const struct command_call *call);

/**
 * call_write_reply() - append the reply's line to a queue
 * @call: done
 * @out:  the queue
 *
 * Return: 0, -ENOBUFS, -ENOMEM; the queue is then as before.
 */
int call_write_reply(const struct command_call *call, struct bytes *out);

#endif /* VPORTD_CALL_H */
