// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session.c - a QMP session: greeting, negotiation, commands, events
 *
 * Words and order are QEMU's; there are clients that compare them.
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "command.h"
#include "error.h"
#include "json_stream.h"
#include "json_write.h"
#include "machine.h"
#include "qmp.h"

/* Of one line to the client; nothing that is sent comes near it. */
#define LINE_MAX_BYTES	(8u << 20)

struct qmp_session {
	struct machine *machine;
	struct json_stream *stream;
	monitor_output output;
	void *output_data;
	bool pretty;
	bool connected;
	bool negotiated;
};

static void session_send(struct qmp_session *session, struct json_object *value)
{
	struct bytes line;

	bytes_init(&line, LINE_MAX_BYTES);
	if (!json_write(&line, value, session->pretty) &&
	    !bytes_append(&line, "\r\n", 2))
		session->output(session->output_data, bytes_peek(&line),
				bytes_len(&line));
	bytes_finish(&line);
}

/* QEMU's class of an error; nearly all are of the general one. */
static const char *error_class(int code)
{
	if (code == -ENODEV)
		return "DeviceNotFound";
	if (code == -ENOSYS)
		return "CommandNotFound";

	return "GenericError";
}

static void send_error(struct qmp_session *session, struct json_object *id,
		       int code, const struct error *error)
{
	struct json_object *answer = json_object_new_object();
	struct json_object *body = json_object_new_object();

	json_object_object_add(body, "class",
			       json_object_new_string(error_class(code)));
	json_object_object_add(body, "desc",
			       json_object_new_string(error->text));
	if (id)
		json_object_object_add(answer, "id", json_object_get(id));
	json_object_object_add(answer, "error", body);
	session_send(session, answer);
	json_object_put(answer);
}

static void send_return(struct qmp_session *session, struct json_object *id,
			struct json_object *value)
{
	struct json_object *answer = json_object_new_object();

	json_object_object_add(answer, "return",
			       value ?: json_object_new_object());
	if (id)
		json_object_object_add(answer, "id", json_object_get(id));
	session_send(session, answer);
	json_object_put(answer);
}

struct qmp_request {
	const char *execute;
	struct json_object *args;	/* owned */
	struct json_object *id;		/* borrowed; NULL: none */
};

/* The members that a command may have. */
static int parse_request(struct json_object *value, struct qmp_request *request,
			 struct error *error)
{
	struct json_object *args = NULL;

	if (!json_object_is_type(value, json_type_object))
		return error_set(error, -EINVAL,
				 "QMP input must be a JSON object");

	json_object_object_get_ex(value, "id", &request->id);
	json_object_object_foreach(value, name, member) {
		if (!strcmp(name, "execute")) {
			if (!json_object_is_type(member, json_type_string))
				return error_set(error, -EINVAL,
					"QMP input member 'execute' must be a string");
			request->execute = json_object_get_string(member);
		} else if (!strcmp(name, "arguments")) {
			if (!json_object_is_type(member, json_type_object))
				return error_set(error, -EINVAL,
					"QMP input member 'arguments' must be an object");
			args = member;
		} else if (strcmp(name, "id")) {
			return error_set(error, -EINVAL,
				"QMP input member '%s' is unexpected", name);
		}
	}
	if (!request->execute)
		return error_set(error, -EINVAL,
				 "QMP input lacks member 'execute'");

	request->args = args ? json_object_get(args) : json_object_new_object();
	return request->args ? 0 : error_set(error, -ENOMEM, "out of memory");
}

static const struct qmp_command capabilities_command = {
	.name	= "qmp_capabilities",
	.args	= { { "enable", QMP_ARRAY, false } },
};

/* No capability is offered, so none can be enabled. */
static int negotiate(struct qmp_session *session, struct json_object *args,
		     struct error *error)
{
	struct json_object *enable;
	int ret;

	if (session->negotiated)
		return error_set(error, -ENOSYS,
			"Capabilities negotiation is already complete, command ignored");

