/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - calls of a guest agent's commands
 */

#ifndef VPORTCTL_SESSION_H
#define VPORTCTL_SESSION_H

#include <stddef.h>
#include <stdint.h>

struct client;
struct json_object;

/**
 * session_synchronize() - let all that comes be for us
 * @client: the connection
 *
 * What is in the stream before the reply to our own guest-sync-delimited was
 * for somebody else and is skipped.
 *
 * Return: 0, -EPROTOTYPE where a QMP monitor greets, or another -errno.
 */
int session_synchronize(struct client *client);

/**
 * session_open() - connect to an agent and synchronize
 * @word:       a path, or a port of this machine
 * @timeout_ms: for each reply
 * @ret:        the connection; client_close() it
 *
 * Return: 0, or -errno after saying why.
 */
int session_open(const char *word, unsigned int timeout_ms,
		 struct client **ret);

/**
 * session_call() - a command and what it returns
 * @client: of session_open()
 * @name:   of the command
 * @args:   its arguments, taken over
 * @ret:    json_object_put() it; NULL: it does not matter
 *
 * Return: 0, -EREMOTEIO for an error of the agent, or another -errno, each
 *         after saying so.
 */
int session_call(struct client *client, const char *name,
		 struct json_object *args, struct json_object **ret);

/* The same with the whole reply in *@ret, be it an error. */
int session_ask(struct client *client, const char *name,
		struct json_object *args, struct json_object **ret);

/* Members of an object, with a default for what is not there. */
int64_t member_int(struct json_object *object, const char *key, int64_t other);
const char *member_text(struct json_object *object, const char *key,
			const char *other);

/* Say that what was waited for has not come, and why.  Return: @err. */
int no_reply(const char *what, int err, unsigned int timeout_ms);

/* The same of a whole @peer: "guest agent" or the like.  Return: @err. */
int no_peer(const char *word, const char *peer, int err,
	    unsigned int timeout_ms);

/* Say what error an agent or a monitor sent.  Return: -EREMOTEIO. */
int error_reply(const char *command, struct json_object *reply);

/* agent_transfer.c, agent_exec.c, agent_shell.c: of "vportctl agent SOCKET" */

/* Get their own words; say what is wrong.  Return: exit status. */
int agent_get(struct client *client, int argc, char **argv);
int agent_put(struct client *client, int argc, char **argv);
int agent_exec(struct client *client, int argc, char **argv);
int agent_shell(struct client *client, int argc, char **argv);

/* agent_exec.c */

/* Of our own, in place of the program's: as env(1) and others have it. */
#define EXIT_NOT_RUN	125

/**
 * agent_run() - run a program to its end
 * @client: of session_open()
 * @argv:   the program and its arguments
 * @input:  in base64, or NULL
 * @ret:    what guest-exec-status has returned
 *
 * Return: 0, or -errno after saying why.
 */
int agent_run(struct client *client, const char *const *argv,
	      const char *input, struct json_object **ret);

/* As a shell has it.  Return: exit status. */
int exec_status(struct json_object *status);

/* A member in base64; *ret is to be freed.  Return: 0, -EBADMSG, -ENOMEM. */
int member_data(struct json_object *object, const char *key, char **ret,
		size_t *ret_len);

#endif /* VPORTCTL_SESSION_H */
