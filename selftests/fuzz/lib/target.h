/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target.h - a device with a port and guest memory, for those who attack it
 */

#ifndef SELFTESTS_FUZZ_TARGET_H
#define SELFTESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Of one message. */
#define TARGET_MAX_FDS	18

struct target {
	struct sd_event *loop;
	struct virtio_serial *serial;
	int memory;		/* a memfd */
};

/* Made once.  @pci: with what only a whole PCI function can offer. */
void target_create(struct target *target, size_t memory_size, bool pci);

/* Do all that there is to do; the loop has nothing of its own. */
void target_run(struct target *target);

/*
 * Write to a session.  @what says how many descriptors come with it, below
 * @max_fds, and whether they are events or guest memory.
 */
void target_send(struct target *target, int sock, struct iovec *iov,
		 unsigned int num, uint8_t what, unsigned int max_fds);

#endif /* SELFTESTS_FUZZ_TARGET_H */
