// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - run an emulator and serve the tests in its guest
 *
 *	vmhost OPTION... -- EMULATOR ARGUMENT... [-- SECOND ARGUMENT...]
 *
 * The first program gets the listening end of its monitor's socket as
 * descriptor 3, and those that --listen FD=PATH makes.  The second one, a guest that attaches to it, is started once
 * the monitor has greeted.  The run ends when the last one has ended, at the
 * latest after the time limit; its verdict comes from the guest, by the control
 * port, or is the exit status of the --run command.
 */

#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "host.h"
#include "log.h"
#include "qmp.h"

#define MONITOR_FD	3

static char **second;		/* the command after the second "--" */

void host_verdict(struct host *host, bool passed, const char *why)
{
	if (host->judged)
		return;
	host->judged = true;
	host->passed = passed;
	if (!passed)
		log_err("failed: %s", why);
}

static void last_exited(struct host *host, int status)
{
	if (!host->judged)
		log_err("the guest's process ended with status %d", status);
	host_verdict(host, false, "it ended without a verdict");
	sd_event_exit(host->event, 0);
}

static void first_exited(struct host *host, int status)
{
	if (second)
		log_err("the emulator ended first, with status %d", status);
	if (second)
		host_verdict(host, false, "the emulator ended");
	last_exited(host, status);
}

static void run_exited(struct host *host, int status)
{
	host_verdict(host, status == 0, "the --run command failed");
	sd_event_exit(host->event, 0);
}

static void monitor_ready(void *data)
{
	struct host *host = data;
	struct port *port;
	int r;

	for (port = host->ports; port; port = port->next) {
		if (port != host->control)
			continue;
		r = port_connect(port);
		if (r)
			log_err("%s: %s", port->path, strerror(-r));
		port_update(port);
	}

	if (second && child_start(host, second, false, last_exited) < 0)
		host_verdict(host, false, "the second program does not start");
}

/* The guest has opened the port that --when-open names. */
static void start_run(struct host *host)
{
	static char *argv[2];
	int r;

	argv[0] = (char *)host->run;
	host->running = true;
	r = child_start(host, argv, false, run_exited);
	if (r < 0)
		host_verdict(host, false, strerror(-r));
}

static void monitor_event(void *data, const char *name,
			  struct json_object *members)
{
	struct host *host = data;
	struct json_object *id, *open;

	if (host->run && !host->running && !strcmp(name, "VSERPORT_CHANGE") &&
	    json_object_object_get_ex(members, "id", &id) &&
	    json_object_object_get_ex(members, "open", &open) &&
	    !strcmp(json_object_get_string(id), host->when_open) &&
	    json_object_get_boolean(open))
		start_run(host);
	request_event(host, name, members);
}

static const struct qmp_ops monitor_ops = {
	.ready	= monitor_ready,
	.event	= monitor_event,
};

