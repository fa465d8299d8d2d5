// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper.c - commands that another process runs
 *
 * Each request goes to the helper as a file, with the end of a pipe for the
 * reply; the helper's child that does it writes there, a NUL at the end.  So there
 * is nothing to be sorted out between requests, and whatever ends a child, or the
 * helper itself, is an end of file here.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <json-c/json.h>

#include "bytes.h"
#include "command.h"
#include "context.h"
#include "helper.h"
#include "launch.h"
#include "log.h"

/* Requests that are being run: a host cannot make more processes than that. */
#define MAX_JOBS	32

/* A reply larger than this is not the helper's. */
#define REPLY_MAX	(16u << 20)

struct helper_job {
	struct helper_job *next;
	struct command_call *call;
	const char *name;
	void (*done)(struct command_call *call, int err);
	sd_event_source *io;
	int fd;
	struct bytes reply;
};

static struct helper_job *jobs;
static unsigned int job_count;

/* The helper; -1: it does not run. */
static int helper_fd = -1;
static sd_event_source *helper_child;

static char *beside(const char *program, const char *where)
{
	const char *slash = strrchr(program, '/');
	char *path;

	if (asprintf(&path, "%.*s/%s", (int)(slash - program), program,
		     where) < 0)
		return NULL;
	if (!access(path, X_OK))
		return path;

	free(path);
	return NULL;
}

/* Return: to be passed to free(), or NULL. */
static char *find_helper(void)
{
	const char *configured = agent_conf()->helper;
	char self[PATH_MAX];
	char *path;
	ssize_t n;

	if (configured)
		return strdup(configured);

	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return NULL;
	self[n] = '\0';
	path = beside(self, "vportd-helper");
	return path ? path : beside(self, "../libexec/vport/vportd-helper");
}

static void helper_close(void)
{
	if (helper_fd >= 0)
		close(helper_fd);
	helper_fd = -1;
	helper_child = sd_event_source_disable_unref(helper_child);
}

static int helper_on_child(sd_event_source *source, const siginfo_t *info,
			   void *userdata)
{
	if (info->si_code == CLD_EXITED)
		log_warn("agent: the helper program ended with status %d",
			 info->si_status);
	else
		log_warn("agent: the helper program was ended by signal %d",
			 info->si_status);
	helper_close();
	return 0;
}

static int helper_launch(const char *path)
{
	char *argv[] = { (char *)path, NULL };
	struct launch_fds fds = { -1, -1, STDERR_FILENO, false };
	int ends[2];
	pid_t pid;
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;

	fds.in = ends[1];
	err = launch_program(path, argv, environ, &fds, &pid);
	close(ends[1]);
	if (!err)
		err = launch_watch(agent_event(), &helper_child, pid,
				   helper_on_child, NULL);
	if (err < 0) {
		close(ends[0]);
		return err;
	}

	helper_fd = ends[0];
	return 0;
}

/* Return: 0, or -errno with the error set. */
static int helper_start(struct command_call *call)
{
	char *path;
	int err;

	if (helper_fd >= 0)
		return 0;
	path = find_helper();
	if (!path)
		return command_error(call, -ENOENT,
			"vportd-helper: not found beside vportd nor in ../libexec/vport");

	err = helper_launch(path);
	if (err)
		command_error(call, err, "%s: %s", path, strerror(-err));
	free(path);
	return err;
}

/* Return: a file with the request, or -errno. */
static int make_request(const char *name, struct json_object *args)
{
	struct json_object *request = json_object_new_object();
	const char *hook = agent_conf()->freeze_hook;
	const char *text;
	size_t len;
	int fd;

	json_object_object_add(request, "execute",
			       json_object_new_string(name));
	json_object_object_add(request, "arguments", json_object_get(args));
	if (hook)
		json_object_object_add(request, "hook",
				       json_object_new_string(hook));
	json_object_object_add(request, "hook-seconds", json_object_new_int(
				       agent_conf()->hook_seconds));
	text = json_object_to_json_string_length(request,
						 JSON_C_TO_STRING_PLAIN, &len);

	fd = memfd_create("request", MFD_CLOEXEC);
	if (fd < 0) {
		fd = -errno;
	} else if (write(fd, text, len) != (ssize_t)len) {
		close(fd);
		fd = -EIO;
	}
	json_object_put(request);
	return fd;
}

