/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h - a directory that stands for the whole system
 */

#ifndef TREE_H
#define TREE_H

#include <stddef.h>

/* Made anew, empty, and removed with all that is in it. */
void tree_create(void);
void tree_remove(void);

/* Its path, without a slash at the end. */
extern char tree_root[64];

/* A file with all the directories above it; @path begins with a slash. */
void tree_file(const char *path, const char *text);

/* The same, to be run; the shell's first line is added. */
void tree_script(const char *path, const char *text);

void tree_dir(const char *path);
void tree_link(const char *path, const char *to);

/* Return: what is in a file, to be passed to free(), or NULL. */
char *tree_read(const char *path);

#endif /* TREE_H */
