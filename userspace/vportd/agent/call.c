// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * call.c - one request on its way to a reply
 *
 * Trust
 * -----
 *
 * A request is any JSON value that the host chose to send.  The table below
 * says which members it may have; the arguments are checked by args.c against
 * the command's own table before the command sees them.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "bytes.h"
#include "call.h"
#include "command.h"
#include "json_stream.h"
#include "json_write.h"

struct command_call *call_create(void)
{
	struct command_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;

	call->error_class = "GenericError";
	blob_init(&call->blob);
	return call;
}

void call_destroy(struct command_call *call)
{
	if (!call)
		return;

	call_drop_texts(call);
	blob_finish(&call->blob);
	json_object_put(call->args);
	json_object_put(call->id);
	json_object_put(call->result);
	free(call->error);
	free(call);
}

int command_error(struct command_call *call, int err, const char *format, ...)
{
	va_list args;

	free(call->error);
	va_start(args, format);
	if (vasprintf(&call->error, format, args) < 0)
		call->error = NULL;
	va_end(args);

	return err;
}

void command_result(struct command_call *call, struct json_object *result)
{
	json_object_put(call->result);
	call->result = result;
}

const char *command_name(const struct command_call *call)
{
	return call->command->name;
}

struct json_object *command_args(const struct command_call *call)
{
	return call->args;
}

struct json_object *command_get_result(const struct command_call *call)
{
	return call->result;
}

struct json_object *command_arg(const struct command_call *call,
				const char *name)
{
	return json_object_object_get(call->args, name);
}

int command_blob(struct command_call *call, const char *name,
		 struct blob **ret)
{
	struct json_object *arg = command_arg(call, name);

	if (!arg)
		return 1;
	/* The name was spelled with escapes, or came very late. */
	if (!json_stream_is_text(arg))
		blob_add(&call->blob, json_object_get_string(arg),
			 json_object_get_string_len(arg));
	if (call->blob.err == -EBADMSG)
		return command_error(call, -EBADMSG,
				     "Base64 data contains invalid characters");
	if (call->blob.err)
		return call->blob.err;

	*ret = &call->blob;
	return 0;
}

static void take_execute(struct command_call *call, struct json_object *value)
{
	const char *name = json_object_get_string(value);

	/* A NUL in it would make it another name. */
	if (strlen(name) == (size_t)json_object_get_string_len(value))
		call->command = command_find(name);
	if (call->command)
		return;

	command_error(call, -ENOENT, "The command %s has not been found", name);
	call->error_class = "CommandNotFound";
}

static void take_arguments(struct command_call *call, struct json_object *value)
{
	call->args = json_object_get(value);
}

static void take_id(struct command_call *call, struct json_object *value)
{
	call->id = json_object_get(value);
	call->has_id = true;
}

struct member {
	const char *name;
	void (*take)(struct command_call *call, struct json_object *value);
	json_type type;
	const char *type_words;		/* NULL: any type */
};

