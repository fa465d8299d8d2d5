// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state_test.c - a port's state and data while things around it change
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

static void host_opens(bool open)
{
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, open, NULL);
}

/* A port that is open on both sides. */
static int begin_client(void)
{
	int client;

	begin();
	emulator_chardev(&f.emu, "c");
	emulator_start(&f.emu);
	attach(false);
	client = emulator_connect(&f.emu, "c");
	host_opens(true);
	return client;
}

static void run(bool running)
{
	const char *command = running ? "{'execute': 'cont'}" :
					"{'execute': 'stop'}";

	write_exactly(f.qmp, command, strlen(command));
	qmp_expect_event(f.qmp, running ? "RESUME" : "STOP");
	qmp_expect(f.qmp, "", NULL);
}

/* Who leaves and who comes while the machine is stopped is seen at once. */
static void test_clients_change_while_stopped(void **state)
{
	int client = begin_client();

	run(false);
	close(client);
	host_opens(false);
	client = emulator_connect(&f.emu, "c");
	host_opens(true);
	run(true);
	guest_says("to the new one");
	host_hears(client, "to the new one");
	write_exactly(client, "from it", 7);
	guest_hears("from it");
	close(client);
	end();
}

/* What a client has sent while the machine was stopped outlives the client. */
static void test_left_while_stopped_with_data(void **state)
{
	int client = begin_client();

	run(false);
	write_exactly(client, "last words", 10);
	close(client);
	fe_sync(&f.fe);
	run(true);
	guest_hears("last words");
	host_opens(false);
	end();
}

/* A throttled port is stopped, its client replaced, and goes on. */
static void test_throttled_while_stopped(void **state)
{
	unsigned int i;
	int client = begin_client();

	for (i = 0; i < 60; i++)
		fe_add(&f.fe, fe_tx(1), f.fe.mem, 20000, false);
	fe_kick(&f.fe, fe_tx(1));
	fe_sync(&f.fe);
	run(false);
	close(client);
	host_opens(false);
	client = emulator_connect(&f.emu, "c");
	host_opens(true);
	run(true);
	for (i = 0; i < 60; i++)
		fe_wait_used(&f.fe, fe_tx(1));
	guest_says("fresh");
	host_hears(client, "fresh");
	close(client);
	end();
}

/* The port whose client does not read holds up no other, nor a monitor. */
static void test_stuck_port(void **state)
{
	int client, other;
	unsigned int i;

	emulator_init(&f.emu);
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s0,max_ports=3");
	emulator_chardev(&f.emu, "c");
	emulator_chardev(&f.emu, "o");
	emulator_arg(&f.emu, "-device virtserialport,nr=1,chardev=c");
	emulator_arg(&f.emu, "-device virtserialport,nr=2,chardev=o");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, FE_ALL_FEATURES);
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_open_port(&f.fe, 1);
	fe_open_port(&f.fe, 2);
	client = emulator_connect(&f.emu, "c");
	host_opens(true);
	other = emulator_connect(&f.emu, "o");
	fe_expect_control(&f.fe, 2, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	for (i = 0; i < 60; i++)
		fe_add(&f.fe, fe_tx(1), f.fe.mem, 20000, false);
	fe_kick(&f.fe, fe_tx(1));
	for (i = 0; i < 50; i++) {
		char *buf = fe_alloc(&f.fe, 5);

		fe_add(&f.fe, fe_tx(2), memcpy(buf, "alive", 5), 5, false);
		fe_kick(&f.fe, fe_tx(2));
		fe_wait_used(&f.fe, fe_tx(2));
		host_hears(other, "alive");
	}
	close(client);
	close(other);
	end();
}

/* A console with a history loses nothing, though it never waits. */
static void test_console_history(void **state)
{
	int client;

	emulator_init(&f.emu);
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s0,max_ports=1");
	emulator_arg(&f.emu,
		     "-chardev socket,id=c,fd=%d,server=on,wait=off,history-size=64K",
		     emulator_socket(&f.emu, "con"));
	emulator_arg(&f.emu, "-device virtconsole,chardev=c,id=con");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, FE_ALL_FEATURES & ~FE_MULTIPORT);
	fe_queue_setup(&f.fe, 0, 64);
	fe_queue_setup(&f.fe, 1, 64);
	fe_add(&f.fe, 1, strcpy(fe_alloc(&f.fe, 64), "boot message"), 12,
	       false);
	fe_kick(&f.fe, 1);
	fe_wait_used(&f.fe, 1);
	client = emulator_connect(&f.emu, "con");
	host_hears(client, "boot message");
	close(client);
	end();
}

/* The new descriptor is @theirs, and what writes to it @ours. */
static void kick_by(int theirs, int ours)
{
	struct fe_queue *q = &f.fe.queues[fe_tx(1)];

	fe_send(&f.fe, FE_SET_VRING_KICK, 0x1, &(uint64_t){ fe_tx(1) }, 8,
		&theirs, 1);
	fe_sync(&f.fe);
	close(theirs);
	close(q->kick);
	q->kick = ours;
}

/*
 * Kicks come by what the front-end chose: an event descriptor, whatever has been
 * written to it before, or a pipe, which is no such thing.
 */
static void test_kinds_of_kick(void **state)
{
	int client = begin_client();
	uint64_t count;
	int fds[2];

	guest_says("first");
	guest_says("second");
	host_hears(client, "firstsecond");

	fds[0] = eventfd(1000, EFD_NONBLOCK);
	fds[1] = dup(fds[0]);
	kick_by(fds[0], fds[1]);
	guest_says("third");
	/* Somebody else who takes the count takes no kick. */
	assert_int_equal(read(fds[1], &count, sizeof(count)), sizeof(count));
	guest_says("fourth");
	host_hears(client, "thirdfourth");

	assert_int_equal(pipe(fds), 0);
	kick_by(fds[0], fds[1]);
	guest_says("fifth");
	guest_says("sixth");
	host_hears(client, "fifthsixth");
	close(client);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients_change_while_stopped),
		cmocka_unit_test(test_left_while_stopped_with_data),
		cmocka_unit_test(test_throttled_while_stopped),
		cmocka_unit_test(test_stuck_port),
		cmocka_unit_test(test_console_history),
		cmocka_unit_test(test_kinds_of_kick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
