// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * passed_fd_test.c - descriptors that come with a monitor's commands
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

#define GENERIC(text) \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}"
#define NAMED(command, name) \
	"{'execute': '" command "', 'arguments': {'fdname': '" name "'}}"

/* The fixture's guest, whose port has no chardev behind it that matters. */
static void begin_null(void)
{
	begin();
	emulator_arg(&f.emu, "-chardev null,id=c");
}

static void expect_with_fd(const char *command, int fd, const char *answer)
{
	qmp_send_fd(f.qmp, command, fd);
	qmp_expect(f.qmp, "", answer);
}

/* A connection by name becomes a chardev, and one is added to a server. */
static void test_named(void **state)
{
	int pair[2];

	begin_null();
	emulator_start(&f.emu);
	attach(true);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    pair), 0);
	expect_with_fd(NAMED("getfd", "conn"), pair[1], NULL);
	close(pair[1]);
	qmp_expect(f.qmp, "{'execute': 'chardev-change', 'arguments': {'id': 'c', 'backend': {'type': 'socket', 'data': {'server': false, 'addr': {'type': 'fd', 'data': {'str': 'conn'}}}}}}",
		   NULL);
	guest_says("hello");
	host_hears(pair[0], "hello");
	/* It is taken, and not there any more. */
	qmp_expect(f.qmp, NAMED("closefd", "conn"),
		   GENERIC("File descriptor named 'conn' not found"));
	close(pair[0]);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    pair), 0);
	expect_with_fd(NAMED("getfd", "second"), pair[1], NULL);
	close(pair[1]);
	qmp_expect(f.qmp, "{'execute': 'add_client', 'arguments': {'protocol': 'c', 'fdname': 'second'}}",
		   NULL);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	guest_says("again");
	host_hears(pair[0], "again");
	close(pair[0]);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

static int send_buffer(int sock)
{
	socklen_t len = sizeof(int);
	int size;

	assert_int_equal(getsockopt(sock, SOL_SOCKET, SO_SNDBUF, &size, &len),
			 0);
	return size;
}

/* A unix socket is made to hold more, and never less. */
static void test_send_buffer(void **state)
{
	int small[2], large[2], size = 64 << 10, before;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, small), 0);
	assert_int_equal(setsockopt(small[1], SOL_SOCKET, SO_SNDBUF, &size,
				    sizeof(size)), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, large), 0);
	size = 1 << 20;
	assert_int_equal(setsockopt(large[1], SOL_SOCKET, SO_SNDBUF, &size,
				    sizeof(size)), 0);
	before = send_buffer(large[1]);
	begin();
	emulator_arg(&f.emu, "-chardev socket,id=c,fd=%d", small[1]);
	emulator_arg(&f.emu, "-chardev socket,id=d,fd=%d", large[1]);
	emulator_start(&f.emu);
	attach(true);
	assert_in_range(send_buffer(small[1]), 300 << 10, INT32_MAX);
	assert_int_equal(send_buffer(large[1]), before);
	close(small[0]);
	close(small[1]);
	close(large[0]);
	close(large[1]);
	end();
}

/* A descriptor that replaces one of its name, or is closed, is closed. */
static void test_closed(void **state)
{
	int pair[2], other[2];

	begin_null();
	emulator_start(&f.emu);
	attach(true);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	assert_int_equal(pipe2(other, O_CLOEXEC), 0);
	expect_with_fd(NAMED("getfd", "a"), pair[1], NULL);
	close(pair[1]);
	expect_with_fd(NAMED("getfd", "a"), other[1], NULL);
	close(other[1]);
	expect_eof(pair[0]);
	qmp_expect(f.qmp, NAMED("closefd", "a"), NULL);
	expect_eof(other[0]);
	qmp_expect(f.qmp, NAMED("getfd", "b"),
		   GENERIC("No file descriptor supplied via SCM_RIGHTS"));
	expect_with_fd(NAMED("getfd", "1b"), other[0],
		       GENERIC("Parameter 'fdname' expects a name not starting with a digit"));
	close(pair[0]);
	close(other[0]);
	end();
}

/* libvirt's log files: a set by option, another by command. */
static void test_sets(void **state)
{
	int fd = memfd_create("log", 0), second;
	char expected[256], buf[8];
	long id;

	begin();
	emulator_arg(&f.emu, "-add-fd set=2,fd=%d,opaque=log", fd);
	emulator_arg(&f.emu, "-chardev null,id=c,logfile=/dev/fdset/2,logappend=on");
	emulator_start(&f.emu);
	attach(true);
	guest_says("logged");
	assert_int_equal(pread(fd, buf, sizeof(buf), 0), 6);
	assert_memory_equal(buf, "logged", 6);

	second = memfd_create("second", MFD_CLOEXEC);
	qmp_send_fd(f.qmp, "{'execute': 'add-fd'}", second);
	qmp_read(f.qmp, expected, sizeof(expected));
	assert_int_equal(sscanf(expected,
				"{\"return\": {\"fdset-id\": 0, \"fd\": %ld}}",
				&id), 1);
	qmp_expect(f.qmp, "{'execute': 'chardev-change', 'arguments': {'id': 'c', 'backend': {'type': 'null', 'data': {'logfile': '/dev/fdset/0'}}}}",
		   NULL);
	guest_says("second");
	assert_int_equal(pread(second, buf, sizeof(buf), 0), 6);
	qmp_expect(f.qmp, "{'execute': 'remove-fd', 'arguments': {'fdset-id': 2}}",
		   NULL);
	qmp_expect(f.qmp, "{'execute': 'remove-fd', 'arguments': {'fdset-id': 2, 'fd': 7}}",
		   GENERIC("File descriptor named 'fdset-id:2, fd:7' not found"));
	snprintf(expected, sizeof(expected),
		 "{\"return\": [{\"fdset-id\": 0, \"fds\": [{\"fd\": %ld}]}]}",
		 id);
	qmp_expect(f.qmp, "{'execute': 'query-fdsets'}", expected);
	close(fd);
	close(second);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_send_buffer),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
