// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user_mem.c - vhost-user requests about guest memory
 */

#include <errno.h>

#include "vhost_user.h"

static int add_region(struct guest_memory *mem, const struct vu_region *region,
		      int fd)
{
	struct guest_region_desc desc = {
		.gpa		= region->gpa,
		.size		= region->size,
		.user_addr	= region->user_addr,
		.offset		= region->offset,
	};

	return guest_memory_add(mem, &desc, fd);
}

/*
 * The new table takes the place of the old one as a whole, or not at all.
 */
int vu_set_mem_table(struct vu_session *session, struct vu_msg *msg)
{
	const struct vu_mem_table *table = &msg->payload.mem;
	struct guest_memory mem;
	unsigned int i;
	int ret = 0;

	if (table->count > VU_MAX_FDS || table->count != msg->nfds ||
	    msg->hdr.size < offsetof(struct vu_mem_table, regions) +
			    table->count * sizeof(table->regions[0])) {
		vu_complain(session, "SET_MEM_TABLE: %u regions, %u descriptors",
			    table->count, msg->nfds);
		return -EINVAL;
	}

	guest_memory_init(&mem);
	for (i = 0; i < table->count && !ret; i++)
		ret = add_region(&mem, &table->regions[i], msg->fds[i]);
	if (!ret) {
		guest_memory_swap(&session->dev->mem, &mem);
		vu_rings_remap(session);
	}
	guest_memory_finish(&mem);
	return ret;
}

int vu_get_max_mem_slots(struct vu_session *session, struct vu_msg *msg)
{
	return vu_reply_u64(session, msg, GUEST_MEMORY_MAX_REGIONS);
}

int vu_add_mem_reg(struct vu_session *session, struct vu_msg *msg)
{
	if (msg->nfds != 1)
		return -EINVAL;

	return add_region(&session->dev->mem, &msg->payload.mem_reg.region,
			  msg->fds[0]);
}

/* The region is named by its addresses; a descriptor may come along. */
int vu_rem_mem_reg(struct vu_session *session, struct vu_msg *msg)
{
	const struct vu_region *region = &msg->payload.mem_reg.region;
	int ret;

	ret = guest_memory_remove(&session->dev->mem, region->gpa,
				  region->size);
	if (!ret)
		vu_rings_remap(session);
	return ret;
}

/* Writes are logged while the driver's features say so, and there is a log. */
void vu_log_update(struct vu_session *session)
{
	struct guest_memory *mem = &session->dev->mem;
	bool on = session->features >> VU_F_LOG_ALL & 1 && session->log.count;

	mem->log = on ? session->log.regions[0].host : NULL;
	mem->log_size = on ? session->log.regions[0].size : 0;
}

int vu_set_log_base(struct vu_session *session, struct vu_msg *msg)
{
	struct guest_region_desc desc = {
		.size	= msg->payload.log.size,
		.offset	= msg->payload.log.offset,
	};
	struct guest_memory log;
	int ret;

	if (msg->nfds != 1)
		return -EINVAL;

	guest_memory_init(&log);
	ret = guest_memory_add(&log, &desc, msg->fds[0]);
	if (!ret) {
		guest_memory_swap(&session->log, &log);
		vu_log_update(session);
	}
	guest_memory_finish(&log);
	return ret ?: vu_reply_u64(session, msg, 0);
}

/*
 * A descriptor by which to tell that there is something in the log.  Front-ends
 * look at the log when they want to, and so it is closed like any that nobody
 * takes.
 */
int vu_set_log_fd(struct vu_session *session, struct vu_msg *msg)
{
	return 0;
}
