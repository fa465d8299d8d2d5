// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chardev_test.c - sockets behind a port
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

/* Somebody else's server: connected at the start, and once. */
static void test_unix_client(void **state)
{
	char name[256];
	int listener, server;

	begin();
	listener = dup(emulator_socket(&f.emu, "server"));
	emulator_arg(&f.emu, "-chardev socket,id=c,path=%s/server", f.emu.dir);
	emulator_start(&f.emu);
	server = accept(listener, NULL, NULL);
	assert_true(server >= 0);
	attach(true);
	snprintf(name, sizeof(name), "\"filename\": \"unix:%s/server\"",
		 f.emu.dir);
	expect_filename(name);
	guest_says("hello");
	host_hears(server, "hello");
	write_exactly(server, "world!", 6);
	fe_sync(&f.fe);
	guest_hears("world!");
	qmp_expect(f.qmp, "{'execute': 'x-query-virtio-serial-stats'}",
		   "{\"return\": [{\"bus\": \"s0.0\", \"nr\": 1, \"driver\": \"virtserialport\", \"id\": \"p1\", \"chardev\": \"c\", "
		   "\"guest-connected\": true, \"host-connected\": true, \"throttled\": false, "
		   "\"bytes-to-host\": 5, \"bytes-to-guest\": 6, \"bytes-dropped\": 0, \"throttles\": 0, \"starvations\": 1, "
		   "\"clients\": 1, \"history-waiting\": 0, \"clients-missed\": 0}]}");
	close(server);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	snprintf(name, sizeof(name),
		 "\"filename\": \"disconnected:unix:%s/server\"", f.emu.dir);
	expect_filename(name);
	close(listener);
	end();
}

/* A descriptor that is connected already. */
static void test_passed_connection(void **state)
{
	int pair[2];

	begin();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	emulator_arg(&f.emu, "-chardev socket,id=c,fd=%d", pair[1]);
	emulator_start(&f.emu);
	close(pair[1]);
	attach(true);
	guest_says("hello");
	host_hears(pair[0], "hello");
	write_exactly(pair[0], "world", 5);
	guest_hears("world");
	close(pair[0]);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

/* A listening TCP socket made here; its port is anybody's guess. */
static int tcp_listener(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)addr, sizeof(*addr)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)addr, &len), 0);
	return fd;
}

static void test_tcp_server(void **state)
{
	struct sockaddr_in addr, own;
	socklen_t len = sizeof(own);
	char name[256];
	int fd, client;

	begin();
	fd = tcp_listener(&addr);
	emulator_arg(&f.emu, "-chardev socket,id=c,fd=%d,server=on,wait=off",
		     fd);
	emulator_start(&f.emu);
	close(fd);
	attach(false);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&addr,
				 sizeof(addr)), 0);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	assert_int_equal(getsockname(client, (struct sockaddr *)&own, &len), 0);
	snprintf(name, sizeof(name),
		 "\"filename\": \"tcp:127.0.0.1:%d,server=on <-> 127.0.0.1:%d\"",
		 ntohs(addr.sin_port), ntohs(own.sin_port));
	expect_filename(name);
	guest_says("hello");
	host_hears(client, "hello");
	close(client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

static void test_tcp_client(void **state)
{
	struct sockaddr_in addr;
	int fd, server;

	begin();
	fd = tcp_listener(&addr);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	emulator_arg(&f.emu,
		     "-chardev socket,id=c,host=127.0.0.1,port=%d,nodelay=on",
		     ntohs(addr.sin_port));
	emulator_start(&f.emu);
	server = accept(fd, NULL, NULL);
	attach(true);
	guest_says("hello");
	host_hears(server, "hello");
	write_exactly(server, "world", 5);
	guest_hears("world");
	close(server);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	close(fd);
	end();
}

/* A TCP client that a monitor adds: it is connected when it is. */
static void test_tcp_client_at_run_time(void **state)
{
	struct sockaddr_in addr;
	char command[512];
	int fd, server;

	begin();
	emulator_arg(&f.emu, "-chardev null,id=c");
	fd = tcp_listener(&addr);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	emulator_start(&f.emu);
	attach(true);
	snprintf(command, sizeof(command),
		 "{'execute': 'chardev-add', 'arguments': {'id': 'd', 'backend': {'type': 'socket', 'data': {'server': false, 'addr': {'type': 'inet', 'data': {'host': '127.0.0.1', 'port': '%d'}}}}}}",
		 ntohs(addr.sin_port));
	qmp_expect(f.qmp, command, NULL);
	server = accept(fd, NULL, NULL);
	assert_true(server >= 0);
	qmp_expect(f.qmp,
		   "{'execute': 'chardev-remove', 'arguments': {'id': 'd'}}",
		   NULL);
	expect_eof(server);
	close(server);
	close(fd);
	end();
}

/* wait=on: nothing else happens until there is a client. */
static void test_wait(void **state)
{
	int client;

	begin();
	emulator_arg(&f.emu, "-chardev socket,id=c,fd=%d,server=on",
		     emulator_socket(&f.emu, "c"));
	emulator_start(&f.emu);
	client = emulator_connect(&f.emu, "c");
	attach(true);
	guest_says("hello");
	host_hears(client, "hello");
	close(client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

/* Connect again after being left, to a server that is there late. */
static void test_reconnect(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener, server, round;

	begin();
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/late", f.emu.dir);
	emulator_arg(&f.emu, "-chardev socket,id=c,path=%s,reconnect-ms=10",
		     addr.sun_path);
	emulator_start(&f.emu);
	attach(false);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr,
			      sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	for (round = 0; round < 3; round++) {
		server = accept(listener, NULL, NULL);
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
		guest_says("hello");
		host_hears(server, "hello");
		close(server);
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	}
	close(listener);
	unlink(addr.sun_path);
	end();
}

static void test_abstract(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len;
	int client;

	begin();
	len = offsetof(struct sockaddr_un, sun_path) + 1 +
	      snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "%s",
		       f.emu.dir);
	emulator_arg(&f.emu,
		     "-chardev socket,id=c,path=%s,abstract=on,server=on,wait=off",
		     f.emu.dir);
	emulator_start(&f.emu);
	attach(false);
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&addr, len), 0);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	guest_says("hello");
	host_hears(client, "hello");
	close(client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unix_client),
		cmocka_unit_test(test_passed_connection),
		cmocka_unit_test(test_tcp_server),
		cmocka_unit_test(test_tcp_client),
		cmocka_unit_test(test_tcp_client_at_run_time),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_abstract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
