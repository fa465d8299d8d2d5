// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * load.c - what the guest does while it is measured
 *
 *	load write PORT SIZE COUNT	write(2) SIZE bytes, COUNT times
 *	load read PORT SIZE COUNT	read(2) of at most SIZE, SIZE * COUNT bytes
 *	load echo PORT SIZE COUNT	write SIZE bytes and read them back
 *
 * Prints what was done, how many calls and interrupts it took and how long:
 * "WHAT SIZE BYTES CALLS INTERRUPTS SECONDS".  Passes the marks of mark.h before
 * and after, for who counts instructions.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "mark.h"

#define SIZE_MAX_BYTES	(4 << 20)

struct load {
	int fd;
	size_t size;
	unsigned long count;
	uint64_t bytes;
	unsigned long calls;
};

static char buf[SIZE_MAX_BYTES];

static void die(const char *what, int error)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(error));
	exit(1);
}

static void write_all(struct load *load)
{
	size_t done;
	ssize_t n;

	for (done = 0; done < load->size; done += n) {
		n = write(load->fd, buf + done, load->size - done);
		if (n <= 0)
			die("write", n ? errno : EIO);
		load->calls++;
	}
}

static void do_write(struct load *load)
{
	unsigned long i;

	for (i = 0; i < load->count; i++)
		write_all(load);
	load->bytes = load->count * load->size;
	/* The in-tree driver has none, and has then sent it all already. */
	if (fsync(load->fd) && errno != EINVAL)
		die("fsync", errno);
}

static void read_some(struct load *load, uint64_t most)
{
	ssize_t n;

	n = read(load->fd, buf, most < load->size ? most : load->size);
	if (n <= 0)
		die("read", n ? errno : EPIPE);
	load->bytes += n;
	load->calls++;
}

static void do_read(struct load *load)
{
	uint64_t all = load->count * load->size;

	while (load->bytes < all)
		read_some(load, all - load->bytes);
}

static void do_echo(struct load *load)
{
	unsigned long i;

	for (i = 1; i <= load->count; i++) {
		write_all(load);
		while (load->bytes < i * load->size)
			read_some(load, i * load->size - load->bytes);
	}
}

static const struct {
	const char *name;
	void (*run)(struct load *load);
} kinds[] = {
	{ "write", do_write },
	{ "read", do_read },
	{ "echo", do_echo },
};

/* Those of all virtio devices; the bench's guest has no other. */
static unsigned long interrupts(void)
{
	unsigned long sum = 0, n;
	char line[512];
	FILE *file;

	file = fopen("/proc/interrupts", "r");
	if (!file)
		die("/proc/interrupts", errno);
	while (fgets(line, sizeof(line), file))
		if (strstr(line, "virtio") && sscanf(line, " %*[^:]: %lu", &n) == 1)
			sum += n;
	fclose(file);
	return sum;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void measure(const char *what, void (*run)(struct load *),
		    struct load *load)
{
	unsigned long before = interrupts();
	double start = now();

	mark(MARK_BEGIN);
	run(load);
	mark(MARK_END);
	printf("%s %zu %llu %lu %lu %.6f\n", what, load->size,
	       (unsigned long long)load->bytes, load->calls,
	       interrupts() - before, now() - start);
}

static void connect_port(struct load *load, const char *name)
{
	int ret;

	load->fd = port_open(name, O_RDWR);
	if (load->fd < 0)
		die(name, -load->fd);
	ret = port_wait_host(load->fd, true);
	if (ret)
		die(name, -ret);
}

int main(int argc, char *argv[])
{
	struct load load = { .fd = -1 };
	size_t i;

	if (argc != 5) {
		fprintf(stderr, "load: expected write|read|echo PORT SIZE COUNT\n");
		return 2;
	}
	load.size = strtoul(argv[3], NULL, 0);
	load.count = strtoul(argv[4], NULL, 0);
	if (!load.size || load.size > sizeof(buf) || !load.count) {
		fprintf(stderr, "load: %s %s: expected a SIZE of 1 to %zu, and a COUNT\n",
			argv[3], argv[4], sizeof(buf));
		return 2;
	}
	memset(buf, 'v', sizeof(buf));

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(argv[1], kinds[i].name)) {
			connect_port(&load, argv[2]);
			measure(argv[1], kinds[i].run, &load);
			return 0;
		}
	fprintf(stderr, "load: %s: expected write, read or echo\n", argv[1]);
	return 2;
}
