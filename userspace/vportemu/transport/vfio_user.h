/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio_user.h - types shared by the files of the vfio-user transport
 *
 * What is called the client here is the VMM, as the protocol does.
 */

#ifndef VPORTEMU_VFIO_USER_H
#define VPORTEMU_VFIO_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "pci.h"
#include "server.h"
#include "vfio_user_wire.h"

/* A message that is coming in, or has come. */
struct vfu_msg {
	struct vfu_header hdr;
	union vfu_payload payload;
	size_t have;		/* bytes of header and payload */
	int fds[VFU_MAX_FDS];
	unsigned int nfds;
};

/* Some of the small ones, of which a guest in full flow causes several. */
#define VFU_INPUT_SIZE	256

/* Messages that were read together, and descriptors, which are the last one's. */
struct vfu_input {
	uint8_t data[VFU_INPUT_SIZE];
	size_t at;		/* what has been taken of it */
	size_t len;
	int fds[VFU_MAX_FDS];
	unsigned int nfds;
};

struct vfu_remote;

struct vfu_irqs {
	int *msix;		/* a descriptor for each vector; -1: none */
	int intx;
	bool intx_masked;	/* until the client says otherwise */
};

/* A client, from its connection to its end. */
struct vfu_session {
	struct server_client client;
	struct pci_function *fn;
	struct vfu_irqs irqs;
	struct vfu_input in;
	struct vfu_msg msg;
	struct bytes out;	/* what the socket did not take */
	bool negotiated;
	struct vfu_remote *remote;	/* NULL: all memory is shared */
};

/* vfio_user_session.c */
extern const struct session_ops vfu_session_ops;

__attribute__((format(printf, 2, 3)))
void vfu_complain(struct vfu_session *session, const char *format, ...);

/* vfio_user_msg.c */
int vfu_receive(struct vfu_session *session);

/* Is there something to receive that nobody is going to tell of? */
static inline bool vfu_has_input(const struct vfu_session *session)
{
	return session->in.at < session->in.len;
}

/* Forget what has been received, with all descriptors. */
void vfu_input_finish(struct vfu_session *session);

/* Make room for the next message. */
void vfu_msg_done(struct vfu_msg *msg);
int vfu_msg_take_fd(struct vfu_msg *msg, unsigned int index);
int vfu_reply(struct vfu_session *session, size_t size);
int vfu_reply_error(struct vfu_session *session, int error);

int vfu_command(struct vfu_session *session, uint16_t id, uint16_t command,
		const struct vfu_dma_access *access, const void *data,
		size_t size);

/* Write what is left.  Return: 0; -ECONNRESET, or what else went wrong. */
int vfu_flush(struct vfu_session *session);

/* vfio_user_request.c */
int vfu_dispatch(struct vfu_session *session);

/* How many bytes follow the header, and how many are in a handler's hands. */
static inline size_t vfu_payload_size(const struct vfu_msg *msg)
{
	return msg->hdr.size - sizeof(msg->hdr);
}

/* What is behind the fixed part of a payload, of @size bytes. */
static inline uint8_t *vfu_data(struct vfu_msg *msg, size_t size)
{
	return msg->payload.bytes + size;
}

/* vfio_user_version.c */
int vfu_version(struct vfu_session *session, struct vfu_msg *msg);

/* vfio_user_dma.c */
int vfu_dma_map(struct vfu_session *session, struct vfu_msg *msg);
int vfu_dma_unmap(struct vfu_session *session, struct vfu_msg *msg);

/* vfio_user_remote.c */

/* There is memory that can be reached only by messages. */
int vfu_remote_enable(struct vfu_session *session);
void vfu_remote_destroy(struct vfu_session *session);
bool vfu_remote_notified(void *data, struct virtqueue *vq);
void vfu_remote_queue_reset(void *data, struct virtqueue *vq);

/* The output has gone: queues that waited for that can go on. */
void vfu_remote_resume(struct vfu_session *session);

/* vfio_user_op.c: the client has answered a command of ours */
int vfu_remote_reply(struct vfu_session *session, struct vfu_msg *msg);

/* vfio_user_irq.c */
int vfu_irqs_create(struct vfu_session *session);
void vfu_irqs_destroy(struct vfu_session *session);
uint32_t vfu_num_irqs(void);
int vfu_get_irq_info(struct vfu_session *session, struct vfu_msg *msg);
int vfu_set_irqs(struct vfu_session *session, struct vfu_msg *msg);
bool vfu_msix(void *data, unsigned int vector);
void vfu_intx(void *data, bool level);

#endif /* VPORTEMU_VFIO_USER_H */
