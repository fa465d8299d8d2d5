// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reconnect_test.c - a guest goes on after its front-end, or we, were away
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

#define BUFFERS	60
#define SIZE	20000

static int setup_split(void **state)
{
	f.features = FE_ALL_FEATURES;
	return 0;
}

static int setup_packed(void **state)
{
	f.features = FE_ALL_FEATURES | FE_PACKED;
	return 0;
}

static void start(void)
{
	begin();
	emulator_chardev(&f.emu, "c");
	emulator_start(&f.emu);
	attach(false);
}

static uint8_t pattern(size_t at)
{
	return at * 7 + (at >> 12) * 13;
}

static void fill_ring(void)
{
	unsigned int i, k;
	uint8_t *buf;

	for (i = 0; i < BUFFERS; i++) {
		buf = fe_alloc(&f.fe, SIZE);
		for (k = 0; k < SIZE; k++)
			buf[k] = pattern(i * SIZE + k);
		fe_add(&f.fe, fe_tx(1), buf, SIZE, false);
	}
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
}

static void reads_pattern(int fd)
{
	uint8_t *buf = malloc(BUFFERS * SIZE);
	size_t i;

	read_exactly(fd, buf, BUFFERS * SIZE);
	for (i = 0; i < BUFFERS * SIZE; i++) {
		if (buf[i] != pattern(i))
			fail_msg("byte %zu is wrong", i);
	}
	free(buf);
	expect_silence(fd);
}

static const unsigned int queues[] = { 2, 3, 4, 5 };

/* Stop all rings.  @bases: where to begin again, as some front-ends have it. */
static void stop_rings(uint32_t bases[4])
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		bases[i] = fe_queue_stop(&f.fe, queues[i]);
		if (!(f.features & FE_PACKED))
			bases[i] = f.fe.queues[queues[i]].avail->idx;
	}
}

static void configure_rings(const uint32_t bases[4])
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		fe_queue_configure(&f.fe, queues[i], bases[i]);
}

/* A front-end that begins anew, with the same guest and memory. */
static void connect_again(int inflight)
{
	struct { uint64_t size, offset; uint16_t queues, num; } area = {
		.size = 4096,
	};

	close(f.fe.sock);
	close(f.fe.backend);
	f.fe.sock = emulator_connect(&f.emu, "vu");
	fe_begin(&f.fe, f.features);
	if (inflight >= 0)
		assert_int_equal(fe_request(&f.fe, FE_SET_INFLIGHT_FD, &area,
					    20, &inflight, 1), 0);
}

/* The same with rings whose front-end went without a word. */
static void reconnect(int inflight)
{
	uint32_t bases[4] = { 0 };
	unsigned int i;

	/* There is no index in a packed ring: it does not know where we are. */
	for (i = 0; i < 4 && !(f.features & FE_PACKED); i++)
		bases[i] = f.fe.queues[queues[i]].avail->idx;
	connect_again(inflight);
	configure_rings(bases);
	fe_sync(&f.fe);
}

/* The guest has noticed nothing of it, and the port works. */
static void expect_goes_on(int client)
{
	unsigned int used = 0;

	/* Monitors are told, in the end, of what is; the guest of nothing. */
	qmp_expect_event(f.qmp, "{\"open\": true, \"id\": \"p1\"}");
	assert_int_equal(fe_get_used(&f.fe, 2, NULL), -1);
	reads_pattern(client);
	while (used < BUFFERS) {
		fe_wait_used(&f.fe, fe_tx(1));
		used++;
	}
	write_exactly(client, "input", 5);
	guest_hears("input");
	close(client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

static int start_output(void)
{
	int client;

	start();
	client = emulator_connect(&f.emu, "c");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fill_ring();
	return client;
}

/* In the middle of a buffer; every byte arrives once. */
static void test_front_end_returns(void **state)
{
	int client = start_output();

	reconnect(-1);
	expect_goes_on(client);
}

/* The same, but it stopped the rings before it went. */
static void test_front_end_restarts(void **state)
{
	int client = start_output();
	uint32_t bases[4];

	stop_rings(bases);
	connect_again(-1);
	configure_rings(bases);
	expect_goes_on(client);
}

/* What has changed meanwhile is told. */
static void test_changes_meanwhile(void **state)
{
	int client;

	start();
	close(f.fe.sock);
	client = emulator_connect(&f.emu, "c");
	write_exactly(f.qmp, "{'execute': 'device_add', 'arguments': {'driver': 'virtconsole', 'id': 'con'}}", 78);
	qmp_expect(f.qmp, "", NULL);
	f.fe.sock = dup(client);
	reconnect(-1);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	close(client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	end();
}

/* A guest without buffers gets what it still has to be told when it has some. */
static void test_half_told(void **state)
{
	begin();
	emulator_chardev(&f.emu, "c");
	emulator_arg(&f.emu, "-chardev null,id=n -device virtconsole,nr=0,chardev=n,name=org.con");
	emulator_start(&f.emu);
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, f.features);
	fe_driver_start(&f.fe, 1);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_open_port(&f.fe, 1);
	fe_send_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_sync(&f.fe);
	reconnect(-1);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_CONSOLE_PORT, 1, NULL);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_NAME, 1, "org.con");
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	/* That is all: what it knows it does not hear again. */
	reconnect(-1);
	assert_int_equal(fe_get_used(&f.fe, 2, NULL), -1);
	end();
}

