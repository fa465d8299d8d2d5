// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user_ring.c - vhost-user requests about rings
 *
 * A ring runs while it has a size, addresses and a kick descriptor, and is
 * enabled.  What stops it is a pause, not a reset: the protocol has no message
 * that every front-end sends when a guest resets the device.  But a driver that
 * begins anew begins at index 0.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "vhost_user.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void ring_close_kick(struct vu_ring *ring)
{
	ring->kick_source = sd_event_source_disable_unref(ring->kick_source);
	close_fd(&ring->kick_fd);
}

int vu_rings_create(struct vu_session *session)
{
	unsigned int i;

	session->rings = calloc(session->dev->num_queues,
				sizeof(*session->rings));
	if (!session->rings)
		return -ENOMEM;

	for (i = 0; i < session->dev->num_queues; i++) {
		session->rings[i].session = session;
		session->rings[i].vq = &session->dev->queues[i];
		session->rings[i].kick_fd = -1;
		session->rings[i].call_fd = -1;
		session->rings[i].err_fd = -1;
	}
	return 0;
}

void vu_rings_destroy(struct vu_session *session)
{
	struct vu_ring *ring;
	unsigned int i;

	for (i = 0; session->rings && i < session->dev->num_queues; i++) {
		ring = &session->rings[i];
		virtio_queue_stop(ring->vq);
		ring_close_kick(ring);
		close_fd(&ring->call_fd);
		close_fd(&ring->err_fd);
	}
	free(session->rings);
	session->rings = NULL;
}

/* All rings are as they were at the beginning, but for their descriptors. */
void vu_rings_reset(struct vu_session *session)
{
	struct vu_ring *ring;
	unsigned int i;

	for (i = 0; i < session->dev->num_queues; i++) {
		ring = &session->rings[i];
		virtio_queue_stop(ring->vq);
		ring_close_kick(ring);
		ring->addr_set = false;
		ring->enabled = false;
		ring->num = 0;
	}
}

/*
 * QEMU is told by its user how many rings there are, and hands over interrupts
 * for all of them, and enables them all.  There is no harm in those that the
 * device does not have, as long as nobody tries to use them.
 */
static bool ring_is_beyond(const struct vu_session *session, uint32_t index)
{
	return index >= session->dev->num_queues && index < VU_MAX_QUEUES;
}

static struct vu_ring *find_ring(struct vu_session *session, uint32_t index)
{
	if (index >= session->dev->num_queues) {
		vu_complain(session, "ring %u does not exist, there are %u",
			    index, session->dev->num_queues);
		return NULL;
	}
	return &session->rings[index];
}

/* Ring addresses are the front-end's own. */
static int ring_translate(struct vu_ring *ring)
{
	const struct guest_memory *mem = &ring->session->dev->mem;
	struct virtqueue *vq = ring->vq;

	if (guest_memory_from_user(mem, ring->addr.desc, &vq->desc_gpa) ||
	    guest_memory_from_user(mem, ring->addr.avail, &vq->avail_gpa) ||
	    guest_memory_from_user(mem, ring->addr.used, &vq->used_gpa))
		return -EFAULT;
	return 0;
}

static bool ring_ready(const struct vu_ring *ring)
{
	bool enabled = ring->enabled ||
		       !(ring->session->features >> VU_F_PROTOCOL_FEATURES & 1);

	return enabled && ring->addr_set && ring->num && ring->kick_fd >= 0;
}

/* Start or stop the ring after something has changed. */
static int ring_update(struct vu_ring *ring)
{
	struct virtqueue *vq = ring->vq;
	int ret;

	if (!ring_ready(ring)) {
		virtio_queue_stop(vq);
		return 0;
	}
	if (vq->running)
		return 0;

	ret = ring_translate(ring);
	if (!ret) {
		vq->num = ring->num;
		ret = virtio_queue_start(vq);
	}
	if (ret)
		vu_complain(ring->session,
			    "ring %u: %u entries at 0x%llx are not in memory",
			    vq->index, ring->num,
			    (unsigned long long)ring->addr.desc);
	return ret;
}

