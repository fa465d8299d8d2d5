// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * background.c - a daemon's process, and the file that names it
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "background.h"

/* One byte says that the child is ready; the end of the stream, that not. */
__attribute__((noreturn))
static void wait_for_child(int fd)
{
	ssize_t len;
	char ready;

	do {
		len = read(fd, &ready, 1);
	} while (len < 0 && errno == EINTR);

	_exit(len == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Later there may be another root, without such a file. */
static int forget_stdin(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return -errno;
	dup2(null, STDIN_FILENO);
	close(null);
	return 0;
}

int background_begin(int *ret)
{
	int fds[2], err;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;

	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	if (pid) {
		close(fds[1]);
		wait_for_child(fds[0]);
	}
	close(fds[0]);
	err = setsid() < 0 ? -errno : forget_stdin();
	if (err) {
		close(fds[1]);
		return err;
	}
	*ret = fds[1];
	return 0;
}

int background_ready(int fd)
{
	int ret = 0;

	if (chdir("/") || write(fd, "", 1) != 1) {
		ret = -errno;
	} else {
		dup2(STDIN_FILENO, STDOUT_FILENO);
		dup2(STDIN_FILENO, STDERR_FILENO);
	}
	close(fd);
	return ret;
}

int pidfile_create(const char *path, int *ret)
{
	char text[32];
	int fd, len, err;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;

	len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (lockf(fd, F_TLOCK, 0) || ftruncate(fd, 0) ||
	    write(fd, text, len) != len) {
		err = errno == EACCES ? -EAGAIN : -errno;
		close(fd);
		return err;
	}
	*ret = fd;
	return 0;
}
