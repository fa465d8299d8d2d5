// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper_process.c - the helper program, and requests to it
 */

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "helper_process.h"

#define TIMEOUT_MS	10000
#define REPLY_MAX	(1 << 20)

static int helper_socket;
static pid_t helper_pid;

/* HELPER may be a whole command: a memory checker and the helper, say. */
static void exec_helper(int fd, const char *root)
{
	const char *program = getenv("HELPER");
	char command[512];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(fd, STDIN_FILENO);
	snprintf(command, sizeof(command), "exec %s --root=%s",
		 program ? program : "build/vportd-helper", root);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

void helper_start(const char *root)
{
	int ends[2];

	assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC,
				       0, ends));
	helper_pid = fork();
	assert_true(helper_pid >= 0);
	if (!helper_pid)
		exec_helper(ends[1], root);
	close(ends[1]);
	helper_socket = ends[0];
}

void helper_stop(void)
{
	int status;

	close(helper_socket);
	assert_int_equal(helper_pid, waitpid(helper_pid, &status, 0));
	assert_int_equal(0, status);
}

static void send_fds(const int fds[2])
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

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, 2 * sizeof(int));
	assert_int_equal(1, sendmsg(helper_socket, &msg, MSG_NOSIGNAL));
}

int helper_send(const char *request)
{
	int file = memfd_create("request", MFD_CLOEXEC);
	size_t len = strlen(request);
	int ends[2];

	assert_int_equal(len, write(file, request, len));
	assert_int_equal(0, pipe2(ends, O_CLOEXEC));
	send_fds((int[2]){ ends[1], file });
	close(file);
	close(ends[1]);
	return ends[0];
}

char *helper_reply(int pipe)
{
	struct pollfd pfd = { .fd = pipe, .events = POLLIN };
	char *reply = malloc(REPLY_MAX);
	size_t len = 0;
	ssize_t n;

	do {
		if (poll(&pfd, 1, TIMEOUT_MS) != 1)
			fail_msg("no reply for %d s", TIMEOUT_MS / 1000);
		n = read(pipe, reply + len, REPLY_MAX - len - 1);
		assert_true(n >= 0);
		len += n;
	} while (n);
	reply[len] = '\0';
	close(pipe);
	return reply;
}

void helper_ask(const char *request, const char *expected)
{
	char *reply = helper_reply(helper_send(request));
	struct json_object *left = json_tokener_parse(reply);
	struct json_object *right = json_tokener_parse(expected);

	assert_non_null(right);
	if (!left || !json_object_equal(left, right))
		fail_msg("%s: got %s, expected %s", request, reply, expected);
	json_object_put(left);
	json_object_put(right);
	free(reply);
}

void helper_run(const char *name, const char *args, const char *reply)
{
	char request[4096];

	snprintf(request, sizeof(request), "{\"execute\":\"%s\",\"arguments\":%s}",
		 name, args);
	helper_ask(request, reply);
}

int helper_children(void)
{
	char path[64];
	int count = 0;
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", helper_pid,
		 helper_pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (fscanf(file, "%d", &pid) == 1)
		count++;
	fclose(file);
	return count;
}
