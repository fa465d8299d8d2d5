// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log.c - messages for the person who runs the program
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LOG_LINE_MAX 1024	/* longer lines are cut; one write() each */

static const char *log_name = "vport";
static int log_level = LOG_INFO;
static bool log_to_journal;
static int log_fd = -1;
static bool (*log_may)(void);
static bool log_timestamps;
static char log_subject[128];

/* The journal names the stream it reads, so that a redirection is noticed. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev;
	unsigned long long ino;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &dev, &ino) != 2)
		return false;
	if (fstat(STDERR_FILENO, &st))
		return false;

	return st.st_dev == dev && st.st_ino == ino;
}

void log_init(const char *name)
{
	log_name = name;
	log_to_journal = stderr_is_journal();
}

void log_set_level(int level)
{
	log_level = level;
}

bool log_wants(int level)
{
	return level <= log_level;
}

/* What a peer chose must not be able to start a line of its own. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

void log_set_timestamps(bool on)
{
	log_timestamps = on;
}

void log_set_subject(const char *name)
{
	snprintf(log_subject, sizeof(log_subject), "%s", name ?: "");
	make_printable(log_subject);
}

void log_set_file(int fd, bool (*may)(void))
{
	log_fd = fd;
	log_may = may;
}

static const char *level_word(int level)
{
	static const char *const words[] = {
		[LOG_ERR] = "critical",
		[LOG_WARNING] = "warning",
		[LOG_NOTICE] = "message",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug",
	};

	return level >= LOG_ERR && level <= LOG_DEBUG ? words[level] :
							words[LOG_ERR];
}

/* As QEMU prints it: in UTC, with microseconds. */
static int print_time(char *line, size_t size)
{
	struct timespec now;
	struct tm tm;
	int len;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!gmtime_r(&now.tv_sec, &tm))
		return 0;
	len = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &tm);
	return len + snprintf(line + len, size - len, ".%06ldZ ",
			      now.tv_nsec / 1000);
}

int log_time(char *line, size_t size)
{
	return log_timestamps ? print_time(line, size) : 0;
}

/* Return: bytes of what stands before the text. */
static int print_head(char *line, size_t size, int level, bool file)
{
	struct timespec now;
	int len = 0;

	if (file) {
		clock_gettime(CLOCK_REALTIME, &now);
		return snprintf(line, size, "%lld.%06ld: %s: ",
				(long long)now.tv_sec, now.tv_nsec / 1000,
				level_word(level));
	}
	if (log_to_journal)
		return snprintf(line, size, "<%d>", level);
	len = log_time(line, size);
	return len + snprintf(line + len, size - len, "%s%s%s: ", log_subject,
			      *log_subject ? " " : "", log_name);
}

void log_line(int level, const char *format, ...)
{
	bool file = log_fd >= 0 && log_may();
	char line[LOG_LINE_MAX];
	va_list args;
	int head;
	int body;

	if (level > log_level)
		return;

	head = print_head(line, sizeof(line), level, file);
	va_start(args, format);
	body = vsnprintf(line + head, sizeof(line) - head - 1, format, args);
	va_end(args);

	if (body < 0)
		return;
	if (body > (int)sizeof(line) - head - 2)
		body = sizeof(line) - head - 2;

	make_printable(line + head);
	line[head + body] = '\n';
	if (write(file ? log_fd : STDERR_FILENO, line, head + body + 1) < 0)
		return;		/* there is nobody left to tell */
}
