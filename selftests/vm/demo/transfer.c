// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transfer.c - the host's end: `demo-transfer SOCKET MIB`
 *
 * So many MiB go each way; both ends add them up, and the sums must agree.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "crc32.h"
#include "pattern.h"

struct transfer {
	const char *name;
	int fd;
	unsigned long long len;
	unsigned long long done;
	double start;
	struct crc32 crc;
};

static uint8_t buf[65536];

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* A bar that grows, for a person who watches. */
static void progress(struct transfer *t)
{
	static int shown = -1;
	int part = t->done * 40 / t->len;

	if (!isatty(STDOUT_FILENO) || part == shown)
		return;
	shown = part;
	printf("\r      %-16s [%.*s%*s]", t->name, part,
	       "########################################", 40 - part, "");
	fflush(stdout);
	if (t->done == t->len)
		printf("\r\033[K");
}

static int send_all(struct transfer *t)
{
	size_t len, sent;
	ssize_t n;

	for (; t->done < t->len; t->done += len, progress(t)) {
		len = t->len - t->done;
		if (len > sizeof(buf))
			len = sizeof(buf);
		pattern_fill(buf, len, 1, t->done);
		crc32_add(&t->crc, buf, len);
		for (sent = 0; sent < len; sent += n) {
			n = send(t->fd, buf + sent, len - sent, MSG_NOSIGNAL);
			if (n < 0)
				return -errno;
		}
	}
	return 0;
}

static int receive_all(struct transfer *t)
{
	ssize_t n;

	for (; t->done < t->len; t->done += n, progress(t)) {
		n = t->len - t->done < sizeof(buf) ?
			(ssize_t)(t->len - t->done) : (ssize_t)sizeof(buf);
		n = recv(t->fd, buf, n, 0);
		if (n <= 0)
			return n ? -errno : -EPIPE;
		crc32_add(&t->crc, buf, n);
	}
	return 0;
}

static int report(struct transfer *t)
{
	char line[9];
	uint32_t theirs, ours = crc32_result(&t->crc);
	double seconds;

	if (recv(t->fd, line, sizeof(line), MSG_WAITALL) != sizeof(line))
		return -EPIPE;
	seconds = now() - t->start;
	theirs = strtoul(line, NULL, 16);
	printf("      %-16s %llu MiB in %5.2f s   %7.1f MB/s   crc32 host %08x, guest %08x: %s\n",
	       t->name, t->len >> 20, seconds, t->len / 1e6 / seconds,
	       ours, theirs, ours == theirs ? "equal" : "DIFFERENT");
	return ours == theirs ? 0 : -EBADMSG;
}

static int transfer(int fd, unsigned long long len, bool put)
{
	struct transfer t = {
		.name = put ? "host to guest" : "guest to host",
		.fd = fd,
		.len = len,
	};
	int ret;

	crc32_init(&t.crc);
	t.start = now();
	dprintf(fd, "%s %llu\n", put ? "put" : "get", len);
	ret = put ? send_all(&t) : receive_all(&t);
	return ret ?: report(&t);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return -errno;
	return fd;
}

int main(int argc, char *argv[])
{
	unsigned long long len;
	int fd, ret;

	if (argc != 3 || !(len = strtoull(argv[2], NULL, 10) << 20)) {
		fprintf(stderr, "demo-transfer: expected SOCKET MIB\n");
		return 2;
	}
	fd = connect_unix(argv[1]);
	ret = fd < 0 ? fd : transfer(fd, len, true);
	if (!ret)
		ret = transfer(fd, len, false);
	if (ret)
		fprintf(stderr, "demo-transfer: %s: %s\n", argv[1],
			strerror(-ret));
	return ret ? 1 : 0;
}
