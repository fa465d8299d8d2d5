// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process.c - a program that the daemon starts
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "log.h"
#include "process.h"

#define LISTEN_FD 3

struct process {
	struct process *next;		/* of those abandoned */
	struct process **prev;
	pid_t pid;
	sd_event *event;
	struct child *child;
	sd_event_source *timer;		/* to SIGKILL */
	void (*exited)(void *data, const siginfo_t *info);
	void *data;
};

static struct process *abandoned;

static void process_free(struct process *process)
{
	if (process->prev) {
		*process->prev = process->next;
		if (process->next)
			process->next->prev = process->prev;
	}
	child_forget(process->child);
	sd_event_source_disable_unref(process->timer);
	free(process);
}

static void on_end(void *data, const siginfo_t *info)
{
	struct process *process = data;

	process->child = NULL;
	if (process->exited)
		process->exited(process->data, info);
	process_free(process);
}

static int on_kill_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	process_signal(userdata, SIGKILL);
	return 0;
}

/* Below here, up to run(): in the child, which ends with what fails. */

static int set_signals(void)
{
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

static int set_user(const struct process_spec *spec)
{
	if (!spec->user)
		return 0;
	return initgroups(spec->user, spec->gid) || setgid(spec->gid) ||
	       setuid(spec->uid);
}

static int set_listen_environment(const struct process_spec *spec)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	return setenv("LISTEN_PID", pid, 1) || setenv("LISTEN_FDS", "1", 1) ||
	       setenv("LISTEN_FDNAMES", spec->name, 1);
}

static int set_environment(const struct process_spec *spec)
{
	char **p;

	/* These are the daemon's own. */
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (spec->listen_fd >= 0 && set_listen_environment(spec))
		return -1;
	for (p = spec->environment; p && *p; p++) {
		if (putenv(*p))
			return -1;
	}
	return 0;
}

/* dup2() to itself would leave it close-on-exec. */
static int set_descriptor(int fd, int number)
{
	if (fd == number)
		return fcntl(fd, F_SETFD, 0);
	return dup2(fd, number) < 0 ? -1 : 0;
}

static int set_descriptors(const struct process_spec *spec)
{
	int fd = spec->stdio;

	if (fd < 0)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0 || set_descriptor(fd, STDIN_FILENO) ||
	    set_descriptor(fd, STDOUT_FILENO))
		return -1;
	return spec->listen_fd < 0 ? 0 :
	       set_descriptor(spec->listen_fd, LISTEN_FD);
}

__attribute__((noreturn))
static void run(const struct process_spec *spec)
{
	if (!set_signals() && setsid() >= 0 && !set_descriptors(spec) &&
	    !set_environment(spec) && !set_user(spec) &&
	    !chdir(spec->directory ? spec->directory : "/"))
		execvp(spec->argv[0], spec->argv);

	log_err("%s: %s: %s", spec->name, spec->argv[0], strerror(errno));
	_exit(127);
}

int process_start(sd_event *event, const struct process_spec *spec,
		  void (*exited)(void *data, const siginfo_t *info),
		  void *data, struct process **ret)
{
	struct process *process;
	int err;

	process = calloc(1, sizeof(*process));
	if (!process)
		return -ENOMEM;

	process->exited = exited;
	process->data = data;
	process->pid = fork();
	if (process->pid < 0) {
		err = -errno;
		free(process);
		return err;
	}
	if (!process->pid)
		run(spec);

	process->event = event;
	err = child_watch(event, process->pid, on_end, process, &process->child);
	if (err < 0) {
		kill(process->pid, SIGKILL);
		waitpid(process->pid, NULL, 0);
		free(process);
		return err;
	}
	*ret = process;
	return 0;
}

/* It may not have come to its setsid() yet. */
void process_signal(struct process *process, int signal)
{
	if (kill(-process->pid, signal))
		kill(process->pid, signal);
}

void process_abandon(struct process *process, uint64_t timeout)
{
	if (!process)
		return;

	process->exited = NULL;
	process_signal(process, SIGTERM);
	sd_event_add_time_relative(process->event, &process->timer, CLOCK_MONOTONIC,
				   timeout, timeout / 8, on_kill_time, process);

	process->next = abandoned;
	process->prev = &abandoned;
	if (abandoned)
		abandoned->prev = &process->next;
	abandoned = process;
}

void process_forget_abandoned(void)
{
	while (abandoned)
		process_free(abandoned);
}
