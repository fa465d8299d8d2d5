// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exec.c - the handler that starts a program for a port
 *
 * start = at-once	the program is there as long as the port; hosts come
 *			and go and it sees one stream
 * start = connected	a program for every host, which gets the end of file
 *			when that leaves, and some time to come to its own end
 *
 * There is one process at a time: a host that comes while the program of the
 * one before it still runs waits for it.  A process has ended when it has
 * exited and all that it wrote is read.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "handler.h"
#include "log.h"
#include "port.h"
#include "process.h"
#include "stream.h"
#include "words.h"

#define SECOND		1000000ull

/* The pause doubles up to a limit while programs end soon after their start. */
#define EXEC_DELAY_MIN	(SECOND / 10)
#define EXEC_DELAY_MAX	(60 * SECOND)
#define EXEC_STABLE	(10 * SECOND)

struct exec {
	struct port *port;
	const struct port_conf *conf;
	struct process *process;	/* NULL: it exited, or was not started */
	struct stream *stream;
	bool ended;			/* nothing more will be read from it */
	bool dismissed;			/* its host has left */
	bool failed;
	bool over;			/* nothing more is to be started */
	bool host;
	sd_event_source *timer;		/* to the next start, or to a signal */
	uint64_t delay;
	uint64_t started;		/* when */
};

static void exec_run(struct exec *exec);

static bool per_host(const struct exec *exec)
{
	return exec->conf->start == CONF_CONNECTED;
}

static const char *exec_name(const struct exec *exec)
{
	return port_setup(exec->port)->name;
}

static uint64_t exec_now(const struct exec *exec)
{
	uint64_t now = 0;

	sd_event_now(port_event(exec->port), CLOCK_MONOTONIC, &now);
	return now;
}

static bool exec_restarts(const struct exec *exec)
{
	switch (exec->conf->restart) {
	case CONF_RESTART_ALWAYS:
		return true;
	case CONF_RESTART_ON_FAILURE:
		return exec->failed;
	case CONF_RESTART_AUTO:
		return !per_host(exec);
	default:
		return false;
	}
}

static void exec_reset_delay(struct exec *exec)
{
	exec->delay = exec->conf->restart_delay;
	if (exec->delay < EXEC_DELAY_MIN)
		exec->delay = EXEC_DELAY_MIN;
}

static void exec_stop_timer(struct exec *exec)
{
	exec->timer = sd_event_source_disable_unref(exec->timer);
}

static int exec_on_restart(sd_event_source *source, uint64_t usec,
			   void *userdata)
{
	struct exec *exec = userdata;

	exec_stop_timer(exec);
	exec_run(exec);
	return 0;
}

static void exec_restart_later(struct exec *exec)
{
	if (exec_now(exec) - exec->started > EXEC_STABLE)
		exec_reset_delay(exec);
	exec_stop_timer(exec);
	sd_event_add_time_relative(port_event(exec->port), &exec->timer,
				   CLOCK_MONOTONIC, exec->delay,
				   exec->delay / 8, exec_on_restart, exec);
	if (exec->delay * 2 <= EXEC_DELAY_MAX)
		exec->delay *= 2;
}

/* Exited and read to the end. */
static void exec_next(struct exec *exec)
{
	bool dismissed = exec->dismissed;

	exec_stop_timer(exec);
	stream_destroy(exec->stream);
	exec->stream = NULL;
	exec->dismissed = false;
	if (dismissed) {
		if (exec->host)
			exec_run(exec);
	} else if (exec_restarts(exec)) {
		exec_restart_later(exec);
	} else {
		/* What the host says now is lost on nobody. */
		exec->over = true;
		port_resume_input(exec->port);
	}
}

static void exec_ended(void *owner, bool closed)
{
	struct exec *exec = owner;

	exec->ended = true;
	if (!exec->process)
		exec_next(exec);
}

static const struct stream_ops exec_stream_ops = {
	.ended = exec_ended,
};

static void exec_tell_exit(const struct exec *exec, const siginfo_t *info)
{
	const char *name = exec_name(exec);
	const char *program = exec->conf->command[0];

	if (!exec->failed)
		log_debug("%s: %s: done", name, program);
	else if (info->si_code == CLD_EXITED)
		log_warn("%s: %s: exit status %d", name, program,
			 info->si_status);
	else
		log_warn("%s: %s: %s", name, program,
			 strsignal(info->si_status));
}

static void exec_on_exit(void *data, const siginfo_t *info)
{
	struct exec *exec = data;

	exec->process = NULL;
	exec->failed = info->si_code != CLD_EXITED || info->si_status;
	exec_tell_exit(exec, info);
	if (exec->stream && !exec->ended)
		stream_finish(exec->stream);
	else
		exec_next(exec);
}

static int exec_on_stop_time(sd_event_source *source, uint64_t usec,
			     void *userdata)
{
	struct exec *exec = userdata;
	struct process *process = exec->process;

	exec_stop_timer(exec);
	exec->process = NULL;
	process_abandon(process, exec->conf->stop_timeout);
	exec_next(exec);
	return 0;
}

