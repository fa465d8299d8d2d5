// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session.c - calls of a guest agent's commands
 */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <json-c/json.h>

#include "client.h"
#include "dialogue.h"
#include "log.h"
#include "port_path.h"
#include "session.h"

/*
 * How long an agent has to answer before it is asked again: it may have come to the
 * port just now, and not know yet that there is a host.
 */
#define SYNC_PATIENCE_MS	5000
#define SYNC_ATTEMPTS		4	/* within the time limit, if that is short */

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

/* Return: 0; -EAGAIN when there was no answer for a while. */
static int receive_sync(struct client *client, int64_t id,
			unsigned int patience_ms)
{
	struct json_object *object;
	bool found = false;
	int err = 0;

	while (!err && !found) {
		err = client_receive_for(client, patience_ms, &object);
		if (err)
			break;
		found = is_sync_reply(object, id);
		if (json_object_object_get_ex(object, "QMP", NULL))
			err = -EPROTOTYPE;
		json_object_put(object);
	}

	return err;
}

int session_synchronize(struct client *client)
{
	unsigned int patience_ms = client_timeout(client) / SYNC_ATTEMPTS;
	uint32_t id;
	int err;

	if (!patience_ms || patience_ms > SYNC_PATIENCE_MS)
		patience_ms = SYNC_PATIENCE_MS;

	/* An answer to one of before comes first, if at all, and is skipped. */
	do {
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			return -errno;
		err = send_sync(client, id) ?:
		      receive_sync(client, id, patience_ms);
	} while (err == -EAGAIN);

	return err;
}

int no_reply(const char *what, int err, unsigned int timeout_ms)
{
	if (err == -ETIMEDOUT)
		log_err("%s: no reply within %g s", what, timeout_ms / 1000.0);
	else if (err == -ENOTCONN)
		log_err("%s: nobody has the other end open", what);
	else if (err == -ECONNRESET)
		log_err("%s: connection closed before the reply", what);
	else
		log_err("%s: %s", what, strerror(-err));
	return err;
}

int no_peer(const char *word, const char *peer, int err,
	    unsigned int timeout_ms)
{
	if (err == -ETIMEDOUT)
		log_err("%s: no %s has answered within %g s; it may be down, "
			"or busy with another client", word, peer,
			timeout_ms / 1000.0);
	else if (err == -EPROTOTYPE)
		log_err("%s: is a QMP monitor, expected a %s", word, peer);
	else
		no_reply(word, err, timeout_ms);
	return err;
}

int session_open(const char *word, unsigned int timeout_ms,
		 struct client **ret)
{
	int err = port_open(word, timeout_ms, ret);

	if (err)
		return err;

	err = session_synchronize(*ret);
	if (err) {
		client_close(*ret);
		return no_peer(word, "guest agent", err, timeout_ms);
	}
	return 0;
}

int error_reply(const char *command, struct json_object *reply)
{
	struct json_object *error = json_object_object_get(reply, "error");

	log_err("%s: %s: %s", command, member_text(error, "class", "?"),
		member_text(error, "desc", "?"));
	return -EREMOTEIO;
}

int session_ask(struct client *client, const char *name,
		struct json_object *args, struct json_object **ret)
{
	int err;

	client_restart_clock(client);
	err = client_send_command(client, name, args);
	json_object_put(args);
	if (!err)
		err = receive_until(client, is_reply, ret);
	return err ? no_reply(name, err, client_timeout(client)) : 0;
}

int session_call(struct client *client, const char *name,
		 struct json_object *args, struct json_object **ret)
{
	struct json_object *reply;
	struct json_object *value;
	int err;

	err = session_ask(client, name, args, &reply);
	if (err)
		return err;

	if (!json_object_object_get_ex(reply, "return", &value))
		err = error_reply(name, reply);
	else if (ret)
		*ret = json_object_get(value);
	json_object_put(reply);
	return err;
}

int64_t member_int(struct json_object *object, const char *key, int64_t other)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return json_object_is_type(value, json_type_int) ?
		       json_object_get_int64(value) : other;
}

const char *member_text(struct json_object *object, const char *key,
			const char *other)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return json_object_is_type(value, json_type_string) ?
		       json_object_get_string(value) : other;
}
