// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options_test.c - vportd as a person or a service manager starts it
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent_process.h"
#include "command_run.h"

#define run(...) command_run("build/vportd " __VA_ARGS__)

static void bad_option_is_one_line(void **state)
{
	static const char *const cases[][2] = {
		{ "--frob", "vportd: --frob: unknown option, see --help\n" },
		{ "-x", "vportd: -x: unknown option, see --help\n" },
		{ "-vx", "vportd: -x: unknown option, see --help\n" },
		{ "--path", "vportd: --path: needs an argument, see --help\n" },
		{ "-p", "vportd: -p: needs an argument, see --help\n" },
		{ "--verbose=1",
		  "vportd: --verbose=1: takes no argument, see --help\n" },
		{ "frob", "vportd: frob: unexpected argument, see --help\n" },
		{ "--agent-version=", "vportd: --agent-version=: expected 1 to "
		  "64 printable ASCII characters without blanks\n" },
		{ "--agent-version='1 2'", "vportd: --agent-version=1 2: "
		  "expected 1 to 64 printable ASCII characters without "
		  "blanks\n" },
		{ "-m frob", "vportd: frob: unknown method, expected "
			     "virtio-serial, isa-serial, unix-listen or "
			     "vsock-listen\n" },
		{ "-m vsock-listen", "vportd: --path: expected <cid>:<port> for "
				     "vsock-listen\n" },
		{ "-m vsock-listen -p frob",
		  "vportd: --path=frob: expected <cid>:<port>\n" },
		{ "-m unix-listen -p ''", "vportd: --path=: expected a path of up "
		  "to 107 bytes from the root on\n" },
		{ "-m isa-serial -p /dev/null",
		  "vportd: /dev/null: Inappropriate ioctl for device\n" },
		{ "-t /nonexistent", "vportd: --statedir=/nonexistent: No such "
				     "file or directory\n" },
		{ "-t /dev/null", "vportd: --statedir=/dev/null: expected a "
				  "directory from the root on\n" },
		{ "-c /nonexistent",
		  "vportd: /nonexistent: No such file or directory\n" },
		{ "--reply-max=1", "vportd: --reply-max=1: expected a size from "
				   "4K to 48M\n" },
		{ "--hook-timeout=1m", "vportd: --hook-timeout=1m: expected "
				       "seconds, 0 to 86400\n" },
		{ "--hook-timeout=86401", "vportd: --hook-timeout=86401: "
					  "expected seconds, 0 to 86400\n" },
		{ "--conf=/nonexistent",
		  "vportd: /nonexistent: No such file or directory\n" },
		{ "--conf=/nonexistent --check-conf",
		  "vportd: /nonexistent: No such file or directory\n" },
		{ "-m unix-listen -p /tmp/vport-options-test -f /nonexistent/pid",
		  "vportd: /nonexistent/pid: No such file or directory\n" },
		{ "-p /nonexistent",
		  "vportd: /nonexistent: No such file or directory\n" },
		{ "-p /dev/null",
		  "vportd: /dev/null: not a virtio-serial port\n" },
		{ "-m unix-listen -p /nonexistent/sock",
		  "vportd: /nonexistent/sock: No such file or directory\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(1, run("%s", cases[i][0]));
		assert_string_equal(cases[i][1], output);
	}
}

static void path_too_long_is_one_line(void **state)
{
	char path[200];

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(1, run("-m unix-listen -p %s", path));
	assert_non_null(strstr(output, ": expected a path of up to 107 bytes "));
}

static void help_and_version(void **state)
{
	assert_int_equal(0, run("--help"));
	assert_memory_equal("Usage: vportd ", output, 14);
	assert_int_equal(0, run("-V"));
	assert_memory_equal("vportd ", output, 7);
}

static void socket_in_use_is_refused(void **state)
{
	struct agent_process agent;
	char expected[200];
	int fd;

	agent_process_start(&agent);
	assert_int_equal(1, run("-m unix-listen -p %s", agent.path));
	snprintf(expected, sizeof(expected),
		 "vportd: %s: Address already in use\n", agent.path);
	assert_string_equal(expected, output);

	fd = client_connect(&agent);
	client_sync(fd);
	client_close(fd);
	assert_int_equal(0, agent_process_stop(&agent));
}

static void file_in_the_way_is_kept(void **state)
{
	char path[] = "/tmp/options-test.XXXXXX";
	int fd = mkstemp(path);

	assert_int_equal(1, run("-m unix-listen -p %s", path));
	assert_int_equal(0, unlink(path));
	close(fd);
}

/* Files of the test's own; the link of the name qemu-ga is among them. */
static char dir[] = "/tmp/options-test.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(0, fclose(file));
}

