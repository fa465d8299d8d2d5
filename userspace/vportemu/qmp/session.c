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
	bool oob;		/* commands may come out of band */
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

struct qmp_request {
	const char *key;		/* execute or exec-oob */
	const char *command;
	struct json_object *args;	/* owned; NULL: none yet */
	struct json_object *id;		/* borrowed; NULL may be one */
	bool has_id;
};

static void send_error(struct qmp_session *session,
		       const struct qmp_request *request, int code,
		       const struct error *error)
{
	struct json_object *answer = json_object_new_object();
	struct json_object *body = json_object_new_object();

	json_object_object_add(body, "class",
			       json_object_new_string(error_class(code)));
	json_object_object_add(body, "desc",
			       json_object_new_string(error->text));
	if (request->has_id)
		json_object_object_add(answer, "id",
				       json_object_get(request->id));
	json_object_object_add(answer, "error", body);
	session_send(session, answer);
	json_object_put(answer);
}

static void send_return(struct qmp_session *session,
			const struct qmp_request *request,
			struct json_object *value)
{
	struct json_object *answer = json_object_new_object();

	json_object_object_add(answer, "return",
			       value ?: json_object_new_object());
	if (request->has_id)
		json_object_object_add(answer, "id",
				       json_object_get(request->id));
	session_send(session, answer);
	json_object_put(answer);
}

static int parse_command(struct qmp_request *request, const char *name,
			 struct json_object *member, struct error *error)
{
	if (!json_object_is_type(member, json_type_string))
		return error_set(error, -EINVAL,
				 "QMP input member '%s' must be a string",
				 name);
	if (request->key)
		return error_set(error, -EINVAL,
				 "QMP input member '%s' clashes with '%s'",
				 name, request->key);
	request->key = name;
	request->command = json_object_get_string(member);
	return 0;
}

static int parse_member(struct qmp_request *request, bool oob,
			const char *name, struct json_object *member,
			struct error *error)
{
	if (!strcmp(name, "execute") || (oob && !strcmp(name, "exec-oob")))
		return parse_command(request, name, member, error);
	if (!strcmp(name, "id"))
		return 0;
	if (strcmp(name, "arguments"))
		return error_set(error, -EINVAL,
				 "QMP input member '%s' is unexpected", name);
	if (!json_object_is_type(member, json_type_object))
		return error_set(error, -EINVAL,
			"QMP input member 'arguments' must be an object");
	request->args = json_object_get(member);
	return 0;
}

/* The members that a command may have. */
static int parse_request(struct json_object *value, bool oob,
			 struct qmp_request *request, struct error *error)
{
	int ret;

	if (!json_object_is_type(value, json_type_object))
		return error_set(error, -EINVAL,
				 "QMP input must be a JSON object");

	request->has_id = json_object_object_get_ex(value, "id", &request->id);
	json_object_object_foreach(value, name, member) {
		ret = parse_member(request, oob, name, member, error);
		if (ret)
			return ret;
	}
	if (!request->command)
		return error_set(error, -EINVAL,
				 "QMP input lacks member 'execute'");
	if (!request->args)
		request->args = json_object_new_object();
	return request->args ? 0 : error_set(error, -ENOMEM, "out of memory");
}

static const struct qmp_command capabilities_command = {
	.name	= "qmp_capabilities",
	.args	= { { "enable", QMP_ARRAY, false } },
};

/*
 * Every command is executed as soon as it is read, so nothing is needed to
 * execute one out of band.
 */
static int enable(struct qmp_session *session, struct json_object *list,
		  struct error *error)
{
	const char *name;
	bool oob = false;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		name = json_object_get_string(json_object_array_get_idx(list,
									i));
		if (!name || strcmp(name, "oob"))
			return error_set(error, -EINVAL,
				"Parameter 'enable' does not accept value '%s'",
				name ?: "null");
		oob = true;
	}
	session->oob = oob;
	return 0;
}

static int negotiate(struct qmp_session *session, struct json_object *args,
		     struct error *error)
{
	struct json_object *list;
	int ret;

	if (session->negotiated)
		return error_set(error, -ENOSYS,
			"Capabilities negotiation is already complete, command ignored");

	ret = qmp_command_check(&capabilities_command, args, error);
	if (!ret && json_object_object_get_ex(args, "enable", &list))
		ret = enable(session, list, error);
	if (!ret)
		session->negotiated = true;
	return ret;
}

static int execute(struct qmp_session *session,
		   const struct qmp_request *request, struct json_object **ret,
		   struct error *error)
{
	const struct qmp_command *command;
	int err;

	if (!strcmp(request->command, capabilities_command.name))
		return negotiate(session, request->args, error);
	if (!session->negotiated)
		return error_set(error, -ENOSYS,
			"Expecting capabilities negotiation with 'qmp_capabilities'");

	command = qmp_command_find(request->command);
	if (!command)
		return error_set(error, -ENOSYS,
				 "The command %s has not been found",
				 request->command);
	if (!strcmp(request->key, "exec-oob") && !command->allow_oob)
		return error_set(error, -EINVAL,
				 "The command %s does not support OOB",
				 request->command);
	err = qmp_command_check(command, request->args, error);
	if (err)
		return err;

	return command->handle(session->machine, request->args, ret, error);
}

static void session_value(void *data, struct json_object *value)
{
	struct qmp_session *session = data;
	struct qmp_request request = { .key = NULL };
	struct json_object *ret = NULL;
	struct error error;
	int err;

	err = parse_request(value, session->oob, &request, &error);
	if (!err)
		err = execute(session, &request, &ret, &error);
	if (err)
		send_error(session, &request, err, &error);
	else
		send_return(session, &request, ret);
	json_object_put(request.args);
}

static void session_error(void *data, const char *why)
{
	const struct qmp_request none = { .key = NULL };
	struct error error;

	error_set(&error, -EINVAL, "%s", why);
	send_error(data, &none, -EINVAL, &error);
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
	struct json_object *capabilities = json_object_new_array();
	struct qmp_session *session = data;

	session->connected = true;
	session->negotiated = false;
	session->oob = false;
	json_stream_reset(session->stream);

	json_object_object_add(body, "version", qmp_version());
	json_object_array_add(capabilities, json_object_new_string("oob"));
	json_object_object_add(body, "capabilities", capabilities);
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
