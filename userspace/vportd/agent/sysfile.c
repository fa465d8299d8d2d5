// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sysfile.c - small files in which the system describes itself
 *
 * Meant for /proc and /sys, whose files have no size before they are read.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfile.h"

#define FIRST_SIZE 4096

static int read_to_end(int fd, char **text)
{
	size_t size = FIRST_SIZE;
	size_t len = 0;
	char *larger;
	ssize_t n;

	for (;;) {
		larger = realloc(*text, size + 1);
		if (!larger)
			return -ENOMEM;
		*text = larger;
		n = read(fd, *text + len, size - len);
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += n;
		if (len < size)
			continue;
		if (size >= SYSFILE_MAX)
			return -EFBIG;
		size *= 2;
	}
	(*text)[len] = '\0';
	return 0;
}

int sysfile_read(const char *path, char **ret)
{
	char *text = NULL;
	int err;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;

	err = read_to_end(fd, &text);
	close(fd);
	if (err)
		free(text);
	else
		*ret = text;
	return err;
}

int sysfile_read_word(char *word, size_t size, const char *format, ...)
{
	char path[256];
	va_list args;
	char *text;
	int err;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;

	err = sysfile_read(path, &text);
	if (err)
		return err;
	text[strcspn(text, "\n")] = '\0';
	err = strlen(text) < size ? 0 : -EFBIG;
	if (!err)
		strcpy(word, text);
	free(text);
	return err;
}

/* Return: whether @name is @prefix and a number, which goes to @ret. */
static int parse_name(const char *name, const char *prefix, unsigned int *ret)
{
	size_t len = strlen(prefix);
	unsigned long number;
	char *end;

	if (strncmp(name, prefix, len) || name[len] < '0' || name[len] > '9')
		return 0;

	errno = 0;
	number = strtoul(name + len, &end, 10);
	if (errno || *end || number > 0x7fffffff)
		return 0;

	*ret = number;
	return 1;
}

static int compare(const void *a, const void *b)
{
	unsigned int left = *(const unsigned int *)a;
	unsigned int right = *(const unsigned int *)b;

	return (left > right) - (left < right);
}

/* The array grows whenever the count reaches a power of two. */
static int append(unsigned int **numbers, size_t *count, unsigned int number)
{
	unsigned int *larger;

	if (!(*count & (*count - 1))) {
		larger = reallocarray(*numbers, *count ? *count * 2 : 1,
				      sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		*numbers = larger;
	}
	(*numbers)[(*count)++] = number;
	return 0;
}

int sysfile_numbered(const char *dir, const char *prefix, unsigned int **ret,
		     size_t *ret_count)
{
	unsigned int *numbers = NULL;
	struct dirent *entry;
	unsigned int number;
	size_t count = 0;
	int err = 0;
	DIR *stream;

	stream = opendir(dir);
	if (!stream)
		return -errno;

	while (!err && (entry = readdir(stream))) {
		if (parse_name(entry->d_name, prefix, &number))
			err = append(&numbers, &count, number);
	}
	closedir(stream);
	if (err) {
		free(numbers);
		return err;
	}

	if (count)
		qsort(numbers, count, sizeof(*numbers), compare);
	*ret = numbers;
	*ret_count = count;
	return 0;
}
