/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio_proxy.h - between a vfio-user client and its server, to answer DMA messages
 *
 * A thread of its own does that, so that a test can wait for anything else.
 */

#ifndef SELFTESTS_VPORTEMU_VFIO_PROXY_H
#define SELFTESTS_VPORTEMU_VFIO_PROXY_H

#include <stddef.h>
#include <stdint.h>

struct vfio_proxy_memory {
	uint8_t *at;
	uint64_t address;
	size_t size;
};

/* Which answers are to be wrong. */
enum vfio_proxy_lie {
	VP_HONEST,
	VP_SHORT,		/* less data than was asked for */
	VP_WRONG_ID,
};

extern volatile enum vfio_proxy_lie vfio_proxy_lie;

/* Return: the client's end of the connection.  There is one at a time. */
int vfio_proxy_start(int server, const struct vfio_proxy_memory *memory);

/* After the client has closed its end. */
void vfio_proxy_stop(void);

#endif /* SELFTESTS_VPORTEMU_VFIO_PROXY_H */
