// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent.c - vportctl agent: one command to a guest agent
 *
 * What is in the stream before the reply to our own guest-sync-delimited was
 * for somebody else and is skipped.
 */

#include <errno.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <json-c/json.h>

#include "client.h"
#include "dialogue.h"

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

static int send_sync(struct client *client, int64_t id)
{
	char text[128];
	int len;

	len = snprintf(text, sizeof(text),
		       "\xff{\"execute\": \"guest-sync-delimited\", "
		       "\"arguments\": {\"id\": %" PRId64 "}}\n", id);
	return client_send(client, text, len);
}

static bool is_sync_reply(struct json_object *object, int64_t id)
{
	struct json_object *value;

	return json_object_object_get_ex(object, "return", &value) &&
	       json_object_is_type(value, json_type_int) &&
	       json_object_get_int64(value) == id;
}

static int synchronize(struct client *client)
{
	struct json_object *object;
	bool found = false;
	uint32_t id;
	int err;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return -errno;

	err = send_sync(client, id);
	while (!err && !found) {
		err = client_receive(client, &object);
		if (!err) {
			found = is_sync_reply(object, id);
			json_object_put(object);
		}
	}

	return err;
}

static const struct dialogue agent_dialogue = {
	.begin = synchronize,
	.is_silent = is_silent,
};

int run_agent(const struct subcommand *self, int argc, char **argv)
{
	return run_dialogue(self, &agent_dialogue, argc, argv);
}