void vu_rings_remap(struct vu_session *session)
{
	struct vu_ring *ring;
	unsigned int i;

	for (i = 0; i < session->dev->num_queues; i++) {
		ring = &session->rings[i];
		if (ring->vq->running && ring_translate(ring)) {
			virtio_device_break(session->dev, ring->vq,
					    "ring is no longer in memory");
			virtio_queue_stop(ring->vq);
		}
	}
	virtio_device_remap(session->dev);
}

/* A full counter or socket means that there is a call to be seen already. */
void vu_ring_call(struct vu_ring *ring)
{
	uint64_t one = 1;
	ssize_t len = 0;

	if (ring->call_fd < 0)
		return;
	if (ring->call_is_socket)
		len = send(ring->call_fd, &one, sizeof(one),
			   MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		len = write(ring->call_fd, &one, sizeof(one));
	if (len < 0 && errno != EAGAIN)
		close_fd(&ring->call_fd);
}

void vu_ring_error(struct vu_ring *ring)
{
	uint64_t one = 1;

	if (ring->err_fd >= 0 && write(ring->err_fd, &one, sizeof(one)) < 0 &&
	    errno != EAGAIN)
		close_fd(&ring->err_fd);
}

static bool is_packed(const struct vu_session *session)
{
	return virtio_has_feature(session->dev, VIRTIO_F_RING_PACKED);
}

int vu_set_vring_num(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_ring *ring = find_ring(session, msg->payload.state.index);
	uint32_t num = msg->payload.state.num;

	if (!ring)
		return -EINVAL;
	if (!num || num > VIRTQUEUE_MAX_SIZE ||
	    (!is_packed(session) && num & (num - 1))) {
		vu_complain(session, "ring %u: %u entries, expected a power of 2 up to %u",
			    ring->vq->index, num, VIRTQUEUE_MAX_SIZE);
		return -EINVAL;
	}
	if (ring->vq->running && num != ring->num)
		return -EBUSY;

	ring->num = num;
	return ring_update(ring);
}

int vu_set_vring_addr(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_ring *ring = find_ring(session, msg->payload.addr.index);

	if (!ring)
		return -EINVAL;

	ring->addr = msg->payload.addr;
	ring->addr_set = true;
	if (ring->vq->running)
		vu_rings_remap(session);
	return ring_update(ring);
}

/*
 * A driver that starts at 0 where the last one was not is another driver, or
 * the same one after a reset.
 */
int vu_set_vring_base(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_ring *ring = find_ring(session, msg->payload.state.index);
	struct virtio_device *dev = session->dev;
	uint32_t base = msg->payload.state.num;
	bool again;

	if (!ring || (base > UINT16_MAX && !is_packed(session)))
		return -EINVAL;
	if (ring->vq->running)
		return -EBUSY;

	again = dev->broken ||
		!virtqueue_base_is_start(ring->vq, virtqueue_base(ring->vq));
	if (again && virtqueue_base_is_start(ring->vq, base) &&
	    !virtio_device_running(dev)) {
		virtio_device_reset(dev);
		dev->features = session->features & ~VU_TRANSPORT_FEATURES;
	}
	virtqueue_set_base(ring->vq, base);
	virtio_device_resume(ring->vq, base);
	return 0;
}

int vu_get_vring_base(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_ring *ring = find_ring(session, msg->payload.state.index);

	if (!ring)
		return -EINVAL;

	virtio_queue_stop(ring->vq);
	ring_close_kick(ring);
	msg->payload.state.num = virtqueue_base(ring->vq);
	return vu_reply(session, msg, sizeof(msg->payload.state));
}

/*
 * An event descriptor, which has no type of file, tells of each write to it,
 * even of those to one that nobody has read.
 */
static bool tells_of_writes(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && !(st.st_mode & S_IFMT);
}

static int ring_told(sd_event_source *source, int fd, uint32_t events,
		     void *data)
{
	struct vu_ring *ring = data;

	virtio_queue_kick(ring->vq);
	return 0;
}

static int ring_kicked(sd_event_source *source, int fd, uint32_t events,
		       void *data)
{
	struct vu_ring *ring = data;
	uint64_t count;
	ssize_t len;

	len = read(fd, &count, sizeof(count));
	if (!len || (len < 0 && errno != EAGAIN && errno != EINTR)) {
		/* It will not be an event descriptor any more. */
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		return 0;
	}
	virtio_queue_kick(ring->vq);
	return 0;
}

/*
 * The descriptor of KICK, CALL or ERR.  It may not block us, whatever the other
 * end does with its copy.
 */
static int take_event_fd(struct vu_session *session, struct vu_msg *msg,
			 struct vu_ring **ret_ring, int *ret_fd)
{
	struct vu_ring *ring;
	bool nofd = msg->payload.u64 & VU_VRING_NOFD;

	if (msg->payload.u64 & ~(uint64_t)(VU_VRING_INDEX_MASK | VU_VRING_NOFD))
		return -EINVAL;
	ring = find_ring(session, msg->payload.u64 & VU_VRING_INDEX_MASK);
	if (!ring || msg->nfds != !nofd)
		return -EINVAL;

	*ret_ring = ring;
	*ret_fd = vu_msg_take_fd(msg, 0);
	if (*ret_fd >= 0)
		fcntl(*ret_fd, F_SETFL, fcntl(*ret_fd, F_GETFL) | O_NONBLOCK);
	return 0;
}

int vu_set_vring_kick(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_ring *ring;
	int fd, ret;
	bool told;

	ret = take_event_fd(session, msg, &ring, &fd);
	if (ret)
		return ret;

	ring_close_kick(ring);
	ring->kick_fd = fd;
	if (fd >= 0) {
		told = tells_of_writes(fd);
		ret = sd_event_add_io(session->event, &ring->kick_source, fd,
				      told ? EPOLLIN | EPOLLET : EPOLLIN,
				      told ? ring_told : ring_kicked, ring);
		if (ret < 0) {
			ring_close_kick(ring);
			return ret;
		}
	}
	return ring_update(ring);
}

/*
 * CALL and ERR, which are given for rings that there are not, too.
 * Return: 1 with the ring and its new descriptor, 0: nothing to do, -errno.
 */
static int take_signal_fd(struct vu_session *session, struct vu_msg *msg,
			  struct vu_ring **ret_ring, int *ret_fd)
{
	if (ring_is_beyond(session, msg->payload.u64 & VU_VRING_INDEX_MASK))
		return 0;
	return take_event_fd(session, msg, ret_ring, ret_fd) ?: 1;
}

int vu_set_vring_call(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_ring *ring;
	struct stat st;
	int fd, ret;

	ret = take_signal_fd(session, msg, &ring, &fd);
	if (ret < 1)
		return ret;
	close_fd(&ring->call_fd);
	ring->call_fd = fd;
	ring->call_is_socket = fd >= 0 && !fstat(fd, &st) &&
			       S_ISSOCK(st.st_mode);
	return 0;
}

int vu_set_vring_err(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_ring *ring;
	int fd, ret;

	ret = take_signal_fd(session, msg, &ring, &fd);
	if (ret < 1)
		return ret;
	close_fd(&ring->err_fd);
	ring->err_fd = fd;
	return 0;
}

int vu_set_vring_enable(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_ring *ring;

	if (msg->payload.state.num > 1)
		return -EINVAL;
	if (ring_is_beyond(session, msg->payload.state.index))
		return 0;
	ring = find_ring(session, msg->payload.state.index);
	if (!ring)
		return -EINVAL;

	ring->enabled = msg->payload.state.num;
	return ring_update(ring);
}
