// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * soak.c - a long life of 31 ports: what it holds does not grow
 *
 *	soak [SECONDS]		600 unless told otherwise
 *
 * Ends of ports open, close and move data in any order; every byte is looked at.
 * Now and then the front-end and the monitor's client go and new ones come:
 * with all clients away the process must then have the descriptors that it had
 * before, and no more memory.  SEED= repeats a run.
 */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end.h"

#define PORTS		31
#define PATTERN		(64u << 10)

/* What a client that does not read is given: more than a socket holds. */
#define STUCK_BUFFERS	16

#define RX_BUFFERS	8
#define RX_SIZE		4096

/* A driver of the tests has memory for so many messages. */
#define ACTIONS		3000

/* After so many front-ends, all has been in use that there is. */
#define WARM_UP		5

/* Pages that are touched for the first time later on, KiB. */
#define SLACK		256

struct soak_port {
	int client;		/* -1: none */
	bool guest_open;
};

static struct {
	struct emulator emu;
	struct front_end fe;
	int qmp;
	struct soak_port ports[PORTS + 1];
	uint8_t *pattern;	/* in guest memory */
	uint64_t actions, bytes;
} s;

static time_t seconds = 600;

static char *chardev_name(unsigned int port, char *name)
{
	sprintf(name, "c%u", port);
	return name;
}

/* Of every four, one takes several clients. */
static void start(void)
{
	unsigned int port;
	char name[16];

	emulator_init(&s.emu);
	emulator_arg(&s.emu, "-device virtio-serial-pci,id=s0,max_ports=%u",
		     PORTS + 1);
	for (port = 1; port <= PORTS; port++) {
		chardev_name(port, name);
		emulator_arg(&s.emu,
			     "-chardev socket,id=%s,fd=%d,server=on,wait=off%s",
			     name, emulator_socket(&s.emu, name),
			     port % 4 ? "" : ",max-clients=2");
		emulator_arg(&s.emu,
			     "-device virtserialport,nr=%u,chardev=%s,id=p%u",
			     port, name, port);
	}
	emulator_standard(&s.emu);
	emulator_start(&s.emu);
}

static void fill_rx(unsigned int port)
{
	unsigned int i;

	for (i = 0; i < RX_BUFFERS; i++)
		fe_add(&s.fe, fe_rx(port), fe_alloc(&s.fe, RX_SIZE), RX_SIZE,
		       true);
	fe_kick(&s.fe, fe_rx(port));
}

static void connect_all(void)
{
	unsigned int port, i;

	s.qmp = qmp_connect(&s.emu, "qmp");
	fe_connect(&s.fe, emulator_connect(&s.emu, "vu"));
	fe_begin(&s.fe, FE_ALL_FEATURES);
	s.pattern = fe_alloc(&s.fe, PATTERN);
	for (i = 0; i < PATTERN; i++)
		s.pattern[i] = i * 7 + (i >> 8) * 13;
	fe_driver_start(&s.fe, 40);
	for (port = 1; port <= PORTS; port++)
		fe_expect_control(&s.fe, port, VIRTIO_CONSOLE_PORT_ADD, 1,
				  NULL);
	for (port = 1; port <= PORTS; port++) {
		fe_open_port(&s.fe, port);
		fill_rx(port);
		s.ports[port] = (struct soak_port){ -1, true };
	}
}