/* In the order in which they are looked at. */
static const struct member members[] = {
	{ "id", take_id },
	{ "arguments", take_arguments, json_type_object, "an object" },
	{ "execute", take_execute, json_type_string, "a string" },
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static bool is_member(const char *name)
{
	size_t i;

	for (i = 0; i < MEMBERS; i++) {
		if (!strcmp(members[i].name, name))
			return true;
	}

	return false;
}

static void check_member_names(struct command_call *call,
			       struct json_object *request)
{
	json_object_object_foreach(request, name, value) {
		(void)value;
		if (!is_member(name)) {
			command_error(call, -EINVAL,
				      "QMP input member '%s' is unexpected",
				      name);
			return;
		}
	}
}

static void take_member(struct command_call *call, const struct member *member,
			struct json_object *request)
{
	struct json_object *value;

	if (!json_object_object_get_ex(request, member->name, &value))
		return;
	/* The id goes into the reply to a bad request, too. */
	if (call->error && member->type_words)
		return;

	if (member->type_words && !json_object_is_type(value, member->type))
		command_error(call, -EINVAL, "QMP input member '%s' must be %s",
			      member->name, member->type_words);
	else
		member->take(call, value);
}

void call_parse(struct command_call *call, struct json_object *request)
{
	size_t i;

	if (!json_object_is_type(request, json_type_object)) {
		command_error(call, -EINVAL, "QMP input must be a JSON object");
		return;
	}

	check_member_names(call, request);
	for (i = 0; i < MEMBERS; i++)
		take_member(call, &members[i], request);

	if (!call->error && !call->command)
		command_error(call, -EINVAL,
			      "QMP input lacks member 'execute'");
}

static void call_end(struct command_call *call, int err)
{
	if (err && !call->error)
		command_error(call, err, "%s", strerror(-err));
	if (err)
		call_drop_texts(call);
	call->done = true;
}

/* Return: 0, or -EPERM with the error set. */
static int check_access(struct command_call *call)
{
	const char *why = command_refusal(call->command);

	if (!why)
		return 0;

	call->error_class = "CommandNotFound";
	return command_error(call, -EPERM, "Command %s has been disabled: %s",
			     call->command->name, why);
}

void call_run(struct command_call *call)
{
	int err = -EINVAL;

	call->started = true;
	if (!call->error)
		err = check_access(call);
	if (!err)
		err = command_check_args(call, call->command->args, call->args);
	if (!err) {
		command_audit(call, call->command);
		err = call->command->run(call);
	}
	if (err != -EINPROGRESS)
		call_end(call, err);
}

void command_done(struct command_call *call, int err)
{
	call_end(call, err);
	call->on_done(call);
}

void command_again(struct command_call *call)
{
	int err = call->command->run(call);

	if (err != -EINPROGRESS)
		command_done(call, err);
}

static struct json_object *error_object(const struct command_call *call)
{
	struct json_object *error = json_object_new_object();

	json_object_object_add(error, "class",
			       json_object_new_string(call->error_class));
	json_object_object_add(error, "desc",
			       json_object_new_string(call->error));
	return error;
}

static struct json_object *reply_object(const struct command_call *call)
{
	struct json_object *reply = json_object_new_object();

	if (call->error)
		json_object_object_add(reply, "error", error_object(call));
	else if (call->result)
		json_object_object_add(reply, "return",
				       json_object_get(call->result));
	else
		json_object_object_add(reply, "return",
				       json_object_new_object());
	if (call->has_id)
		json_object_object_add(reply, "id", json_object_get(call->id));
	return reply;
}

bool call_is_silent(const struct command_call *call)
{
	return !call->error && call->command->flags & COMMAND_SILENT;
}

static int append(struct bytes *out, const char *text)
{
	return bytes_append(out, text, strlen(text));
}

static int write_line(const struct command_call *call, struct bytes *out)
{
	bool delimited = !call->error && call->command &&
			 call->command->flags & COMMAND_DELIMITED;
	struct json_object *reply = reply_object(call);
	int err = 0;

	if (delimited)
		err = append(out, "\xff");
	if (!err)
		err = json_write(out, reply, false);
	if (!err)
		err = append(out, "\n");

	json_object_put(reply);
	return err;
}

int call_write_reply(const struct command_call *call, struct bytes *out)
{
	size_t before = bytes_len(out);
	int err;

	err = call_has_text(call) ? append(out, "{\"return\": {") :
				    write_line(call, out);
	if (err)
		out->tail = out->head + before;
	return err;
}

/* The members of an object and the brace that closes it. */
static int write_members(struct bytes *out, struct json_object *object)
{
	struct bytes text;
	int err;

	bytes_init(&text, out->limit);
	err = json_write(&text, object, false);
	if (!err)
		err = bytes_append(out, bytes_peek(&text) + 1,
				   bytes_len(&text) - 1);
	bytes_finish(&text);
	return err;
}

int call_write_end(const struct command_call *call, struct bytes *out)
{
	int err;

	err = write_members(out, call->result);
	if (!err && call->has_id)
		err = append(out, ", \"id\": ");
	if (!err && call->has_id)
		err = json_write(out, call->id, false);
	if (!err)
		err = append(out, "}\n");
	return err;
}
