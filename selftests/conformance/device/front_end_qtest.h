/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * front_end_qtest.h - a driver for QEMU's own device, through qtest
 */

#ifndef SELFTESTS_CONFORMANCE_FRONT_END_QTEST_H
#define SELFTESTS_CONFORMANCE_FRONT_END_QTEST_H

#include "front_end.h"

/* The slot that the function must be in, on q35's root bus. */
#define QTEST_SLOT	4

extern const struct fe_ops fe_qtest_ops;

#endif /* SELFTESTS_CONFORMANCE_FRONT_END_QTEST_H */
