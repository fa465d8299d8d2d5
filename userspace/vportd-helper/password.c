// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * password.c - guest-set-user-password
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "job.h"

/* One line for chpasswd: nothing in it may end the name or the line. */
static int check(struct job *job, const char *user, const char *password,
		 size_t password_len)
{
	if (strpbrk(user, ":\n"))
		return job_error(job, -EINVAL,
				 "forbidden characters in username");
	if (strchr(password, '\n') || strlen(password) != password_len)
		return job_error(job, -EINVAL,
				 "forbidden characters in raw password");

	return 0;
}

/* The text is nowhere but in memory and in the program's input. */
static int change(struct job *job, const char *line, bool crypted)
{
	const char *argv[] = { NULL, crypted ? "-e" : NULL, NULL };
	struct program_output output;
	char *path = program_find(job, "chpasswd");
	int status;

	if (!path)
		return job_error(job, -ENOENT,
				 "chpasswd: no such program, which sets passwords");

	argv[0] = path;
	status = program_run(argv, line, &output);
	free(path);
	if (!status)
		return 0;
	return job_error(job, -EIO,
			 "child process has failed to set user password%s%s",
			 *output.text ? ": " : "", output.text);
}

/* The daemon has decoded the password's base64. */
int job_set_user_password(struct job *job)
{
	struct json_object *password = job_arg(job, "password");
	const char *text = json_object_get_string(password);
	const char *user = job_text(job, "username");
	char *line;
	int err;

	err = check(job, user, text, json_object_get_string_len(password));
	if (err)
		return err;
	if (asprintf(&line, "%s:%s\n", user, text) < 0)
		return -ENOMEM;

	err = change(job, line, job_member_bool(job->args, "crypted"));
	explicit_bzero(line, strlen(line));
	free(line);
	return err;
}