static void client_comes(unsigned int port)
{
	char name[16];

	s.ports[port].client = emulator_connect(&s.emu,
						chardev_name(port, name));
	fe_expect_control(&s.fe, port, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
}

static void client_goes(unsigned int port)
{
	close(s.ports[port].client);
	s.ports[port].client = -1;
	fe_expect_control(&s.fe, port, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
}

static void guest_toggles(unsigned int port)
{
	bool open = !s.ports[port].guest_open;

	fe_send_control(&s.fe, port, VIRTIO_CONSOLE_PORT_OPEN, open);
	s.ports[port].guest_open = open;
}

/* A piece of the pattern. */
static uint8_t *piece(size_t most, size_t *ret_len)
{
	size_t len = 1 + random() % most;

	*ret_len = len;
	s.bytes += len;
	return s.pattern + random() % (PATTERN - len + 1);
}

/* What nobody is there to read is used as well. */
static void guest_sends(unsigned int port)
{
	static uint8_t buf[PATTERN];
	size_t len;
	uint8_t *data = piece(PATTERN, &len);

	fe_add(&s.fe, fe_tx(port), data, len, false);
	fe_kick(&s.fe, fe_tx(port));
	if (s.ports[port].client >= 0) {
		read_exactly(s.ports[port].client, buf, len);
		assert_memory_equal(buf, data, len);
	}
	fe_wait_used(&s.fe, fe_tx(port));
}

/* One buffer, which goes back. */
static size_t guest_hears(unsigned int port, const uint8_t *data)
{
	struct fe_queue *q = &s.fe.queues[fe_rx(port)];
	size_t len = fe_wait_used(&s.fe, fe_rx(port));
	uint16_t head = q->used->ring[(q->last_used - 1) % q->num].id;

	assert_memory_equal(s.fe.mem + (q->buffers[head] - GPA_BASE), data,
			    len);
	fe_add_head(&s.fe, fe_rx(port), head);
	fe_kick(&s.fe, fe_rx(port));
	return len;
}

static void host_sends(unsigned int port)
{
	size_t len, done = 0;
	uint8_t *data = piece(2 * RX_BUFFERS * RX_SIZE, &len);

	if (s.ports[port].client < 0 || !s.ports[port].guest_open)
		return;
	write_exactly(s.ports[port].client, data, len);
	while (done < len)
		done += guest_hears(port, data + done);
	assert_int_equal(done, len);
}

/* It leaves while the guest waits for it. */
static void client_gets_stuck(unsigned int port)
{
	unsigned int i;

	if (s.ports[port].client < 0)
		return;
	for (i = 0; i < STUCK_BUFFERS; i++)
		fe_add(&s.fe, fe_tx(port), s.pattern, PATTERN, false);
	fe_kick(&s.fe, fe_tx(port));
	fe_sync(&s.fe);
	client_goes(port);
	for (i = 0; i < STUCK_BUFFERS; i++)
		fe_wait_used(&s.fe, fe_tx(port));
}

static void client_toggles(unsigned int port)
{
	if (s.ports[port].client < 0)
		client_comes(port);
	else
		client_goes(port);
}

static void (*const actions[])(unsigned int port) = {
	client_toggles, guest_toggles, guest_sends, guest_sends, guest_sends,
	host_sends, host_sends, host_sends, client_gets_stuck,
};

/* A front-end's life; then it and all clients go. */
static void act(void)
{
	unsigned int i, port;

	for (i = 0; i < ACTIONS; i++) {
		port = 1 + random() % PORTS;
		actions[random() % (sizeof(actions) / sizeof(actions[0]))](port);
		s.actions++;
	}
	for (port = 1; port <= PORTS; port++) {
		if (s.ports[port].client >= 0)
			client_goes(port);
	}
	fe_finish(&s.fe);
	close(s.qmp);
}

static long resident(void)
{
	char path[64], line[256];
	long kilobytes = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", s.emu.pid);
	file = fopen(path, "r");
	assert_non_null(file);
	/* Guest memory is the front-end's. */
	while (fgets(line, sizeof(line), file))
		sscanf(line, "RssAnon: %ld", &kilobytes);
	fclose(file);
	return kilobytes;
}

static int descriptors(void)
{
	char path[64];
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", s.emu.pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void test_nothing_grows(void **state)
{
	time_t end = time(NULL) + seconds;
	long memory = 0, now = 0;
	unsigned int lives;
	int fds = 0;

	start();
	for (lives = 0; lives <= WARM_UP || time(NULL) < end; lives++) {
		connect_all();
		now = resident();
		if (lives <= WARM_UP) {
			memory = now;
			fds = descriptors();
		}
		assert_int_equal(descriptors(), fds);
		if (now > memory + SLACK)
			fail_msg("%ld KiB, %ld before", now, memory);
		act();
	}
	emulator_stop(&s.emu);
	print_message("%u front-ends, %llu actions, %llu MB, %d descriptors, %ld KiB at first, %ld at last\n",
		      lives, (unsigned long long)s.actions,
		      (unsigned long long)s.bytes / 1000000, fds - 2, memory,
		      now);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_grows),
	};
	unsigned int seed = time(NULL);

	if (argc > 1)
		seconds = strtoul(argv[1], NULL, 0);
	if (getenv("SEED"))
		seed = strtoul(getenv("SEED"), NULL, 0);
	print_message("SEED=%u\n", seed);
	srandom(seed);
	if (!getenv("VPORTEMU"))
		setenv("VPORTEMU", "build/vportemu", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
