// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace.c - things that happen all the time, told on request
 */

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "trace.h"

#define TRACE_LINE_MAX	256

static int trace_fd = STDERR_FILENO;

void trace_line(const char *name, const char *format, ...)
{
	char line[TRACE_LINE_MAX];
	va_list args;
	int len, body;

	len = log_time(line, sizeof(line));
	len += snprintf(line + len, sizeof(line) - len, "%s ", name);
	va_start(args, format);
	body = vsnprintf(line + len, sizeof(line) - len - 1, format, args);
	va_end(args);
	if (body < 0)
		return;
	len += body < (int)sizeof(line) - len - 2 ? body :
	       (int)sizeof(line) - len - 2;
	line[len] = '\n';
	if (write(trace_fd, line, len + 1) < 0)
		return;		/* there is nobody left to tell */
}

int trace_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
		      0666);

	if (fd < 0)
		return -errno;
	if (trace_fd != STDERR_FILENO)
		close(trace_fd);
	trace_fd = fd;
	return 0;
}

unsigned int trace_enable(struct trace_event *events, const char *pattern,
			  bool on)
{
	unsigned int count = 0;

	for (; events->name; events++) {
		if (fnmatch(pattern, events->name, 0))
			continue;
		events->enabled = on;
		count++;
	}
	return count;
}

bool trace_is_pattern(const char *text)
{
	return strpbrk(text, "*?");
}
