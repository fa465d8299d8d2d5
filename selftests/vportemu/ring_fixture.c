// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_fixture.c - a guest with one open port, for who scribbles on its rings
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "ring_fixture.h"

struct ring_fixture f;

void driver_start(void)
{
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_open_port(&f.fe, 1);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
}

void ring_begin(const char *properties, uint64_t features)
{
	emulator_init(&f.emu);
	emulator_chardev(&f.emu, "c1");
	emulator_arg(&f.emu,
		     "-device virtio-serial-pci,id=s0,max_ports=2,vectors=16%s",
		     properties);
	emulator_arg(&f.emu, "-device virtserialport,nr=1,chardev=c1");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, FE_ALL_FEATURES | features);
	f.client = emulator_connect(&f.emu, "c1");
	fe_sync(&f.fe);
	driver_start();
}

int teardown(void **state)
{
	close(f.client);
	fe_finish(&f.fe);
	emulator_stop(&f.emu);
	return 0;
}
