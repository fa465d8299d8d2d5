// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emulator.c - a vportemu process under test, and a monitor's client
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"

const char *emulator_export = "vhost-user";

static const char *program(void)
{
	return getenv("VPORTEMU") ?: "build/unit/bin/vportemu";
}

void emulator_init(struct emulator *emu)
{
	memset(emu, 0, sizeof(*emu));
	snprintf(emu->dir, sizeof(emu->dir), "%s/vportemu-test-XXXXXX",
		 getenv("TMPDIR") ?: "/tmp");
	assert_non_null(mkdtemp(emu->dir));
	emulator_arg(emu, "%s", program());
}

void emulator_arg(struct emulator *emu, const char *format, ...)
{
	char text[1024], *word, *save;
	va_list args;

	va_start(args, format);
	assert_true(vsnprintf(text, sizeof(text), format, args) <
		    (int)sizeof(text));
	va_end(args);

	for (word = strtok_r(text, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		assert_true(emu->argc < EMULATOR_MAX_ARGS);
		emu->argv[emu->argc++] = strdup(word);
	}
}

int emulator_socket(struct emulator *emu, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	assert_true(emu->num_sockets < EMULATOR_MAX_SOCKETS);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", emu->dir, name);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 4), 0);

	snprintf(emu->sockets[emu->num_sockets].name,
		 sizeof(emu->sockets[0].name), "%s", name);
	strcpy(emu->sockets[emu->num_sockets].path, addr.sun_path);
	emu->sockets[emu->num_sockets++].fd = fd;
	return fd;
}

void emulator_chardev(struct emulator *emu, const char *name)
{
	emulator_arg(emu, "-chardev socket,id=%s,fd=%d,server=on,wait=off",
		     name, emulator_socket(emu, name));
}

void emulator_standard(struct emulator *emu)
{
	emulator_chardev(emu, "qmp");
	emulator_arg(emu, "-mon chardev=qmp,mode=control");
	emulator_arg(emu,
		     "--export %s,id=x0,device=s0,addr.type=fd,addr.str=%d",
		     emulator_export, emulator_socket(emu, "vu"));
}

/* The process dies with the test, whatever becomes of that. */
static pid_t spawn(char *const argv[])
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

void emulator_start(struct emulator *emu)
{
	int i;

	emu->pid = spawn(emu->argv);
	assert_true(emu->pid > 0);
	for (i = 0; i < emu->num_sockets; i++)
		close(emu->sockets[i].fd);
}

int emulator_connect(struct emulator *emu, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int i, fd;

	for (i = 0; i < emu->num_sockets; i++) {
		if (!strcmp(emu->sockets[i].name, name))
			break;
	}
	assert_true(i < emu->num_sockets);
	strcpy(addr.sun_path, emu->sockets[i].path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)),
			 0);
	return fd;
}

static int reap(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		print_error("killed by signal %d\n", WTERMSIG(status));
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

int emulator_wait(struct emulator *emu)
{
	int i, status;

	status = reap(emu->pid);
	for (i = 0; i < emu->num_sockets; i++)
		unlink(emu->sockets[i].path);
	assert_int_equal(rmdir(emu->dir), 0);
	for (i = 0; i < emu->argc; i++)
		free(emu->argv[i]);
	return status;
}

void emulator_stop(struct emulator *emu)
{
	assert_int_equal(kill(emu->pid, SIGTERM), 0);
	assert_int_equal(emulator_wait(emu), 0);
}

int emulator_run(char *const argv[], char *out, size_t size)
{
	size_t have = 0;
	ssize_t len;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		alarm(EMULATOR_TIMEOUT / 1000);
		execv(program(), argv);
		_exit(127);
	}
	close(fds[1]);
	while ((len = read(fds[0], out + have, size - 1 - have)) > 0)
		have += len;
	out[have] = '\0';
	close(fds[0]);
	return reap(pid);
}

void wait_readable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&pollfd, 1, EMULATOR_TIMEOUT), 1);
}

void read_exactly(int fd, void *buf, size_t len)
{
	size_t have = 0;
	ssize_t part;

	while (have < len) {
		wait_readable(fd);
		part = read(fd, (char *)buf + have, len - have);
		assert_true(part > 0);
		have += part;
	}
}

void write_exactly(int fd, const void *buf, size_t len)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
	size_t done = 0;
	ssize_t part;

	while (done < len) {
		assert_int_equal(poll(&pollfd, 1, EMULATOR_TIMEOUT), 1);
		part = send(fd, (const char *)buf + done, len - done,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		assert_true(part > 0);
		done += part;
	}
}

void expect_eof(int fd)
{
	char c;

	wait_readable(fd);
	assert_true(read(fd, &c, 1) <= 0);
}

void expect_silence(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&pollfd, 1, 0), 0);
}

void qmp_read(int fd, char *line, size_t size)
{
	size_t len = 0;

	do {
		assert_true(len < size - 1);
		read_exactly(fd, line + len, 1);
	} while (line[len++] != '\n');
	assert_true(len >= 2 && line[len - 2] == '\r');
	line[len - 2] = '\0';
}

void qmp_send_fd(int fd, const char *command, int passed)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { (void *)command, strlen(command) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(passed));
	memcpy(CMSG_DATA(cmsg), &passed, sizeof(passed));
	assert_int_equal(sendmsg(fd, &msg, 0), iov.iov_len);
}

void qmp_expect(int fd, const char *command, const char *answer)
{
	char line[8192];

	write_exactly(fd, command, strlen(command));
	qmp_read(fd, line, sizeof(line));
	assert_string_equal(line, answer ?: "{\"return\": {}}");
}

void qmp_expect_event(int fd, const char *words)
{
	char line[8192];

	qmp_read(fd, line, sizeof(line));
	if (strncmp(line, "{\"timestamp\": {\"seconds\": ", 26) ||
	    !strstr(line, words))
		fail_msg("event '%s' expected, got: %s", words, line);
}

int qmp_connect(struct emulator *emu, const char *name)
{
	int fd = emulator_connect(emu, name);
	char line[1024];

	qmp_read(fd, line, sizeof(line));
	assert_true(!strncmp(line, "{\"QMP\": {\"version\": {\"qemu\": ", 28));
	qmp_expect(fd, "{\"execute\": \"qmp_capabilities\"}", NULL);
	return fd;
}
