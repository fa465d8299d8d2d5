// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * program.c - programs of the system
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "job.h"

/* From SIGTERM to SIGKILL, and from there until it is left alone, in seconds. */
#define GRACE	5

/* A file for the program to read, or for its output. */
static int make_file(const char *contents)
{
	size_t len = strlen(contents);
	int fd = memfd_create("program", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (write(fd, contents, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Without input it reads /dev/null: the job's own is the daemon's socket. */
static void exec_program(const char *const *argv, int in, int out)
{
	sigset_t none;

	if (in < 0)
		in = open("/dev/null", O_RDONLY);
	dup2(in, STDIN_FILENO);
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
	}
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	execvp(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/* The last line that says something is what an error needs. */
static void take_output(int file, struct program_output *output)
{
	ssize_t n = pread(file, output->text, sizeof(output->text) - 1, 0);
	char *end;

	if (n < 0)
		n = 0;
	output->text[n] = '\0';
	for (end = output->text + n; end > output->text && end[-1] == '\n';)
		*--end = '\0';
}

/* SIGCHLD is blocked.  Return: whether it has ended by then, or -errno. */
static int ends_within(pid_t pid, unsigned int seconds, int *status)
{
	struct timespec now;
	struct timespec left;
	sigset_t child;
	int64_t end;
	int64_t ns;
	pid_t ret;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &now);
	end = (now.tv_sec + seconds) * 1000000000ll + now.tv_nsec;
	for (;;) {
		ret = waitpid(pid, status, WNOHANG);
		if (ret)
			return ret > 0 ? 1 : -errno;
		clock_gettime(CLOCK_MONOTONIC, &now);
		ns = end - (now.tv_sec * 1000000000ll + now.tv_nsec);
		if (ns <= 0)
			return 0;
		left.tv_sec = ns / 1000000000;
		left.tv_nsec = ns % 1000000000;
		sigtimedwait(&child, NULL, &left);
	}
}

static void kill_group(pid_t pid, int signal)
{
	/* It may not have come to its setpgid() yet. */
	if (kill(-pid, signal))
		kill(pid, signal);
}

/* One that not even SIGKILL ends is left to whoever ends this process. */
static int wait_for(pid_t pid, unsigned int seconds)
{
	int status = 0;
	int ret = 1;

	if (seconds)
		ret = ends_within(pid, seconds, &status);
	else
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	if (!ret) {
		kill_group(pid, SIGTERM);
		if (!ends_within(pid, GRACE, &status)) {
			kill_group(pid, SIGKILL);
			ends_within(pid, GRACE, &status);
		}
		return -ETIMEDOUT;
	}
	if (ret < 0)
		return ret;

	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

int program_run_within(const char *const *argv, const char *input,
		       struct program_output *output, unsigned int seconds)
{
	int in = input ? make_file(input) : -1;
	int out = output ? make_file("") : -1;
	int ret = -EIO;
	pid_t pid = -1;
	sigset_t child;
	sigset_t old;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &old);
	if ((!input || in >= 0) && (!output || out >= 0)) {
		pid = fork();
		ret = -errno;
	}
	if (!pid)
		exec_program(argv, in, out);
	if (pid > 0)
		ret = wait_for(pid, seconds);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (output)
		take_output(out, output);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ret;
}

int program_run(const char *const *argv, const char *input,
		struct program_output *output)
{
	return program_run_within(argv, input, output, 0);
}

char *program_find(const struct job *job, const char *name)
{
	static const char *const dirs[] = {
		"/sbin", "/usr/sbin", "/bin", "/usr/bin",
	};
	char *path;
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		path = job_path(job, "%s/%s", dirs[i], name);
		if (!access(path, X_OK))
			return path;
		free(path);
	}

	return NULL;
}
