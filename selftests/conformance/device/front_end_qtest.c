// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_end_qtest.c - a driver for QEMU's own device, through qtest
 *
 * Registers are read and written by lines of text.  Rings and buffers are in
 * memory that QEMU shares with us.  MSI-X stays off: QEMU tells of what happens
 * to a pin of the interrupt controller, and that is an event one can wait for.
 * All queues have this one interrupt.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emulator.h"
#include "front_end_pci.h"
#include "front_end_qtest.h"

#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>

#define CONFIG_ADDRESS	0xcf8
#define CONFIG_DATA	0xcfc
#define CONFIG_ENABLE	0x80000000u

/* Nothing else is there: all below 4 GiB that is no memory is for BARs. */
#define MODERN_BAR	PCI_BASE_ADDRESS_4
#define MODERN_AT	0xd0000000u

/* Pins of q35's interrupt controller below this one are those of ISA. */
#define FIRST_PCI_PIN	16

static bool raised;		/* the interrupt, and nobody took it */

static void read_line(struct front_end *fe, char *line, size_t size)
{
	size_t len = 0;

	do {
		assert_true(len < size - 1);
		read_exactly(fe->sock, line + len, 1);
	} while (line[len++] != '\n');
	line[len - 1] = '\0';
}

/* Return: whether the line told of the interrupt. */
static bool take_interrupt(const char *line)
{
	if (strncmp(line, "IRQ ", 4))
		return false;
	if (!strncmp(line, "IRQ raise ", 10) &&
	    strtoul(line + 10, NULL, 10) >= FIRST_PCI_PIN)
		raised = true;
	return true;
}

__attribute__((format(printf, 2, 3)))
static uint64_t command(struct front_end *fe, const char *format, ...)
{
	char line[128];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	write_exactly(fe->sock, line, len);
	do {
		read_line(fe, line, sizeof(line));
	} while (take_interrupt(line));
	if (strncmp(line, "OK", 2))
		fail_msg("qtest says: %s", line);
	return strtoull(line + 2, NULL, 0);
}

/* The letter that ends the name of a command for accesses of @size bytes. */
static char width(unsigned int size)
{
	static const char letters[] = {
		[1] = 'b', [2] = 'w', [4] = 'l', [8] = 'q'
	};

	return letters[size];
}

static uint64_t qtest_read(struct front_end *fe, unsigned int at,
			   unsigned int size)
{
	return command(fe, "read%c 0x%x\n", width(size), MODERN_AT + at);
}

static void qtest_write(struct front_end *fe, unsigned int at,
			unsigned int size, uint64_t value)
{
	command(fe, "write%c 0x%x 0x%llx\n", width(size), MODERN_AT + at,
		(unsigned long long)value);
}

static uint16_t qtest_vector(struct front_end *fe, unsigned int index)
{
	return VIRTIO_MSI_NO_VECTOR;
}

static const struct fe_registers qtest_registers = {
	.read	= qtest_read,
	.write	= qtest_write,
	.vector	= qtest_vector,
};

static void write_config(struct front_end *fe, unsigned int at, uint32_t value)
{
	command(fe, "outl 0x%x 0x%x\n", CONFIG_ADDRESS,
		CONFIG_ENABLE | QTEST_SLOT << 11 | at);
	command(fe, "outl 0x%x 0x%x\n", CONFIG_DATA, value);
}

static void qtest_begin(struct front_end *fe, uint64_t features)
{
	fe_pci_use(&qtest_registers);
	command(fe, "irq_intercept_in ioapic\n");
	write_config(fe, MODERN_BAR, MODERN_AT);
	write_config(fe, MODERN_BAR + 4, 0);
	write_config(fe, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	fe_pci_restart(fe);
}

/*
 * QEMU's loop takes one piece of text in each round; what is done later than in
 * the round in which it was seen needs one more.
 */
static void qtest_sync(struct front_end *fe)
{
	fe_pci_sync(fe);
	fe_pci_sync(fe);
}

/* Reading the register is what lowers the pin. */
static bool take_raised(struct front_end *fe)
{
	if (!raised)
		return false;
	raised = false;
	qtest_read(fe, FE_PCI_ISR, 1);
	return true;
}

static bool qtest_wait(struct front_end *fe, unsigned int index)
{
	char line[128];

	while (!raised) {
		read_line(fe, line, sizeof(line));
		if (!take_interrupt(line))
			fail_msg("qtest says unasked: %s", line);
	}
	return take_raised(fe);
}

static bool qtest_called(struct front_end *fe, unsigned int index)
{
	qtest_sync(fe);
	return take_raised(fe);
}

const struct fe_ops fe_qtest_ops = {
	.begin		= qtest_begin,
	.sync		= qtest_sync,
	.queue_size	= fe_pci_queue_size,
	.configure	= fe_pci_configure,
	.kick		= fe_pci_kick,
	.wait		= qtest_wait,
	.called		= qtest_called,
	.broken		= fe_pci_broken,
	.reset		= fe_pci_reset,
	.restart	= fe_pci_restart,
};