	ret = qmp_command_check(&capabilities_command, args, error);
	if (ret)
		return ret;
	if (json_object_object_get_ex(args, "enable", &enable) &&
	    json_object_array_length(enable))
		return error_set(error, -EINVAL, "Capability %s not available",
				 json_object_get_string(
					json_object_array_get_idx(enable, 0)));
	session->negotiated = true;
	return 0;
}

static int execute(struct qmp_session *session,
		   const struct qmp_request *request, struct json_object **ret,
		   struct error *error)
{
	const struct qmp_command *command;
	int err;

	if (!strcmp(request->execute, capabilities_command.name))
		return negotiate(session, request->args, error);
	if (!session->negotiated)
		return error_set(error, -ENOSYS,
			"Expecting capabilities negotiation with 'qmp_capabilities'");

	command = qmp_command_find(request->execute);
	if (!command)
		return error_set(error, -ENOSYS,
				 "The command %s has not been found",
				 request->execute);
	err = qmp_command_check(command, request->args, error);
	if (err)
		return err;

	return command->handle(session->machine, request->args, ret, error);
}

static void session_value(void *data, struct json_object *value)
{
	struct qmp_session *session = data;
	struct qmp_request request = { .execute = NULL };
	struct json_object *ret = NULL;
	struct error error;
	int err;

	err = parse_request(value, &request, &error);
	if (!err)
		err = execute(session, &request, &ret, &error);
	if (err)
		send_error(session, request.id, err, &error);
	else
		send_return(session, request.id, ret);
	json_object_put(request.args);
}

static void session_error(void *data, const char *why)
{
	struct error error;

	error_set(&error, -EINVAL, "%s", why);
	send_error(data, NULL, -EINVAL, &error);
}

static const struct json_stream_ops session_stream_ops = {
	.value		= session_value,
	.error		= session_error,
};

static int qmp_session_create(struct machine *machine, monitor_output output,
			      void *data, bool pretty, void **ret)
{
	struct qmp_session *session;
	int err;

	session = calloc(1, sizeof(*session));
	if (!session)
		return -ENOMEM;

	session->machine = machine;
	session->output = output;
	session->output_data = data;
	session->pretty = pretty;
	err = json_stream_create(&session_stream_ops, session,
				 &session->stream);
	if (err) {
		free(session);
		return err;
	}
	*ret = session;
	return 0;
}

static void qmp_session_destroy(void *data)
{
	struct qmp_session *session = data;

	if (!session)
		return;

	json_stream_destroy(session->stream);
	free(session);
}

/* The client has to negotiate. */
static void qmp_session_begin(void *data)
{
	struct json_object *greeting = json_object_new_object();
	struct json_object *body = json_object_new_object();
	struct qmp_session *session = data;

	session->connected = true;
	session->negotiated = false;
	json_stream_reset(session->stream);

	json_object_object_add(body, "version", qmp_version());
	json_object_object_add(body, "capabilities", json_object_new_array());
	json_object_object_add(greeting, "QMP", body);
	session_send(session, greeting);
	json_object_put(greeting);
}

static void qmp_session_end(void *data)
{
	struct qmp_session *session = data;

	session->connected = false;
	session->negotiated = false;
	json_stream_reset(session->stream);
}

static void qmp_session_input(void *data, const void *text, size_t len)
{
	struct qmp_session *session = data;

	json_stream_feed(session->stream, text, len);
}

static void qmp_session_event(void *data, struct json_object *event)
{
	struct qmp_session *session = data;

	if (session->connected && session->negotiated)
		session_send(session, event);
}

const struct monitor_session_ops qmp_session_ops = {
	.mode		= "control",
	.create		= qmp_session_create,
	.destroy	= qmp_session_destroy,
	.begin		= qmp_session_begin,
	.end		= qmp_session_end,
	.input		= qmp_session_input,
	.event		= qmp_session_event,
};
