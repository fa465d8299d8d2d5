// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reader.c - a file that may block, read ahead into a pipe
 *
 * The thread waits for the file and for room in the pipe.  When nobody is at
 * its other end any more, it stops at the next byte.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "context.h"
#include "reader.h"
#include "work.h"

#define READER_PIECE	(32u << 10)

struct reader {
	struct work work;
	int fd;
	uint64_t left;
	int to;			/* the pipe's end that is the thread's */
	int err;		/* why it ended, told by the end of the pipe */

	int from;
	sd_event_source *io;
	bool abandoned;
	bool over;		/* the thread is done with it */
	struct reader_user user;
};

static bool put(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

/* In a thread. */
static void reader_run(struct work *work)
{
	struct reader *reader = (struct reader *)work;
	char piece[READER_PIECE];
	ssize_t n = 1;

	while (reader->left && n > 0) {
		n = read(reader->fd, piece, reader->left < sizeof(piece) ?
			 reader->left : sizeof(piece));
		if (n > 0 && !put(reader->to, piece, n))
			break;
		if (n > 0)
			reader->left -= n;
	}
	reader->err = n < 0 ? -errno : 0;
	close(reader->to);
}

static void reader_free(struct reader *reader)
{
	sd_event_source_disable_unref(reader->io);
	if (reader->from >= 0)
		close(reader->from);
	free(reader);
}

static void reader_release(struct reader *reader)
{
	struct reader_user user = reader->user;

	reader_free(reader);
	user.released(user.file);
}

static void reader_done(struct work *work)
{
	struct reader *reader = (struct reader *)work;

	reader->over = true;
	if (reader->abandoned)
		reader_release(reader);
}

static int reader_on_io(sd_event_source *source, int fd, uint32_t revents,
			void *userdata)
{
	struct reader *reader = userdata;

	reader->user.ready(reader->user.text);
	return 0;
}

int reader_create(int fd, uint64_t count, const struct reader_user *user,
		  struct reader **ret)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	int ends[2];
	int err;

	if (!reader)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC)) {
		err = -errno;
		free(reader);
		return err;
	}

	*reader = (struct reader){
		.work = { .run = reader_run, .done = reader_done },
		.fd = fd, .left = count, .to = ends[1], .from = ends[0],
		.user = *user,
	};
	fcntl(reader->from, F_SETFL, O_NONBLOCK);
	err = sd_event_add_io(agent_event(), &reader->io, reader->from, EPOLLIN,
			      reader_on_io, reader);
	if (err >= 0)
		err = sd_event_source_set_enabled(reader->io, SD_EVENT_OFF);
	if (err >= 0)
		err = work_start(&reader->work);
	if (err < 0) {
		close(reader->to);
		reader_free(reader);
		return err;
	}
	*ret = reader;
	return 0;
}

ssize_t reader_read(struct reader *reader, void *data, size_t len)
{
	ssize_t n = read(reader->from, data, len);

	if (n < 0 && errno == EAGAIN)
		sd_event_source_set_enabled(reader->io, SD_EVENT_ONESHOT);
	return n < 0 ? -errno : n ? n : reader->err;
}

void reader_abandon(struct reader *reader)
{
	reader->abandoned = true;
	if (reader->over) {
		reader_release(reader);
		return;
	}
	reader->io = sd_event_source_disable_unref(reader->io);
	close(reader->from);
	reader->from = -1;
}