static int interrupted(sd_event_source *source,
		       const struct signalfd_siginfo *info, void *data)
{
	host_verdict(data, false, "interrupted");
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int too_late(sd_event_source *source, uint64_t usec, void *data)
{
	host_verdict(data, false, "no verdict within the time limit");
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

/* "FD=PATH" */
static int add_listener(struct host *host, char *text)
{
	char *path;
	long as = strtol(text, &path, 10);
	int fd;

	if (*path != '=' || as <= MONITOR_FD || as > 99) {
		log_err("%s: expected FD=PATH, FD from %d to 99", text,
			MONITOR_FD + 1);
		return -EINVAL;
	}
	fd = listen_unix(path + 1);
	if (fd < 0)
		log_err("%s: %s", path + 1, strerror(-fd));
	return fd < 0 ? fd : pass_on(host, fd, as);
}

/* "NAME,CHARDEV,PATH" */
static int add_port(struct host *host, char *text, struct port **ret)
{
	char *name = strtok(text, ",");
	char *chardev = strtok(NULL, ",");
	char *path = strtok(NULL, ",");

	if (!path) {
		log_err("%s: expected NAME,CHARDEV,PATH", text);
		return -EINVAL;
	}
	return port_add(host, name, chardev, path, ret);
}

struct options {
	const char *monitor;
	const char *dir;
	unsigned int limit;
};

static const struct option long_options[] = {
	{ "monitor", required_argument, NULL, 'm' },
	{ "dir", required_argument, NULL, 'd' },
	{ "bus", required_argument, NULL, 'b' },
	{ "control", required_argument, NULL, 'c' },
	{ "port", required_argument, NULL, 'p' },
	{ "listen", required_argument, NULL, 'l' },
	{ "time-limit", required_argument, NULL, 't' },
	{ "when-open", required_argument, NULL, 'w' },
	{ "run", required_argument, NULL, 'r' },
	{ "verbose", no_argument, NULL, 'v' },
	{ }
};

static int parse_option(struct host *host, struct options *options, int c)
{
	struct port *port;
	int r;

	switch (c) {
	case 'm':
		options->monitor = optarg;
		return 0;
	case 'd':
		host->dir = optarg;
		return 0;
	case 'b':
		host->bus = optarg;
		return 0;
	case 't':
		options->limit = atoi(optarg);
		return 0;
	case 'w':
		host->when_open = optarg;
		return 0;
	case 'r':
		host->run = optarg;
		return 0;
	case 'l':
		return add_listener(host, optarg);
	case 'v':
		log_set_level(LOG_DEBUG);
		return 0;
	case 'c':
	case 'p':
		r = add_port(host, optarg, &port);
		if (!r && c == 'c') {
			host->control = port;
			port->mode = PORT_CONTROL;
		}
		return r;
	}
	return -EINVAL;
}

static int parse_command_line(struct host *host, struct options *options,
			      int argc, char *argv[])
{
	int c, i;

	while ((c = getopt_long(argc, argv, "+", long_options, NULL)) >= 0)
		if (parse_option(host, options, c))
			return -EINVAL;

	if (optind >= argc || !options->monitor || !host->dir ||
	    !host->run != !host->when_open || (!host->run && !host->control)) {
		log_err("expected --monitor PATH --dir PATH, --control "
			"NAME,CHARDEV,PATH or --when-open ID --run COMMAND, "
			"and a command");
		return -EINVAL;
	}
	for (i = optind; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		argv[i] = NULL;
		second = argv + i + 1;
		break;
	}
	return optind;
}

static int prepare(struct host *host, const struct options *options)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t mask;
	size_t i;
	int r;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&mask, signals[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	r = sd_event_default(&host->event);
	for (i = 0; r >= 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		r = sd_event_add_signal(host->event, NULL, signals[i],
					interrupted, host);
	if (r >= 0)
		r = sd_event_add_time_relative(host->event, NULL,
					       CLOCK_MONOTONIC,
					       options->limit * 1000000ull, 0,
					       too_late, host);
	if (r >= 0)
		r = qmp_create(host->event, options->monitor, &monitor_ops,
			       host, &host->qmp);
	return r;
}

int main(int argc, char *argv[])
{
	struct options options = { .limit = 120 };
	struct host host = { .bus = "virtio-serial0.0" };
	int first, r;

	log_init("vmhost");
	first = parse_command_line(&host, &options, argc, argv);
	if (first < 0)
		return 2;

	r = prepare(&host, &options);
	if (r >= 0)
		r = pass_on(&host, qmp_listener(host.qmp), MONITOR_FD);
	if (r >= 0)
		r = child_start(&host, argv + first, true, first_exited);
	if (r >= 0)
		r = sd_event_loop(host.event);
	child_kill_all();
	if (r < 0)
		log_err("%s", strerror(-r));

	while (host.ports)
		port_remove(host.ports);
	qmp_destroy(host.qmp);
	sd_event_unref(host.event);
	return r >= 0 && host.passed ? 0 : 1;
}
