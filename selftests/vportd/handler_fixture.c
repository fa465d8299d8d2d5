// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * handler_fixture.c - a handler behind a port, and the host on its other side
 */

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf.h"
#include "config.h"
#include "error.h"
#include "handler.h"
#include "handler_fixture.h"
#include "port.h"
#include "process.h"

#define TIMEOUT_MS 10000

const struct handler_ops agent_handler = { .name = "agent" };

sd_event *fixture_event;
struct port *fixture_port;
char fixture_dir[64];
const char *fixture_devnode;

static struct config *config;
static struct port_setup setup;
static int host;
static int node;		/* its other end, the port's */
static bool is_open;		/* on demand */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

int fixture_begin(void **state)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fixture_devnode = NULL;
	strcpy(fixture_dir, "/tmp/handler-test.XXXXXX");
	return !mkdtemp(fixture_dir) || sd_event_new(&fixture_event) < 0;
}

int fixture_end(void **state)
{
	char command[80];

	fixture_stop();
	process_forget_abandoned();
	while (waitpid(-1, NULL, 0) > 0)
		;
	fixture_event = sd_event_unref(fixture_event);
	snprintf(command, sizeof(command), "rm -rf %s", fixture_dir);
	return system(command);
}

static bool on_event(void *source, uint32_t revents)
{
	return true;
}

static void on_eof(void *source)
{
}

static void on_failed(void *source, int err)
{
	port_destroy(fixture_port);
	fixture_port = NULL;
}

/* As a node, it is another one each time. */
static void open_node(void)
{
	int fds[2];

	if (host >= 0)
		close(host);
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
				       SOCK_CLOEXEC, 0, fds));
	host = fds[0];
	node = fds[1];
}

static void on_demand(void *source, bool open)
{
	is_open = open;
	if (!open) {
		assert_true(port_tell_host(fixture_port, false));
		port_detach(fixture_port);
		return;
	}
	open_node();
	assert_int_equal(0, port_attach(fixture_port, node));
}

static const struct port_source_ops source_ops = {
	.demand = on_demand,
	.event = on_event,
	.eof = on_eof,
	.failed = on_failed,
};

static void parse(const char *conf)
{
	char text[1024] = "[*]\n";
	struct error error;
	size_t len = 4;
	FILE *stream;

	for (; *conf; conf++) {
		if (!strncmp(conf, "%s", 2)) {
			len += sprintf(text + len, "%s", fixture_dir);
			conf++;
		} else {
			text[len++] = *conf;
		}
	}
	stream = fmemopen(text, len, "r");
	if (config_load_stream(stream, "test", &config, &error))
		fail_msg("%s", error.text);
	fclose(stream);
}

void fixture_start(const char *conf)
{
	parse(conf);
	host = -1;
	node = -1;
	is_open = false;
	setup.conf = config_match(config, "org.test");
	setup.handler = setup.conf->handler;
	setup.name = "org.test";
	setup.devnode = fixture_devnode ? fixture_devnode : "/dev/vport0p7";
	setup.on_demand = setup.conf->hold == CONF_HOLD_WITH_PEER;
	setup.closed = setup.conf->pass != CONF_PASS_STDIO;
	if (!setup.on_demand && !setup.closed)
		open_node();
	assert_int_equal(0, port_create(fixture_event, &setup, node,
					&source_ops, NULL, &fixture_port));
}

void fixture_stop(void)
{
	if (!config)
		return;
	port_destroy(fixture_port);
	fixture_port = NULL;
	config_destroy(config);
	config = NULL;
	if (host >= 0)
		close(host);
}

bool node_is_open(void)
{
	return is_open;
}

void host_comes(void)
{
	assert_true(port_tell_host(fixture_port, true));
}

void host_leaves(void)
{
	assert_true(port_tell_host(fixture_port, false));
}

int host_fd(void)
{
	return host;
}

void turns(void)
{
	while (sd_event_run(fixture_event, 0) > 0)
		;
}

static bool is_ready(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, 0) > 0;
}

static void wait_for(int fd, short events)
{
	int64_t deadline = now_ms() + TIMEOUT_MS;

	while (!is_ready(fd, events)) {
		if (now_ms() > deadline)
			fail_msg("nothing has come");
		sd_event_run(fixture_event, 20000);
	}
}

void wait_for_input(int fd)
{
	wait_for(fd, POLLIN);
}

void host_sends(const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		wait_for(host, POLLOUT);
		n = send(host, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			continue;
		assert_true(n > 0);
		p += n;
		len -= n;
	}
}

static void gets_text(int fd, const char *text)
{
	size_t len = strlen(text);
	char buf[4096];
	size_t done;
	ssize_t n;

	assert_true(len < sizeof(buf));
	for (done = 0; done < len; done += n) {
		wait_for_input(fd);
		n = read(fd, buf + done, len - done);
		if (n <= 0)
			fail_msg("got \"%.*s\" and no more", (int)done, buf);
	}
	buf[len] = '\0';
	assert_string_equal(text, buf);
}

void host_gets(const char *text)
{
	gets_text(host, text);
}

void peer_gets(int fd, const char *text)
{
	gets_text(fd, text);
}

void peer_sends(int fd, const char *text)
{
	assert_int_equal(strlen(text), write(fd, text, strlen(text)));
}

void peer_gets_end(int fd)
{
	char c;

	wait_for_input(fd);
	assert_int_equal(0, read(fd, &c, 1));
}

void nothing_to_read(int fd)
{
	turns();
	assert_false(is_ready(fd, POLLIN));
}

static void peer_address(struct sockaddr_un *addr)
{
	addr->sun_family = AF_UNIX;
	snprintf(addr->sun_path, sizeof(addr->sun_path), "%s/sock", fixture_dir);
}

int peer_connect(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr;

	peer_address(&addr);
	assert_int_equal(0, connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	return fd;
}

int peer_listen(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr;

	peer_address(&addr);
	unlink(addr.sun_path);
	assert_int_equal(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_int_equal(0, listen(fd, 8));
	return fd;
}

int peer_accept(int listener)
{
	wait_for_input(listener);
	return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

static bool file_reads(const char *name, const char *text)
{
	char path[128];
	char buf[4096];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", fixture_dir, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	len = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	return len == strlen(text) && !memcmp(buf, text, len);
}

void wait_for_file(const char *name, const char *text)
{
	int64_t deadline = now_ms() + TIMEOUT_MS;

	while (!file_reads(name, text)) {
		if (now_ms() > deadline)
			fail_msg("%s does not read %s", name, text);
		sd_event_run(fixture_event, 20000);
	}
}

void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fixture_dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(0, fclose(file));
}
