// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_irq.c - vfio-user commands about interrupts, and interrupts
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "vfio_user.h"

enum {
	IRQ_INTX = 0,
	IRQ_MSI = 1,
	IRQ_MSIX = 2,
	IRQ_ERR = 3,
	IRQ_REQ = 4,
	NUM_IRQS = 5,
};

/* In struct vfu_irq_info. */
enum {
	INFO_EVENTFD = 1,
	INFO_MASKABLE = 2,
	INFO_AUTOMASKED = 4,
};

#define DATA_MASK \
	(VFU_IRQ_DATA_NONE | VFU_IRQ_DATA_BOOL | VFU_IRQ_DATA_EVENTFD)
#define ACTION_MASK	(VFU_IRQ_MASK | VFU_IRQ_UNMASK | VFU_IRQ_TRIGGER)

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static unsigned int num_vectors(const struct vfu_session *session)
{
	return session->client.dev->pci.vectors;
}

int vfu_irqs_create(struct vfu_session *session)
{
	unsigned int i, num = num_vectors(session);

	session->irqs.intx = -1;
	session->irqs.msix = malloc((num + 1) * sizeof(int));
	if (!session->irqs.msix)
		return -ENOMEM;

	for (i = 0; i < num; i++)
		session->irqs.msix[i] = -1;
	return 0;
}

static void close_vectors(struct vfu_session *session)
{
	unsigned int i;

	for (i = 0; i < num_vectors(session); i++)
		close_fd(&session->irqs.msix[i]);
}

void vfu_irqs_destroy(struct vfu_session *session)
{
	if (session->irqs.msix)
		close_vectors(session);
	free(session->irqs.msix);
	close_fd(&session->irqs.intx);
}

