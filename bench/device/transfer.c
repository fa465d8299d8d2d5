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

/*
 * The first line, of those that begin with @begin, of a file of a thread's;
 * false: there is none, or the thread has ended.
 */
static bool read_line(const char *pid, const char *tid, const char *name,
		      const char *begin, char *line, size_t size)
{
	char path[600];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%s/task/%s/%s", pid, tid, name);
	file = fopen(path, "r");
	if (!file)
		return false;
	do {
		ok = fgets(line, size, file);
	} while (ok && strncmp(line, begin, strlen(begin)));
	fclose(file);
	return ok;
}

/* Of a thread, so far. */
struct usage {
	double cpu;		/* seconds */
	double sleeps;
};

/* What the scheduler has counted, which is finer than ticks. */
static void add_usage(const char *pid, const char *tid, struct usage *sum)
{
	static const char sleeps[] = "voluntary_ctxt_switches:";
	char line[128];

	if (read_line(pid, tid, "schedstat", "", line, sizeof(line)))
		sum->cpu += strtod(line, NULL) / 1e9;
	if (read_line(pid, tid, "status", sleeps, line, sizeof(line)))
		sum->sleeps += strtod(line + strlen(sleeps), NULL);
}

static void count_threads(pid_t pid, struct usage *ret_vcpu,
			  struct usage *ret_others)
{
	char number[16], path[32], name[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(number, sizeof(number), "%d", pid);
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		die(path);
	*ret_vcpu = *ret_others = (struct usage){ 0 };
	while ((entry = readdir(dir))) {
		if (read_line(number, entry->d_name, "comm", "", name,
			      sizeof(name)))
			add_usage(number, entry->d_name,
				  strncmp(name, "CPU ", 4) ? ret_others :
							     ret_vcpu);
	}
	closedir(dir);
}

static struct cost count(const struct machine *machine,
			 const struct device *device)
{
	struct usage none, vcpu, io, own;

	count_threads(machine->qemu, &vcpu, &io);
	own = io;
	if (device->pid)
		count_threads(device->pid, &none, &own);
	return (struct cost) {
		.seconds	= now(),
		.device		= own.cpu,
		.io		= io.cpu,
		.vcpu		= vcpu.cpu,
		.sleeps		= own.sleeps,
	};
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
		.sleeps		= after.sleeps - before.sleeps,
	};
}
