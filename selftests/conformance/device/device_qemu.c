// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_qemu.c - QEMU's own virtio-serial-pci
 *
 * A machine whose processor halts at its first instruction: nothing but we sets
 * the device up.  What drives it is qtest, which needs no accelerator of its
 * own for that; not every distribution's QEMU has one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "device_pci.h"
#include "front_end_pci.h"
#include "front_end_qtest.h"

#define FIRMWARE_SIZE	65536
#define HLT		0xf4

/* It must stay open until QEMU has read it: no CLOEXEC. */
static int firmware(void)
{
	uint8_t code[FIRMWARE_SIZE];
	int fd = memfd_create("firmware", 0);

	assert_true(fd >= 0);
	memset(code, HLT, sizeof(code));
	assert_int_equal(write(fd, code, sizeof(code)), sizeof(code));
	return fd;
}

/* The memory of fe_init() becomes a DIMM where front-ends expect it. */
static void qemu_begin(struct dut *dut)
{
	int memory = dup(dut->fe.memfd);

	assert_true(memory >= 0);
	emulator_arg(&dut->emu, "-nodefaults -display none -machine q35,pit=off");
	emulator_arg(&dut->emu, "-accel tcg -bios /proc/self/fd/%d",
		     firmware());
	emulator_arg(&dut->emu, "-m 16M,slots=1,maxmem=8G");
	emulator_arg(&dut->emu, "-object memory-backend-file,id=guest,"
		     "share=on,size=%u,mem-path=/proc/self/fd/%d", FE_MEM_SIZE,
		     memory);
	emulator_arg(&dut->emu, "-device pc-dimm,memdev=guest,addr=0x%llx",
		     GPA_BASE);
}

static void qemu_arrange(struct dut *dut)
{
	emulator_chardev(&dut->emu, "qtest");
	emulator_arg(&dut->emu, "-qtest chardev:qtest -qtest-log /dev/null");
}

static void qemu_connect(struct dut *dut)
{
	dut->fe.sock = emulator_connect(&dut->emu, "qtest");
}

const struct dut_kind dut_qemu = {
	.program	= "/usr/bin/qemu-system-x86_64",
	.variable	= "QEMU",
	.front_end	= &fe_qtest_ops,
	.begin		= qemu_begin,
	.arrange	= qemu_arrange,
	.connect	= qemu_connect,
	.features	= fe_pci_features,
	.accepts	= dut_pci_accepts,
	.get_config	= dut_pci_get_config,
	.set_config	= dut_pci_set_config,
};