/* A full counter means that there is an interrupt to be seen already. */
static void signal_fd(int *fd)
{
	static const uint64_t one = 1;

	if (*fd >= 0 && write(*fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		close_fd(fd);
}

bool vfu_msix(void *data, unsigned int vector)
{
	struct vfu_session *session = data;
	int *fd = &session->irqs.msix[vector];

	if (*fd < 0)
		return false;
	signal_fd(fd);
	return true;
}

/* The client lowers the line by itself, and asks whether it is still up. */
void vfu_intx(void *data, bool level)
{
	struct vfu_session *session = data;
	struct vfu_irqs *irqs = &session->irqs;

	if (!level || irqs->intx_masked || irqs->intx < 0)
		return;
	irqs->intx_masked = true;
	signal_fd(&irqs->intx);
}

uint32_t vfu_num_irqs(void)
{
	return NUM_IRQS;
}

/*
 * There is an ERR interrupt because QEMU warns where there is none; it is never
 * raised.
 */
static const struct vfu_irq_info irq_infos[NUM_IRQS] = {
	[IRQ_INTX] = {
		.flags = INFO_EVENTFD | INFO_MASKABLE | INFO_AUTOMASKED,
		.count = 1,
	},
	[IRQ_ERR] = {
		.flags = INFO_EVENTFD,
		.count = 1,
	},
};

static struct vfu_irq_info irq_info(const struct vfu_session *session,
				    uint32_t index)
{
	struct vfu_irq_info info = irq_infos[index];

	info.argsz = sizeof(info);
	info.index = index;
	if (index == IRQ_MSIX && num_vectors(session)) {
		info.flags = INFO_EVENTFD;
		info.count = num_vectors(session);
	}
	return info;
}

int vfu_get_irq_info(struct vfu_session *session, struct vfu_msg *msg)
{
	uint32_t index = msg->payload.irq_info.index;

	if (index >= NUM_IRQS)
		return -EINVAL;

	msg->payload.irq_info = irq_info(session, index);
	return vfu_reply(session, sizeof(msg->payload.irq_info));
}

/* It may not block us, whatever the other end does with its copy. */
static void take_event_fd(struct vfu_msg *msg, unsigned int index, int *ret)
{
	close_fd(ret);
	*ret = vfu_msg_take_fd(msg, index);
	if (*ret >= 0)
		fcntl(*ret, F_SETFL, fcntl(*ret, F_GETFL) | O_NONBLOCK);
}

/* Is the data of this interrupt, counted from the first, a yes? */
static bool chosen(struct vfu_msg *msg, unsigned int i)
{
	const struct vfu_irq_set *set = &msg->payload.irq_set;

	return set->flags & VFU_IRQ_DATA_NONE ||
	       vfu_data(msg, sizeof(*set))[i];
}

static int set_intx_eventfd(struct vfu_session *session, struct vfu_msg *msg)
{
	if (!(msg->payload.irq_set.flags & VFU_IRQ_TRIGGER))
		return -ENOTSUP;

	take_event_fd(msg, 0, &session->irqs.intx);
	session->irqs.intx_masked = false;
	vfu_intx(session, session->fn->level);
	return 0;
}

static int set_intx(struct vfu_session *session, struct vfu_msg *msg)
{
	const struct vfu_irq_set *set = &msg->payload.irq_set;
	struct vfu_irqs *irqs = &session->irqs;

	if (!set->count) {
		close_fd(&irqs->intx);
		return 0;
	}
	if (set->flags & VFU_IRQ_DATA_EVENTFD)
		return set_intx_eventfd(session, msg);
	if (!chosen(msg, 0))
		return 0;

	if (set->flags & VFU_IRQ_TRIGGER)
		signal_fd(&irqs->intx);
	else
		irqs->intx_masked = set->flags & VFU_IRQ_MASK;
	vfu_intx(session, session->fn->level);
	return 0;
}

/*
 * A vector without a descriptor is one that is enabled, but masked: what comes
 * for it is pending.
 */
static int set_msix(struct vfu_session *session, struct vfu_msg *msg)
{
	const struct vfu_irq_set *set = &msg->payload.irq_set;
	int *fds = session->irqs.msix + set->start;
	unsigned int i;

	if (!(set->flags & VFU_IRQ_TRIGGER))
		return -EINVAL;
	if (!set->count) {
		close_vectors(session);
		return 0;
	}
	for (i = 0; i < set->count; i++) {
		if (!(set->flags & VFU_IRQ_DATA_EVENTFD)) {
			if (chosen(msg, i))
				signal_fd(&fds[i]);
			continue;
		}
		take_event_fd(msg, i, &fds[i]);
		if (fds[i] >= 0)
			pci_vector_ready(session->fn, set->start + i);
	}
	return 0;
}

static int set_nothing(struct vfu_session *session, struct vfu_msg *msg)
{
	return 0;
}

static int (*const irq_handlers[NUM_IRQS])(struct vfu_session *session,
					   struct vfu_msg *msg) = {
	[IRQ_INTX]	= set_intx,
	[IRQ_MSI]	= set_nothing,
	[IRQ_MSIX]	= set_msix,
	[IRQ_ERR]	= set_nothing,
	[IRQ_REQ]	= set_nothing,
};

static bool is_one_of(uint32_t flags, uint32_t mask)
{
	flags &= mask;
	return flags && !(flags & (flags - 1));
}

static bool irq_set_is_valid(const struct vfu_session *session,
			     const struct vfu_msg *msg)
{
	const struct vfu_irq_set *set = &msg->payload.irq_set;
	uint32_t num;

	if (set->index >= NUM_IRQS || set->flags & ~(DATA_MASK | ACTION_MASK) ||
	    !is_one_of(set->flags, DATA_MASK) ||
	    !is_one_of(set->flags, ACTION_MASK))
		return false;

	num = irq_info(session, set->index).count;
	if (set->start > num || set->count > num - set->start)
		return false;
	if (set->flags & VFU_IRQ_DATA_BOOL &&
	    vfu_payload_size(msg) - sizeof(*set) < set->count)
		return false;
	/* None at all takes away what there was. */
	return !msg->nfds || (set->flags & VFU_IRQ_DATA_EVENTFD &&
			      msg->nfds == set->count);
}

int vfu_set_irqs(struct vfu_session *session, struct vfu_msg *msg)
{
	const struct vfu_irq_set *set = &msg->payload.irq_set;
	int ret;

	if (!irq_set_is_valid(session, msg)) {
		vfu_complain(session, "SET_IRQS: index %u, flags 0x%x, %u from %u on, %u descriptors",
			     set->index, set->flags, set->count, set->start,
			     msg->nfds);
		return -EINVAL;
	}
	ret = irq_handlers[set->index](session, msg);
	return ret ? ret : vfu_reply(session, 0);
}
