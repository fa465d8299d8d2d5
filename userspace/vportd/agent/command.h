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

struct blob;
struct command_call;
struct command_text;
struct json_object;
struct reader;

/* The words that an error message uses for what it expected. */
enum command_type {
	COMMAND_STRING,
	COMMAND_INTEGER,	/* int64 */
	COMMAND_BOOLEAN,
	COMMAND_ARRAY,
	COMMAND_OBJECT,
	COMMAND_STRINGS,	/* an array of them */
	COMMAND_BASE64,		/* see command_blob() */
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
	/* Changes nothing, or a file that is open: not worth a line. */
	COMMAND_QUIET = 1 << 4,
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

/*
 * A string of a result that may be long: base64 of a file's bytes, which are
 * read when there is room for them on their way to the host.
 *
 * What is at hand of a file that may block is read as it is; for the rest a
 * reader is started, which holds the file until released().
 */
struct command_text {
	const char *name;	/* of the member */
	int fd;			/* read from its position */
	bool may_block;
	uint64_t left;		/* at most so many bytes more */
	uint64_t done;		/* bytes read */
	bool eof;
	bool begun;

	/*
	 * end() - nothing more is read.
	 *
	 * Called once; may add members to the call's result.
	 */
	void (*end)(struct command_call *call, struct command_text *text);
	void *owner;

	/* For those that may block: the owner's file is not read any more. */
	void (*released)(void *owner);

	/* The same: command_text_fill() said -EAGAIN, and now there is @err. */
	void (*filled)(struct command_call *call, int err);

	/* Of text.c. */
	struct command_call *call;
	struct reader *reader;
	char *piece;		/* read and not yet sent */
	size_t piece_len;
	bool has_piece;		/* all of it */
};

/* Of one result, at most. */
#define COMMAND_TEXTS	2

/* text.c */

/**
 * command_add_text() - a long string for the result
 * @call: whose result has, or will have, other members
 * @text: what is the caller's is filled, copied
 *
 * Return: the call's own, or NULL without memory; end() is then not called.
 */
struct command_text *command_add_text(struct command_call *call,
				      const struct command_text *text);

/*
 * Read the first piece ahead of time.  Return: 0; -EAGAIN, and filled() will be
 * called; another -errno if there is none.
 */
int command_text_fill(struct command_text *text);

/* Add @len bytes from the start of @fd, which is duplicated. */
int command_add_file(struct command_call *call, const char *name, int fd,
		     size_t len);

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

/* The name of the call's command. */
const char *command_name(const struct command_call *call);

/* All its arguments, borrowed; NULL: none were given. */
struct json_object *command_args(const struct command_call *call);

/* What command_result() has set, borrowed, or NULL. */
struct json_object *command_get_result(const struct command_call *call);

/* Return: the argument, borrowed, or NULL when it was not given. */
struct json_object *command_arg(const struct command_call *call,
				const char *name);

/**
 * command_blob() - an argument of type COMMAND_BASE64
 * @call: the call, which keeps it
 * @name: the argument
 * @ret:  the bytes
 *
 * Return: 0; 1 when the argument was not given; -errno with the error set.
 */
int command_blob(struct command_call *call, const char *name,
		 struct blob **ret);

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

/* Call run() once more for what it left in progress. */
void command_again(struct command_call *call);

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

/* fsfreeze.c */
int command_fsfreeze(struct command_call *call);
int command_fsfreeze_status(struct command_call *call);

/* helper.c */
int command_remote(struct command_call *call);

/* password.c */
int command_set_user_password(struct command_call *call);

/* exec.c */
int command_exec(struct command_call *call);
int command_exec_status(struct command_call *call);

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
