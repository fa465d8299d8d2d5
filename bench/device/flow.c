// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flow.c - the guest's end of a measured port: `flow PORT`
 *
 * Does what the host says in lines on the port itself, so that the host knows
 * when each thing begins and ends:
 *
 *	write SIZE BYTES	write(2) SIZE bytes at a time, BYTES in all
 *	read SIZE BYTES		read(2) at most SIZE bytes at a time
 *	end
 *
 * After each but the last, a line "done CALLS" comes back.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

#define SIZE_MAX_BYTES	(1 << 20)

static char buf[SIZE_MAX_BYTES];

static void die(const char *what, int error)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(error));
	exit(1);
}

/* A byte at a time: what follows the line is data. */
static void read_line(int fd, char *line, size_t size)
{
	size_t len = 0;

	do {
		if (len == size - 1 || read(fd, line + len, 1) != 1)
			die("no whole line", EPROTO);
	} while (line[len++] != '\n');
	line[len] = '\0';
}

static unsigned long write_all(int fd, size_t size, uint64_t bytes)
{
	unsigned long calls = 0;
	ssize_t len;

	while (bytes) {
		len = write(fd, buf, bytes < size ? bytes : size);
		if (len <= 0)
			die("write", len ? errno : EIO);
		bytes -= len;
		calls++;
	}
	return calls;
}

static unsigned long read_all(int fd, size_t size, uint64_t bytes)
{
	unsigned long calls = 0;
	ssize_t len;

	while (bytes) {
		len = read(fd, buf, bytes < size ? bytes : size);
		if (len <= 0)
			die("read", len ? errno : EPIPE);
		bytes -= len;
		calls++;
	}
	return calls;
}

static void obey(int fd, const char *line)
{
	unsigned long size, calls;
	unsigned long long bytes;
	char what[8], done[32];
	int len;

	if (sscanf(line, "%7s %lu %llu", what, &size, &bytes) != 3 ||
	    !size || size > sizeof(buf))
		die(line, EINVAL);
	if (strcmp(what, "write"))
		calls = read_all(fd, size, bytes);
	else
		calls = write_all(fd, size, bytes);
	len = snprintf(done, sizeof(done), "done %lu\n", calls);
	if (write(fd, done, len) != len)
		die("write", errno);
}

int main(int argc, char *argv[])
{
	char line[64];
	int fd;

	if (argc != 2) {
		fprintf(stderr, "flow: expected PORT\n");
		return 2;
	}
	fd = port_open(argv[1], O_RDWR);
	if (fd < 0)
		die(argv[1], -fd);
	if (port_wait_host(fd, true))
		die(argv[1], ENOTCONN);

	for (;;) {
		read_line(fd, line, sizeof(line));
		if (!strcmp(line, "end\n"))
			return 0;
		obey(fd, line);
	}
}
