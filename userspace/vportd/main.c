// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vportd - the guest's end of virtio-serial ports
 *
 * Options, the event loop and the readiness message; what is served, and how,
 * is the manager's or the listener's business.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "agent_conf.h"
#include "config.h"
#include "error.h"
#include "handler.h"
#include "listen.h"
#include "log.h"
#include "manager.h"
#include "startup.h"
#include "process.h"

#define AGENT_VERSION_MAX 64
#define DEFAULT_SOCKET "/run/vportd.sock"

struct options {
	struct agent_conf agent;
	const char *method;
	const char *path;
	const char *conf;
	bool check;
	bool verbose;
};

struct service {
	sd_event *event;
	const char *conf;
	struct config *config;
	struct manager *manager;
	struct listener *listener;
};

struct method {
	const char *name;
	int (*start)(struct service *service, const char *path);
};

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

static int load_config(const char *path, struct config **ret)
{
	struct error error;
	int err;

	err = config_load(path, ret, &error);
	if (err)
		log_err("%s", error.text);
	return err;
}

/* A configuration that is no good changes nothing. */
static int on_reload(sd_event_source *source,
		     const struct signalfd_siginfo *info, void *userdata)
{
	struct service *service = userdata;
	struct config *old = service->config;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_usec());
	if (!load_config(service->conf, &service->config)) {
		manager_reload(service->manager, service->config);
		config_destroy(old);
		log_info("configuration read again");
	} else {
		log_warn("the configuration stays as it was");
	}
	sd_notify(0, "READY=1");
	return 0;
}

static int start_ports(struct service *service, const char *path)
{
	int err;

	err = load_config(service->conf, &service->config);
	if (!err)
		err = manager_create(service->event, path, service->config,
				     &service->manager);
	if (!err)
		err = sd_event_add_signal(service->event, NULL, SIGHUP,
					  on_reload, service);
	return err < 0 ? err : 0;
}

static int start_listening(struct service *service, const char *path)
{
	return listener_create(service->event, path ? path : DEFAULT_SOCKET,
			       &agent_handler, &service->listener);
}

static int check_config(const char *path)
{
	struct config *config;
	int err;

	err = load_config(path, &config);
	if (!err)
		config_destroy(config);
	return err;
}

static const struct method methods[] = {
	{ "virtio-serial", start_ports },
	{ "unix-listen", start_listening },
	{ NULL },
};

static const char help[] =
"Usage: vportd [OPTION]...\n"
"Serve the virtio-serial ports of this machine.\n"
"\n"
"Ports are served as " CONFIG_FILE " says, see vportd.conf(5).  Without it,\n"
"those named org.qemu.guest_agent.N are served with the QEMU guest agent\n"
"protocol, and others are left alone.\n"
"\n"
"  -m, --method=METHOD  virtio-serial (the default) or unix-listen\n"
"  -p, --path=PATH      virtio-serial: serve the agent on this port alone,\n"
"                         a node or a link to one;\n"
"                       unix-listen: the socket (" DEFAULT_SOCKET ")\n"
"      --conf=FILE      read this in place of " CONFIG_FILE "\n"
"      --check-conf     say whether the configuration is valid, and exit\n"
"      --agent-version=VERSION  what guest-info tells (11.1.3)\n"
"  -v, --verbose        say what happens\n"
"  -V, --version        print the version\n"
"  -h, --help           print this text\n";

/* Options without a letter. */
enum {
	OPT_AGENT_VERSION = 256,
	OPT_CHECK_CONF,
	OPT_CONF,
};

static const struct option long_options[] = {
	{ "agent-version", required_argument, NULL, OPT_AGENT_VERSION },
	{ "check-conf", no_argument, NULL, OPT_CHECK_CONF },
	{ "conf", required_argument, NULL, OPT_CONF },
	{ "help", no_argument, NULL, 'h' },
	{ "method", required_argument, NULL, 'm' },
	{ "path", required_argument, NULL, 'p' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL },
};

/* getopt() tells a short option by its letter, a long one by its word. */
static int reject_option(const char *word)
{
	if (!optopt)
		log_err("%s: unknown option, see --help", word);
	else if (!strncmp(word, "--", 2))
		log_err("%s: takes no argument, see --help", word);
	else
		log_err("-%c: unknown option, see --help", optopt);
	return -EINVAL;
}

