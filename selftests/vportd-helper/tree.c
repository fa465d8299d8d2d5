// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tree.c - a directory that stands for the whole system
 */

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tree.h"

char tree_root[64];

void tree_create(void)
{
	strcpy(tree_root, "/tmp/vport-tree.XXXXXX");
	assert_non_null(mkdtemp(tree_root));
	assert_int_equal(0, chmod(tree_root, 0755));
}

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	return remove(path);
}

void tree_remove(void)
{
	nftw(tree_root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void full_path(char *full, const char *path)
{
	char *slash;

	snprintf(full, PATH_MAX, "%s%s", tree_root, path);
	for (slash = full + strlen(tree_root) + 1;
	     (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
}

static void write_file(const char *path, const char *head, const char *text,
		       int mode)
{
	char full[PATH_MAX];
	FILE *file;

	full_path(full, path);
	file = fopen(full, "we");
	assert_non_null(file);
	fprintf(file, "%s%s", head, text);
	fchmod(fileno(file), mode);
	fclose(file);
}

void tree_file(const char *path, const char *text)
{
	write_file(path, "", text, 0644);
}

void tree_script(const char *path, const char *text)
{
	write_file(path, "#!/bin/sh\n", text, 0755);
}

void tree_dir(const char *path)
{
	char full[PATH_MAX];

	full_path(full, path);
	assert_int_equal(0, mkdir(full, 0755));
}

void tree_link(const char *path, const char *to)
{
	char full[PATH_MAX];

	full_path(full, path);
	assert_int_equal(0, symlink(to, full));
}

char *tree_read(const char *path)
{
	char full[PATH_MAX];
	char *text;
	ssize_t n;
	int fd;

	snprintf(full, sizeof(full), "%s%s", tree_root, path);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	text = calloc(1, 65536);
	n = read(fd, text, 65535);
	close(fd);
	assert_true(n >= 0);
	return text;
}
