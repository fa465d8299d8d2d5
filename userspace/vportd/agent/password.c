// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * password.c - guest-set-user-password
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "blob.h"
#include "command.h"
#include "helper.h"

/* Longer ones are no password, and chpasswd takes no such line. */
#define PASSWORD_MAX 4096

int command_set_user_password(struct command_call *call)
{
	struct json_object *args;
	char text[PASSWORD_MAX];
	struct blob *blob;
	ssize_t len;
	int err;

	if (command_blob(call, "password", &blob))
		return -EBADMSG;
	if (blob->len > sizeof(text))
		return command_error(call, -EMSGSIZE,
				     "the password has %zu bytes, at most %d are allowed",
				     blob->len, PASSWORD_MAX);
	len = blob_read(blob, 0, text, sizeof(text));
	if (len < 0)
		return len;

	args = json_object_new_object();
	json_object_object_add(args, "username",
			       json_object_get(command_arg(call, "username")));
	json_object_object_add(args, "crypted",
			       json_object_get(command_arg(call, "crypted")));
	json_object_object_add(args, "password",
			       json_object_new_string_len(text, len));
	explicit_bzero(text, sizeof(text));
	err = helper_run(call, "guest-set-user-password", args, command_done);
	json_object_put(args);
	return err;
}
