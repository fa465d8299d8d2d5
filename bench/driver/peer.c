// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer.c - the host's ends: `peer DIRECTORY COMMAND...`
 *
 * Listens on DIRECTORY/source, which sends without end, sink, which takes
 * everything, and echo, which sends back; then runs the command, which is to
 * connect to them, and ends as it does.
 *
 * The echo comes after a fraction of a millisecond, as from a peer with something
 * else to do: otherwise it depends on this machine's other processor whether the
 * guest goes to sleep before it comes, which is half of the guest's work.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK		(64 * 1024)
#define ECHO_DELAY_US	300

static char buf[CHUNK];

static void die(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_at(const char *dir, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", dir,
			     name) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		die(dir);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 1))
		die(addr.sun_path);
	return fd;
}

static void serve_source(int fd)
{
	while (send(fd, buf, sizeof(buf), MSG_NOSIGNAL) > 0)
		;
}

static void serve_sink(int fd)
{
	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
}

static void serve_echo(int fd)
{
	ssize_t n;

	do {
		n = recv(fd, buf, sizeof(buf), 0);
		usleep(ECHO_DELAY_US);
	} while (n > 0 && send(fd, buf, n, MSG_NOSIGNAL) == n);
}

/* A process for each end, which goes when the command does. */
static void start(const char *dir, const char *name, void (*serve)(int fd))
{
	pid_t parent = getpid();
	int fd = listen_at(dir, name);
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid) {
		close(fd);
		return;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	for (;;) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			_exit(1);
		serve(peer);
		close(peer);
	}
}

int main(int argc, char *argv[])
{
	int status;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "peer: expected DIRECTORY COMMAND...\n");
		return 2;
	}
	start(argv[1], "source", serve_source);
	start(argv[1], "sink", serve_sink);
	start(argv[1], "echo", serve_echo);

	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[2], argv + 2);
		die(argv[2]);
	}
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