/* Another guest behind the same front-end is told everything. */
static void test_another_guest(void **state)
{
	start();
	fe_finish(&f.fe);
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, f.features);
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	qmp_expect_event(f.qmp, "{\"open\": false, \"id\": \"p1\"}");
	end();
}

/* The answer to GET_INFLIGHT_FD. */
static int get_inflight(uint32_t size)
{
	struct { uint64_t size, offset; uint16_t queues, num; } area = {
		.queues = 6, .num = 64,
	};
	struct { uint32_t request, flags, size; } header;
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &header, sizeof(header) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	fe_send(&f.fe, FE_GET_INFLIGHT_FD, 0x1, &area, size, NULL, 0);
	assert_int_equal(recvmsg(f.fe.sock, &msg, MSG_WAITALL),
			 sizeof(header));
	assert_int_equal(header.request, FE_GET_INFLIGHT_FD);
	assert_int_equal(header.size, size);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	read_exactly(f.fe.sock, &area, header.size);
	assert_int_equal(area.size, 16 + 6 * 16);
	assert_int_equal(ftruncate(fd, 4096), 0);
	return fd;
}

/* A process with an in-flight area and a client.  Return: the area. */
static int start_with_area(int *ret_client)
{
	struct { uint64_t size, offset; uint16_t queues, num; } area = {
		.size = 4096,
	};
	int inflight;

	begin();
	emulator_chardev(&f.emu, "c");
	emulator_start(&f.emu);
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, f.features);
	/* Some fill the message up, some do not, and expect the same. */
	close(get_inflight(24));
	inflight = get_inflight(20);
	assert_int_equal(fe_request(&f.fe, FE_SET_INFLIGHT_FD, &area, 20,
				    &inflight, 1), 0);
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_open_port(&f.fe, 1);
	*ret_client = emulator_connect(&f.emu, "c");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	return inflight;
}

/* Kill the process, and start another one in its place. */
static void replace_process(void)
{
	struct emulator old = f.emu;
	int i;

	kill(old.pid, SIGKILL);
	waitpid(old.pid, NULL, 0);
	close(f.qmp);
	for (i = 0; i < old.num_sockets; i++)
		unlink(old.sockets[i].path);
	rmdir(old.dir);
	for (i = 0; i < old.argc; i++)
		free(old.argv[i]);

	begin();
	emulator_chardev(&f.emu, "c");
	emulator_start(&f.emu);
	f.qmp = qmp_connect(&f.emu, "qmp");
}

/* We die; who is started in our place knows the guest again. */
static void test_process_is_replaced(void **state)
{
	int client, inflight = start_with_area(&client);

	guest_says("to the first");
	host_hears(client, "to the first");
	replace_process();
	close(client);
	reconnect(inflight);
	qmp_expect_event(f.qmp, "{\"open\": true, \"id\": \"p1\"}");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	client = emulator_connect(&f.emu, "c");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	guest_says("to the second");
	host_hears(client, "to the second");
	close(client);
	close(inflight);
	end();
}