static int begin(void **state)
{
	char program[256];
	char path[64];

	if (!mkdtemp(dir) || !realpath("build/vportd", program))
		return -1;
	snprintf(path, sizeof(path), "%s/qemu-ga", dir);
	return symlink(program, path);
}

static int end(void **state)
{
	return command_run("rm -r %s", dir);
}

static void dump_of_the_defaults(void **state)
{
	static const char expected[] =
		"[general]\ndaemon=false\nmethod=virtio-serial\n"
		"path=/dev/virtio-ports/org.qemu.guest_agent.0\n"
		"pidfile=/var/run/qemu-ga.pid\nstatedir=/var/run\n"
		"verbose=false\nretry-path=false\nblock-rpcs=\nallow-rpcs=\n";

	assert_int_equal(0, command_run("env QGA_CONF=/nonexistent "
					"%s/qemu-ga -D", dir));
	assert_string_equal(expected, output);
}

static void dump_of_all_options(void **state)
{
	static const char expected[] =
		"[general]\ndaemon=true\nmethod=unix-listen\npath=/x\n"
		"logfile=/l\npidfile=/p\nfsfreeze-hook=/etc/qemu/fsfreeze-hook\n"
		"statedir=/tmp\nverbose=true\nretry-path=true\n"
		"block-rpcs=guest-ping,guest-info\nallow-rpcs=guest-sync\n";

	assert_int_equal(0, run("-D -d -munix-listen -p/x -l/l -f/p -F -t/tmp "
				"-v -r -b guest-ping,guest-info -a guest-sync"));
	assert_string_equal(expected, output);
	assert_int_equal(0, run("--dump-conf --daemonize --method=unix-listen "
				"--path=/x --logfile=/l --pidfile /p "
				"--fsfreeze-hook --statedir=/tmp --verbose "
				"--retry-path --blacklist=guest-ping "
				"--block-rpcs guest-info "
				"--allow-rpcs=guest-sync"));
	assert_string_equal(expected, output);
}

/* As the tests of QEMU's agent have it, and what it dumps reads back. */
static void file_says_the_same(void **state)
{
	char first[1024];

	put("conf", "# why\n[general]\ndaemon = 0\nmethod=virtio-serial\n"
	    "path=/path/to/org.qemu.guest_agent.0\npidfile=/var/foo/qemu-ga.pid\n"
	    "statedir=/tmp\nverbose=true\nfsfreeze-hook=/h\n"
	    "block-rpcs=guest-ping ; guest-get-time\n");
	assert_int_equal(0, run("-c %s/conf -D", dir));
	assert_string_equal("[general]\ndaemon=false\nmethod=virtio-serial\n"
		"path=/path/to/org.qemu.guest_agent.0\n"
		"pidfile=/var/foo/qemu-ga.pid\nfsfreeze-hook=/h\n"
		"statedir=/tmp\nverbose=true\nretry-path=false\n"
		"block-rpcs=guest-ping;guest-get-time\nallow-rpcs=\n", output);

	strcpy(first, output);
	put("conf", first);
	assert_int_equal(0, command_run("env QGA_CONF=%s/conf %s/qemu-ga -D",
					dir, dir));
	assert_string_equal(first, output);
}

/* The command line comes first; lists add up. */
static void file_and_command_line(void **state)
{
	put("conf", "[general]\nmethod=isa-serial\nfsfreeze-hook=/h\n"
	    "block-rpcs=guest-ping\npath=/p\n");
	assert_int_equal(0, run("-c %s/conf -D -m unix-listen -F/k "
				"-b guest-info", dir));
	assert_non_null(strstr(output, "method=unix-listen\npath=/p\n"));
	assert_non_null(strstr(output, "fsfreeze-hook=/k\n"));
	assert_non_null(strstr(output, "block-rpcs=guest-info,guest-ping\n"));

	/* Under its own name, what is about the process is not for it. */
	assert_int_equal(0, command_run("env QGA_CONF=%s/conf build/vportd -D",
					dir));
	assert_non_null(strstr(output, "method=virtio-serial\npidfile"));
	assert_non_null(strstr(output, "block-rpcs=guest-ping\n"));
}

static void bad_file_is_one_line(void **state)
{
	static const char *const cases[][2] = {
		{ "[general]\ndaemon=maybe\n",
		  "conf:2: daemon = maybe: expected true or false\n" },
		{ "[general]\nfrob\n",
		  "conf:2: expected KEY = VALUE or [SECTION]\n" },
	};
	size_t i;

	for (i = 0; i < 2; i++) {
		put("conf", cases[i][0]);
		assert_int_equal(1, run("-c %s/conf -D", dir));
		assert_non_null(strstr(output, cases[i][1]));
		assert_memory_equal("vportd: /tmp/", output, 13);
	}
	put("conf", "[general]\ndaemonize = 0\n");
	assert_int_equal(0, run("-c %s/conf -D", dir));
	assert_non_null(strstr(output, "conf:2: daemonize: unknown key, "
				       "ignoring it\n"));
}

