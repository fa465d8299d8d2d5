// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_path.c - what a person calls a port
 */

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
