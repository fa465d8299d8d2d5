// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * thread_test.c - several threads on one descriptor
 *
 * Every byte arrives once, whole writes are not torn, and nobody sleeps on
 * while there is something to do for him.
 */

#include <endian.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "fixture.h"

#define THREADS		4
#define STREAM		(2 << 20)
#define RECORD		512
#define RECORDS		400		/* of each thread */

FIXTURE(thread)
{
	int fd;
};

FIXTURE_SETUP(thread)
{
	self->fd = -1;
	PORT_SETUP();
	PORT_CONNECT(O_RDWR);
}

FIXTURE_TEARDOWN(thread)
{
	port_teardown(self->fd);
}

struct readers {
	int fd;
	sem_t complete;
	atomic_size_t total;
	atomic_uint histogram[256];
};

static void *share_stream(void *data)
{
	struct readers *readers = data;
	unsigned char buf[5000];
	ssize_t n, i;

	while ((n = read(readers->fd, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++)
			readers->histogram[buf[i]]++;
		if (atomic_fetch_add(&readers->total, n) + n >= STREAM)
			sem_post(&readers->complete);
	}
	return NULL;
}

TEST_F(thread, readers_get_every_byte_once)
{
	static struct readers readers;
	unsigned int expected[256] = { 0 };
	pthread_t threads[THREADS];
	size_t i;

	readers.fd = self->fd;
	sem_init(&readers.complete, 0, 0);
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, share_stream,
					    &readers));
	ASSERT_EQ(0, host_send(PORT, STREAM, 1));
	sem_wait(&readers.complete);
	ASSERT_EQ(0, host_close(PORT));
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);

	for (i = 0; i < STREAM; i++)
		expected[pattern_byte(1, i)]++;
	EXPECT_EQ(STREAM, readers.total);
	EXPECT_EQ(0, memcmp(expected, readers.histogram, sizeof(expected)));
}

struct writer {
	int fd;
	uint32_t number;
	int failures;
};

static void *write_records(void *data)
{
	struct writer *writer = data;
	char buf[RECORD];
	size_t body = RECORD - sizeof(struct pattern_record);
	struct pattern_record head = { .writer = htole32(writer->number) };
	uint32_t i;

	for (i = 0; i < RECORDS; i++) {
		head.sequence = htole32(i);
		memcpy(buf, &head, sizeof(head));
		pattern_fill(buf + sizeof(head), body, writer->number,
			     (uint64_t)i * body);
		if (write(writer->fd, buf, RECORD) != RECORD)
			writer->failures++;
	}
	return NULL;
}

TEST_F(thread, writes_are_not_torn)
{
	struct writer writers[THREADS];
	pthread_t threads[THREADS];
	int i;

	ASSERT_EQ(0, host_request("records %s %d %d", PORT, RECORD,
				  RECORDS * THREADS));
	for (i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){ self->fd, i, 0 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, write_records,
					    &writers[i]));
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, writers[i].failures);
	}
	EXPECT_EQ(0, host_wait(PORT));
}

struct poller {
	int fd;
	int stop;		/* an eventfd */
	pthread_t thread;
};

/* Looks at every edge, and is in nobody's way. */
static void *poll_edges(void *data)
{
	struct poller *poller = data;
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.fd = poller->fd,
	};
	int ep = epoll_create1(0);

	epoll_ctl(ep, EPOLL_CTL_ADD, poller->fd, &event);
	event.events = EPOLLIN;
	event.data.fd = poller->stop;
	epoll_ctl(ep, EPOLL_CTL_ADD, poller->stop, &event);
	do {
		if (epoll_wait(ep, &event, 1, -1) < 0)
			break;
	} while (event.data.fd != poller->stop);
	close(ep);
	return NULL;
}

static int start_poller(struct poller *poller, int fd)
{
	poller->fd = fd;
	poller->stop = eventfd(0, 0);
	return pthread_create(&poller->thread, NULL, poll_edges, poller);
}

static void stop_poller(struct poller *poller)
{
	uint64_t one = 1;

	if (write(poller->stop, &one, sizeof(one)) == sizeof(one))
		pthread_join(poller->thread, NULL);
	close(poller->stop);
}

TEST_F_TIMEOUT(thread, a_poller_takes_no_wakeup_from_a_writer, 900)
{
	uint64_t sum, all = rounds(4) * (uint64_t)STREAM;
	struct poller poller;
	char buf[4096];

	ASSERT_EQ(0, start_poller(&poller, self->fd));
	ASSERT_EQ(0, host_expect(PORT, all, 1));
	for (sum = 0; sum < all; sum += sizeof(buf)) {
		pattern_fill(buf, sizeof(buf), 1, sum);
		ASSERT_EQ(sizeof(buf), write(self->fd, buf, sizeof(buf)));
	}
	EXPECT_EQ(0, host_wait(PORT));
	stop_poller(&poller);
}

TEST_F_TIMEOUT(thread, a_poller_takes_no_wakeup_from_a_reader, 900)
{
	int i, count = rounds(4) * 500;
	struct poller poller;
	char buf[16];

	ASSERT_EQ(0, start_poller(&poller, self->fd));
	ASSERT_EQ(0, host_request("echo " PORT));
	for (i = 0; i < count; i++) {
		pattern_fill(buf, sizeof(buf), 1, i * sizeof(buf));
		ASSERT_EQ(sizeof(buf), write(self->fd, buf, sizeof(buf)));
		ASSERT_EQ(0, port_read_pattern(self->fd, sizeof(buf), 1,
					       i * sizeof(buf), sizeof(buf)));
	}
	stop_poller(&poller);
}

static void *read_on(void *data)
{
	struct call *call = data;

	do {
		call_read(call);
	} while (call->ret > 0);
	return NULL;
}

TEST_F_TIMEOUT(thread, unplug_under_load_ends_all, 900)
{
	static char in[65536], out[65536];
	int i, round, count = rounds(20);
	struct call calls[3];
	pthread_t threads[3];

	for (round = 0; round < count; round++) {
		calls[0] = (struct call){ self->fd, in, sizeof(in), 0 };
		calls[1] = (struct call){ self->fd, out, sizeof(out), 0 };
		calls[2] = (struct call){ .fd = self->fd };
		ASSERT_EQ(0, host_send(PORT, 1ull << 40, 1));
		ASSERT_EQ(0, host_expect(PORT, 1ull << 40, 1));
		pthread_create(&threads[0], NULL, read_on, &calls[0]);
		pthread_create(&threads[1], NULL, call_write_on, &calls[1]);
		pthread_create(&threads[2], NULL, call_poll, &calls[2]);
		ASSERT_EQ(0, host_unplug(PORT));
		for (i = 0; i < 3; i++)
			pthread_join(threads[i], NULL);
		EXPECT_EQ(-ENODEV, calls[0].ret);
		EXPECT_EQ(-ENODEV, calls[1].ret);
		EXPECT_EQ(POLLHUP, calls[2].ret);

		close(self->fd);
		ASSERT_EQ(0, host_plug(PORT, ""));
		self->fd = port_open(PORT, O_RDWR);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, host_open(PORT));
		ASSERT_EQ(0, port_wait_host(self->fd, true));
	}
}

TEST_HARNESS_MAIN
