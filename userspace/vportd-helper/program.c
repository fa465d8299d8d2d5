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
#include <unistd.h>

#include "job.h"

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
	if (in < 0)
		in = open("/dev/null", O_RDONLY);
	dup2(in, STDIN_FILENO);
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
	}
	signal(SIGPIPE, SIG_DFL);
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

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}

	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

int program_run(const char *const *argv, const char *input,
		struct program_output *output)
{
	int in = input ? make_file(input) : -1;
	int out = output ? make_file("") : -1;
	int ret = -EIO;
	pid_t pid = -1;

	if ((!input || in >= 0) && (!output || out >= 0)) {
		pid = fork();
		ret = -errno;
	}
	if (!pid)
		exec_program(argv, in, out);
	if (pid > 0)
		ret = wait_for(pid);
	if (output)
		take_output(out, output);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ret;
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
