// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user_session.c - a front-end and what it has told
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "vhost_user.h"

void vu_complain(struct vu_session *session, const char *format, ...)
{
	char text[256];
	va_list args;

	if (!ratelimit_allows(session->complaints))
		return;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_warn("export '%s': vhost-user: %s", session->id, text);
}

static void session_call(void *transport, struct virtqueue *vq)
{
	struct vu_session *session = transport;

	vu_ring_call(&session->rings[vq->index]);
}

/*
 * Before the device is started, and after it has stopped, front-ends have no
 * place to put this.
 */
static void session_config_changed(void *transport)
{
	struct vu_session *session = transport;

	if (virtio_device_running(session->dev))
		vu_send_config_change(session);
}

static void session_broken(void *transport, struct virtqueue *vq,
			   const char *why)
{
	struct vu_session *session = transport;

	if (!vq) {
		vu_complain(session, "device is broken until it is reset: %s",
			    why);
		return;
	}
	vu_complain(session,
		    "device is broken until it is reset: queue %u: %s",
		    vq->index, why);
	vu_ring_error(&session->rings[vq->index]);
}

static const struct virtio_transport_ops session_transport_ops = {
	.call		= session_call,
	.config_changed	= session_config_changed,
	.broken		= session_broken,
};

int vu_session_create(const char *id, struct sd_event *event,
		      struct virtio_device *dev, int fd,
		      struct ratelimit *complaints, struct vu_session **ret)
{
	struct vu_session *session;
	int err;

	session = calloc(1, sizeof(*session));
	if (!session)
		return -ENOMEM;

	session->id = id;
	session->event = event;
	session->dev = dev;
	session->fd = fd;
	session->backend_fd = -1;
	session->state_fd = -1;
	guest_memory_init(&session->log);
	guest_memory_init(&session->inflight);
	session->complaints = complaints;
	err = vu_rings_create(session);
	if (!err)
		err = virtio_device_attach(dev, &session_transport_ops,
					   session);
	if (err) {
		guest_memory_finish(&session->log);
		guest_memory_finish(&session->inflight);
		free(session->rings);
		free(session);
		return err;
	}
	*ret = session;
	return 0;
}

void vu_session_destroy(struct vu_session *session)
{
	if (!session)
		return;

	vu_rings_destroy(session);
	virtio_device_detach(session->dev);
	session->features = 0;
	vu_log_update(session);
	vu_state_finish(session);
	guest_memory_finish(&session->log);
	guest_memory_finish(&session->inflight);
	vu_msg_close_fds(&session->receiver.msg);
	if (session->backend_fd >= 0)
		close(session->backend_fd);
	free(session);
}

/* One message a turn: the rings have theirs in between. */
int vu_session_input(struct vu_session *session)
{
	struct vu_receiver *receiver = &session->receiver;
	int ret;

	ret = vu_receive(receiver, session->fd);
	if (ret == -EAGAIN)
		return 0;
	if (ret == -EMSGSIZE || ret == -EPROTO)
		vu_complain(session, "request %u: %u bytes or descriptors beyond all bounds",
			    receiver->msg.hdr.request, receiver->msg.hdr.size);
	if (ret)
		return ret;

	ret = vu_session_dispatch(session, &receiver->msg);
	vu_msg_close_fds(&receiver->msg);
	receiver->have = 0;
	return ret;
}
