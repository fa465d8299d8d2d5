// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * users.c - guest-get-users
 *
 * The file is read as it is: the C library's functions wait for a lock on it,
 * which whoever may write to it can hold.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

#include <json-c/json.h>

#include "command.h"
#include "result.h"

/* Each login takes a terminal, of which a system has thousands at most. */
#define MAX_ENTRIES 16384

/* The earliest login of each user counts. */
static void add_user(struct json_object *users, const struct utmpx *entry)
{
	double login = entry->ut_tv.tv_sec + entry->ut_tv.tv_usec / 1e6;
	char name[sizeof(entry->ut_user) + 1];
	struct json_object *time;
	struct json_object *user;

	snprintf(name, sizeof(name), "%.*s", (int)sizeof(entry->ut_user),
		 entry->ut_user);
	if (json_object_object_get_ex(users, name, &user)) {
		time = json_object_object_get(user, "login-time");
		if (login < json_object_get_double(time))
			json_object_set_double(time, login);
		return;
	}

	user = json_object_new_object();
	result_add_text(user, "user", name);
	json_object_object_add(user, "login-time",
			       json_object_new_double(login));
	json_object_object_add(users, name, user);
}

static void read_users(FILE *file, struct json_object *users)
{
	struct utmpx entry;
	int i;

	for (i = 0; i < MAX_ENTRIES; i++) {
		if (fread(&entry, sizeof(entry), 1, file) != 1)
			break;
		if (entry.ut_type == USER_PROCESS)
			add_user(users, &entry);
	}
}

int command_get_users(struct command_call *call)
{
	struct json_object *users = json_object_new_object();
	struct json_object *result = json_object_new_array();
	FILE *file = fopen(UTMPX_FILE, "re");

	/* A system that keeps no such file has nobody to tell of. */
	if (file) {
		read_users(file, users);
		fclose(file);
	}

	json_object_object_foreach(users, name, user) {
		(void)name;
		json_object_array_add(result, json_object_get(user));
	}
	json_object_put(users);
	command_result(call, result);
	return 0;
}
