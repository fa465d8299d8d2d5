// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session.c - a desktop session, as far as spice-vdagentd needs one
 *
 *	session SOCKET
 *
 * spice-vdagentd opens its port when a session has told the size of its screen,
 * and passes on what that does with its clipboard.  Each line read from standard
 * input is a number: so many times the session has something new to paste.
 */

#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	SCREEN_SIZE = 0,
	CLIPBOARD_GRAB = 2,
};

#define TEXT	1	/* a type of what can be pasted */
#define SCREEN	255	/* what QEMU without a display says pointers are on */
#define WIDTH	1024
#define HEIGHT	768

struct header {
	uint32_t type;
	uint32_t arg1;
	uint32_t arg2;
	uint32_t size;
};

struct screen {
	int32_t width;
	int32_t height;
	int32_t x;
	int32_t y;
	int32_t id;
};

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		errx(1, "%s: too long", path);
	strcpy(addr.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "%s", path);
	return fd;
}

static void tell(int fd, const struct header *header, const void *data)
{
	char message[sizeof(*header) + 64];

	memcpy(message, header, sizeof(*header));
	memcpy(message + sizeof(*header), data, header->size);
	if (write(fd, message, sizeof(*header) + header->size) < 0)
		err(1, "write");
}

static void tell_screen(int fd)
{
	const struct screen screen = {
		.width = WIDTH,
		.height = HEIGHT,
		.id = SCREEN,
	};
	const struct header header = {
		.type = SCREEN_SIZE,
		.arg1 = WIDTH,
		.arg2 = HEIGHT,
		.size = sizeof(screen),
	};

	tell(fd, &header, &screen);
}

static void grab(int fd, long times)
{
	const uint32_t type = TEXT;
	const struct header header = {
		.type = CLIPBOARD_GRAB,
		.size = sizeof(type),
	};

	while (times-- > 0)
		tell(fd, &header, &type);
}

/* What the daemon says is of no interest, only that it is there. */
static void listen_to(int fd)
{
	char buf[4096];

	if (read(fd, buf, sizeof(buf)) <= 0)
		exit(0);
}

int main(int argc, char *argv[])
{
	struct pollfd polls[2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .events = POLLIN },
	};
	char line[32];

	if (argc != 2)
		errx(1, "usage: session SOCKET");
	setvbuf(stdin, NULL, _IONBF, 0);
	polls[1].fd = connect_to(argv[1]);
	tell_screen(polls[1].fd);
	while (poll(polls, 2, -1) > 0) {
		if (polls[1].revents)
			listen_to(polls[1].fd);
		if (polls[0].revents) {
			if (!fgets(line, sizeof(line), stdin))
				return 0;
			grab(polls[1].fd, atol(line));
		}
	}
	return 1;
}