/* Return: 0 or -errno. */
static int exec_spawn(struct exec *exec, int stdio, int listen_fd)
{
	const struct port_setup *setup = port_setup(exec->port);
	const struct port_conf *conf = exec->conf;
	struct process_spec spec = {
		.name = setup->name,
		.argv = conf_expand_words(conf->command, setup),
		.environment = conf_expand_words(conf->environment, setup),
		.user = conf->user,
		.uid = conf->uid,
		.gid = conf->gid,
		.stdio = stdio,
		.listen_fd = listen_fd,
	};
	char *directory = NULL;
	int err = -ENOMEM;

	if (conf->directory)
		directory = conf_expand(conf->directory, setup);
	spec.directory = directory;
	if (spec.argv && spec.environment && (directory || !conf->directory))
		err = process_start(port_event(exec->port), &spec,
				    exec_on_exit, exec, &exec->process);
	words_free(spec.argv);
	words_free(spec.environment);
	free(directory);
	return err;
}

static int exec_run_stdio(struct exec *exec)
{
	int fds[2];
	int err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	if (fcntl(fds[0], F_SETFL, O_NONBLOCK))
		err = -errno;
	else
		err = stream_create(exec->port, fds[0], fds[0],
				    &exec_stream_ops, exec, &exec->stream);
	if (err) {
		close(fds[0]);
		close(fds[1]);
		return err;
	}

	err = exec_spawn(exec, fds[1], -1);
	close(fds[1]);
	if (err) {
		stream_destroy(exec->stream);
		exec->stream = NULL;
		return err;
	}
	stream_listen(exec->stream, true);
	port_resume_input(exec->port);
	return 0;
}

static int exec_run_listen_fd(struct exec *exec)
{
	const char *devnode = port_setup(exec->port)->devnode;
	int fd = open(devnode, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	int err;

	if (fd < 0)
		return -errno;
	err = exec_spawn(exec, -1, fd);
	close(fd);
	return err;
}

static void exec_run(struct exec *exec)
{
	int err;

	exec->started = exec_now(exec);
	exec->ended = false;
	if (exec->conf->pass == CONF_PASS_STDIO)
		err = exec_run_stdio(exec);
	else if (exec->conf->pass == CONF_PASS_LISTEN_FD)
		err = exec_run_listen_fd(exec);
	else
		err = exec_spawn(exec, -1, -1);
	if (err) {
		log_warn("%s: %s: %s, trying again", exec_name(exec),
			 exec->conf->command[0], strerror(-err));
		exec_restart_later(exec);
	}
}

/* A program that closed its input does not want the rest. */
static ssize_t exec_input(void *state, const void *data, size_t len)
{
	struct exec *exec = state;
	ssize_t n = 0;

	if (exec->over)
		return len;
	if (exec->stream && !exec->dismissed && exec->process)
		n = stream_write(exec->stream, data, len);
	return n == -EPIPE ? (ssize_t)len : n;
}

static void exec_drained(void *state)
{
	struct exec *exec = state;

	if (exec->stream)
		stream_drained(exec->stream);
}

static void exec_dismiss(struct exec *exec)
{
	exec->over = false;
	if (!exec->stream) {
		exec_stop_timer(exec);
		return;
	}
	if (exec->dismissed)
		return;

	exec->dismissed = true;
	stream_dismiss(exec->stream);
	exec_stop_timer(exec);
	sd_event_add_time_relative(port_event(exec->port), &exec->timer,
				   CLOCK_MONOTONIC, exec->conf->stop_timeout,
				   0, exec_on_stop_time, exec);
}

static void exec_host(void *state, bool here)
{
	struct exec *exec = state;

	if (exec->host == here)
		return;

	exec->host = here;
	if (!per_host(exec))
		return;
	if (!here) {
		exec_dismiss(exec);
	} else if (!exec->stream && !exec->process && !exec->timer) {
		exec_reset_delay(exec);
		exec_run(exec);
	}
}

static void exec_stop(void *state)
{
	struct exec *exec = state;

	exec_stop_timer(exec);
	stream_destroy(exec->stream);
	process_abandon(exec->process, exec->conf->stop_timeout);
	free(exec);
}

static int exec_start(struct port *port, void **ret_state)
{
	struct exec *exec;

	exec = calloc(1, sizeof(*exec));
	if (!exec)
		return -ENOMEM;

	exec->port = port;
	exec->conf = port_setup(port)->conf;
	exec_reset_delay(exec);
	if (!per_host(exec))
		exec_run(exec);
	*ret_state = exec;
	return 0;
}

const struct handler_ops exec_handler = {
	.name = "exec",
	.duplex = true,
	.start = exec_start,
	.input = exec_input,
	.drained = exec_drained,
	.host = exec_host,
	.stop = exec_stop,
};
