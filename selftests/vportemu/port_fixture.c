// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_fixture.c - a guest with one port, on a chardev "c" of a test's choice
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

struct port_fixture f;

void begin(void)
{
	emulator_init(&f.emu);
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s0,max_ports=2%s",
		     f.features & FE_PACKED ? ",packed=on" : "");
	emulator_arg(&f.emu, "-device virtserialport,nr=1,chardev=c,id=p1");
	emulator_standard(&f.emu);
}

void attach(bool host_open)
{
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, f.features ?: FE_ALL_FEATURES);
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_open_port(&f.fe, 1);
	qmp_expect_event(f.qmp, "VSERPORT_CHANGE");
	if (host_open)
		fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
}

void end(void)
{
	fe_finish(&f.fe);
	close(f.qmp);
	emulator_stop(&f.emu);
}

void guest_says(const char *words)
{
	char *buf = fe_alloc(&f.fe, strlen(words) + 1);

	fe_add(&f.fe, fe_tx(1), strcpy(buf, words), strlen(words), false);
	fe_kick(&f.fe, fe_tx(1));
	fe_wait_used(&f.fe, fe_tx(1));
}

void guest_hears(const char *words)
{
	char *buf = fe_alloc(&f.fe, 64);

	fe_add(&f.fe, fe_rx(1), buf, 64, true);
	fe_kick(&f.fe, fe_rx(1));
	assert_int_equal(fe_wait_used(&f.fe, fe_rx(1)), strlen(words));
	assert_memory_equal(buf, words, strlen(words));
}

void host_hears(int fd, const char *words)
{
	char buf[64];

	read_exactly(fd, buf, strlen(words));
	assert_memory_equal(buf, words, strlen(words));
}

void write_tty(int fd, const char *words, ssize_t len)
{
	assert_int_equal(write(fd, words, len), len);
}

void expect_filename(const char *name)
{
	char line[4096];

	write_exactly(f.qmp, "{'execute': 'query-chardev'}", 28);
	qmp_read(f.qmp, line, sizeof(line));
	if (!strstr(line, name))
		fail_msg("'%s' expected in: %s", name, line);
}
