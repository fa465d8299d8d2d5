// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent.c - vportctl agent: commands to a guest agent
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client.h"
#include "dialogue.h"
#include "log.h"
#include "session.h"

/* What is no command of the agent, but made of some. */
struct verb {
	const char *name;
	const char *arguments;
	int (*run)(struct client *client, int argc, char **argv);
	int min;
	int max;
	int failure;		/* exit status when it is not even begun */
};

static const struct verb verbs[] = {
	{ "exec", "exec [--input] [--] PROGRAM [ARGUMENT]...", agent_exec,
	  1, INT_MAX, EXIT_NOT_RUN },
	{ "get", "get FILE [LOCAL]", agent_get, 1, 2, EXIT_FAILURE },
	{ "put", "put LOCAL FILE", agent_put, 2, 2, EXIT_FAILURE },
	{ "shell", "shell", agent_shell, 0, 0, EXIT_FAILURE },
	{ NULL },
};

/* These answer only when they fail: the guest is on its way down or asleep. */
static const char *const silent[] = {
	"guest-shutdown",
	"guest-suspend-disk",
	"guest-suspend-hybrid",
	"guest-suspend-ram",
};

static bool is_silent(const char *command)
{
	size_t i;

	for (i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		if (!strcmp(silent[i], command))
			return true;
	}

	return false;
}

static const struct dialogue agent_dialogue = {
	.peer = "guest agent",
	.begin = session_synchronize,
	.is_silent = is_silent,
};

static const struct verb *find_verb(const char *name)
{
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
	}
	return NULL;
}

static int run_verb(const struct verb *verb, const struct arguments *args)
{
	int count = args->count - 2;
	struct client *client;
	int status;

	if (count < verb->min || count > verb->max) {
		log_err("agent: %s: expected \"%s\", see vportctl agent --help",
			verb->name, verb->arguments);
		return verb->failure;
	}
	if (session_open(args->argv[0], args->timeout_ms, &client))
		return verb->failure;
	status = verb->run(client, count, args->argv + 2);
	client_close(client);
	return status;
}

int run_agent(const struct subcommand *self, int argc, char **argv)
{
	const struct verb *verb;
	struct arguments args;
	int ret;

	ret = usage_parse(self, "+t", 2, INT_MAX, argc, argv, &args);
	if (ret != 1)
		return ret ? EXIT_FAILURE : EXIT_SUCCESS;
	verb = find_verb(args.argv[1]);
	if (verb)
		return run_verb(verb, &args);
	return run_dialogue(self, &agent_dialogue, argc, argv);
}
