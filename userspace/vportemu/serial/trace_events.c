// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_events.c - what the device and its ports tell when they are asked to
 */

#include "trace_events.h"

struct trace_event serial_trace_events[] = {
	[TRACE_SEND_CONTROL]	= { "virtio_serial_send_control_event" },
	[TRACE_HANDLE_CONTROL]	= { "virtio_serial_handle_control_message" },
	[TRACE_HANDLE_CONTROL_PORT] = {
		"virtio_serial_handle_control_message_port" },
	[TRACE_THROTTLE]	= { "virtio_serial_throttle_port" },
	[TRACE_FLUSH]		= { "virtio_console_flush_buf" },
	[TRACE_READ]		= { "virtio_console_chr_read" },
	[TRACE_CHR_EVENT]	= { "virtio_console_chr_event" },
	[NUM_SERIAL_TRACES]	= { NULL },
};