/* It stands in tables and files of clients, who expect "11.1.3" or the like. */
static int set_agent_version(struct options *options, const char *version)
{
	const char *p;

	for (p = version; *p > ' ' && *p <= '~'; p++)
		;
	if (p == version || *p || p - version > AGENT_VERSION_MAX) {
		log_err("--agent-version=%s: expected 1 to %d printable ASCII characters without blanks",
			version, AGENT_VERSION_MAX);
		return -EINVAL;
	}

	options->agent.version = version;
	return 1;
}

/* Return: 1 to go on, 0 when all is said, -EINVAL. */
static int parse_option(struct options *options, int c, char **argv)
{
	switch (c) {
	case 'h':
		fputs(help, stdout);
		return 0;
	case 'V':
		printf("vportd " VPORT_VERSION "\n");
		return 0;
	case OPT_AGENT_VERSION:
		return set_agent_version(options, optarg);
	case OPT_CHECK_CONF:
		options->check = true;
		return 1;
	case OPT_CONF:
		options->conf = optarg;
		return 1;
	case 'm':
		options->method = optarg;
		return 1;
	case 'p':
		options->path = optarg;
		return 1;
	case 'v':
		options->verbose = true;
		return 1;
	case ':':
		log_err("%s: needs an argument, see --help", argv[optind - 1]);
		return -EINVAL;
	default:
		return reject_option(argv[optind - 1]);
	}
}

static int parse_options(struct options *options, int argc, char **argv)
{
	int ret = 1;
	int c;

	opterr = 0;
	while (ret == 1) {
		c = getopt_long(argc, argv, ":hm:p:vV", long_options, NULL);
		if (c < 0)
			break;
		ret = parse_option(options, c, argv);
	}
	if (ret == 1 && optind < argc) {
		log_err("%s: unexpected argument, see --help", argv[optind]);
		return -EINVAL;
	}

	return ret;
}

static const struct method *find_method(const char *name)
{
	const struct method *method;

	for (method = methods; method->name; method++) {
		if (!strcmp(method->name, name))
			return method;
	}

	log_err("%s: unknown method, expected virtio-serial or unix-listen",
		name);
	return NULL;
}

/* Without a callback the loop ends when the signal comes. */
static int watch_signals(sd_event *event)
{
	sigset_t set;
	int err;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;

	err = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	if (err >= 0)
		err = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
	return err < 0 ? err : 0;
}

/*
 * Setting a threshold keeps malloc() from raising it with use: what one large
 * message took goes back to the system when it is freed.
 */
static void return_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 64 << 10);
	mallopt(M_TRIM_THRESHOLD, 64 << 10);
}

static int serve(const struct method *method, const struct options *options)
{
	struct service service = { .conf = options->conf };
	int err;

	err = sd_event_default(&service.event);
	if (err >= 0)
		err = watch_signals(service.event);
	if (err >= 0)
		err = agent_configure(&options->agent, service.event);
	if (err < 0) {
		log_err("event loop: %s", strerror(-err));
		goto out;
	}

	err = method->start(&service, options->path);
	if (err)
		goto out;

	sd_notify(0, "READY=1");
	startup_forget();
	err = sd_event_loop(service.event);
	if (err < 0)
		log_err("event loop: %s", strerror(-err));
	sd_notify(0, "STOPPING=1");
out:
	listener_destroy(service.listener);
	manager_destroy(service.manager);
	config_destroy(service.config);
	process_forget_abandoned();
	agent_finish();
	sd_event_unref(service.event);
	return err;
}

int main(int argc, char **argv)
{
	struct options options = {
		.agent = agent_conf_default,
		.method = "virtio-serial",
	};
	const struct method *method;
	int ret;

	log_init("vportd");
	ret = parse_options(&options, argc, argv);
	if (ret != 1)
		return ret ? EXIT_FAILURE : EXIT_SUCCESS;

	method = find_method(options.method);
	if (!method)
		return EXIT_FAILURE;
	if (options.verbose)
		log_set_level(LOG_DEBUG);

	if (options.check)
		return check_config(options.conf) ? EXIT_FAILURE : EXIT_SUCCESS;

	return_memory();
	return serve(method, &options) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
