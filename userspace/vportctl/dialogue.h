/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dialogue.h - SOCKET COMMAND [JSON-ARGUMENTS], which agent and qmp share
 */

#ifndef VPORTCTL_DIALOGUE_H
#define VPORTCTL_DIALOGUE_H

#include "vportctl.h"

struct client;

struct dialogue {
	/* Who is expected to be there, for messages. */
	const char *peer;

	/* begin() - what comes before the command.  Return: 0 or -errno. */
	int (*begin)(struct client *client);

	/*
	 * is_silent() - whether success has no reply.
	 *
	 * Optional.
	 */
	bool (*is_silent)(const char *command);
};

/* Whether @object answers a command, well or ill. */
bool is_reply(struct json_object *object);

/* The next object that is @wanted; others are skipped. */
int receive_until(struct client *client,
		  bool (*wanted)(struct json_object *object),
		  struct json_object **ret);

/* All of a subcommand.  Return: its exit status. */
int run_dialogue(const struct subcommand *self, const struct dialogue *dialogue,
		 int argc, char **argv);

#endif /* VPORTCTL_DIALOGUE_H */
