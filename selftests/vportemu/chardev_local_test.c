// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chardev_local_test.c - files, pipes, terminals and others behind a port
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
#include <pty.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

static void test_file(void **state)
{
	char path[128], buf[64];
	int fd;

	begin();
	snprintf(path, sizeof(path), "%s/file", f.emu.dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "old ", 4), 4);
	emulator_arg(&f.emu, "-chardev file,id=c,path=%s,append=on", path);
	emulator_start(&f.emu);
	attach(true);
	guest_says("new");
	assert_int_equal(pread(fd, buf, sizeof(buf), 0), 7);
	assert_memory_equal(buf, "old new", 7);
	close(fd);
	unlink(path);
	end();
}

static void test_null(void **state)
{
	begin();
	emulator_arg(&f.emu, "-chardev null,id=c");
	emulator_start(&f.emu);
	attach(true);
	guest_says("gone");
	end();
}

/* Opened and closed by those who open and close the terminal, and at once. */
static void test_pty(void **state)
{
	char path[128], name[64], filename[128];
	int fd, round;

	begin();
	snprintf(path, sizeof(path), "%s/pty", f.emu.dir);
	emulator_arg(&f.emu, "-chardev pty,id=c,path=%s", path);
	emulator_start(&f.emu);
	attach(false);
	for (round = 0; round < 3; round++) {
		fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
		assert_true(fd >= 0);
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
		guest_says("hello\n");
		host_hears(fd, "hello\n");
		write_tty(fd, "wor\003ld\r", 7);
		guest_hears("wor\003ld\r");
		assert_int_equal(ttyname_r(fd, name, sizeof(name)), 0);
		close(fd);
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	}
	snprintf(filename, sizeof(filename), "\"filename\": \"pty:%s\"", name);
	expect_filename(filename);
	end();
	assert_int_equal(access(path, F_OK), -1);
}

/* One pipe each way; always open; full ones make the guest wait. */
static void test_pipe(void **state)
{
	char in[128], out[128];
	int to, from;

	begin();
	snprintf(in, sizeof(in), "%s/p.in", f.emu.dir);
	snprintf(out, sizeof(out), "%s/p.out", f.emu.dir);
	assert_int_equal(mkfifo(in, 0600), 0);
	assert_int_equal(mkfifo(out, 0600), 0);
	to = open(in, O_RDWR | O_CLOEXEC);
	from = open(out, O_RDWR | O_CLOEXEC);
	emulator_arg(&f.emu, "-chardev pipe,id=c,path=%s/p", f.emu.dir);
	emulator_start(&f.emu);
	attach(true);
	guest_says("hello");
	host_hears(from, "hello");
	assert_int_equal(write(to, "world", 5), 5);
	guest_hears("world");
	close(to);
	close(from);
	unlink(in);
	unlink(out);
	end();
}

static int udp_socket(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)addr, sizeof(*addr)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)addr, &len), 0);
	return fd;
}

/* Open from the beginning; a datagram is longer than the guest's buffer. */
static void test_udp(void **state)
{
	struct sockaddr_in addr, peer;
	socklen_t len = sizeof(peer);
	char buf[100], *small;
	int fd;

	begin();
	fd = udp_socket(&addr);
	emulator_arg(&f.emu, "-chardev udp,id=c,host=127.0.0.1,port=%d",
		     ntohs(addr.sin_port));
	emulator_start(&f.emu);
	attach(true);
	guest_says("hello");
	assert_int_equal(recvfrom(fd, buf, sizeof(buf), 0,
				  (struct sockaddr *)&peer, &len), 5);
	small = fe_alloc(&f.fe, 3);
	fe_add(&f.fe, fe_rx(1), small, 3, true);
	fe_kick(&f.fe, fe_rx(1));
	assert_int_equal(sendto(fd, "datagram", 8, 0, (struct sockaddr *)&peer,
				len), 8);
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 3);
	assert_memory_equal(small, "dat", 3);
	guest_hears("agram");
	close(fd);
	guest_says("lost");
	guest_says("lost, too");
	end();
}

