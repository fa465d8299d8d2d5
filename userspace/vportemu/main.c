// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - vportemu: a virtio-serial device in a process of its own
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "background.h"
#include "cmdline.h"
#include "error.h"
#include "guest_memory.h"
#include "log.h"
#include "machine.h"
#include "sandbox.h"
#include "streams.h"

static int main_signal(sd_event_source *source,
		       const struct signalfd_siginfo *info, void *data)
{
	machine_shutdown(data, "host-signal");
	return 0;
}

/* A peer that closes or a file that is full is an error of write(), no signal. */
static int catch_signals(struct machine *machine)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t mask;
	size_t i;
	int ret;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	guest_memory_catch_faults();

	sigemptyset(&mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&mask, signals[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		ret = sd_event_add_signal(machine_loop(machine), NULL,
					  signals[i], main_signal, machine);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/*
 * Each ring takes two descriptors, and nothing here counts them with select():
 * what a service may have at most, it has from the start.
 */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		log_debug("limit of descriptors: %s, ignoring",
			  strerror(errno));
}

static int run(const struct cmdline *cmdline, struct machine *machine,
	       int ready_fd)
{
	struct error error;
	int ret;

	/* This may wait for a client, and can be interrupted meanwhile. */
	ret = cmdline_build(cmdline, machine);
	if (ret)
		return ret;

	ret = catch_signals(machine);
	if (ret < 0) {
		log_err("cannot catch signals: %s", strerror(-ret));
		return ret;
	}
	if (!cmdline->stopped)
		machine_set_running(machine, true);
	ret = process_settle(&cmdline->process, &error);
	if (ret) {
		log_err("%s", error.text);
		return ret;
	}
	if (ready_fd >= 0) {
		ret = background_ready(ready_fd);
		if (ret)
			return ret;
	}
	if (!cmdline->no_sandbox) {
		ret = sandbox_enter();
		if (ret) {
			log_err("failed to install seccomp syscall filter in the kernel: %s; -sandbox off does without",
				strerror(-ret));
			return ret;
		}
	}
	return sd_event_loop(machine_loop(machine));
}

/* What goes to the background goes to another directory, too. */
static int prepare(const struct cmdline *cmdline, int *ready_fd, int *pid_fd,
		   char **ret_pidfile)
{
	int ret;

	if (cmdline->daemonize) {
		ret = background_begin(ready_fd);
		if (ret) {
			log_err("-daemonize: %s", strerror(-ret));
			return ret;
		}
		umask(027);	/* as QEMU does */
	}
	if (cmdline->pidfile) {
		ret = pidfile_create(cmdline->pidfile, pid_fd);
		if (ret) {
			log_err("cannot create PID file: Could not create '%s': %s",
				cmdline->pidfile, strerror(-ret));
			return ret;
		}
		/* In another root that would be another file. */
		if (!cmdline->process.root)
			*ret_pidfile = realpath(cmdline->pidfile, NULL);
	}
	return 0;
}

static int flush(void)
{
	int ret = streams_flush();

	if (ret)
		log_err("standard output: cannot write");
	return ret;
}

int main(int argc, char **argv)
{
	struct cmdline cmdline;
	struct machine *machine;
	int ready_fd = -1, pid_fd = -1, ret;
	char *pidfile = NULL;

	streams_open();
	log_init("vportemu");
	raise_descriptor_limit();
	ret = cmdline_scan(&cmdline, argc, argv);
	if (!ret)
		ret = flush();
	if (!ret && !cmdline.done)
		ret = prepare(&cmdline, &ready_fd, &pid_fd, &pidfile);
	if (ret || cmdline.done) {
		cmdline_finish(&cmdline);
		return ret ? EXIT_FAILURE : EXIT_SUCCESS;
	}

	ret = machine_create(&machine);
	if (ret) {
		log_err("cannot start: %s", strerror(-ret));
	} else {
		ret = run(&cmdline, machine, ready_fd);
		machine_destroy(machine);
	}
	cmdline_finish(&cmdline);
	if (pidfile)
		unlink(pidfile);
	free(pidfile);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
