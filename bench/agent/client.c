// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client.c - an agent as a process, and one client of its socket
 */

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("compare: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static void exec_agent(const struct agent *agent, const char *command)
{
	char line[512];
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	snprintf(line, sizeof(line), "exec %s -m unix-listen -p %s/sock -t %s -F%s/hook",
		 command, agent->dir, agent->dir, agent->dir);
	execl("/bin/sh", "sh", "-c", line, NULL);
	_exit(127);
}

static void write_hook(const struct agent *agent)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/hook", agent->dir);
	file = fopen(path, "w");
	fputs("#!/bin/sh\n[ $1 != freeze ] || sleep 2\n", file);
	fchmod(fileno(file), 0755);
	fclose(file);
}

static int try_connect(const struct agent *agent)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/sock", agent->dir);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

void agent_start(struct agent *agent, const char *name, const char *command)
{
	int tries;

	agent->name = name;
	strcpy(agent->dir, "/tmp/bench-agent.XXXXXX");
	if (!mkdtemp(agent->dir))
		die("%s: cannot be made", agent->dir);
	write_hook(agent);
	agent->pid = fork();
	if (!agent->pid)
		exec_agent(agent, command);

	for (tries = 0; tries < 5000; tries++) {
		agent->fd = try_connect(agent);
		if (agent->fd >= 0)
			return;
		usleep(1000);
	}
	die("%s does not listen", command);
}

void agent_stop(struct agent *agent)
{
	static const char *const names[] = { "sock", "qga.state", "hook" };
	char path[64];
	size_t i;

	close(agent->fd);
	kill(agent->pid, SIGTERM);
	waitpid(agent->pid, NULL, 0);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", agent->dir, names[i]);
		unlink(path);
	}
	rmdir(agent->dir);
}

void agent_send(struct agent *agent, const char *request, size_t len)
{
	ssize_t n;

	while (len) {
		n = send(agent->fd, request, len, MSG_NOSIGNAL);
		if (n <= 0)
			die("%s has gone", agent->name);
		request += n;
		len -= n;
	}
}

size_t agent_receive(struct agent *agent, char *reply, size_t size)
{
	static char buf[256 << 10];
	size_t len = 0;
	size_t keep;
	ssize_t n;

	do {
		n = recv(agent->fd, buf, sizeof(buf), 0);
		if (n <= 0)
			die("%s has gone", agent->name);
		keep = len < size ? size - len : 0;
		memcpy(reply + len, buf, (size_t)n < keep ? (size_t)n : keep);
		len += n;
	} while (buf[n - 1] != '\n');

	reply[len < size ? len : size - 1] = '\0';
	return len;
}

size_t agent_ask(struct agent *agent, const char *request, char *reply,
		 size_t size)
{
	size_t len;

	agent_send(agent, request, strlen(request));
	len = agent_receive(agent, reply, size);
	if (strstr(reply, "\"error\""))
		die("%s: %.80s: %s", agent->name, request, reply);
	return len;
}

static long number_of(const struct agent *agent, const char *file,
		      const char *name)
{
	char path[64];
	char line[256];
	long number = -1;
	size_t len = strlen(name);
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/%s", agent->pid, file);
	in = fopen(path, "r");
	while (in && fgets(line, sizeof(line), in)) {
		if (!strncmp(line, name, len) && line[len] == ':')
			number = atol(line + len + 1);
	}
	if (in)
		fclose(in);
	return number;
}

long agent_status(const struct agent *agent, const char *name)
{
	return number_of(agent, "status", name);
}

long agent_smaps(const struct agent *agent, const char *name)
{
	return number_of(agent, "smaps_rollup", name);
}
