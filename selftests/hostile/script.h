/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script.h - a host as a test's script: what it says, hears, takes and gives
 *
 * A script plugs a device, lies about it, and looks at what the driver makes of
 * it.  Nothing sleeps: whoever waits does so for a buffer, a node or an event,
 * and gives up after SCRIPT_TIMEOUT_MS.
 *
 * Return, unless said otherwise: 0 or -errno.
 */

#ifndef VPORT_HOSTILE_SCRIPT_H
#define VPORT_HOSTILE_SCRIPT_H

#include <linux/virtio_config.h>
#include <linux/virtio_console.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mock/vcon_mock.h"

/* Generous: a guest without hardware virtualisation, on a busy machine. */
#define SCRIPT_TIMEOUT_MS	60000

#define CONTROL_IN	2
#define CONTROL_OUT	3

#define FEATURE(bit)	(1ull << (bit))
#define RING_PACKED	34		/* VIRTIO_F_RING_PACKED */
#define IN_ORDER	35		/* VIRTIO_F_IN_ORDER */
#define RING_RESET	40		/* VIRTIO_F_RING_RESET */

/* The device of most tests; its ports are 0 to 3. */
#define PLUG_DEFAULT {							\
	.features = FEATURE(VIRTIO_F_VERSION_1) |			\
		    FEATURE(VIRTIO_CONSOLE_F_SIZE) |			\
		    FEATURE(VIRTIO_CONSOLE_F_MULTIPORT) |		\
		    FEATURE(VIRTIO_CONSOLE_F_EMERG_WRITE),		\
	.config.max_ports = 4,						\
	.entries = 16,							\
}

struct script {
	int fd;
	unsigned int index;	/* N of virtioN and /dev/vportNpM */
	bool bound;		/* the driver has taken the device */
	uint32_t open;		/* bit N: the host end of port N is open */
};

/* A host without device; and one with.  Closing takes the device away. */
int script_open(struct script *s);
int script_plug(struct script *s, const struct vcon_mock_plug *plug);
void script_close(struct script *s);

/* The driver is removed and loaded again, while no port is open. */
int script_rmmod(void);
int script_insmod(const char *parameters);

/* The queue of a port for input to the guest; output is the next. */
static inline uint32_t queue_of_port(uint32_t id)
{
	return id ? 2 * id + 2 : 0;
}

/*
 * Take a buffer and, if it is one to be read, the first *@len bytes of what is in
 * it, *@len then being how many that were.
 */
int script_take(struct script *s, uint32_t queue, struct vcon_mock_buf *buf,
		void *data, size_t *len);
int script_take_now(struct script *s, uint32_t queue, struct vcon_mock_buf *buf);

/* Give it back with @len bytes, and say that it has @used. */
int script_give(struct script *s, const struct vcon_mock_buf *buf,
		const void *data, size_t len, uint32_t used);

/* Give it back as it is, and interrupt some other time. */
int script_give_quietly(struct script *s, const struct vcon_mock_buf *buf);

/* Say that a buffer was used which need not be one. */
int script_lie(struct script *s, uint32_t queue, uint32_t id, uint32_t used);
int script_jump(struct script *s, uint32_t queue, uint32_t count);

/* Write flags to where the next used buffer of a packed ring goes. */
int script_mark(struct script *s, uint32_t queue, uint16_t flags);

/* Data for a port, in one buffer. */
int script_send(struct script *s, uint32_t id, const void *data, size_t len);

/*
 * A control message: header and payload.  script_say_raw() says anything, in as
 * many bytes as it says.
 */
int script_say(struct script *s, uint32_t id, uint16_t event, uint16_t value,
	       const void *payload, size_t len);
int script_say_raw(struct script *s, const void *data, size_t len,
		   uint32_t used);

/*
 * Hear what the driver says until it says this; it is all given back at once.
 * PORT_READY of a port whose host end is open is answered, whenever it comes.
 */
int script_hear(struct script *s, uint32_t id, uint16_t event, uint16_t value);

/*
 * Add a port as a truthful host does, and wait until its node is there, or its
 * console.  Without @name it has none.
 */
int script_port(struct script *s, uint32_t id, const char *name);
int script_console(struct script *s, uint32_t id);

/*
 * Wait until the driver has acted upon all that was said, and has been answered
 * what it then asked.  Port 3 is there afterwards.
 */
int script_settle(struct script *s);

/* /dev/vportNpM: open it, wait until it is there or gone. */
int script_node_open(struct script *s, uint32_t id, int flags);
int script_node_wait(struct script *s, uint32_t id, bool present);

/* A line of the port's file in debugfs, as a number; or -errno. */
long script_stat(struct script *s, uint32_t id, const char *field);

/* Lines of the kernel's log since boot. */
long script_log_lines(void);

#endif /* VPORT_HOSTILE_SCRIPT_H */
