// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_request.c - vfio-user commands
 *
 * Trust
 * -----
 *
 * The client is a VMM, one step away from its guest: nothing in a message is
 * believed.  Size and descriptor count are checked here, against the table, for
 * every command; ranges and indices are checked by the one function that uses
 * them.  A command that fails is answered with an error and changes nothing;
 * only what leaves it open where the next message begins ends the session.  No
 * message can make it allocate without a bound.
 *
 * QEMU
 * ----
 *
 * A command that wants an answer stops the virtual processor, or the whole VM:
 * the answer is sent first, and what a write has set going comes after it.  An
 * answer is never longer than what asked for it, but for the data of a read.
 */

#include <errno.h>
#include <string.h>

#include "vfio_user.h"

enum {
	DEVICE_RESETS = 1,
	DEVICE_IS_PCI = 2,
	REGION_READS = 1,
	REGION_WRITES = 2,
};

struct vfu_request {
	const char *name;
	int (*handle)(struct vfu_session *session, struct vfu_msg *msg);
	size_t size;		/* of the payload, at least */
	unsigned int max_fds;
};

static int get_info(struct vfu_session *session, struct vfu_msg *msg)
{
	msg->payload.device_info = (struct vfu_device_info) {
		.argsz		= sizeof(struct vfu_device_info),
		.flags		= DEVICE_RESETS | DEVICE_IS_PCI,
		.num_regions	= VFU_NUM_REGIONS,
		.num_irqs	= vfu_num_irqs(),
	};
	return vfu_reply(session, sizeof(struct vfu_device_info));
}

/*
 * No region is offered to be mapped: QEMU would wait for the end of every write
 * to any of them.
 */
static int get_region_info(struct vfu_session *session, struct vfu_msg *msg)
{
	struct vfu_region_info *info = &msg->payload.region_info;
	uint32_t index = info->index;

	if (index >= VFU_NUM_REGIONS)
		return -EINVAL;

	*info = (struct vfu_region_info) {
		.argsz	= sizeof(*info),
		.index	= index,
		.size	= pci_region_size(session->fn, index),
		.offset	= (uint64_t)index << 40,
	};
	if (info->size)
		info->flags = REGION_READS | REGION_WRITES;
	return vfu_reply(session, sizeof(*info));
}

static int region_read(struct vfu_session *session, struct vfu_msg *msg)
{
	struct vfu_region_access *access = &msg->payload.access;
	int ret;

	if (access->count > VFU_MAX_DATA)
		return -EINVAL;

	ret = pci_read(session->fn, access->region, access->offset,
		       vfu_data(msg, sizeof(*access)), access->count);
	if (ret)
		return ret;
	return vfu_reply(session, sizeof(*access) + access->count);
}

static int region_write(struct vfu_session *session, struct vfu_msg *msg)
{
	const struct vfu_region_access *access = &msg->payload.access;
	int ret;

	if (access->count > vfu_payload_size(msg) - sizeof(*access))
		return -EINVAL;

	ret = pci_write(session->fn, access->region, access->offset,
			vfu_data(msg, sizeof(*access)), access->count);
	if (ret)
		return ret;
	ret = vfu_reply(session, sizeof(*access));
	pci_run(session->fn);
	return ret;
}

static int device_reset(struct vfu_session *session, struct vfu_msg *msg)
{
	pci_reset(session->fn);
	return vfu_reply(session, 0);
}

#define REQUEST(id, fn, payload, fds) \
	[VFU_##id] = { #id, fn, sizeof(payload), fds }

static const struct vfu_request requests[] = {
	REQUEST(VERSION, vfu_version,		struct vfu_version, 0),
	REQUEST(DMA_MAP, vfu_dma_map,		struct vfu_dma_map, 1),
	REQUEST(DMA_UNMAP, vfu_dma_unmap,	struct vfu_dma_unmap, 0),
	REQUEST(DEVICE_GET_INFO, get_info,	struct vfu_device_info, 0),
	REQUEST(DEVICE_GET_REGION_INFO, get_region_info,
		struct vfu_region_info, 0),
	REQUEST(DEVICE_GET_IRQ_INFO, vfu_get_irq_info,
		struct vfu_irq_info, 0),
	REQUEST(DEVICE_SET_IRQS, vfu_set_irqs,	struct vfu_irq_set,
		VFU_MAX_FDS),
	REQUEST(REGION_READ, region_read,	struct vfu_region_access, 0),
	REQUEST(REGION_WRITE, region_write,	struct vfu_region_access, 0),
	[VFU_DEVICE_RESET] = { "DEVICE_RESET", device_reset, 0, 0 },
};

#define NUM_REQUESTS	(sizeof(requests) / sizeof(requests[0]))

static int run_command(struct vfu_session *session, struct vfu_msg *msg)
{
	const struct vfu_request *req = NULL;

	if (msg->hdr.command < NUM_REQUESTS)
		req = &requests[msg->hdr.command];
	if (!req || !req->handle) {
		vfu_complain(session, "unknown command %u", msg->hdr.command);
		return -ENOTSUP;
	}
	if (vfu_payload_size(msg) < req->size || msg->nfds > req->max_fds) {
		vfu_complain(session, "%s: %zu bytes and %u descriptors, expected at least %zu and at most %u",
			     req->name, vfu_payload_size(msg), msg->nfds,
			     req->size, req->max_fds);
		return -EINVAL;
	}
	if (session->negotiated == (req->handle == vfu_version)) {
		vfu_complain(session, "%s: %s VERSION", req->name,
			     session->negotiated ? "a second" : "before");
		return -EINVAL;
	}
	return req->handle(session, msg);
}

/* Is this the end of the session, or just the client's mistake? */
static bool is_fatal(int ret)
{
	return ret == -ECONNRESET || ret == -ENOBUFS || ret == -ENOMEM;
}

/*
 * A handler takes over a descriptor by storing -1 in its place; the others are
 * closed by the caller, whatever happened.
 */
int vfu_dispatch(struct vfu_session *session)
{
	struct vfu_msg *msg = &session->msg;
	int ret;

	if ((msg->hdr.flags & VFU_TYPE_MASK) == VFU_TYPE_REPLY)
		return vfu_remote_reply(session, msg);
	if ((msg->hdr.flags & VFU_TYPE_MASK) != VFU_TYPE_COMMAND) {
		vfu_complain(session, "message %u: flags 0x%x, expected a command or an answer",
			     msg->hdr.id, msg->hdr.flags);
		return -EPROTO;
	}

	ret = run_command(session, msg);
	if (!ret || is_fatal(ret))
		return ret;
	return vfu_reply_error(session, -ret);
}
