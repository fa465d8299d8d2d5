/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio_console - tracepoints, /sys/kernel/tracing/events/virtio_console
 */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM virtio_console

#if !defined(_VCON_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VCON_TRACE_H

#include <linux/tracepoint.h>

#define vcon_show_event(event)						\
	__print_symbolic(event,						\
			 { 0, "DEVICE_READY" }, { 1, "PORT_ADD" },	\
			 { 2, "PORT_REMOVE" }, { 3, "PORT_READY" },	\
			 { 4, "CONSOLE_PORT" }, { 5, "RESIZE" },	\
			 { 6, "PORT_OPEN" }, { 7, "PORT_NAME" })

DECLARE_EVENT_CLASS(vcon_control,
	TP_PROTO(int device, u32 id, u16 event, u16 value),
	TP_ARGS(device, id, event, value),
	TP_STRUCT__entry(
		__field(int, device)
		__field(u32, id)
		__field(u16, event)
		__field(u16, value)
	),
	TP_fast_assign(
		__entry->device = device;
		__entry->id = id;
		__entry->event = event;
		__entry->value = value;
	),
	TP_printk("virtio%d id=%d %s %u", __entry->device, (int)__entry->id,
		  vcon_show_event(__entry->event), __entry->value)
);

/* A control message came from the host, or went into the ring to it. */
DEFINE_EVENT(vcon_control, vcon_control_in,
	TP_PROTO(int device, u32 id, u16 event, u16 value),
	TP_ARGS(device, id, event, value)
);

DEFINE_EVENT(vcon_control, vcon_control_out,
	TP_PROTO(int device, u32 id, u16 event, u16 value),
	TP_ARGS(device, id, event, value)
);

DECLARE_EVENT_CLASS(vcon_data,
	TP_PROTO(int device, u32 id, size_t bytes),
	TP_ARGS(device, id, bytes),
	TP_STRUCT__entry(
		__field(int, device)
		__field(u32, id)
		__field(size_t, bytes)
	),
	TP_fast_assign(
		__entry->device = device;
		__entry->id = id;
		__entry->bytes = bytes;
	),
	TP_printk("vport%dp%u bytes=%zu", __entry->device, __entry->id,
		  __entry->bytes)
);

/* Data was handed to a reader. */
DEFINE_EVENT(vcon_data, vcon_read,
	TP_PROTO(int device, u32 id, size_t bytes),
	TP_ARGS(device, id, bytes)
);

/* Data was taken from a writer. */
DEFINE_EVENT(vcon_data, vcon_write,
	TP_PROTO(int device, u32 id, size_t bytes),
	TP_ARGS(device, id, bytes)
);

/* A buffer went into the ring to the host. */
DEFINE_EVENT(vcon_data, vcon_send,
	TP_PROTO(int device, u32 id, size_t bytes),
	TP_ARGS(device, id, bytes)
);

DECLARE_EVENT_CLASS(vcon_port,
	TP_PROTO(int device, u32 id, bool state),
	TP_ARGS(device, id, state),
	TP_STRUCT__entry(
		__field(int, device)
		__field(u32, id)
		__field(bool, state)
	),
	TP_fast_assign(
		__entry->device = device;
		__entry->id = id;
		__entry->state = state;
	),
	TP_printk("vport%dp%u %d", __entry->device, __entry->id,
		  __entry->state)
);

/* The guest's end, the host's end: 1 open, 0 closed. */
DEFINE_EVENT(vcon_port, vcon_guest_open,
	TP_PROTO(int device, u32 id, bool state),
	TP_ARGS(device, id, state)
);

DEFINE_EVENT(vcon_port, vcon_host_open,
	TP_PROTO(int device, u32 id, bool state),
	TP_ARGS(device, id, state)
);

/* The port: 1 published, 0 unplugged. */
DEFINE_EVENT(vcon_port, vcon_plug,
	TP_PROTO(int device, u32 id, bool state),
	TP_ARGS(device, id, state)
);

#endif /* _VCON_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
