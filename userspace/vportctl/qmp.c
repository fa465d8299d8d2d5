// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp.c - vportctl qmp: one command to a machine's monitor
 */

#include <errno.h>

#include <json-c/json.h>

#include "client.h"
#include "dialogue.h"

static bool is_greeting(struct json_object *object)
{
	return json_object_object_get_ex(object, "QMP", NULL);
}

/* Nothing is asked of what the greeting offers. */
static int negotiate(struct client *client)
{
	struct json_object *none = json_object_new_object();
	struct json_object *object;
	int err;

	err = receive_until(client, is_greeting, &object);
	if (!err) {
		json_object_put(object);
		err = client_send_command(client, "qmp_capabilities", none);
	}
	if (!err)
		err = receive_until(client, is_reply, &object);
	if (!err) {
		if (json_object_object_get_ex(object, "error", NULL))
			err = -EPROTO;
		json_object_put(object);
	}

	json_object_put(none);
	return err;
}

static const struct dialogue qmp_dialogue = {
	.peer = "QMP monitor",
	.begin = negotiate,
};

int run_qmp(const struct subcommand *self, int argc, char **argv)
{
	return run_dialogue(self, &qmp_dialogue, argc, argv);
}
