/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call.h - one request on its way to a reply
 *
 * For agent.c, which makes the calls; commands see command.h alone.
 */

#ifndef VPORTD_CALL_H
#define VPORTD_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "blob.h"
#include "command.h"

struct bytes;
struct call_chain;
struct json_object;

struct command_call {
	const struct command *command;	/* NULL: the request was no good */
	struct json_object *args;
	struct json_object *id;
	bool has_id;			/* null is an id, too */

	const char *error_class;
	char *error;			/* what went wrong, or NULL */
	struct json_object *result;
	bool started;
	bool done;

	struct blob blob;		/* an argument that is base64 */
	struct command_text texts[COMMAND_TEXTS];	/* of the result */
	unsigned int text_count;
	unsigned int text_at;		/* the one that is being sent */

	/* Of agent.c. */
	void (*on_done)(struct command_call *call);
	void (*on_text)(struct command_call *call);	/* there is more of it */
	struct call_chain *chain;
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
 * call_write_reply() - append the reply's line, or its start, to a queue
 * @call: done
 * @out:  the queue
 *
 * Where call_has_text() then says true, call_next_text() is to be sent for as
 * long as it does, and what call_write_end() writes after that.
 *
 * Return: 0, -ENOBUFS, -ENOMEM; the queue is then as before.
 */
int call_write_reply(const struct command_call *call, struct bytes *out);

/* The end of a reply that has texts.  Return: as call_write_reply(). */
int call_write_end(const struct command_call *call, struct bytes *out);

/* text.c */

bool call_has_text(const struct command_call *call);

/*
 * Return: the next piece, valid until the next call of this for any call, or
 * NULL: it has to be waited for, on_text() tells.
 */
const char *call_next_text(struct command_call *call, size_t *ret_len);

/* There will be none. */
void call_drop_texts(struct command_call *call);

#endif /* VPORTD_CALL_H */
