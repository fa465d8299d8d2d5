// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost_user_state.c - what is to be known after us: in-flight area and state
 *
 * Elements are not kept, so there is none in flight.  What the area holds is
 * the queues' records: how far each is, how much of an element has been sent,
 * and what the driver has said of its ports.  The same goes through a pipe when
 * the machine moves.
 *
 * Trust
 * -----
 *
 * The area is shared with the front-end and the state comes from it: sizes and
 * numbers are checked here; what a record says may be anything, and does no
 * more harm than a driver that says it.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "bytes.h"
#include "vhost_user.h"

#define STATE_MAGIC	0x74726f7076ull		/* "vport" */
#define STATE_VERSION	1

struct state_header {
	uint64_t magic;
	uint32_t version;
	uint32_t num_queues;
};

struct state {
	struct state_header header;
	struct virtqueue_record records[];
};

static_assert(sizeof(struct state_header) == 16, "as in a file");
static_assert(sizeof(struct virtqueue_record) == 16, "as in a file");

static size_t state_size(const struct vu_session *session)
{
	return sizeof(struct state) +
	       session->dev->num_queues * sizeof(struct virtqueue_record);
}

static void state_fill_header(const struct vu_session *session,
			      struct state *state)
{
	state->header = (struct state_header) {
		.magic		= STATE_MAGIC,
		.version	= STATE_VERSION,
		.num_queues	= session->dev->num_queues,
	};
}

static bool state_fits(const struct vu_session *session,
		       const struct state_header *header)
{
	return header->magic == STATE_MAGIC &&
	       header->version == STATE_VERSION &&
	       header->num_queues == session->dev->num_queues;
}

int vu_get_inflight_fd(struct vu_session *session, struct vu_msg *msg)
{
	struct vu_inflight *area = &msg->payload.inflight;
	size_t size = state_size(session);
	size_t answer = msg->hdr.size;
	int fd, ret;

	/* What fills the message up is there in both ways, or in neither. */
	if (answer > sizeof(*area))
		answer = sizeof(*area);
	fd = memfd_create("vport-inflight", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = ftruncate(fd, size) ? -errno : 0;
	if (!ret) {
		area->size = size;
		area->offset = 0;
		ret = vu_reply_fd(session, msg, answer, fd);
	}
	close(fd);
	return ret;
}

/* A fresh area is empty; one that is not is of somebody before us. */
int vu_set_inflight_fd(struct vu_session *session, struct vu_msg *msg)
{
	const struct vu_inflight *area = &msg->payload.inflight;
	struct guest_region_desc desc = {
		.size = area->size,
		.offset = area->offset,
	};
	struct state_header header;
	struct guest_memory mem;
	struct state *state;
	int ret;

	if (msg->nfds != 1 || area->size < state_size(session) ||
	    area->offset % sizeof(uint64_t))
		return -EINVAL;

	guest_memory_init(&mem);
	ret = guest_memory_add(&mem, &desc, msg->fds[0]);
	if (!ret) {
		session->dev->records = NULL;
		guest_memory_swap(&session->inflight, &mem);
		state = (struct state *)session->inflight.regions[0].host;
		header = state->header;
		if (state_fits(session, &header))
			virtio_device_set_former(session->dev, state->records);
		state_fill_header(session, state);
		session->dev->records = state->records;
	}
	guest_memory_finish(&mem);
	return ret;
}

void vu_state_finish(struct vu_session *session)
{
	session->state_source =
		sd_event_source_disable_unref(session->state_source);
	if (session->state_fd >= 0)
		close(session->state_fd);
	session->state_fd = -1;
	if (session->state)
		bytes_finish(session->state);
	free(session->state);
	session->state = NULL;
}

/* It is less than what a pipe holds. */
static int state_save(struct vu_session *session, int fd)
{
	struct state *state = malloc(state_size(session));
	ssize_t len;

	if (!state)
		return -ENOMEM;
	state_fill_header(session, state);
	virtio_device_save(session->dev, state->records);
	len = write(fd, state, state_size(session));
	session->state_failed = len != (ssize_t)state_size(session);
	free(state);
	return 0;
}

/* Return: -EAGAIN while there may be more, 0 at the end, -errno. */
static int state_read(struct vu_session *session)
{
	uint8_t *room;
	ssize_t len;
	int ret;

	for (;;) {
		ret = bytes_reserve(session->state, 512, &room);
		if (ret)
			return ret;
		len = read(session->state_fd, room, 512);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len ? -errno : 0;
		bytes_commit(session->state, len);
	}
}

/* The end, or an error, is still there when CHECK_DEVICE_STATE comes. */
static int state_readable(sd_event_source *source, int fd, uint32_t events,
			  void *data)
{
	if (state_read(data) != -EAGAIN)
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int state_begin_load(struct vu_session *session, struct vu_msg *msg)
{
	int ret;

	session->state = calloc(1, sizeof(*session->state));
	if (!session->state)
		return -ENOMEM;
	bytes_init(session->state, state_size(session) + 512);
	session->state_fd = vu_msg_take_fd(msg, 0);
	ret = sd_event_add_io(session->event, &session->state_source,
			      session->state_fd, EPOLLIN, state_readable,
			      session);
	/* A file is there as a whole already. */
	if (ret == -EPERM)
		ret = 0;
	if (ret < 0)
		vu_state_finish(session);
	return ret < 0 ? ret : 0;
}

int vu_set_device_state_fd(struct vu_session *session, struct vu_msg *msg)
{
	const struct vu_state_transfer *transfer = &msg->payload.state_transfer;
	int fd, ret;

	if (msg->nfds != 1 || transfer->direction > VU_STATE_LOAD ||
	    transfer->phase != VU_STATE_STOPPED)
		return -EINVAL;
	if (virtio_device_running(session->dev))
		return -EBUSY;

	vu_state_finish(session);
	fd = msg->fds[0];
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	session->state_failed = false;
	if (transfer->direction == VU_STATE_SAVE)
		ret = state_save(session, fd);
	else
		ret = state_begin_load(session, msg);
	return ret ?: vu_reply_u64(session, msg, VU_STATE_NOFD);
}

static int state_load(struct vu_session *session)
{
	const struct state *state;

	if (state_read(session) ||
	    bytes_len(session->state) != state_size(session))
		return -EINVAL;
	state = (const struct state *)bytes_peek(session->state);
	if (!state_fits(session, &state->header))
		return -EINVAL;

	virtio_device_set_former(session->dev, state->records);
	virtio_device_restore(session->dev);
	return 0;
}

/* Was the last transfer a success? */
int vu_check_device_state(struct vu_session *session, struct vu_msg *msg)
{
	if (session->state) {
		session->state_failed = state_load(session);
		vu_state_finish(session);
	}
	return vu_reply_u64(session, msg, session->state_failed);
}
