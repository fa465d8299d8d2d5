// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vportd - the guest's end of virtio-serial ports
 *
 * The event loop, signals and readiness.  What is served, and how, is the
 * manager's, the listener's or the serial port's business.
 */

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "address.h"
#include "config.h"
#include "error.h"
#include "handler.h"
#include "listen.h"
#include "log.h"
#include "manager.h"
#include "options.h"
#include "presence.h"
#include "process.h"
#include "serial.h"
#include "startup.h"
#include "streams.h"

#define DEFAULT_SOCKET "/run/vportd.sock"

struct service {
	sd_event *event;
	struct options *options;
	struct config *config;		/* NULL: the agent alone is served */
	struct manager *manager;
	struct listener *listener;
	struct serial *serial;
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

/* Return: 0, or -errno when nothing was changed. */
static int reload(struct service *service)
{
	struct config *fresh = NULL;
	int err = 0;

	if (service->config)
		err = load_config(service->options->conf, &fresh);
	if (!err)
		err = options_reload(service->options);
	if (err) {
		config_destroy(fresh);
		return err;
	}

	if (fresh) {
		manager_reload(service->manager, fresh);
		config_destroy(service->config);
		service->config = fresh;
	}
	return 0;
}

static int on_reload(sd_event_source *source,
		     const struct signalfd_siginfo *info, void *userdata)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_usec());
	if (reload(userdata))
		log_warn("the configuration stays as it was");
	else
		log_info("configuration read again");
	sd_notify(0, "READY=1");
	return 0;
}

/* Nobody else could thaw what is frozen. */
static int on_terminate(sd_event_source *source,
			const struct signalfd_siginfo *info, void *userdata)
{
	if (agent_is_frozen()) {
		log_warn("file systems are frozen, ignoring %s",
			 strsignal(info->ssi_signo));
		return 0;
	}
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int start_ports(struct service *service, const char *path)
{
	const struct options *options = service->options;
	int err = 0;

	if (!path)
		err = load_config(options->conf, &service->config);
	if (err)
		return err;
	return manager_create(service->event, path, options->all.retry > 0,
			      service->config, &service->manager);
}

static int start_serial(struct service *service, const char *path)
{
	return serial_create(service->event, path,
			     service->options->all.retry > 0, &agent_handler,
			     &service->serial);
}

/* @expected: what @path should have been, if @text is no address. */
static int start_listener(struct service *service, const char *text,
			  const char *path, const char *expected)
{
	struct address address;
	int err;

	err = address_parse(text, &address);
	if (!err)
		err = listener_create(service->event, path, &address,
				      &agent_handler, &service->listener);
	else
		log_err("--path=%s: expected %s", path, expected);
	return err;
}

static int start_unix(struct service *service, const char *path)
{
	char *here = NULL;
	char *text;
	int err;

	if (!path && service->options->as_qemu_ga) {
		log_err("must specify a path for this channel");
		return -EINVAL;
	}
	path = path ? path : DEFAULT_SOCKET;
	if (*path && *path != '/')
		here = getcwd(NULL, 0);
	err = asprintf(&text, "unix:%s%s%s", here ? here : "", here ? "/" : "",
		       path);
	free(here);
	if (err < 0)
		return -ENOMEM;
	err = start_listener(service, text, path,
			     "a path of up to 107 bytes from the root on");
	free(text);
	return err;
}

static int start_vsock(struct service *service, const char *path)
{
	char *text;
	int err;

	if (!path) {
		log_err("--path: expected <cid>:<port> for vsock-listen");
		return -EINVAL;
	}
	if (asprintf(&text, "vsock:%s", path) < 0)
		return -ENOMEM;
	err = start_listener(service, text, path, "<cid>:<port>");
	free(text);
	return err;
}

static const struct method methods[] = {
	{ "virtio-serial", start_ports },
	{ "isa-serial", start_serial },
	{ "unix-listen", start_unix },
	{ "vsock-listen", start_vsock },
	{ NULL },
};

static const struct method *find_method(const char *name)
{
	const struct method *method;

	for (method = methods; method->name; method++) {
		if (!strcmp(method->name, name))
			return method;
	}

	log_err("%s: unknown method, expected virtio-serial, isa-serial, unix-listen or vsock-listen",
		name);
	return NULL;
}

/* A socket that a service manager opened comes before method and path. */
static int start_passed(struct service *service, int count)
{
	int fd = SD_LISTEN_FDS_START;

	if (count != 1 || (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) <= 0 &&
			   sd_is_socket(fd, AF_VSOCK, SOCK_STREAM, 1) <= 0)) {
		log_err("LISTEN_FDS: expected one listening unix or vsock socket");
		return -EINVAL;
	}
	return listener_adopt(service->event, "LISTEN_FDS", fd, &agent_handler,
			      &service->listener);
}

static int start(struct service *service)
{
	const struct settings *all = &service->options->all;
	const struct method *method = find_method(all->method);
	int passed = sd_listen_fds(1);

	if (passed > 0)
		return start_passed(service, passed);
	return method ? method->start(service, all->path) : -EINVAL;
}

static int watch_signals(struct service *service)
{
	static const int terminating[] = { SIGTERM, SIGINT };
	sigset_t set;
	int err;
	int i;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;

	err = sd_event_add_signal(service->event, NULL, SIGHUP, on_reload,
				  service);
	for (i = 0; i < 2 && err >= 0; i++)
		err = sd_event_add_signal(service->event, NULL, terminating[i],
					  on_terminate, service);
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

static int prepare(struct service *service)
{
	int err;

	err = sd_event_default(&service->event);
	if (err >= 0)
		err = watch_signals(service);
	if (err >= 0)
		err = sd_event_set_watchdog(service->event, true);
	if (err >= 0)
		err = agent_configure(&service->options->agent, service->event);
	if (err < 0)
		log_err("event loop: %s", strerror(-err));
	return err < 0 ? err : 0;
}

static int serve(struct options *options)
{
	struct service service = { .options = options };
	struct presence *presence = NULL;
	int err;

	err = presence_begin(&options->all, &presence);
	if (!err)
		err = prepare(&service);
	if (!err)
		err = start(&service);
	if (!err)
		err = presence_ready(presence, service.event);
	if (err)
		goto out;

	sd_notify(0, "READY=1");
	startup_forget();
	err = sd_event_loop(service.event);
	if (err < 0)
		log_err("event loop: %s", strerror(-err));
	sd_notify(0, "STOPPING=1");
out:
	serial_destroy(service.serial);
	listener_destroy(service.listener);
	manager_destroy(service.manager);
	config_destroy(service.config);
	process_forget_abandoned();
	presence_end(presence);
	agent_finish();
	sd_event_unref(service.event);
	return err;
}

static int check_config(const struct options *options)
{
	struct config *config = NULL;
	int err;

	err = load_config(options->conf, &config);
	config_destroy(config);
	return err || !find_method(options->all.method) ? -EINVAL : 0;
}

static int run(struct options *options)
{
	if (options->dump)
		return options_dump(options);
	if (options->check)
		return check_config(options);
	if (options->all.verbose > 0)
		log_set_level(LOG_DEBUG);

	return_memory();
	return serve(options);
}

int main(int argc, char **argv)
{
	struct options options;
	int ret;

	streams_open();
	ret = options_parse(&options, argc, argv);
	if (ret == 1)
		ret = run(&options);
	options_finish(&options);
	if (!ret) {
		ret = streams_flush();
		if (ret)
			log_err("standard output: cannot write");
	}
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
