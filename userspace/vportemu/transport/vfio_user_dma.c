// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_dma.c - vfio-user commands about guest memory
 */

#include <errno.h>
#include <string.h>

#include "vfio_user.h"

int vfu_dma_map(struct vfu_session *session, struct vfu_msg *msg)
{
	const struct vfu_dma_map *map = &msg->payload.dma_map;
	struct guest_region_desc desc = {
		.gpa		= map->address,
		.size		= map->size,
		.offset		= map->offset,
		.readonly	= !(map->flags & VFU_MAP_WRITE),
	};
	int ret = 0;

	if (map->flags & ~(VFU_MAP_READ | VFU_MAP_WRITE) || !map->flags)
		return -EINVAL;

	if (!msg->nfds && map->flags & VFU_MAP_WRITE)
		ret = vfu_remote_enable(session);
	else if (msg->nfds)
		ret = guest_memory_add(&session->client.dev->mem, &desc,
				       msg->fds[0]);
	if (ret) {
		vfu_complain(session, "DMA_MAP: 0x%llx bytes at 0x%llx: %s",
			     (unsigned long long)map->size,
			     (unsigned long long)map->address, strerror(-ret));
		/* The mapping has failed, and not the session. */
		return ret == -ENOMEM ? -ENOSPC : ret;
	}
	pci_memory_mapped(session->fn);
	return vfu_reply(session, 0);
}

/*
 * The range may be that of one mapping or, when QEMU tears down what a vIOMMU
 * maps, any that has mappings in it.
 */
int vfu_dma_unmap(struct vfu_session *session, struct vfu_msg *msg)
{
	const struct vfu_dma_unmap *unmap = &msg->payload.dma_unmap;
	uint64_t last = unmap->address + unmap->size - 1;
	int ret;

	if (unmap->flags & ~VFU_UNMAP_ALL ||
	    (unmap->flags && (unmap->address || unmap->size)) ||
	    (!unmap->flags && (!unmap->size || last < unmap->address)))
		return -EINVAL;

	ret = guest_memory_remove_range(&session->client.dev->mem,
					unmap->address, last);
	if (ret) {
		vfu_complain(session, "DMA_UNMAP: 0x%llx bytes at 0x%llx are part of a mapping",
			     (unsigned long long)unmap->size,
			     (unsigned long long)unmap->address);
		return ret;
	}
	pci_memory_unmapped(session->fn);
	return vfu_reply(session, sizeof(*unmap));
}
