// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transfer.c - data through a port, and what that takes of the host
 *
 * The guest obeys what is written to its port, see flow.c.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "device.h"

/* What the host's end reads and writes at a time. */
#define CHUNK	(64u << 10)

static char buf[CHUNK];

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* The first word of a file of a thread's; false: the thread has ended. */
static bool read_word(const char *pid, const char *tid, const char *name,
		      char *word, size_t size)
{
	char path[600];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%s/task/%s/%s", pid, tid, name);
	file = fopen(path, "r");
	if (!file)
		return false;
	ok = fgets(word, size, file);
	fclose(file);
	return ok;
}

/* What the scheduler has counted, which is finer than ticks. */
static void count_threads(pid_t pid, double *ret_vcpu, double *ret_others)
{
	char number[16], path[32], word[64];
	struct dirent *entry;
	double *counter;
	DIR *dir;

	snprintf(number, sizeof(number), "%d", pid);
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		die(path);
	*ret_vcpu = *ret_others = 0;
	while ((entry = readdir(dir))) {
		if (!read_word(number, entry->d_name, "comm", word,
			       sizeof(word)))
			continue;
		counter = strncmp(word, "CPU ", 4) ? ret_others : ret_vcpu;
		if (read_word(number, entry->d_name, "schedstat", word,
			      sizeof(word)))
			*counter += strtod(word, NULL) / 1e9;
	}
	closedir(dir);
}

static struct cost count(const struct machine *machine,
			 const struct device *device)
{
	struct cost cost = { .seconds = now() };
	double none;

	count_threads(machine->qemu, &cost.vcpu, &cost.io);
	if (device->pid)
		count_threads(device->pid, &none, &cost.device);
	else
		cost.device = cost.io;
	return cost;
}

static void take(int fd, uint64_t bytes)
{
	ssize_t len;

	for (; bytes; bytes -= len) {
		len = recv(fd, buf, bytes < CHUNK ? bytes : CHUNK, 0);
		if (len <= 0)
			die("the guest's data");
	}
}

static void give(int fd, uint64_t bytes)
{
	ssize_t len;

	for (; bytes; bytes -= len) {
		len = send(fd, buf, bytes < CHUNK ? bytes : CHUNK, 0);
		if (len <= 0)
			die("data for the guest");
	}
}

static void expect_done(int fd)
{
	char line[32];
	size_t len = 0;

	do {
		if (len == sizeof(line) - 1 || recv(fd, line + len, 1, 0) != 1)
			die("the guest's answer");
	} while (line[len++] != '\n');
	line[len] = '\0';
	if (strncmp(line, "done ", 5)) {
		errno = EPROTO;
		die(line);
	}
}

struct cost transfer(const struct machine *machine,
		     const struct device *device, bool from_guest, size_t size,
		     uint64_t bytes)
{
	struct cost before, after;
	char line[64];
	int len;

	len = snprintf(line, sizeof(line), "%s %zu %llu\n",
		       from_guest ? "write" : "read", size,
		       (unsigned long long)bytes);
	before = count(machine, device);
	if (write(device->host, line, len) != len)
		die("write");
	if (from_guest)
		take(device->host, bytes);
	else
		give(device->host, bytes);
	expect_done(device->host);
	after = count(machine, device);
	return (struct cost) {
		.seconds	= after.seconds - before.seconds,
		.device		= after.device - before.device,
		.io		= after.io - before.io,
		.vcpu		= after.vcpu - before.vcpu,
	};
}
