// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cat.c - vportctl cat, send: a port or a socket and the standard streams
 *
 * A port without a host reports a hang-up all the time, so waiting is done for
 * changes.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client.h"
#include "log.h"
#include "port_path.h"
#include "vportctl.h"

#define PIECE 65536

struct line {
	struct client *client;
	int fd;
	int changes;		/* an epoll that tells of them */
	bool was_open;		/* a host has been there */
};

static int line_open(struct line *line, const char *word)
{
	struct epoll_event event = {
		EPOLLIN | EPOLLOUT | EPOLLET, { .fd = -1 },
	};
	int err = port_open(word, DEFAULT_TIMEOUT_MS, &line->client);

	if (err)
		return err;

	line->fd = client_fd(line->client);
	line->changes = epoll_create1(EPOLL_CLOEXEC);
	if (line->changes >= 0 &&
	    !epoll_ctl(line->changes, EPOLL_CTL_ADD, line->fd, &event))
		return 0;
	err = -errno;
	log_err("%s: %s", word, strerror(errno));
	client_close(line->client);
	return err;
}

static void line_close(struct line *line)
{
	close(line->changes);
	client_close(line->client);
}

/* Where output is a pipe, its end is worth waking up for. */
static void line_watch_output(struct line *line)
{
	struct epoll_event event = { EPOLLET, { .fd = STDOUT_FILENO } };

	epoll_ctl(line->changes, EPOLL_CTL_ADD, STDOUT_FILENO, &event);
}

/* Return: 0, or -EPIPE when nobody wants the output any more. */
static int line_wait(struct line *line)
{
	struct epoll_event event;

	if (epoll_wait(line->changes, &event, 1, -1) != 1)
		return 0;
	if (event.data.fd == STDOUT_FILENO)
		return event.events & EPOLLERR ? -EPIPE : 0;
	if (!(event.events & EPOLLHUP))
		line->was_open = true;
	return 0;
}

static int write_out(const char *data, size_t len)
{
	if (fwrite(data, len, 1, stdout) == 1 && !fflush(stdout))
		return 0;
	return -EPIPE;		/* main() says so */
}

/* Return: 1 to go on, 0 at the end, -errno. */
static int cat_piece(struct line *line, bool follow)
{
	static char buf[PIECE];
	ssize_t n = read(line->fd, buf, sizeof(buf));

	if (n > 0) {
		int err = write_out(buf, n);

		line->was_open = true;
		return err ? err : 1;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	if (!n && line->was_open && !follow)
		return 0;
	if (n == 0 || errno == EAGAIN) {
		int err = line_wait(line);

		return err ? err : 1;
	}
	return 1;
}

int run_cat(const struct subcommand *self, int argc, char **argv)
{
	struct line line = { 0 };
	struct arguments args;
	int ret;

	ret = usage_parse(self, "f", 1, 1, argc, argv, &args);
	if (ret != 1)
		return ret ? EXIT_FAILURE : EXIT_SUCCESS;
	if (line_open(&line, args.argv[0]))
		return EXIT_FAILURE;

	line_watch_output(&line);
	do {
		ret = cat_piece(&line, args.follow);
	} while (ret > 0);
	if (ret && ret != -EPIPE)
		log_err("%s: %s", args.argv[0], strerror(-ret));
	line_close(&line);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int send_piece(struct line *line, const char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(line->fd, data, len);
		if (n > 0) {
			data += n;
			len -= n;
		} else if (!n || errno == EAGAIN) {
			line_wait(line);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

static int send_all(struct line *line, int from)
{
	static char buf[PIECE];
	ssize_t n;
	int err = 0;

	while (!err) {
		n = read(from, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		err = send_piece(line, buf, n);
	}
	return err;
}

int run_send(const struct subcommand *self, int argc, char **argv)
{
	struct line line = { 0 };
	struct arguments args;
	int from = STDIN_FILENO;
	int ret;

	ret = usage_parse(self, "", 1, 2, argc, argv, &args);
	if (ret != 1)
		return ret ? EXIT_FAILURE : EXIT_SUCCESS;
	if (args.count > 1 && strcmp(args.argv[1], "-"))
		from = open(args.argv[1], O_RDONLY | O_CLOEXEC);
	if (from < 0) {
		log_err("%s: %s", args.argv[1], strerror(errno));
		return EXIT_FAILURE;
	}
	if (line_open(&line, args.argv[0]))
		return EXIT_FAILURE;

	ret = send_all(&line, from);
	if (ret)
		log_err("%s: %s", args.argv[0], strerror(-ret));
	line_close(&line);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
