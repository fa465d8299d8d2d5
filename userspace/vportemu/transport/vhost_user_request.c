// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user_request.c - vhost-user requests
 *
 * Trust
 * -----
 *
 * The front-end is a VMM, one step away from its guest: nothing in a message is
 * believed.  Size and descriptor count are checked here, against the table, for
 * every request; ranges and indices are checked by the one function that uses
 * them.  A request that fails is told to a front-end that wants to know and
 * ends the session of one that does not.  It never ends the process, and no
 * message can make it allocate without a bound.
 */

#include <errno.h>
#include <linux/virtio_config.h>
#include <string.h>

#include "vhost_user.h"

enum {
	VU_REPLIES = 1 << 0,	/* the handler sends the reply itself */
};

struct vu_request {
	const char *name;
	int (*handle)(struct vu_session *session, struct vu_msg *msg);
	size_t size;		/* of the payload, at least */
	unsigned int max_fds;
	unsigned int flags;
};

#define PROTOCOL_FEATURES ( \
	1ull << VU_PROTOCOL_MQ | \
	1ull << VU_PROTOCOL_LOG_SHMFD | \
	1ull << VU_PROTOCOL_REPLY_ACK | \
	1ull << VU_PROTOCOL_BACKEND_REQ | \
	1ull << VU_PROTOCOL_CONFIG | \
	1ull << VU_PROTOCOL_INFLIGHT_SHMFD | \
	1ull << VU_PROTOCOL_RESET_DEVICE | \
	1ull << VU_PROTOCOL_CONFIGURE_MEM_SLOTS | \
	1ull << VU_PROTOCOL_DEVICE_STATE)

/* There is no message to reset a ring. */
#define NOT_OVER_VHOST_USER	(1ull << VIRTIO_F_RING_RESET)

static uint64_t offered_features(const struct vu_session *session)
{
	return (session->dev->offered & ~NOT_OVER_VHOST_USER) |
	       VU_TRANSPORT_FEATURES;
}

static int vu_get_features(struct vu_session *session, struct vu_msg *msg)
{
	return vu_reply_u64(session, msg, offered_features(session));
}

static int vu_set_features(struct vu_session *session, struct vu_msg *msg)
{
	uint64_t features = msg->payload.u64;

	if (features & ~offered_features(session)) {
		vu_complain(session, "features 0x%llx were not offered",
			    (unsigned long long)(features &
						 ~offered_features(session)));
		return -EINVAL;
	}
	session->features = features;
	session->dev->features = features & ~VU_TRANSPORT_FEATURES;
	vu_log_update(session);
	return 0;
}

/* The session has one owner: who is at the other end of the socket. */
static int vu_set_owner(struct vu_session *session, struct vu_msg *msg)
{
	return 0;
}

static int vu_get_protocol_features(struct vu_session *session,
				    struct vu_msg *msg)
{
	return vu_reply_u64(session, msg, PROTOCOL_FEATURES);
}

static int vu_set_protocol_features(struct vu_session *session,
				    struct vu_msg *msg)
{
	if (msg->payload.u64 & ~PROTOCOL_FEATURES) {
		vu_complain(session, "protocol features 0x%llx were not offered",
			    (unsigned long long)(msg->payload.u64 &
						 ~PROTOCOL_FEATURES));
		return -EINVAL;
	}
	session->protocol_features = msg->payload.u64;
	return 0;
}

static int vu_get_queue_num(struct vu_session *session, struct vu_msg *msg)
{
	return vu_reply_u64(session, msg, session->dev->useful_queues);
}

static int vu_set_backend_req_fd(struct vu_session *session, struct vu_msg *msg)
{
	if (msg->nfds != 1)
		return -EINVAL;

	if (session->backend_fd >= 0)
		msg->fds[msg->nfds++] = session->backend_fd;
	session->backend_fd = vu_msg_take_fd(msg, 0);
	return 0;
}

