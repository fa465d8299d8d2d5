// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * child.c - the emulator's processes
 *
 * Each is a process group of its own, so that nothing of it outlives the run.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "log.h"

#define CHILD_MAX	4

struct child {
	struct host *host;
	pid_t pid;		/* 0: it has ended */
	const char *name;
	child_exited_fn *exited;
};

static struct child children[CHILD_MAX];

static _Noreturn void run(struct host *host, char *const argv[], bool pass)
{
	unsigned int i;
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (i = 0; pass && i < host->nhanded; i++)
		dup2(host->handed[i].fd, host->handed[i].as);
	execvp(argv[0], argv);
	log_err("%s: %s", argv[0], strerror(errno));
	_exit(127);
}

static int ended(sd_event_source *source, const siginfo_t *info, void *data)
{
	struct child *child = data;

	child->pid = 0;
	if (info->si_code != CLD_EXITED)
		log_info("%s: killed by signal %d", child->name,
			 info->si_status);
	child->exited(child->host, info->si_code == CLD_EXITED ?
		      info->si_status : 128 + info->si_status);
	return 0;
}

/**
 * child_start() - start a program
 * @host:   the run
 * @argv:   the program and its arguments, borrowed
 * @pass:   give it the descriptors that pass_on() was told of
 * @exited: called when it has ended
 *
 * Return: 0 or -errno.
 */
int child_start(struct host *host, char *const argv[], bool pass,
		child_exited_fn *exited)
{
	struct child *child = children;

	while (child->host && child < children + CHILD_MAX)
		child++;
	if (child == children + CHILD_MAX)
		return -ENOSPC;

	child->pid = fork();
	if (child->pid < 0)
		return -errno;
	if (!child->pid)
		run(host, argv, pass);

	child->host = host;
	child->name = argv[0];
	child->exited = exited;
	return sd_event_add_child(host->event, NULL, child->pid, WEXITED, ended,
				  child);
}

/* Orphans of the children have become ours: they are listed, too. */
static void kill_listed(void)
{
	char list[4096];
	char *pid, *save = NULL;
	ssize_t n;
	int fd;

	fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, list, sizeof(list) - 1);
	close(fd);
	list[n > 0 ? n : 0] = 0;
	for (pid = strtok_r(list, " ", &save); pid;
	     pid = strtok_r(NULL, " ", &save))
		kill(atoi(pid), SIGKILL);
}

/**
 * child_kill_all() - end what still runs
 */
void child_kill_all(void)
{
	struct child *child;

	/* A guest must not see its device go: the last one first. */
	for (child = children + CHILD_MAX - 1; child >= children; child--) {
		if (child->pid <= 0)
			continue;
		kill(-child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
		child->pid = 0;
	}

	do {
		kill_listed();
	} while (waitpid(-1, NULL, 0) > 0);
}
