/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vhost_user.h - types shared by the files of the vhost-user transport
 */

#ifndef VPORTEMU_VHOST_USER_H
#define VPORTEMU_VHOST_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "ratelimit.h"
#include "vhost_user_wire.h"
#include "virtio_device.h"
#include "virtqueue.h"

struct bytes;
struct sd_event;
struct sd_event_source;

/* The index of a ring is 8 bits wide in some messages. */
#define VU_MAX_QUEUES	256

struct vu_msg {
	struct vu_header hdr;
	union vu_payload payload;
	int fds[VU_MAX_FDS];
	unsigned int nfds;
};

/* A message that is coming in. */
struct vu_receiver {
	struct vu_msg msg;
	size_t have;		/* bytes of header and payload */
};

struct vu_ring {
	struct vu_session *session;
	struct virtqueue *vq;
	struct vu_vring_addr addr;
	bool addr_set;
	bool enabled;
	uint32_t num;
	int kick_fd;		/* -1: none */
	int call_fd;
	int err_fd;
	bool call_is_socket;
	struct sd_event_source *kick_source;
};

/* A front-end, from its connection to its end. */
struct vu_session {
	const char *id;			/* the export's */
	struct sd_event *event;
	struct virtio_device *dev;
	int fd;
	struct vu_receiver receiver;
	uint64_t features;		/* with VU_F_PROTOCOL_FEATURES */
	uint64_t protocol_features;
	int backend_fd;			/* for requests of ours; -1: none */
	struct vu_ring *rings;		/* one per queue of the device */
	struct guest_memory log;	/* of written pages, as one region */
	struct guest_memory inflight;	/* records, as one region */
	int state_fd;			/* a state is read from it; -1: none */
	bool state_failed;		/* the last one was not transferred */
	struct sd_event_source *state_source;
	struct bytes *state;		/* what has been read of it */
	struct ratelimit *complaints;
};

/* vhost_user_session.c */

/**
 * vu_session_create() - serve a front-end
 * @id:         the export's, borrowed
 * @event:      the loop
 * @dev:        the device, which no transport has
 * @fd:         the connection, borrowed
 * @complaints: limit on messages, which outlives front-ends
 * @ret:        the session, on success
 *
 * Return: 0, -EBUSY, -ENOMEM.
 */
int vu_session_create(const char *id, struct sd_event *event,
		      struct virtio_device *dev, int fd,
		      struct ratelimit *complaints, struct vu_session **ret);

/* NULL is allowed. */
void vu_session_destroy(struct vu_session *session);

/**
 * vu_session_input() - the connection is readable
 *
 * Return: 0; -ECONNRESET when the front-end has gone, another -errno when it
 *         must: destroy the session in both cases.
 */
int vu_session_input(struct vu_session *session);

__attribute__((format(printf, 2, 3)))
void vu_complain(struct vu_session *session, const char *format, ...);

/* vhost_user_request.c */
int vu_session_dispatch(struct vu_session *session, struct vu_msg *msg);

/* vhost_user_msg.c */
int vu_receive(struct vu_receiver *receiver, int fd);
void vu_msg_close_fds(struct vu_msg *msg);
int vu_msg_take_fd(struct vu_msg *msg, unsigned int index);
int vu_reply(struct vu_session *session, struct vu_msg *msg, size_t size);
int vu_reply_u64(struct vu_session *session, struct vu_msg *msg,
		 uint64_t value);
int vu_reply_fd(struct vu_session *session, struct vu_msg *msg, size_t size,
		int fd);
void vu_send_config_change(struct vu_session *session);

/* vhost_user_mem.c */
int vu_set_mem_table(struct vu_session *session, struct vu_msg *msg);
int vu_get_max_mem_slots(struct vu_session *session, struct vu_msg *msg);
int vu_add_mem_reg(struct vu_session *session, struct vu_msg *msg);
int vu_rem_mem_reg(struct vu_session *session, struct vu_msg *msg);

/* vhost_user_state.c */
int vu_get_inflight_fd(struct vu_session *session, struct vu_msg *msg);
int vu_set_inflight_fd(struct vu_session *session, struct vu_msg *msg);
int vu_set_device_state_fd(struct vu_session *session, struct vu_msg *msg);
int vu_check_device_state(struct vu_session *session, struct vu_msg *msg);
void vu_state_finish(struct vu_session *session);

/* vhost_user_mem.c */
int vu_set_log_base(struct vu_session *session, struct vu_msg *msg);
int vu_set_log_fd(struct vu_session *session, struct vu_msg *msg);
void vu_log_update(struct vu_session *session);

/* vhost_user_ring.c */
int vu_rings_create(struct vu_session *session);
void vu_rings_destroy(struct vu_session *session);
void vu_rings_reset(struct vu_session *session);
void vu_rings_remap(struct vu_session *session);
void vu_ring_call(struct vu_ring *ring);
void vu_ring_error(struct vu_ring *ring);
int vu_set_vring_num(struct vu_session *session, struct vu_msg *msg);
int vu_set_vring_addr(struct vu_session *session, struct vu_msg *msg);
int vu_set_vring_base(struct vu_session *session, struct vu_msg *msg);
int vu_get_vring_base(struct vu_session *session, struct vu_msg *msg);
int vu_set_vring_kick(struct vu_session *session, struct vu_msg *msg);
int vu_set_vring_call(struct vu_session *session, struct vu_msg *msg);
int vu_set_vring_err(struct vu_session *session, struct vu_msg *msg);
int vu_set_vring_enable(struct vu_session *session, struct vu_msg *msg);

#endif /* VPORTEMU_VHOST_USER_H */
