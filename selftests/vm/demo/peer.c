// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer.c - the guest's end of the demonstration's port: `demo-peer NAME`
 *
 * The host sends "put LENGTH\n" and so many bytes, and gets their checksum as
 * "%08x\n"; or it sends "get LENGTH\n" and gets bytes, then the checksum.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc32.h"
#include "host.h"
#include "pattern.h"

static uint8_t buf[65536];

static int read_line(int fd, char *line, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1) {
		n = read(fd, line + len, 1);
		if (n <= 0)
			return n ? -errno : -EPIPE;
		if (line[len] == '\n') {
			line[len] = 0;
			return 0;
		}
		len++;
	}
	return -EMSGSIZE;
}

static int write_all(int fd, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	for (; len; at += n, len -= n) {
		n = write(fd, at, len);
		if (n <= 0)
			return n ? -errno : -EIO;
	}
	return 0;
}

static int take(int fd, unsigned long long len, struct crc32 *crc)
{
	ssize_t n;

	for (; len; len -= n) {
		n = read(fd, buf, len < sizeof(buf) ? len : sizeof(buf));
		if (n <= 0)
			return n ? -errno : -EPIPE;
		crc32_add(crc, buf, n);
	}
	return 0;
}

static int give(int fd, unsigned long long len, struct crc32 *crc)
{
	unsigned long long offset, n;
	int ret = 0;

	for (offset = 0; !ret && offset < len; offset += n) {
		n = len - offset < sizeof(buf) ? len - offset : sizeof(buf);
		pattern_fill(buf, n, 2, offset);
		crc32_add(crc, buf, n);
		ret = write_all(fd, buf, n);
	}
	return ret;
}

static int serve(int fd)
{
	unsigned long long len;
	char line[64];
	struct crc32 crc;
	int ret;

	ret = read_line(fd, line, sizeof(line));
	if (ret)
		return ret;

	crc32_init(&crc);
	if (sscanf(line, "put %llu", &len) == 1)
		ret = take(fd, len, &crc);
	else if (sscanf(line, "get %llu", &len) == 1)
		ret = give(fd, len, &crc);
	else
		ret = -EPROTO;
	if (ret)
		return ret;
	snprintf(line, sizeof(line), "%08x\n", crc32_result(&crc));
	return write_all(fd, line, strlen(line));
}

int main(int argc, char *argv[])
{
	int fd, ret;

	if (argc != 2)
		return 2;
	fd = port_open(argv[1], O_RDWR);
	if (fd < 0) {
		fprintf(stderr, "demo-peer: %s: %s\n", argv[1], strerror(-fd));
		return 1;
	}
	/* Whoever waits for this program may go on: the port is open. */
	puts("open");
	fflush(stdout);

	do {
		do {
			ret = port_wait_host(fd, true);
		} while (ret == -ETIMEDOUT);
		while (!ret)
			ret = serve(fd);
	} while (ret == -EPIPE);
	fprintf(stderr, "demo-peer: %s\n", strerror(-ret));
	return 1;
}
