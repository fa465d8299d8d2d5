// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_process.c - a guest agent as a process, and clients of its socket
 */

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "agent_process.h"

#define TIMEOUT_MS	10000
#define MAX_FD		256

static bool is_client[MAX_FD];

const char *agent_program(void)
{
	const char *program = getenv("AGENT");

	return program ? program : "build/vportd";
}

bool agent_is_qemu_ga(void)
{
	return strstr(agent_program(), "qemu-ga");
}

bool agent_is_wrapped(void)
{
	return strchr(agent_program(), ' ');
}

/* AGENT may be a whole command: a memory checker and the agent, say. */
static void agent_exec(const struct agent_process *agent)
{
	char command[512];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(command, sizeof(command), "exec %s -m unix-listen -p %s -t %s",
		 agent->program, agent->path, agent->dir);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

static int try_connect(const struct agent_process *agent)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	strcpy(addr.sun_path, agent->path);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;

	close(fd);
	return -1;
}

/* The name is there before listen() was called: one more try, or a few. */
static void wait_for_socket(const struct agent_process *agent, int watch)
{
	struct pollfd pfd = { .fd = watch, .events = POLLIN };
	int tries;
	int fd;

	assert_int_equal(1, poll(&pfd, 1, TIMEOUT_MS));
	for (tries = 0; tries < 1000; tries++) {
		fd = try_connect(agent);
		if (fd >= 0) {
			close(fd);
			return;
		}
		poll(NULL, 0, 1);
	}
	fail_msg("%s does not listen", agent_program());
}

void agent_process_start(struct agent_process *agent)
{
	agent_process_start_program(agent, agent_program());
}

void agent_process_start_program(struct agent_process *agent,
				 const char *program)
{
	int watch = inotify_init1(IN_CLOEXEC);

	snprintf(agent->program, sizeof(agent->program), "%s", program);
	strcpy(agent->dir, "/tmp/agent-test.XXXXXX");
	assert_non_null(mkdtemp(agent->dir));
	snprintf(agent->path, sizeof(agent->path), "%s/sock", agent->dir);
	assert_true(inotify_add_watch(watch, agent->dir, IN_CREATE) >= 0);

	agent->pid = fork();
	assert_true(agent->pid >= 0);
	if (!agent->pid)
		agent_exec(agent);

	wait_for_socket(agent, watch);
	close(watch);
}

static void remove_files(const struct agent_process *agent)
{
	static const char *const names[] = { "sock", "qga.state" };
	char path[128];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", agent->dir, names[i]);
		unlink(path);
	}
	rmdir(agent->dir);
}

int agent_process_stop(struct agent_process *agent)
{
	int status;

	kill(agent->pid, SIGTERM);
	assert_int_equal(agent->pid, waitpid(agent->pid, &status, 0));
	remove_files(agent);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static FILE *open_proc(const struct agent_process *agent, const char *name)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", agent->pid, name);
	file = fopen(path, "r");
	assert_non_null(file);
	return file;
}

long agent_process_memory(const struct agent_process *agent)
{
	FILE *file = open_proc(agent, "status");
	long memory = -1;
	char line[256];

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "RssAnon: %ld", &memory) == 1)
			break;
	}
	fclose(file);
	assert_true(memory >= 0);
	return memory;
}

long agent_process_ticks(const struct agent_process *agent)
{
	FILE *file = open_proc(agent, "stat");
	long user = -1;
	long sys = -1;

	assert_int_equal(2, fscanf(file,
				   "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u "
				   "%*u %*u %*u %*u %ld %ld", &user, &sys));
	fclose(file);
	return user + sys;
}

int client_connect(const struct agent_process *agent)
{
	int fd = try_connect(agent);

	assert_true(fd >= 0 && fd < MAX_FD);
	is_client[fd] = true;
	return fd;
}

void client_close(int fd)
{
	is_client[fd] = false;
	close(fd);
}

void client_half_close(int fd)
{
	assert_int_equal(0, shutdown(fd, SHUT_WR));
}

void client_close_all(void)
{
	int fd;

	for (fd = 0; fd < MAX_FD; fd++) {
		if (is_client[fd])
			client_close(fd);
	}
}

void client_send(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = send(fd, data, len, MSG_NOSIGNAL);
		assert_true(n > 0);
		data += n;
		len -= n;
	}
}

/* Bytes up to a line's end and no further, or as many as fit, or 0 at the end. */
static size_t read_part(int fd, char *to, size_t size)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	const char *end;
	ssize_t n;

	if (poll(&pfd, 1, TIMEOUT_MS) != 1)
		fail_msg("no reply for %d s", TIMEOUT_MS / 1000);
	n = recv(fd, to, size, MSG_PEEK);
	if (n <= 0)
		return 0;

	end = memchr(to, '\n', n);
	return recv(fd, to, end ? (size_t)(end - to) + 1 : (size_t)n, 0);
}

char *client_line(int fd)
{
	size_t size = 256;
	size_t len = 0;
	char *line = malloc(size);
	size_t n;

	for (;;) {
		n = read_part(fd, line + len, size - len - 1);
		if (!n) {
			free(line);
			return NULL;
		}
		len += n;
		if (line[len - 1] == '\n')
			break;
		if (len == size - 1) {
			size *= 2;
			line = realloc(line, size);
		}
	}
	line[len - 1] = '\0';
	return line;
}

bool same_json(const char *a, const char *b)
{
	struct json_object *left;
	struct json_object *right;
	bool same;

	if (*a == '\xff' || *b == '\xff')
		return *a == *b && same_json(a + 1, b + 1);

	left = json_tokener_parse(a);
	right = json_tokener_parse(b);
	same = left && right && json_object_equal(left, right);
	json_object_put(left);
	json_object_put(right);
	return same;
}

void client_ask(int fd, const char *request, const char *reply)
{
	char *line;

	client_send(fd, request, strlen(request));
	line = client_line(fd);
	assert_non_null(line);
	if (!same_json(line, reply))
		fail_msg("%s: got %s, expected %s", request, line, reply);
	free(line);
}

void client_sync(int fd)
{
	static int id = 1000;
	char request[96];
	char reply[32];

	id++;
	snprintf(request, sizeof(request), "{\"execute\":\"guest-sync\","
		 "\"arguments\":{\"id\":%d}}\n", id);
	snprintf(reply, sizeof(reply), "{\"return\":%d}", id);
	client_ask(fd, request, reply);
}

struct agent_process test_agent;

int test_agent_start(void **state)
{
	agent_process_start(&test_agent);
	return 0;
}

int test_agent_stop(void **state)
{
	int status = agent_process_stop(&test_agent);

	if (status)
		print_error("exit status after SIGTERM: %d\n", status);
	return status;
}

int test_agent_end(void **state)
{
	client_close_all();
	return 0;
}

void known_to_differ(const char *how)
{
	if (!agent_is_qemu_ga())
		return;

	print_message("known deviation of qemu-ga: %s\n", how);
	skip();
}