static int send_fds(int request, int pipe)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fds[2] = { request, pipe };

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	if (sendmsg(helper_fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	return 0;
}

static bool is_dead(int err)
{
	return err == -EPIPE || err == -ECONNRESET || err == -ENOTCONN;
}

/* One that has died since it was last heard of is replaced by another. */
static int helper_send(struct command_call *call, int request, int pipe)
{
	int err;
	int i;

	for (i = 0; i < 2; i++) {
		err = helper_start(call);
		if (err)
			return err;
		err = send_fds(request, pipe);
		if (!is_dead(err))
			break;
		helper_close();
	}

	if (is_dead(err))
		command_error(call, err,
			      "the helper program ended in the middle of %s",
			      command_name(call));
	else if (err)
		command_error(call, err, "the helper program takes no requests: %s",
			      strerror(-err));
	return err;
}

static void job_free(struct helper_job *job)
{
	struct helper_job **p;

	for (p = &jobs; *p; p = &(*p)->next) {
		if (*p == job) {
			*p = job->next;
			job_count--;
			break;
		}
	}
	sd_event_source_disable_unref(job->io);
	if (job->fd >= 0)
		close(job->fd);
	bytes_finish(&job->reply);
	free(job);
}

/* Return: 0 with the result set, or -errno with the error set. */
static int take_reply(struct helper_job *job)
{
	struct command_call *call = job->call;
	struct json_object *reply = NULL;
	struct json_object *value;
	int err = 0;

	if (!bytes_append(&job->reply, "", 1))
		reply = json_tokener_parse((const char *)bytes_peek(&job->reply));
	if (json_object_object_get_ex(reply, "return", &value))
		command_result(call, json_object_get(value));
	else if (json_object_object_get_ex(reply, "error", &value))
		err = command_error(call, -EIO, "%s",
				    json_object_get_string(value));
	else
		err = command_error(call, -EIO,
			"the helper program ended in the middle of %s",
			job->name);
	json_object_put(reply);
	return err;
}

static int job_on_io(sd_event_source *source, int fd, uint32_t revents,
		     void *userdata)
{
	void (*done)(struct command_call *call, int err);
	struct helper_job *job = userdata;
	struct command_call *call = job->call;
	uint8_t *to;
	ssize_t n = 0;
	int err;

	if (!bytes_reserve(&job->reply, 4096, &to))
		n = read(fd, to, 4096);
	if (n > 0) {
		bytes_commit(&job->reply, n);
		if (to[n - 1])
			return 0;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;

	err = take_reply(job);
	done = job->done;
	job_free(job);
	done(call, err);
	return 0;
}

/* Return: the job with our end of its pipe, or NULL. */
static struct helper_job *job_create(struct command_call *call, int *ret_pipe)
{
	struct helper_job *job = calloc(1, sizeof(*job));
	int ends[2];

	if (!job)
		return NULL;
	job->fd = -1;
	job->call = call;
	bytes_init(&job->reply, REPLY_MAX);
	if (pipe2(ends, O_CLOEXEC)) {
		free(job);
		return NULL;
	}

	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	job->fd = ends[0];
	*ret_pipe = ends[1];
	job->next = jobs;
	jobs = job;
	job_count++;
	return job;
}

int helper_run(struct command_call *call, const char *name,
	       struct json_object *args,
	       void (*done)(struct command_call *call, int err))
{
	struct helper_job *job;
	int request;
	int pipe;
	int err;

	if (job_count == MAX_JOBS)
		return command_error(call, -EAGAIN,
				     "%d commands are in progress", MAX_JOBS);
	request = make_request(name, args);
	if (request < 0)
		return request;
	job = job_create(call, &pipe);
	if (!job) {
		close(request);
		return -ENOMEM;
	}

	job->name = name;
	job->done = done;
	err = helper_send(call, request, pipe);
	close(request);
	close(pipe);
	if (!err)
		err = sd_event_add_io(agent_event(), &job->io, job->fd,
				      EPOLLIN, job_on_io, job);
	if (err < 0) {
		job_free(job);
		return err;
	}
	return -EINPROGRESS;
}

int command_remote(struct command_call *call)
{
	return helper_run(call, command_name(call), command_args(call),
			  command_done);
}

/* What the helper is doing it will end without the daemon. */
void helper_finish(void)
{
	while (jobs)
		job_free(jobs);
	helper_close();
}
