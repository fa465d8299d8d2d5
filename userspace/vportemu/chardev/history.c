// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * history.c - the last bytes of a stream, for readers that come and go
 *
 * Newest bytes are in the file, if there is one and it is not empty, older ones
 * in memory: what is written goes behind what was written before.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "history.h"
#include "passed_fd.h"

int history_policy_parse(const char *word, enum history_policy *ret)
{
	static const char *const words[] = {
		[HISTORY_BLOCK]		= "block",
		[HISTORY_DROP_OLDEST]	= "drop-oldest",
		[HISTORY_DROP_NEWEST]	= "drop-newest",
		[HISTORY_SPILL]		= "spill",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i], word)) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int open_spill(struct history *history, const char *path,
		      struct error *error)
{
	struct stat st;
	int fd, err;

	fd = passed_open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC |
			 O_NONBLOCK, 0600);
	if (fd < 0) {
		err = -errno;
		return error_set(error, err, "Could not open '%s': %s", path,
				 strerror(-err));
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return error_set(error, -EINVAL,
				 "Could not open '%s': not a regular file",
				 path);
	}
	history->spill_fd = fd;
	return 0;
}

int history_init(struct history *history, const struct history_config *config,
		 struct error *error)
{
	memset(history, 0, sizeof(*history));
	history->size = config->size;
	history->policy = config->policy;
	history->spill_size = config->spill_size;
	history->spill_fd = -1;
	if (config->policy != HISTORY_SPILL)
		return 0;

	return open_spill(history, config->spill_path, error);
}

void history_finish(struct history *history)
{
	free(history->ring);
	history->ring = NULL;
	if (history->spill_fd >= 0)
		close(history->spill_fd);
	history->spill_fd = -1;
}

static uint64_t spilled(const struct history *history)
{
	return history->spill_tail - history->spill_head;
}

uint64_t history_waiting(const struct history *history, uint64_t at)
{
	return history->end - at + spilled(history);
}

int history_peek(const struct history *history, uint64_t at,
		 struct iovec iov[2])
{
	size_t len = history->end - at;
	size_t from = at % history->size;
	size_t part = history->size - from;

	if (!len)
		return 0;

	iov[0].iov_base = history->ring + from;
	iov[0].iov_len = len < part ? len : part;
	iov[1].iov_base = history->ring;
	iov[1].iov_len = len - iov[0].iov_len;
	return iov[1].iov_len ? 2 : 1;
}

void history_clear(struct history *history)
{
	history->start = history->end;
	history->spill_head = 0;
	history->spill_tail = 0;
	if (history->spill_fd >= 0 && ftruncate(history->spill_fd, 0))
		return;
}

/* Where the next @len bytes go, as far as they lie in one piece. */
static struct iovec ring_place(const struct history *history, size_t len)
{
	size_t at = history->end % history->size;

	if (len > history->size - at)
		len = history->size - at;
	return (struct iovec){ history->ring + at, len };
}

/* Bytes that lie in memory from now on: older ones make room. */
static void ring_commit(struct history *history, size_t len, uint64_t unread)
{
	uint64_t lost_from;

	history->end += len;
	if (history->end - history->start <= history->size)
		return;

	lost_from = history->start > unread ? history->start : unread;
	history->start = history->end - history->size;
	if (history->start > lost_from)
		history->dropped += history->start - lost_from;
}

static void ring_append(struct history *history, const uint8_t *data,
			size_t len, uint64_t unread)
{
	struct iovec place;

	while (len) {
		place = ring_place(history, len);
		memcpy(place.iov_base, data, place.iov_len);
		ring_commit(history, place.iov_len, unread);
		data += place.iov_len;
		len -= place.iov_len;
	}
}

static size_t ring_room(const struct history *history, uint64_t unread)
{
	return history->size - (history->end - unread);
}

void history_refill(struct history *history, uint64_t unread)
{
	struct iovec place;
	size_t room;
	ssize_t len;

	while (spilled(history)) {
		room = ring_room(history, unread);
		if (room > spilled(history))
			room = spilled(history);
		if (!room)
			return;
		place = ring_place(history, room);
		len = pread(history->spill_fd, place.iov_base, place.iov_len,
			    history->spill_head);
		/* Somebody has cut the file short, or the disk is broken. */
		if (len <= 0) {
			history->dropped += spilled(history);
			history->spill_head = history->spill_tail;
			break;
		}
		history->spill_head += len;
		ring_commit(history, len, unread);
	}
	if (history->spill_tail && !ftruncate(history->spill_fd, 0)) {
		history->spill_head = 0;
		history->spill_tail = 0;
	}
}

/* Return: bytes; less when the file is as large as it may be, or the disk. */
static size_t spill(struct history *history, const uint8_t *data, size_t len)
{
	uint64_t room = history->spill_size - history->spill_tail;
	size_t done = 0;
	ssize_t part;

	if (len > room)
		len = room;
	while (done < len) {
		part = pwrite(history->spill_fd, data + done, len - done,
			      history->spill_tail);
		if (part <= 0)
			break;
		history->spill_tail += part;
		done += part;
	}
	return done;
}

/* Return: of @len bytes, how many are dealt with. */
static size_t write_part(struct history *history, const uint8_t *data,
			 size_t len, uint64_t unread)
{
	size_t fits = len;

	if (history->policy == HISTORY_DROP_OLDEST) {
		ring_append(history, data, len, unread);
		return len;
	}
	if (fits > ring_room(history, unread))
		fits = ring_room(history, unread);
	if (spilled(history))
		fits = 0;
	ring_append(history, data, fits, unread);
	if (history->policy == HISTORY_SPILL)
		fits += spill(history, data + fits, len - fits);
	if (history->policy == HISTORY_DROP_NEWEST) {
		history->dropped += len - fits;
		fits = len;
	}
	return fits;
}

ssize_t history_write(struct history *history, const struct iovec *iov, int num,
		      uint64_t unread)
{
	size_t done = 0, part;
	int i;

	if (!history->ring)
		history->ring = malloc(history->size);
	if (!history->ring)
		return -ENOMEM;

	for (i = 0; i < num; i++) {
		part = write_part(history, iov[i].iov_base, iov[i].iov_len,
				  unread);
		done += part;
		if (part < iov[i].iov_len)
			return done ? (ssize_t)done : -EAGAIN;
	}
	return done;
}
