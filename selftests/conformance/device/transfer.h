/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transfer.h - bytes with a pattern, from one end of a port to the other
 */

#ifndef SELFTESTS_CONFORMANCE_TRANSFER_H
#define SELFTESTS_CONFORMANCE_TRANSFER_H

#include <stddef.h>

#include "device.h"

/* Put the bytes of a stream from @start on at @buf; are they there? */
void *pattern_fill(void *buf, size_t start, size_t len);
void pattern_check(const void *buf, size_t start, size_t len);

/* The host reads those; writes those. */
void host_reads(int fd, size_t start, size_t len);
void host_writes(int fd, size_t start, size_t len);

/* @count buffers of @size bytes through port 1, each way. */
void transfer_out(struct dut *dut, int client, size_t size, unsigned int count);
void transfer_in(struct dut *dut, int client, size_t size, unsigned int count);

/* Put @count buffers of @size bytes into port 1's ring, and kick. */
void queue_output(struct dut *dut, size_t size, unsigned int count);

#endif /* SELFTESTS_CONFORMANCE_TRANSFER_H */