/* Read what one that has died had sent.  Return: how much that is. */
static size_t read_rest(int fd, uint8_t *buf, size_t size)
{
	size_t have = 0;
	ssize_t len;

	while ((len = read(fd, buf + have, size - have)) > 0)
		have += len;
	return have;
}

/* We die with half a buffer sent; the rest comes from who takes our place. */
static void test_replaced_in_the_middle(void **state)
{
	int client, inflight = start_with_area(&client);
	uint8_t *buf = malloc(BUFFERS * SIZE);
	char name[128];
	size_t i, first;

	fill_ring();
	replace_process();
	first = read_rest(client, buf, BUFFERS * SIZE);
	close(client);
	assert_in_range(first, 1, BUFFERS * SIZE - 1);
	assert_true(first % SIZE);

	/* A client that is there first; without one the rest is discarded. */
	client = emulator_connect(&f.emu, "c");
	snprintf(name, sizeof(name), "\"unix:%s/c,", f.emu.dir);
	expect_filename("");
	expect_filename(name);
	reconnect(inflight);
	qmp_expect_event(f.qmp, "{\"open\": true, \"id\": \"p1\"}");
	read_exactly(client, buf + first, BUFFERS * SIZE - first);
	for (i = 0; i < BUFFERS * SIZE; i++) {
		if (buf[i] != pattern(i))
			fail_msg("byte %zu is wrong, of the first %zu", i,
				 first);
	}
	free(buf);
	expect_silence(client);
	for (i = 0; i < BUFFERS; i++)
		fe_wait_used(&f.fe, fe_tx(1));
	write_exactly(client, "input", 5);
	guest_hears("input");
	close(client);
	close(inflight);
	end();
}

