/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - what a command of the guest agent sees
 *
 * Arguments in, a result or an error out.  Neither the port nor the session it
 * came from is visible from here.
 */

#ifndef VPORTD_COMMAND_H
#define VPORTD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command_call;
struct json_object;

/* The words that an error message uses for what it expected. */
enum command_type {
	COMMAND_STRING,
	COMMAND_INTEGER,	/* int64 */
	COMMAND_BOOLEAN,
	COMMAND_ARRAY,
	COMMAND_OBJECT,
	COMMAND_ANY,		/* run() looks at it */
	COMMAND_TYPES,
};

struct command_arg {
	const char *name;
	enum command_type type;
	bool optional;
	bool logged;		/* no secret, and worth a word in the log */
};

enum {
	/* Replies still to come to what was asked before are void. */
	COMMAND_BARRIER = 1 << 0,
	/* The byte 0xFF goes before the reply. */
	COMMAND_DELIMITED = 1 << 1,
	/* May be called while file systems are frozen. */
	COMMAND_FROZEN = 1 << 2,
	/* Success is not answered: the machine is going away. */
	COMMAND_SILENT = 1 << 3,
	/* Only looks at something: not worth a line in the log. */
	COMMAND_LOOKS = 1 << 4,
};

struct command {
	const char *name;

	/*
	 * run() - do it.
	 *
	 * The arguments have been checked against @args.  Must not block: what
	 * takes time is started here and ended by command_done().
	 *
	 * Return: 0 when done, -EINPROGRESS when command_done() will follow, or
	 *         another -errno: strerror() is the error's text unless
	 *         command_error() has set a better one.
	 */
	int (*run)(struct command_call *call);

	const struct command_arg *args;	/* ends with a NULL name; NULL: none */
	unsigned int flags;
};

/* commands.c */

/* Return: the command, or NULL. */
const struct command *command_find(const char *name);

/* Return: the @i-th command, NULL behind the last. */
const struct command *command_at(size_t i);

/* access.c */

/* Return: why the command may not be called now, in QEMU's words, or NULL. */
const char *command_refusal(const struct command *command);

/* audit.c */

/* One line in the log for what is about to be done. */
void command_audit(const struct command_call *call,
		   const struct command *command);

/* args.c */

/* Return: 0, or -EINVAL with the error set. */
int command_check_args(struct command_call *call,
		       const struct command_arg *args,
		       struct json_object *given);

/* call.c */

/* Return: the argument, borrowed, or NULL when it was not given. */
struct json_object *command_arg(const struct command_call *call,
				const char *name);

/* What to answer; @result is taken over.  Nothing set means {}. */
void command_result(struct command_call *call, struct json_object *result);

/* What went wrong; the last one counts.  Return: @err. */
__attribute__((format(printf, 3, 4)))
int command_error(struct command_call *call, int err, const char *format, ...);

/**
 * command_done() - end what run() left in progress
 * @call: the call; gone afterwards
 * @err:  as run() would have returned it
 *
 * Context: Never from within run().
 */
void command_done(struct command_call *call, int err);

/* sync.c */
int command_sync(struct command_call *call);

/* info.c */
int command_ping(struct command_call *call);
int command_info(struct command_call *call);

/* os.c */
int command_get_osinfo(struct command_call *call);
int command_get_host_name(struct command_call *call);

/* time.c */
int command_get_time(struct command_call *call);
int command_get_timezone(struct command_call *call);

/* file.c */
int command_file_open(struct command_call *call);
int command_file_close(struct command_call *call);
int command_file_read(struct command_call *call);
int command_file_write(struct command_call *call);
int command_file_seek(struct command_call *call);
int command_file_flush(struct command_call *call);

/* users.c */
int command_get_users(struct command_call *call);

/* stats.c */
int command_get_load(struct command_call *call);
int command_get_cpustats(struct command_call *call);
int command_get_diskstats(struct command_call *call);

/* vcpus.c */
int command_get_vcpus(struct command_call *call);

/* memory.c */
int command_get_memory_blocks(struct command_call *call);
int command_get_memory_block_info(struct command_call *call);

/* interfaces.c */
int command_network_get_interfaces(struct command_call *call);

/* routes.c */
int command_network_get_route(struct command_call *call);

#endif /* VPORTD_COMMAND_H */
