/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_fixture.h - a PCI function with one port, and who looks at its registers
 */

#ifndef SELFTESTS_VPORTEMU_PCI_FIXTURE_H
#define SELFTESTS_VPORTEMU_PCI_FIXTURE_H

#include "emulator.h"
#include "front_end.h"
#include "vfio_client.h"

/* Parts of the modern BAR, of which the first is the common configuration. */
#define ISR	0x1000
#define DEVICE	0x2000
#define NOTIFY	0x3000

struct pci_fixture {
	struct emulator emu;
	struct front_end fe;
	int client;		/* of the port */
	int event;		/* for an interrupt of a test's choice */
};

extern struct pci_fixture f;

/* A client, and no driver; @model with its properties. */
void start_bare(const char *model);

/* A client and a driver with an open port; the driver's part of it. */
void start_driver(void);
void start_driver_of(const char *model);
void driver_start(void);
int pci_teardown(void **state);

/* Configuration space, and the modern BAR. */
uint64_t config(unsigned int at, unsigned int size);
void set_config(unsigned int at, unsigned int size, uint64_t value);
uint64_t reg(unsigned int at, unsigned int size);
void set_reg(unsigned int at, unsigned int size, uint64_t value);

/* How often the event has come; make it that of configuration changes. */
uint64_t events(void);
void take_config_event(void);

/* Data of the port */
void guest_says(const char *words);
void host_hears(const char *words);

#endif /* SELFTESTS_VPORTEMU_PCI_FIXTURE_H */
