/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks.h - the list of checks, in parts that end with one without a name
 */

#ifndef SELFTESTS_CONFORMANCE_CHECKS_H
#define SELFTESTS_CONFORMANCE_CHECKS_H

#include "device.h"

struct check {
	const char *name;		/* the property */
	void (*run)(struct dut *dut);

	/* Why QEMU's device may do otherwise; NULL: it must not. */
	const char *differs;

	/* Why there is no such thing over vhost-user, or in QEMU. */
	const char *not_vhost;
	const char *not_qemu;
};

extern const struct check config_checks[];
extern const struct check control_checks[];
extern const struct check console_checks[];
extern const struct check data_checks[];
extern const struct check plug_checks[];
extern const struct check life_checks[];
extern const struct check monitor_checks[];

#endif /* SELFTESTS_CONFORMANCE_CHECKS_H */