/* What the area says may be anything. */
static void test_hostile_area(void **state)
{
	struct { uint64_t size, offset; uint16_t queues, num; } area = {
		.size = 4096,
	};
	int fd = memfd_create("area", MFD_CLOEXEC);
	uint64_t *words;

	assert_int_equal(ftruncate(fd, 4096), 0);
	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	start();
	area.size = 64;
	assert_int_equal(fe_request(&f.fe, FE_SET_INFLIGHT_FD, &area, 20, &fd,
				    1), 1);
	area.size = 8192;
	assert_int_equal(fe_request(&f.fe, FE_SET_INFLIGHT_FD, &area, 20, &fd,
				    1), 1);
	memset(words, 0xff, 4096);
	words[0] = 0x74726f7076;	/* a header that is right */
	words[1] = 1 | 6ull << 32;
	reconnect(fd);
	assert_int_equal(ftruncate(fd, 0), 0);
	fe_add(&f.fe, fe_tx(1), f.fe.mem, 100, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	munmap(words, 4096);
	close(fd);
	end();
}

static uint64_t state_fd(uint32_t direction, int fd)
{
	uint32_t transfer[2] = { direction, 0 };

	fe_send(&f.fe, FE_SET_DEVICE_STATE_FD, 0x1, transfer, sizeof(transfer),
		&fd, 1);
	return fe_reply_u64(&f.fe, FE_SET_DEVICE_STATE_FD);
}

/* The device moves, with half a buffer sent, to another that is the same. */
static void test_state(void **state)
{
	int fds[2], client = start_output();
	uint32_t bases[4];
	char saved[4096];
	unsigned int i;
	ssize_t len;

	stop_rings(bases);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(state_fd(0, fds[1]), 0x100);
	close(fds[1]);
	len = read(fds[0], saved, sizeof(saved));
	assert_int_equal(len, 16 + 6 * 16);
	close(fds[0]);
	assert_int_equal(fe_get_u64(&f.fe, FE_CHECK_DEVICE_STATE), 0);

	fe_request(&f.fe, FE_RESET_DEVICE, NULL, 0, NULL, 0);
	fe_request_u64(&f.fe, FE_SET_FEATURES, f.features);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(state_fd(1, fds[0]), 0x100);
	close(fds[0]);
	assert_int_equal(write(fds[1], saved, len), len);
	close(fds[1]);
	assert_int_equal(fe_get_u64(&f.fe, FE_CHECK_DEVICE_STATE), 0);
	configure_rings(bases);
	reads_pattern(client);
	for (i = 0; i < BUFFERS; i++)
		fe_wait_used(&f.fe, fe_tx(1));
	close(client);
	end();
}

/* A state that is none is refused, and leaves the device as it was. */
static void test_bad_state(void **state)
{
	static const char nonsense[112] = "nonsense";
	size_t sizes[] = { 0, 50, 112 };
	int fds[2];
	size_t i;

	start();
	for (i = 2; i < 6; i++)
		fe_queue_stop(&f.fe, i);
	for (i = 0; i < 3; i++) {
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(state_fd(1, fds[0]), 0x100);
		close(fds[0]);
		assert_int_equal(write(fds[1], nonsense, sizes[i]), sizes[i]);
		close(fds[1]);
		assert_int_equal(fe_get_u64(&f.fe, FE_CHECK_DEVICE_STATE), 1);
	}
	/* One whose writer does not come to an end. */
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(state_fd(1, fds[0]), 0x100);
	assert_int_equal(fe_get_u64(&f.fe, FE_CHECK_DEVICE_STATE), 1);
	close(fds[0]);
	close(fds[1]);
	end();
}

static bool logged(const uint8_t *log, const volatile void *at)
{
	uint64_t page = fe_gpa(&f.fe, (void *)at) / 4096;

	return log[page / 8] >> page % 8 & 1;
}

/* While the machine is copied, what we write is marked, and nothing else. */
static void test_log(void **state)
{
	uint64_t size = (GPA_BASE + FE_MEM_SIZE) / 4096 / 8;
	struct { uint64_t size, offset; } base = { .size = size };
	int client, fd = memfd_create("log", MFD_CLOEXEC);
	uint8_t *log, *in, *out;

	assert_int_equal(ftruncate(fd, size), 0);
	log = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	start();
	client = emulator_connect(&f.emu, "c");
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_send(&f.fe, FE_SET_LOG_BASE, 0x1, &base, sizeof(base), &fd, 1);
	assert_int_equal(fe_reply_u64(&f.fe, FE_SET_LOG_BASE), 0);

	in = f.fe.mem + 8 * 4096 + 100 * 4096;
	out = in + 8 * 4096;
	fe_add(&f.fe, fe_tx(1), out, 5, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_wait_used(&f.fe, fe_tx(1));
	assert_false(logged(log, f.fe.queues[fe_tx(1)].used));

	fe_request_u64(&f.fe, FE_SET_FEATURES, f.features | FE_LOG_ALL);
	fe_add(&f.fe, fe_tx(1), out, 5, false);
	fe_add(&f.fe, fe_rx(1), in + 4000, 4096, true);
	fe_kick(&f.fe, fe_tx(1));
	fe_kick(&f.fe, fe_rx(1));
	fe_wait_used(&f.fe, fe_tx(1));
	write_exactly(client, in, 100);
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), 100);
	assert_true(logged(log, f.fe.queues[fe_tx(1)].used));
	assert_true(logged(log, f.fe.queues[fe_rx(1)].used));
	assert_true(logged(log, in));
	assert_true(logged(log, in + 4096));
	assert_false(logged(log, in + 8192));
	assert_false(logged(log, out));

	/* A log that is cut short is not worth a process. */
	assert_int_equal(ftruncate(fd, 0), 0);
	fe_add(&f.fe, fe_tx(1), out, 5, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_wait_used(&f.fe, fe_tx(1));
	munmap(log, size);
	close(fd);
	close(client);
	end();
}

#define SPLIT(name) cmocka_unit_test_setup(name, setup_split)
#define PACKED(name) \
	{ #name "_packed", name, setup_packed, NULL, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPLIT(test_front_end_returns),
		SPLIT(test_front_end_restarts),
		PACKED(test_front_end_restarts),
		SPLIT(test_changes_meanwhile),
		SPLIT(test_half_told),
		SPLIT(test_another_guest),
		PACKED(test_another_guest),
		SPLIT(test_process_is_replaced),
		PACKED(test_process_is_replaced),
		SPLIT(test_replaced_in_the_middle),
		PACKED(test_replaced_in_the_middle),
		SPLIT(test_hostile_area),
		SPLIT(test_state),
		PACKED(test_state),
		SPLIT(test_bad_state),
		SPLIT(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
