/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_events.h - what the device and its ports tell when they are asked to
 *
 * Names and arguments are QEMU's.
 */

#ifndef VPORTEMU_TRACE_EVENTS_H
#define VPORTEMU_TRACE_EVENTS_H

#include "trace.h"

enum {
	TRACE_SEND_CONTROL,
	TRACE_HANDLE_CONTROL,
	TRACE_HANDLE_CONTROL_PORT,
	TRACE_THROTTLE,
	TRACE_FLUSH,
	TRACE_READ,
	TRACE_CHR_EVENT,
	NUM_SERIAL_TRACES
};

/* QEMU's numbers of what a character device tells. */
enum {
	TRACE_CHR_OPENED = 1,
	TRACE_CHR_CLOSED = 4,
};

extern struct trace_event serial_trace_events[NUM_SERIAL_TRACES + 1];

#define serial_trace(which, ...) \
	trace(&serial_trace_events[TRACE_##which], __VA_ARGS__)

#endif /* VPORTEMU_TRACE_EVENTS_H */
