/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring_fixture.h - a guest with one open port, for who scribbles on its rings
 */

#ifndef SELFTESTS_VPORTEMU_RING_FIXTURE_H
#define SELFTESTS_VPORTEMU_RING_FIXTURE_H

#include "emulator.h"
#include "front_end.h"

struct ring_fixture {
	struct emulator emu;
	struct front_end fe;
	int client;		/* of port 1 */
};

extern struct ring_fixture f;

/* With more @properties of the device, and all features and @features. */
void ring_begin(const char *properties, uint64_t features);

/* The driver, again after fe_driver_reset(). */
void driver_start(void);

int teardown(void **state);

#endif /* SELFTESTS_VPORTEMU_RING_FIXTURE_H */
