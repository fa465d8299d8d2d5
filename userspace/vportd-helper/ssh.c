// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ssh.c - guest-ssh-get-, -add- and -remove-authorized-keys
 *
 * The files are the user's, who may have put a link anywhere: the job becomes
 * that user before it looks at them.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "job.h"

struct keys {
	char *dir;
	char *file;
	char **lines;
	size_t count;
};

/* The system's database, or the file of another root. */
static struct passwd *find_user(const struct job *job, const char *name)
{
	struct passwd *user;
	char *path;
	FILE *file;

	errno = 0;
	if (!*job->root)
		return getpwnam(name);

	path = job_path(job, "/etc/passwd");
	file = fopen(path, "re");
	free(path);
	if (!file)
		return NULL;
	do {
		user = fgetpwent(file);
	} while (user && strcmp(user->pw_name, name));
	fclose(file);
	return user;
}

static int become(const struct passwd *user)
{
	if (geteuid())
		return 0;
	if (initgroups(user->pw_name, user->pw_gid) ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
		return -errno;

	return 0;
}

static int keys_append(struct keys *keys, const char *line)
{
	char **lines;

	lines = reallocarray(keys->lines, keys->count + 1, sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	keys->lines = lines;
	lines[keys->count] = strdup(line);
	if (!lines[keys->count])
		return -ENOMEM;
	keys->count++;
	return 0;
}

/* One that is there already is not added again. */
static int keys_add(struct keys *keys, const char *line)
{
	size_t i;

	for (i = 0; i < keys->count; i++) {
		if (!strcmp(keys->lines[i], line))
			return 0;
	}

	return keys_append(keys, line);
}

static void keys_remove(struct keys *keys, const char *line)
{
	size_t to = 0;
	size_t i;

	for (i = 0; i < keys->count; i++) {
		if (strcmp(keys->lines[i], line))
			keys->lines[to++] = keys->lines[i];
		else
			free(keys->lines[i]);
	}
	keys->count = to;
}

static void keys_free(struct keys *keys)
{
	while (keys->count)
		free(keys->lines[--keys->count]);
	free(keys->lines);
	free(keys->dir);
	free(keys->file);
}

/* Become the user whose keys these are. */
static int keys_open(struct job *job, struct keys *keys)
{
	const char *name = job_text(job, "username");
	struct passwd *user = find_user(job, name);
	int err;

	memset(keys, 0, sizeof(*keys));
	if (!user)
		return job_error(job, -ENOENT, "failed to lookup user '%s'",
				 name);
	keys->dir = job_path(job, "%s/.ssh", user->pw_dir);
	keys->file = job_path(job, "%s/.ssh/authorized_keys", user->pw_dir);
	job->changed = true;
	err = become(user);
	if (err)
		job_error(job, err, "failed to become user '%s': %s", name,
			  strerror(-err));
	return err;
}

static int keys_read(struct keys *keys)
{
	FILE *file = fopen(keys->file, "re");
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	if (!file)
		return -errno;
	while (!err && getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		err = keys_append(keys, line);
	}
	free(line);
	fclose(file);
	return err;
}

static int fail_read(struct job *job, const struct keys *keys, int err)
{
	return job_error(job, err, "failed to read '%s': %s", keys->file,
			 strerror(-err));
}

static int write_lines(const struct keys *keys, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
			    O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int err;
	size_t i;

	if (!file) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}

	fchmod(fd, 0600);
	for (i = 0; i < keys->count; i++)
		fprintf(file, "%s\n", keys->lines[i]);
	err = fflush(file) || fsync(fd) ? -errno : 0;
	fclose(file);
	return err;
}

/* Whoever logs in meanwhile finds the old file or the new one. */
static int keys_write(struct job *job, const struct keys *keys)
{
	char *path;
	int err;

	if (mkdir(keys->dir, 0700) && errno != EEXIST)
		return job_error(job, -errno,
				 "failed to create directory '%s': %s",
				 keys->dir, strerror(errno));
	if (asprintf(&path, "%s.vportd", keys->file) < 0)
		return -ENOMEM;

	err = write_lines(keys, path);
	if (!err && rename(path, keys->file))
		err = -errno;
	if (err)
		unlink(path);
	free(path);
	if (err)
		job_error(job, err, "failed to save '%s': %s", keys->file,
			  strerror(-err));
	return err;
}

static bool is_key(const char *line)
{
	return *line && *line != '#' && *line != ' ' && *line != '\t';
}

int job_ssh_get(struct job *job)
{
	struct json_object *result;
	struct json_object *list;
	struct keys keys;
	size_t i;
	int err;

	err = keys_open(job, &keys);
	if (!err) {
		err = keys_read(&keys);
		if (err)
			fail_read(job, &keys, err);
	}
	if (!err) {
		list = json_object_new_array();
		for (i = 0; i < keys.count; i++) {
			if (is_key(keys.lines[i]))
				json_object_array_add(list,
					json_object_new_string(keys.lines[i]));
		}
		result = json_object_new_object();
		json_object_object_add(result, "keys", list);
		job_result(job, result);
	}
	keys_free(&keys);
	return err;
}

/*
 * An empty key is none: virsh sends the lines of a file, and then what is behind
 * the last one's end.
 */
static int check_keys(struct job *job, struct json_object *list)
{
	const char *key;
	size_t i;

	for (i = json_object_array_length(list); i-- > 0;) {
		key = json_object_get_string(json_object_array_get_idx(list, i));
		if (!*key)
			json_object_array_del_idx(list, i, 1);
		else if (!is_key(key) || strpbrk(key, "\r\n"))
			return job_error(job, -EINVAL,
				"invalid OpenSSH public key: '%s'", key);
	}

	return 0;
}

int job_ssh_add(struct job *job)
{
	struct json_object *list = job_arg(job, "keys");
	bool reset = job_member_bool(job->args, "reset");
	struct keys keys;
	size_t i;
	int err;

	err = check_keys(job, list);
	if (err)
		return err;
	err = keys_open(job, &keys);
	if (!err && !reset) {
		err = keys_read(&keys);
		if (err == -ENOENT)
			err = 0;
		if (err)
			fail_read(job, &keys, err);
	}
	for (i = 0; !err && i < json_object_array_length(list); i++)
		err = keys_add(&keys, json_object_get_string(
			json_object_array_get_idx(list, i)));
	if (!err)
		err = keys_write(job, &keys);
	keys_free(&keys);
	return err;
}

int job_ssh_remove(struct job *job)
{
	struct json_object *list = job_arg(job, "keys");
	struct keys keys;
	size_t i;
	int err;

	err = check_keys(job, list);
	if (err)
		return err;
	err = keys_open(job, &keys);
	if (!err)
		err = keys_read(&keys);
	for (i = 0; !err && i < json_object_array_length(list); i++)
		keys_remove(&keys, json_object_get_string(
			json_object_array_get_idx(list, i)));
	if (!err)
		err = keys_write(job, &keys);
	else if (!job->error && err != -ENOENT)
		fail_read(job, &keys, err);

	/* Where there is no file, none of them is in it. */
	if (err == -ENOENT && !job->error)
		err = 0;
	keys_free(&keys);
	return err;
}
