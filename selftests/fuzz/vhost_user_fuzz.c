// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user_fuzz.c - vhost-user messages from a front-end that means no good
 *
 * The input is cut into pieces: a byte that says how many descriptors come with
 * it and of which kind, a byte for its length, and the piece itself, written to
 * the socket of a session as it is.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "target.h"
#include "transport.h"
#include "virtio_serial.h"

#define MAX_PIECE_FDS	9
#define MEMORY_SIZE	(1 << 20)

static struct target target;
static bool over;

static void ended(void *data)
{
	over = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct transport_address address = { .path = NULL };
	struct transport *transport;
	struct iovec iov;
	int pair[2];
	size_t len;

	if (!target.loop)
		target_create(&target, MEMORY_SIZE, false);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		abort();
	address.fd = pair[0];
	over = false;
	if (vhost_user_transport_ops.create(target.loop, "x0",
					    &target.serial->vdev, &address,
					    ended, NULL, &transport, NULL))
		abort();

	while (size > 2 && !over) {
		len = data[1] < size - 2 ? data[1] : size - 2;
		iov.iov_base = (void *)(data + 2);
		iov.iov_len = len;
		if (len)
			target_send(&target, pair[1], &iov, 1, data[0],
				    MAX_PIECE_FDS);
		data += 2 + len;
		size -= 2 + len;
		target_run(&target);
	}
	vhost_user_transport_ops.destroy(transport);
	close(pair[1]);
	return 0;
}
