// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_fuzz.c - any bytes into a session of the agent
 *
 * Whatever comes in, what goes out must be lines of JSON, each an object with
 * either a result or an error, and a ping behind a 0xFF must be answered.
 *
 * An input whose first byte is below 0x80 and names a command is that command's
 * arguments instead, so that each is reached without its name being guessed.
 *
 * No program is started, no file written and no helper asked: those that would
 * be are this file's.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "bytes.h"
#include "child.h"
#include "command.h"
#include "context.h"
#include "handler.h"
#include "helper.h"
#include "launch.h"
#include "port.h"
#include "work.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes sent;

bool port_write(struct port *port, const void *data, size_t len)
{
	if (bytes_append(&sent, data, len))
		abort();
	return true;
}

bool port_writable(const struct port *port)
{
	return true;
}

void port_resume_input(struct port *port)
{
}

void port_resume_output(struct port *port)
{
}

int launch_program(const char *path, char *const *argv, char *const *envp,
		   const struct launch_fds *fds, pid_t *ret)
{
	return -ENOENT;
}

int child_watch(sd_event *event, pid_t pid,
		void (*ended)(void *data, const siginfo_t *info), void *data,
		struct child **ret)
{
	return -ECHILD;
}

void child_forget(struct child *child)
{
}

void launch_close(struct launch_fds *fds)
{
	if (fds->in >= 0)
		close(fds->in);
	if (fds->out >= 0)
		close(fds->out);
	if (fds->err >= 0)
		close(fds->err);
}

/* Requests to the helper, which are answered when the input is over. */
#define MAX_ASKED 64

struct asked {
	struct command_call *call;
	void (*done)(struct command_call *call, int err);
};

static struct asked asked[MAX_ASKED];
static int asked_count;

int helper_run(struct command_call *call, const char *name,
	       struct json_object *args,
	       void (*done)(struct command_call *call, int err))
{
	if (asked_count == MAX_ASKED)
		return -EAGAIN;
	asked[asked_count].call = call;
	asked[asked_count++].done = done;
	return -EINPROGRESS;
}

int command_remote(struct command_call *call)
{
	return helper_run(call, "", NULL, command_done);
}

void helper_finish(void)
{
}

/* What threads would do, is done when the input is over, too. */
static struct work *works;

int work_start(struct work *work)
{
	struct work **end = &works;

	while (*end)
		end = &(*end)->next;
	work->next = NULL;
	*end = work;
	return 0;
}

void work_finish(void)
{
}

static void do_work(void)
{
	struct work *work;

	while ((work = works)) {
		works = work->next;
		work->run(work);
		work->done(work);
	}
}

static void answer_for_helper(void)
{
	struct asked first;

	while (asked_count) {
		first = asked[0];
		memmove(asked, asked + 1, --asked_count * sizeof(asked[0]));
		command_result(first.call, json_object_new_int(asked_count));
		first.done(first.call, asked_count & 1 ? -EIO : 0);
	}
}

static void finish_all(void)
{
	while (works || asked_count) {
		do_work();
		answer_for_helper();
	}
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_unlink(const char *path);

/* Files are read, and /dev/null is written. */
int __wrap_open(const char *path, int flags, ...)
{
	if ((flags & O_ACCMODE) == O_RDONLY)
		return __real_open(path, flags);
	return __real_open("/dev/null", flags & ~(O_CREAT | O_EXCL | O_TRUNC));
}

int __wrap_unlink(const char *path)
{
	return 0;
}

static void feed_arguments(void *session, const struct command *command,
			   const char *args, size_t len)
{
	char head[128];
	int n;

	n = snprintf(head, sizeof(head), "{\"execute\":\"%s\",\"arguments\":",
		     command->name);
	agent_handler.input(session, head, n);
	if (len)
		agent_handler.input(session, args, len);
	agent_handler.input(session, "}\n", 2);
}

static void feed(void *session, const char *data, size_t size)
{
	const struct command *command = NULL;

	if (size && (uint8_t)*data < 0x80)
		command = command_at(*data);
	if (command)
		feed_arguments(session, command, data + 1, size - 1);
	else if (size)
		agent_handler.input(session, data, size);
}

static void check_line(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(1100);
	struct json_object *reply;

	if (len && *line == '\xff') {
		line++;
		len--;
	}
	reply = json_tokener_parse_ex(tokener, line, len);
	if (json_tokener_get_parse_end(tokener) != len ||
	    !json_object_is_type(reply, json_type_object) ||
	    json_object_object_get_ex(reply, "return", NULL) ==
		    json_object_object_get_ex(reply, "error", NULL)) {
		fprintf(stderr, "no reply: %.*s\n", (int)len, line);
		abort();
	}
	json_object_put(reply);
	json_tokener_free(tokener);
}

static void check_lines(void)
{
	const char *p = (const char *)bytes_peek(&sent);
	const char *end = p + bytes_len(&sent);
	const char *line;

	while (p < end) {
		line = p;
		p = memchr(p, '\n', end - p);
		if (!p)
			abort();
		check_line(line, p - line);
		p++;
	}
}

static void check_alive(void *session)
{
	static const char ping[] = "\xff{\"execute\":\"guest-ping\"}";
	static const char pong[] = "{\"return\": {}}\n";

	bytes_consume(&sent, bytes_len(&sent));
	agent_handler.input(session, ping, strlen(ping));
	if (bytes_len(&sent) != strlen(pong) ||
	    memcmp(bytes_peek(&sent), pong, strlen(pong)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *session;

	bytes_init(&sent, 64u << 20);
	if (agent_handler.start(NULL, &session))
		abort();
	feed(session, (const char *)data, size);
	finish_all();
	if (bytes_len(&sent))
		check_lines();
	check_alive(session);
	agent_handler.stop(session);
	finish_all();
	state_set_frozen(false);
	bytes_finish(&sent);
	return 0;
}
