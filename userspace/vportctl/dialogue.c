// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dialogue.c - one command to an agent or a monitor, and its reply
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client.h"
#include "dialogue.h"
#include "log.h"
#include "port_path.h"
#include "session.h"

bool is_reply(struct json_object *object)
{
	return json_object_object_get_ex(object, "return", NULL) ||
	       json_object_object_get_ex(object, "error", NULL);
}

int receive_until(struct client *client,
		  bool (*wanted)(struct json_object *object),
		  struct json_object **ret)
{
	int err;

	for (;;) {
		err = client_receive(client, ret);
		if (err || wanted(*ret))
			return err;
		json_object_put(*ret);
	}
}

/* Return: 0, or -EREMOTEIO when the reply was an error. */
static int print_reply(const char *command, struct json_object *reply)
{
	struct json_object *value;

	if (json_object_object_get_ex(reply, "return", &value))
		return print_json(value);

	return error_reply(command, reply);
}

/* Of the guest, or of its patience with us. */
static bool is_end(int err)
{
	return err == -ETIMEDOUT || err == -ECONNRESET || err == -ENOTCONN;
}

static int converse(struct client *client, const struct dialogue *dialogue,
		    const struct arguments *args, struct json_object *arguments)
{
	const char *command = args->argv[1];
	struct json_object *reply;
	int err;

	err = dialogue->begin(client);
	if (err)
		return no_peer(args->argv[0], dialogue->peer, err,
			       args->timeout_ms);

	client_restart_clock(client);
	err = client_send_command(client, command, arguments);
	if (!err)
		err = receive_until(client, is_reply, &reply);
	if (is_end(err) && dialogue->is_silent && dialogue->is_silent(command))
		return 0;
	if (err)
		return no_reply(command, err, args->timeout_ms);

	err = print_reply(command, reply);
	json_object_put(reply);
	return err;
}

int run_dialogue(const struct subcommand *self, const struct dialogue *dialogue,
		 int argc, char **argv)
{
	struct json_object *arguments;
	struct client *client;
	struct arguments args;
	int ret;

	ret = usage_parse(self, "t", 2, 3, argc, argv, &args);
	if (ret != 1)
		return ret ? EXIT_FAILURE : EXIT_SUCCESS;
	if (parse_arguments(args.count > 2 ? args.argv[2] : NULL, &arguments))
		return EXIT_FAILURE;

	ret = port_open(args.argv[0], args.timeout_ms, &client);
	if (!ret) {
		ret = converse(client, dialogue, &args, arguments);
		client_close(client);
	}

	json_object_put(arguments);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