static void called_qemu_ga(void **state)
{
	assert_int_equal(0, command_run("%s/qemu-ga -V", dir));
	assert_one_line("QEMU Guest Agent 11.1.3\n");
	assert_int_equal(0, command_run("%s/qemu-ga -h", dir));
	assert_memory_equal("Usage: qemu-ga [-m ", output, 19);
	assert_int_equal(1, command_run("%s/qemu-ga --frob", dir));
	assert_non_null(strstr(output, "\nUnknown option, try 'qemu-ga --help' for more "
			       "information.\n"));
	assert_int_equal(1, command_run("%s/qemu-ga -m unix-listen", dir));
	assert_one_line("qemu-ga: must specify a path for this channel\n");
	if (access("/dev/virtio-ports/org.qemu.guest_agent.0", F_OK)) {
		assert_int_equal(1, command_run("%s/qemu-ga", dir));
		assert_one_line("qemu-ga: /dev/virtio-ports/org.qemu.guest_agent"
				".0: No such file or directory\n");
	}
}

static void commands_are_listed(void **state)
{
	static const char *const options[] = {
		"-b help", "-a help", "--block-rpcs=help", "--blacklist help",
	};
	size_t i;

	for (i = 0; i < 4; i++) {
		assert_int_equal(0, run("%s", options[i]));
		assert_non_null(strstr(output, "guest-ping\n"));
		assert_non_null(strstr(output, "guest-exec\n"));
	}
	assert_int_equal(0, run("-D -b guest-frob"));
	assert_memory_equal("vportd: block-rpcs: guest-frob: no such command, "
			    "ignoring it\n", output, 61);
}

static void configuration_is_checked(void **state)
{
	put("vportd.conf", "[*]\nhandler = ignore\n");
	assert_int_equal(0, run("--check-conf --conf=%s/vportd.conf", dir));
	assert_string_equal("", output);
	put("vportd.conf", "[*]\nhandler = frob\n");
	assert_int_equal(1, run("--check-conf --conf=%s/vportd.conf", dir));
	assert_non_null(strstr(output, "vportd.conf:2: [*]: handler = frob: "
				       "expected agent, relay, exec, log or "
				       "ignore\n"));
}

static void ask(const char *path, const char *request, const char *reply)
{
	struct agent_process agent = { 0 };
	int fd;

	strcpy(agent.path, path);
	fd = client_connect(&agent);
	client_ask(fd, request, reply);
	client_close(fd);
}

#define PING "{\"execute\":\"guest-ping\"}\n"
#define FORBIDDEN "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":" \
	"\"Command guest-ping has been disabled: the command is not allowed\"}}"

/* The command returns when the service is ready, so there is no waiting. */
static void background_process_leaves_files(void **state)
{
	struct stat st;
	char path[64];
	char pid[16];
	FILE *file;

	/* The socket is named from where it is started, and not for everybody. */
	assert_int_equal(0, command_run("sh -c 'umask 0; cd %s && ./qemu-ga -d -m unix-listen "
		"-p sock -f %s/pid -l %s/log -t %s -v -b guest-ping "
		">/dev/null'", dir, dir, dir, dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 0777);
	ask(path, PING, FORBIDDEN);
	assert_int_equal(1, run("-m unix-listen -p %s/sock2 -f %s/pid", dir,
				dir));
	assert_non_null(strstr(output, "/pid: another process holds it\n"));

	snprintf(path, sizeof(path), "%s/pid", dir);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(pid, sizeof(pid), file));
	fclose(file);
	assert_int_equal(0, command_run("tail --pid=%d -f /dev/null & kill %d; "
					"wait", atoi(pid), atoi(pid)));
	assert_int_equal(-1, access(path, F_OK));
	snprintf(path, sizeof(path), "%s/sock", dir);
	assert_int_equal(-1, access(path, F_OK));
}

/* Others may come before it. */
static void wait_for_notice(int fd, const char *notice)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char text[64];
	ssize_t len;

	do {
		assert_int_equal(1, poll(&pfd, 1, 10000));
		len = recv(fd, text, sizeof(text) - 1, 0);
		assert_true(len > 0);
		text[len] = '\0';
	} while (strncmp(notice, text, strlen(notice)));
}

/* A process of its own, ready when it has said so. */
static pid_t start_notifying(const char *path, int *ret_fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char conf[64];
	pid_t pid;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s.notify", path);
	unlink(addr.sun_path);
	assert_int_equal(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("NOTIFY_SOCKET", addr.sun_path, 1);
		setenv("WATCHDOG_USEC", "200000", 1);
		snprintf(conf, sizeof(conf), "%s/qga.conf", dir);
		setenv("QGA_CONF", conf, 1);
		execl("build/vportd", "vportd", "-m", "unix-listen", "-p",
		      path, "-t", dir, NULL);
		_exit(127);
	}

	wait_for_notice(fd, "READY=1");
	*ret_fd = fd;
	return pid;
}

