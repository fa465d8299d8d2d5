// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_session.c - a client and the PCI function it sees
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "log.h"
#include "ratelimit.h"
#include "vfio_user.h"
#include "virtqueue.h"

/* With a vIOMMU each page is a mapping; this is what QEMU allows itself. */
#define MAX_MAPPINGS	65535

/*
 * Nothing is read while some of it waits, and queues wait long before there is
 * that much: they may have buffers to write that they had before.
 */
#define MAX_OUTPUT	(64u << 20)

void vfu_complain(struct vfu_session *session, const char *format, ...)
{
	char text[256];
	va_list args;

	if (!ratelimit_allows(session->client.complaints))
		return;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_warn("export '%s': vfio-user: %s", session->client.id, text);
}

static void session_broken(void *data, struct virtqueue *vq, const char *why)
{
	struct vfu_session *session = data;

	if (vq)
		vfu_complain(session,
			     "device is broken until it is reset: queue %td: %s",
			     vq - session->client.dev->queues, why);
	else
		vfu_complain(session, "device is broken until it is reset: %s",
			     why);
}

static const struct pci_ops session_pci_ops = {
	.msix		= vfu_msix,
	.intx		= vfu_intx,
	.notified	= vfu_remote_notified,
	.queue_reset	= vfu_remote_queue_reset,
	.broken		= session_broken,
};

static void session_destroy(void *data)
{
	struct vfu_session *session = data;

	pci_destroy(session->fn);
	vfu_remote_destroy(session);
	vfu_irqs_destroy(session);
	vfu_input_finish(session);
	bytes_finish(&session->out);
	free(session);
}

static int session_create(const struct server_client *client, void **ret)
{
	struct vfu_session *session;
	int err;

	session = calloc(1, sizeof(*session));
	if (!session)
		return -ENOMEM;

	session->client = *client;
	client->dev->mem.max = MAX_MAPPINGS;
	bytes_init(&session->out, MAX_OUTPUT);
	err = vfu_irqs_create(session);
	if (!err)
		err = pci_create(client->dev, &session_pci_ops, session,
				 &session->fn);
	if (err) {
		session_destroy(session);
		return err;
	}
	*ret = session;
	return 0;
}

static int handle_message(struct vfu_session *session)
{
	int ret;

	ret = vfu_receive(session);
	if (ret == -EAGAIN)
		return 0;
	if (ret == -EMSGSIZE || ret == -EPROTO)
		vfu_complain(session, "command %u: %u bytes or descriptors beyond all bounds",
			     session->msg.hdr.command, session->msg.hdr.size);
	if (ret)
		return ret;

	ret = vfu_dispatch(session);
	vfu_msg_done(&session->msg);
	return ret;
}

/*
 * One read a turn: other clients and character devices have theirs.  What was
 * read is dealt with, unless there is output that waits.
 */
static int session_io(void *data, uint32_t events)
{
	struct vfu_session *session = data;
	int ret;

	if (bytes_len(&session->out)) {
		ret = vfu_flush(session);
		if (ret || bytes_len(&session->out) || !vfu_has_input(session))
			return ret;
	}
	do {
		ret = handle_message(session);
	} while (!ret && vfu_has_input(session) && !bytes_len(&session->out));
	return ret;
}

const struct session_ops vfu_session_ops = {
	.peer		= "client",
	.linger		= true,
	.create		= session_create,
	.destroy	= session_destroy,
	.io		= session_io,
};