/* Whatever is beyond the configuration space reads as 0. */
static int vu_get_config(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_config *config = &msg->payload.config;
	uint8_t space[VIRTIO_CONFIG_MAX] = { 0 };

	if (config->size > VU_CONFIG_MAX) {
		vu_complain(session, "GET_CONFIG: %u bytes, expected up to %u",
			    config->size, VU_CONFIG_MAX);
		return -EINVAL;
	}

	session->dev->ops->get_config(session->dev, space);
	memset(config->data, 0, sizeof(config->data));
	if (config->offset < sizeof(space))
		memcpy(config->data, space + config->offset,
		       sizeof(space) - config->offset < config->size ?
		       sizeof(space) - config->offset : config->size);
	return vu_reply(session, msg,
			offsetof(struct vu_config, data) + config->size);
}

/* What is written beyond the configuration space goes nowhere. */
static int vu_set_config(struct vu_session *session, struct vu_msg *msg)
{
	const struct vu_config *config = &msg->payload.config;
	struct virtio_device *dev = session->dev;
	size_t len = config->size;

	if (len > VU_CONFIG_MAX ||
	    msg->hdr.size < offsetof(struct vu_config, data) + len) {
		vu_complain(session, "SET_CONFIG: %zu bytes in a message of %u",
			    len, msg->hdr.size);
		return -EINVAL;
	}
	if (config->offset >= dev->config_size)
		return 0;
	if (len > dev->config_size - config->offset)
		len = dev->config_size - config->offset;

	dev->ops->set_config(dev, config->offset, config->data, len);
	return 0;
}

static int vu_reset_device(struct vu_session *session, struct vu_msg *msg)
{
	vu_rings_reset(session);
	virtio_device_reset(session->dev);
	return 0;
}