static int stop(pid_t pid, int signal)
{
	int status;

	kill(pid, signal);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A killed one leaves its socket behind; the next one takes the place. */
static void readiness_and_abandoned_socket(void **state)
{
	char path[64];
	pid_t pid;
	int fd;

	snprintf(path, sizeof(path), "%s/abandoned", dir);
	pid = start_notifying(path, &fd);
	close(fd);
	assert_int_equal(-1, stop(pid, SIGKILL));
	assert_int_equal(0, access(path, F_OK));

	pid = start_notifying(path, &fd);
	wait_for_notice(fd, "WATCHDOG=1");
	assert_int_equal(0, stop(pid, SIGINT));
	wait_for_notice(fd, "STOPPING=1");
	close(fd);
	assert_int_equal(-1, access(path, F_OK));
}

static void lists_are_read_again(void **state)
{
	char path[64];
	pid_t pid;
	int fd;

	snprintf(path, sizeof(path), "%s/reload", dir);
	put("qga.conf", "[general]\n");
	pid = start_notifying(path, &fd);
	ask(path, PING, "{\"return\":{}}");

	put("qga.conf", "[general]\nblock-rpcs=guest-ping\n");
	kill(pid, SIGHUP);
	wait_for_notice(fd, "RELOADING=1");
	wait_for_notice(fd, "READY=1");
	ask(path, PING, FORBIDDEN);

	/* Nothing of a file with an error is used. */
	put("qga.conf", "[general]\nblock-rpcs=\nfrob\n");
	kill(pid, SIGHUP);
	wait_for_notice(fd, "READY=1");
	ask(path, PING, FORBIDDEN);
	assert_int_equal(0, stop(pid, SIGTERM));
	close(fd);
}

/* The socket is 3 and method and path do not count. */
static void socket_of_a_service_manager(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char text[16];
	pid_t pid;
	int fd;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/passed", dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_int_equal(0, listen(fd, 4));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd, 3);
		if (fd == 3)
			fcntl(fd, F_SETFD, 0);
		snprintf(text, sizeof(text), "%d", getpid());
		setenv("LISTEN_PID", text, 1);
		setenv("LISTEN_FDS", "1", 1);
		execl("build/vportd", "vportd", "-t", dir, NULL);
		_exit(127);
	}
	close(fd);
	ask(addr.sun_path, PING, "{\"return\":{}}");
	assert_int_equal(0, stop(pid, SIGTERM));
}

static void agent_on_a_serial_port(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;
	FILE *stream;
	char line[64];
	int slave;
	pid_t pid;

	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(0, tcgetattr(slave, &raw));
	cfmakeraw(&raw);
	assert_int_equal(0, tcsetattr(slave, TCSANOW, &raw));
	assert_true(write(master, PING, strlen(PING)) > 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("build/vportd", "vportd", "-m", "isa-serial", "-p",
		      ptsname(master), "-t", dir, NULL);
		_exit(127);
	}
	stream = fdopen(master, "r");
	assert_non_null(fgets(line, sizeof(line), stream));
	assert_string_equal("{\"return\": {}}\n", line);
	assert_int_equal(0, stop(pid, SIGTERM));
	close(slave);
	fclose(stream);
}

static void full_disk_is_a_failure(void **state)
{
	static const char *const words[] = {
		"vportd --help", "vportd --version", "vportd --dump-conf",
		"vportd --block-rpcs=help", "vportd-helper --help",
		"vportd-helper --version",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(1, command_run("sh -c 'build/%s >/dev/full'",
						words[i]));
		assert_non_null(strstr(output, ": standard output: cannot write\n"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_option_is_one_line),
		cmocka_unit_test(path_too_long_is_one_line),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(socket_in_use_is_refused),
		cmocka_unit_test(file_in_the_way_is_kept),
		cmocka_unit_test(readiness_and_abandoned_socket),
		cmocka_unit_test(full_disk_is_a_failure),
		cmocka_unit_test(dump_of_the_defaults),
		cmocka_unit_test(dump_of_all_options),
		cmocka_unit_test(file_says_the_same),
		cmocka_unit_test(file_and_command_line),
		cmocka_unit_test(bad_file_is_one_line),
		cmocka_unit_test(called_qemu_ga),
		cmocka_unit_test(commands_are_listed),
		cmocka_unit_test(configuration_is_checked),
		cmocka_unit_test(background_process_leaves_files),
		cmocka_unit_test(lists_are_read_again),
		cmocka_unit_test(socket_of_a_service_manager),
		cmocka_unit_test(agent_on_a_serial_port),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