/* The file's end closes the port. */
static void test_file_input(void **state)
{
	char path[128], in[128];
	int fd;

	begin();
	snprintf(path, sizeof(path), "%s/out", f.emu.dir);
	snprintf(in, sizeof(in), "%s/in", f.emu.dir);
	fd = open(in, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "from a file", 11), 11);
	close(fd);
	emulator_arg(&f.emu, "-chardev file,id=c,path=%s,input-path=%s", path,
		     in);
	emulator_start(&f.emu);
	attach(true);
	guest_hears("from a file");
	fe_add(&f.fe, fe_rx(1), fe_alloc(&f.fe, 8), 8, true);
	fe_kick(&f.fe, fe_rx(1));
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	unlink(path);
	unlink(in);
	end();
}

/* As null is, but by its name. */
static void test_file_of_the_kernel(void **state)
{
	begin();
	emulator_arg(&f.emu, "-chardev file,id=c,path=/dev/null");
	emulator_start(&f.emu);
	attach(true);
	guest_says("gone");
	end();
}

/* Output that a named pipe has no room for is neither dropped nor late. */
static void test_file_that_waits(void **state)
{
	char path[128], buf[4096], *words;
	ssize_t n, full = 0;
	int fd;

	begin();
	snprintf(path, sizeof(path), "%s/pipe", f.emu.dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	emulator_arg(&f.emu, "-chardev file,id=c,path=%s", path);
	emulator_start(&f.emu);
	attach(true);
	memset(buf, ' ', sizeof(buf));
	while ((n = write(fd, buf, sizeof(buf))) > 0)
		full += n;
	words = fe_alloc(&f.fe, 5);
	memcpy(words, "hello", 5);
	fe_add(&f.fe, fe_tx(1), words, 5, false);
	fe_kick(&f.fe, fe_tx(1));
	for (; full > 0; full -= n) {
		n = read(fd, buf, full < (ssize_t)sizeof(buf) ? (size_t)full :
			 sizeof(buf));
		assert_true(n > 0);
	}
	fcntl(fd, F_SETFL, 0);
	host_hears(fd, "hello");
	assert_int_equal(fe_wait_used(&f.fe, fe_tx(1)), 0);
	close(fd);
	unlink(path);
	end();
}

static void limit_files(rlim_t size)
{
	struct rlimit limit = { size, RLIM_INFINITY };

	assert_int_equal(prlimit(f.emu.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

static void expect_file(int fd, const char *words)
{
	char buf[64];

	assert_int_equal(pread(fd, buf, sizeof(buf), 0), strlen(words));
	assert_memory_equal(buf, words, strlen(words));
}

/* What there is no room for is dropped, a half of a buffer, too; it goes on. */
static void test_full_disk(void **state)
{
	char path[128], log[128];
	int fd, log_fd;

	begin();
	snprintf(path, sizeof(path), "%s/file", f.emu.dir);
	snprintf(log, sizeof(log), "%s/log", f.emu.dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	log_fd = open(log, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	emulator_arg(&f.emu, "-chardev file,id=c,path=%s,logfile=%s", path, log);
	emulator_start(&f.emu);
	attach(true);
	limit_files(10);
	guest_says("0123456789abcdef");
	guest_says("lost");
	expect_file(fd, "0123456789");
	limit_files(RLIM_INFINITY);
	guest_says("again");
	expect_file(fd, "0123456789again");
	expect_file(log_fd, "0123456789again");
	close(log_fd);
	close(fd);
	unlink(log);
	unlink(path);
	end();
}

static void test_ringbuf_and_log(void **state)
{
	char path[128], buf[64];
	int fd;

	begin();
	snprintf(path, sizeof(path), "%s/log", f.emu.dir);
	emulator_arg(&f.emu, "-chardev ringbuf,id=c,size=8,logfile=%s", path);
	emulator_start(&f.emu);
	attach(true);
	guest_says("0123456789");
	qmp_expect(f.qmp, "{'execute': 'ringbuf-read', 'arguments': {'device': 'c', 'size': 3}}",
		   "{\"return\": \"234\"}");
	qmp_expect(f.qmp, "{'execute': 'ringbuf-read', 'arguments': {'device': 'c', 'size': 100, 'format': 'base64'}}",
		   "{\"return\": \"NTY3ODk=\"}");
	qmp_expect(f.qmp, "{'execute': 'ringbuf-write', 'arguments': {'device': 'c', 'data': 'AGI=', 'format': 'base64'}}",
		   NULL);
	qmp_expect(f.qmp, "{'execute': 'ringbuf-write', 'arguments': {'device': 'c', 'data': 'c'}}",
		   NULL);
	qmp_expect(f.qmp, "{'execute': 'ringbuf-read', 'arguments': {'device': 'c', 'size': 100, 'format': 'base64'}}",
		   "{\"return\": \"AGJj\"}");
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, buf, sizeof(buf)), 13);
	assert_memory_equal(buf, "0123456789\0bc", 13);
	close(fd);
	unlink(path);
	end();
}

/* The port stays as it is: the host end does not close, no byte is lost. */
static void test_change(void **state)
{
	char line[256], *start, name[64] = "";
	int client, fd;

	begin();
	emulator_chardev(&f.emu, "c");
	emulator_start(&f.emu);
	client = emulator_connect(&f.emu, "c");
	attach(true);
	guest_says("to the first");
	host_hears(client, "to the first");
	qmp_expect(f.qmp, "{'execute': 'chardev-change', 'arguments': {'id': 'c', 'backend': {'type': 'ringbuf', 'data': {}}}}",
		   NULL);
	expect_eof(client);
	close(client);
	guest_says("second");
	qmp_expect(f.qmp, "{'execute': 'ringbuf-read', 'arguments': {'device': 'c', 'size': 100}}",
		   "{\"return\": \"second\"}");
	write_exactly(f.qmp, "{'execute': 'chardev-change', 'arguments': {'id': 'c', 'backend': {'type': 'pty', 'data': {}}}}", 95);
	qmp_read(f.qmp, line, sizeof(line));
	start = strstr(line, "/dev/pts/");
	assert_non_null(start);
	sscanf(start, "%63[^\"]", name);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	guest_says("third");
	host_hears(fd, "third");
	close(fd);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

/* A terminal gets its settings back. */
static void test_stdio(void **state)
{
	struct termios before, after, during;
	int master, slave, in, out;

	begin();
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	assert_int_equal(tcgetattr(slave, &before), 0);
	emulator_arg(&f.emu, "-chardev stdio,id=c,signal=off");
	in = dup(0);
	out = dup(1);
	dup2(slave, 0);
	dup2(slave, 1);
	emulator_start(&f.emu);
	dup2(in, 0);
	dup2(out, 1);
	close(in);
	close(out);
	attach(true);
	guest_says("hello");
	host_hears(master, "hello");
	assert_int_equal(tcgetattr(slave, &during), 0);
	assert_int_equal(during.c_lflag & (ICANON | ECHO | ISIG), 0);
	write_tty(master, "w\003", 2);
	guest_hears("w\003");
	end();
	assert_int_equal(tcgetattr(slave, &after), 0);
	assert_int_equal(before.c_lflag, after.c_lflag);
	assert_int_equal(before.c_iflag, after.c_iflag);
	close(master);
	close(slave);
}

/* A line of the host's, which is a pseudo-terminal here. */
static void test_serial(void **state)
{
	struct termios termios;
	int master, slave;
	char name[64];

	begin();
	assert_int_equal(openpty(&master, &slave, name, NULL, NULL), 0);
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	emulator_arg(&f.emu, "-chardev serial,id=c,path=%s", name);
	emulator_start(&f.emu);
	attach(true);
	guest_says("hello\n");
	host_hears(master, "hello\n");
	write_tty(master, "\003\r", 2);
	guest_hears("\003\r");
	assert_int_equal(tcgetattr(slave, &termios), 0);
	assert_int_equal(cfgetospeed(&termios), B115200);
	qmp_expect(f.qmp, "{'execute': 'chardev-send-break', 'arguments': {'id': 'c'}}",
		   NULL);
	close(master);
	close(slave);
	fe_add(&f.fe, fe_rx(1), fe_alloc(&f.fe, 8), 8, true);
	fe_kick(&f.fe, fe_rx(1));
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_pty),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_file_input),
		cmocka_unit_test(test_file_of_the_kernel),
		cmocka_unit_test(test_file_that_waits),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_ringbuf_and_log),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_stdio),
		cmocka_unit_test(test_serial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