#define REQUEST(id, fn, payload_size, fds, fl) \
	[VU_##id] = { #id, fn, payload_size, fds, fl }

#define U64	sizeof(uint64_t)
#define STATE	sizeof(struct vu_vring_state)
#define ADDR	sizeof(struct vu_vring_addr)
#define LOG	sizeof(struct vu_log)
#define TRANSFER sizeof(struct vu_state_transfer)
/* Without what fills it up to a multiple of 8. */
#define INFLIGHT (offsetof(struct vu_inflight, queue_size) + sizeof(uint16_t))
#define MEM	offsetof(struct vu_mem_table, regions)
#define MEM_REG	sizeof(struct vu_mem_reg)
#define CONFIG	offsetof(struct vu_config, data)

static const struct vu_request vu_requests[] = {
	/*	id, handler,				size, fds, flags */
	REQUEST(GET_FEATURES, vu_get_features,		0, 0, VU_REPLIES),
	REQUEST(SET_FEATURES, vu_set_features,		U64, 0, 0),
	REQUEST(SET_OWNER, vu_set_owner,		0, 0, 0),
	REQUEST(RESET_OWNER, vu_set_owner,		0, 0, 0),
	REQUEST(SET_MEM_TABLE, vu_set_mem_table,	MEM, VU_MAX_FDS, 0),
	REQUEST(SET_LOG_BASE, vu_set_log_base,		LOG, 1, VU_REPLIES),
	REQUEST(SET_LOG_FD, vu_set_log_fd,		0, 1, 0),
	REQUEST(SET_VRING_NUM, vu_set_vring_num,	STATE, 0, 0),
	REQUEST(SET_VRING_ADDR, vu_set_vring_addr,	ADDR, 0, 0),
	REQUEST(SET_VRING_BASE, vu_set_vring_base,	STATE, 0, 0),
	REQUEST(GET_VRING_BASE, vu_get_vring_base,	STATE, 0, VU_REPLIES),
	REQUEST(SET_VRING_KICK, vu_set_vring_kick,	U64, 1, 0),
	REQUEST(SET_VRING_CALL, vu_set_vring_call,	U64, 1, 0),
	REQUEST(SET_VRING_ERR, vu_set_vring_err,	U64, 1, 0),
	REQUEST(GET_PROTOCOL_FEATURES, vu_get_protocol_features,
							0, 0, VU_REPLIES),
	REQUEST(SET_PROTOCOL_FEATURES, vu_set_protocol_features, U64, 0, 0),
	REQUEST(GET_QUEUE_NUM, vu_get_queue_num,	0, 0, VU_REPLIES),
	REQUEST(SET_VRING_ENABLE, vu_set_vring_enable,	STATE, 0, 0),
	REQUEST(SET_BACKEND_REQ_FD, vu_set_backend_req_fd, 0, 1, 0),
	REQUEST(GET_CONFIG, vu_get_config,		CONFIG, 0, VU_REPLIES),
	REQUEST(SET_CONFIG, vu_set_config,		CONFIG, 0, 0),
	REQUEST(GET_INFLIGHT_FD, vu_get_inflight_fd,	INFLIGHT, 0, VU_REPLIES),
	REQUEST(SET_INFLIGHT_FD, vu_set_inflight_fd,	INFLIGHT, 1, 0),
	REQUEST(RESET_DEVICE, vu_reset_device,		0, 0, 0),
	REQUEST(GET_MAX_MEM_SLOTS, vu_get_max_mem_slots, 0, 0, VU_REPLIES),
	REQUEST(ADD_MEM_REG, vu_add_mem_reg,		MEM_REG, 1, 0),
	REQUEST(REM_MEM_REG, vu_rem_mem_reg,		MEM_REG, 1, 0),
	REQUEST(SET_DEVICE_STATE_FD, vu_set_device_state_fd,
							TRANSFER, 1, VU_REPLIES),
	REQUEST(CHECK_DEVICE_STATE, vu_check_device_state, 0, 0, VU_REPLIES),
};

static_assert(sizeof(vu_requests) / sizeof(vu_requests[0]) <= VU_MAX_ID,
	      "request id out of range");

static const struct vu_request *vu_request_find(const struct vu_msg *msg)
{
	uint32_t id = msg->hdr.request;

	if (id >= sizeof(vu_requests) / sizeof(vu_requests[0]) ||
	    !vu_requests[id].handle)
		return NULL;

	return &vu_requests[id];
}

static const struct vu_request *vu_request_check(struct vu_session *session,
						 const struct vu_msg *msg)
{
	const struct vu_request *req = vu_request_find(msg);

	if ((msg->hdr.flags & VU_VERSION_MASK) != VU_VERSION ||
	    msg->hdr.flags & VU_REPLY) {
		vu_complain(session, "request %u: flags 0x%x, expected version %u",
			    msg->hdr.request, msg->hdr.flags, VU_VERSION);
		return NULL;
	}
	if (!req) {
		vu_complain(session, "unknown request %u", msg->hdr.request);
		return NULL;
	}
	if (msg->hdr.size < req->size || msg->nfds > req->max_fds) {
		vu_complain(session, "%s: %u bytes and %u descriptors, expected at least %zu and at most %u",
			    req->name, msg->hdr.size, msg->nfds, req->size,
			    req->max_fds);
		return NULL;
	}
	return req;
}

/*
 * A handler takes over a descriptor by storing -1 in its place; the others are
 * closed by the caller, whatever happened.
 */
int vu_session_dispatch(struct vu_session *session, struct vu_msg *msg)
{
	const struct vu_request *req = vu_request_check(session, msg);
	int ret;

	if (!req)
		return -EPROTO;

	ret = req->handle(session, msg);
	if (ret)
		vu_complain(session, "%s: %s", req->name, strerror(-ret));
	if (!(req->flags & VU_REPLIES) && msg->hdr.flags & VU_NEED_REPLY &&
	    session->protocol_features >> VU_PROTOCOL_REPLY_ACK & 1)
		ret = vu_reply_u64(session, msg, ret ? 1 : 0);
	return ret;
}
