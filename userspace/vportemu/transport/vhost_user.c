// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user.c - the vhost-user transport: one front-end after the other
 */

#include <errno.h>
#include <linux/virtio_config.h>

#include "error.h"
#include "server.h"
#include "transport.h"
#include "vhost_user.h"

static int front_end_create(const struct server_client *client, void **ret)
{
	return vu_session_create(client->id, client->event, client->dev,
				 client->fd, client->complaints,
				 (struct vu_session **)ret);
}

static void front_end_destroy(void *session)
{
	vu_session_destroy(session);
}

static int front_end_io(void *session, uint32_t events)
{
	return vu_session_input(session);
}

static const struct session_ops front_end_ops = {
	.peer		= "front-end",
	.create		= front_end_create,
	.destroy	= front_end_destroy,
	.io		= front_end_io,
};

static int vhost_user_create(struct sd_event *event, const char *id,
			     struct virtio_device *dev,
			     const struct transport_address *address,
			     void (*ended)(void *data), void *data,
			     struct transport **ret, struct error *error)
{
	if (dev->num_queues > VU_MAX_QUEUES)
		return error_set(error, -EINVAL,
				 "vhost-user has room for %u queues, the device has %u",
				 VU_MAX_QUEUES, dev->num_queues);
	if (dev->offered >> VIRTIO_F_ACCESS_PLATFORM & 1)
		return error_set(error, -EINVAL,
				 "vhost-user cannot translate addresses, expected iommu_platform=off");

	return server_create(&front_end_ops, event, id, dev, address, ended,
			     data, ret, error);
}

const struct transport_ops vhost_user_transport_ops = {
	.name		= "vhost-user",
	.create		= vhost_user_create,
	.destroy	= server_destroy,
};
