// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user.c - the vfio-user transport: a PCI function for one VMM after the
 * other
 */

#include <errno.h>

#include "error.h"
#include "transport.h"
#include "vfio_user.h"

static int vfio_user_create(struct sd_event *event, const char *id,
			    struct virtio_device *dev,
			    const struct transport_address *address,
			    void (*ended)(void *data), void *data,
			    struct transport **ret, struct error *error)
{
	/* Each has a notification register of its own. */
	if (dev->num_queues > PCI_MAX_QUEUES)
		return error_set(error, -EINVAL,
				 "vfio-user has room for %u queues, the device has %u",
				 PCI_MAX_QUEUES, dev->num_queues);

	return server_create(&vfu_session_ops, event, id, dev, address, ended,
			     data, ret, error);
}

const struct transport_ops vfio_user_transport_ops = {
	.name		= "vfio-user",
	.create		= vfio_user_create,
	.destroy	= server_destroy,
};
