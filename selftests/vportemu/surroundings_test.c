// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * surroundings_test.c - a process that is short of what others have: standard
 * streams, descriptors, room on a disk
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"

/* The shell does with its streams as told, and becomes the program. */
static void begin_in_shell(struct emulator *emu, const char *streams)
{
	char command[64];
	char *program;

	emulator_init(emu);
	program = emu->argv[0];
	snprintf(command, sizeof(command), "exec \"$0\" \"$@\" %s", streams);
	emu->argv[0] = strdup("/bin/sh");
	emu->argv[1] = strdup("-c");
	emu->argv[2] = strdup(command);
	emu->argv[3] = program;
	emu->argc = 4;
}

/* The first thing that a VMM asks, and just the answer to that. */
static void expect_features(int fd)
{
	uint32_t header[3] = { 1, 1, 0 };
	uint32_t reply[5];

	write_exactly(fd, header, sizeof(header));
	read_exactly(fd, reply, sizeof(reply));
	assert_int_equal(reply[0], 1);
	assert_int_equal(reply[1], 5);
	assert_int_equal(reply[2], 8);
}

static void closed_streams(void **state)
{
	struct emulator emu;
	int qmp, more, vu;

	begin_in_shell(&emu, "<&- >&- 2>&-");
	emulator_arg(&emu, "-device virtio-serial-pci,id=s0");
	emulator_standard(&emu);
	emulator_chardev(&emu, "more");
	emulator_arg(&emu, "-mon chardev=more,mode=control");
	emulator_start(&emu);
	qmp = qmp_connect(&emu, "qmp");
	more = qmp_connect(&emu, "more");
	/* The third one, which is told of with a message. */
	vu = emulator_connect(&emu, "vu");
	expect_features(vu);
	close(vu);
	close(more);
	close(qmp);
	emulator_stop(&emu);
}

static void limit_descriptors(pid_t pid, rlim_t soft)
{
	struct rlimit limit;

	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), 0);
	limit.rlim_cur = soft ?: limit.rlim_max;
	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

static int start_with_stderr(struct emulator *emu)
{
	int saved = dup(STDERR_FILENO);
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	emulator_start(emu);
	dup2(saved, STDERR_FILENO);
	close(saved);
	return fds[0];
}

static void read_line(int fd, char *line, size_t size)
{
	size_t len = 0;

	do {
		assert_true(len < size - 1);
		read_exactly(fd, line + len, 1);
	} while (line[len++] != '\n');
	line[len - 1] = '\0';
}

/* Not let in as long as there are none, told once, tried again, let in. */
static void no_descriptors(void **state)
{
	char line[1024], monitor[256];
	struct emulator emu;
	int err, qmp, more, vu;

	emulator_init(&emu);
	emulator_arg(&emu, "-device virtio-serial-pci,id=s0");
	emulator_standard(&emu);
	emulator_chardev(&emu, "more");
	emulator_arg(&emu, "-mon chardev=more,mode=control");
	err = start_with_stderr(&emu);
	qmp = qmp_connect(&emu, "qmp");

	limit_descriptors(emu.pid, 3);
	more = emulator_connect(&emu, "more");
	read_line(err, line, sizeof(line));
	snprintf(monitor, sizeof(monitor),
		 "vportemu: unix:%s/more: accept: Too many open files", emu.dir);
	assert_string_equal(line, monitor);
	vu = emulator_connect(&emu, "vu");
	read_line(err, line, sizeof(line));
	assert_string_equal(line, "vportemu: export 'x0': accept: Too many open files");
	qmp_expect(qmp, "{'execute': 'query-status'}",
		   "{\"return\": {\"status\": \"running\", \"running\": true}}");
	expect_silence(err);

	limit_descriptors(emu.pid, 0);
	read_exactly(more, line, 8);
	assert_memory_equal(line, "{\"QMP\": ", 8);
	expect_features(vu);
	read_line(err, line, sizeof(line));
	assert_string_equal(line, "vportemu: export 'x0': front-end has connected");
	close(vu);
	close(more);
	close(qmp);
	emulator_stop(&emu);
	close(err);
}

static void full_disk_is_a_failure(void **state)
{
	static const char *const options[] = {
		"-help", "-version", "-print-capabilities", "-device help",
	};
	char line[256];
	struct emulator emu;
	size_t i;
	int err;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		begin_in_shell(&emu, ">/dev/full");
		emulator_arg(&emu, "%s", options[i]);
		err = start_with_stderr(&emu);
		read_line(err, line, sizeof(line));
		assert_string_equal(line, "vportemu: standard output: cannot write");
		assert_int_equal(emulator_wait(&emu), 1);
		close(err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_streams),
		cmocka_unit_test(no_descriptors),
		cmocka_unit_test(full_disk_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
