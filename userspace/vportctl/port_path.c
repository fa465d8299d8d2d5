// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_path.c - what a person calls a port
 */

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "log.h"
#include "port_path.h"

#define CLASS "/sys/class/virtio-ports"

static bool has_name(const char *device, const char *name)
{
	char line[256] = "";
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), CLASS "/%s/name", device);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		*line = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return !strcmp(line, name);
}

static char *find_by_name(const char *name)
{
	char *device = NULL;
	struct dirent *entry;
	DIR *dir = opendir(CLASS);

	if (!dir)
		return NULL;
	while (!device && (entry = readdir(dir))) {
		if (*entry->d_name != '.' && has_name(entry->d_name, name))
			device = strdup(entry->d_name);
	}
	closedir(dir);
	return device;
}

char *port_path(const char *word)
{
	char *device;
	char *path;
	int n;

	if (strchr(word, '/'))
		return strdup(word);

	device = find_by_name(word);
	if (!device && !access(word, F_OK))
		return strdup(word);
	n = asprintf(&path, "/dev/%s", device ? device : word);
	free(device);
	return n < 0 ? NULL : path;
}

/* What strerror() does not say well of a port. */
static const struct {
	int err;
	const char *why;
} reasons[] = {
	{ EBUSY, "another program has it open, see vportctl list" },
	{ ECONNREFUSED, "nobody listens on this socket any more" },
	{ ENOTSOCK, "expected a unix socket or a character device" },
	{ ETIMEDOUT, "too many wait for this socket" },
	{ 0 },
};

static const char *reason(const char *word, int err)
{
	size_t i;

	if (err == ENOENT && !strchr(word, '/'))
		return "no port of this name, see vportctl list, and no file";
	for (i = 0; reasons[i].err; i++) {
		if (reasons[i].err == err)
			return reasons[i].why;
	}
	return strerror(err);
}

int port_open(const char *word, unsigned int timeout_ms, struct client **ret)
{
	char *path = port_path(word);
	int err = path ? client_open(path, timeout_ms, ret) : -ENOMEM;

	free(path);
	if (err)
		log_err("%s: %s", word, reason(word, -err));
	return err;
}
