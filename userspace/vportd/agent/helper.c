// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper.c - commands that another process runs
 *
 * Each request goes to the helper as a message, with a file if it is long, and
 * with the end of a pipe for the reply; the helper's child that does it writes
 * there, a NUL at the end.  So there is nothing to be sorted out between
 * requests, and whatever ends a child, or the helper itself, is an end of file
 * here.
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
#include "child.h"
#include "command.h"
#include "context.h"
#include "helper.h"
#include "launch.h"
#include "log.h"

/* Requests that are being run: a host cannot make more processes than that. */
#define MAX_JOBS	32

/* A longer request is put into a file. */
#define MESSAGE_MAX	2048

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
static struct child *helper_child;

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
	child_forget(helper_child);
	helper_child = NULL;
}

static void helper_on_child(void *data, const siginfo_t *info)
{
	helper_child = NULL;
	if (info->si_code == CLD_EXITED)
		log_warn("agent: the helper program ended with status %d",
			 info->si_status);
	else
		log_warn("agent: the helper program was ended by signal %d",
			 info->si_status);
	helper_close();
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
		err = child_watch(agent_event(), pid, helper_on_child, NULL,
				  &helper_child);
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

/* What goes over the socket. */
struct request {
	struct json_object *object;
	const char *text;
	size_t len;
	int file;		/* with the text; -1: it is in the message */
	int pipe;
};

static int put_in_file(struct request *request)
{
	request->file = memfd_create("request", MFD_CLOEXEC);
	if (request->file < 0)
		return -errno;
	if (write(request->file, request->text, request->len) !=
	    (ssize_t)request->len)
		return -EIO;
	request->text = "";
	request->len = 1;
	return 0;
}

static void request_finish(struct request *request)
{
	json_object_put(request->object);
	if (request->file >= 0)
		close(request->file);
	if (request->pipe >= 0)
		close(request->pipe);
}

/* To be finished also when it fails.  Return: 0 or -errno. */
static int request_init(struct request *request, const char *name,
			struct json_object *args)
{
	struct json_object *object = json_object_new_object();
	const char *hook = agent_conf()->freeze_hook;

	*request = (struct request){ .object = object, .file = -1, .pipe = -1 };
	json_object_object_add(object, "execute", json_object_new_string(name));
	json_object_object_add(object, "arguments", json_object_get(args));
	if (hook)
		json_object_object_add(object, "hook",
				       json_object_new_string(hook));
	json_object_object_add(object, "hook-seconds", json_object_new_int(
				       agent_conf()->hook_seconds));
	request->text = json_object_to_json_string_length(
		object, JSON_C_TO_STRING_PLAIN, &request->len);
	return request->len < MESSAGE_MAX ? 0 : put_in_file(request);
}

static int send_request(const struct request *request)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (char *)request->text, request->len };
	int fds[2] = { request->pipe, request->file };
	size_t len = request->file < 0 ? sizeof(int) : sizeof(fds);
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(len),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), fds, len);
	if (sendmsg(helper_fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	return 0;
}

static bool is_dead(int err)
{
	return err == -EPIPE || err == -ECONNRESET || err == -ENOTCONN;
}

/* One that has died since it was last heard of is replaced by another. */
static int helper_send(struct command_call *call,
		       const struct request *request)
{
	int err;
	int i;

	for (i = 0; i < 2; i++) {
		err = helper_start(call);
		if (err)
			return err;
		err = send_request(request);
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
	struct request request;
	struct helper_job *job;
	int err;

	if (job_count == MAX_JOBS)
		return command_error(call, -EAGAIN,
				     "%d commands are in progress", MAX_JOBS);
	err = request_init(&request, name, args);
	job = err ? NULL : job_create(call, &request.pipe);
	if (!job) {
		request_finish(&request);
		return err ? err : -ENOMEM;
	}

	job->name = name;
	job->done = done;
	err = helper_send(call, &request);
	request_finish(&request);
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
