// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * job.c - what every command needs
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "job.h"

struct json_object *job_arg(const struct job *job, const char *name)
{
	return json_object_object_get(job->args, name);
}

const char *job_text(const struct job *job, const char *name)
{
	struct json_object *arg = job_arg(job, name);

	return arg ? json_object_get_string(arg) : "";
}

void job_result(struct job *job, struct json_object *result)
{
	json_object_put(job->result);
	job->result = result;
}

int job_error(struct job *job, int err, const char *format, ...)
{
	va_list args;

	free(job->error);
	va_start(args, format);
	if (vasprintf(&job->error, format, args) < 0)
		job->error = NULL;
	va_end(args);
	return err;
}

static char *path_of(const struct job *job, const char *format, va_list args)
{
	char *inner;
	char *path;

	if (vasprintf(&inner, format, args) < 0 ||
	    asprintf(&path, "%s%s", job->root, inner) < 0)
		exit(EXIT_FAILURE);
	free(inner);
	return path;
}

char *job_path(const struct job *job, const char *format, ...)
{
	va_list args;
	char *path;

	va_start(args, format);
	path = path_of(job, format, args);
	va_end(args);
	return path;
}

int job_read_word(const struct job *job, char *word, size_t size,
		  const char *format, ...)
{
	va_list args;
	FILE *file;
	char *path;
	int err = 0;

	va_start(args, format);
	path = path_of(job, format, args);
	va_end(args);
	file = fopen(path, "re");
	free(path);
	if (!file)
		return -errno;

	errno = EIO;
	if (!fgets(word, size, file)) {
		err = ferror(file) ? -errno : 0;
		*word = '\0';
	}
	word[strcspn(word, "\n")] = '\0';
	fclose(file);
	return err;
}
