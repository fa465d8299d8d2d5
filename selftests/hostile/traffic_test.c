// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_test.c - how few buffers, notifications and interrupts data takes
 *
 * Counted where the host decides when it takes what, so that the numbers do not
 * depend on who is fast.
 */

#include <sys/epoll.h>

#include "fixture.h"

/* Of PORT, which is 1. */
#define RX	4
#define TX	5

#define SMALL	64
#define LARGE	1024
#define WRITES	1000
#define BUFFER	(32 * 1024)	/* the most that one to the host holds */

/* One byte of what is written; a lost or moved one shows. */
static char text_at(size_t i)
{
	return i % 251;
}

static void text_fill(char *text, size_t len, size_t offset)
{
	size_t i;

	for (i = 0; i < len; i++)
		text[i] = text_at(offset + i);
}

/* Return: how much of it is as it should be. */
static size_t text_check(const char *text, size_t len, size_t offset)
{
	size_t i;

	for (i = 0; i < len && text[i] == text_at(offset + i); i++)
		;
	return i;
}

FIXTURE(traffic)
{
	struct script s;
	int fd;
};

FIXTURE_SETUP(traffic)
{
	PORT_SETUP(&self->s, &self->fd, O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(traffic)
{
	close(self->fd);
	script_close(&self->s);
}

/* Return: 0, or -errno if one of the writes from @first to @end was not whole. */
static int write_small(int fd, int first, int end)
{
	char data[SMALL];
	ssize_t n;
	int i;

	for (i = first; i < end; i++) {
		text_fill(data, sizeof(data), i * SMALL);
		n = write_some(fd, data, sizeof(data));
		if (n != sizeof(data))
			return n < 0 ? n : -EIO;
	}
	return 0;
}

/* Takes the next buffer of output; returns how much of it is as it was written. */
static ssize_t take_output(struct script *s, struct vcon_mock_buf *buf,
			   size_t offset)
{
	static char data[VCON_MOCK_BYTES];
	size_t len = sizeof(data);
	int ret;

	ret = script_take(s, TX, buf, data, &len);
	return ret ?: (ssize_t)text_check(data, len, offset);
}

TEST_F(traffic, one_write_leaves_at_once)
{
	struct vcon_mock_buf buf;

	ASSERT_EQ(0, write_small(self->fd, 0, 1));
	EXPECT_EQ(SMALL, take_output(&self->s, &buf, 0));
}

/* As few as can be: the first, a full one, and the rest when the host is done. */
TEST_F(traffic, small_writes_gather_while_the_host_is_busy)
{
	long kicks = script_stat(&self->s, PORT, "tx_kicks");
	struct vcon_mock_buf busy, next, none;

	ASSERT_EQ(0, write_small(self->fd, 0, 1));
	ASSERT_EQ(SMALL, take_output(&self->s, &busy, 0));
	ASSERT_EQ(0, write_small(self->fd, 1, WRITES));
	EXPECT_EQ(2, script_stat(&self->s, PORT, "tx_messages"));

	ASSERT_EQ(0, script_give(&self->s, &busy, NULL, 0, 0));
	ASSERT_EQ(BUFFER, take_output(&self->s, &next, SMALL));
	EXPECT_EQ(-ETIMEDOUT, script_take_now(&self->s, TX, &none));
	ASSERT_EQ(0, script_give(&self->s, &next, NULL, 0, 0));
	EXPECT_EQ((WRITES - 1) * SMALL - BUFFER,
		  take_output(&self->s, &next, SMALL + BUFFER));
	EXPECT_EQ(3, script_stat(&self->s, PORT, "tx_messages"));
	EXPECT_EQ(3, script_stat(&self->s, PORT, "tx_kicks") - kicks);
}

/* Who waits for the end of it does not wait for more to come. */
TEST_F(traffic, fsync_sends_what_has_gathered)
{
	struct vcon_mock_buf busy, next;

	ASSERT_EQ(0, write_small(self->fd, 0, 1));
	ASSERT_EQ(SMALL, take_output(&self->s, &busy, 0));
	ASSERT_EQ(0, write_small(self->fd, 1, 3));
	ASSERT_EQ(-ETIMEDOUT, script_take_now(&self->s, TX, &next));
	start_signals();
	EXPECT_EQ(-1, fsync(self->fd));
	EXPECT_EQ(EINTR, errno);
	stop_signals();
	EXPECT_EQ(2 * SMALL, take_output(&self->s, &next, SMALL));
}

/* The host may say it as often as it likes. */
TEST_F(traffic, nobody_is_interrupted_who_does_not_wait)
{
	long before = script_stat(&self->s, PORT, "tx_interrupts");
	struct vcon_mock_buf buf;
	int i;

	ASSERT_LE(0, before);
	for (i = 0; i < WRITES; i++) {
		ASSERT_EQ(0, write_small(self->fd, i, i + 1));
		ASSERT_EQ(SMALL, take_output(&self->s, &buf, i * SMALL));
		ASSERT_EQ(0, script_give(&self->s, &buf, NULL, 0, 0));
	}
	EXPECT_EQ(before, script_stat(&self->s, PORT, "tx_interrupts"));
	EXPECT_EQ(WRITES, script_stat(&self->s, PORT, "tx_messages"));
}

/* Sends messages @first to @end of @len bytes each; return: 0 or -errno. */
static int send_input(struct script *s, size_t len, int first, int end)
{
	char data[LARGE];
	int ret = 0;
	int i;

	for (i = first; i < end && !ret; i++) {
		text_fill(data, len, i * len);
		ret = script_send(s, PORT, data, len);
	}
	return ret;
}

/* The driver has so many messages that were not read. */
static void expect_input(struct script *s, int fd, int num)
{
	while (poll_now(fd, POLLIN) & POLLIN &&
	       script_stat(s, PORT, "rx_messages") < num)
		sched_yield();
}

TEST_F(traffic, one_read_takes_all_buffers_and_gives_them_back_at_once)
{
	long kicks = script_stat(&self->s, PORT, "rx_kicks");
	char data[8 * SMALL + 1];

	ASSERT_EQ(0, send_input(&self->s, SMALL, 0, 8));
	expect_input(&self->s, self->fd, 8);
	EXPECT_EQ(8 * SMALL, read_some(self->fd, data, sizeof(data)));
	EXPECT_EQ(8 * SMALL, text_check(data, 8 * SMALL, 0));
	EXPECT_EQ(1, script_stat(&self->s, PORT, "rx_kicks") - kicks);
}

/* Once for more than a quarter of the sixteen, and once for the last. */
TEST_F(traffic, small_reads_give_buffers_back_many_at_a_time)
{
	long kicks = script_stat(&self->s, PORT, "rx_kicks");
	char data[SMALL];
	int i;

	ASSERT_EQ(0, send_input(&self->s, SMALL, 0, 8));
	expect_input(&self->s, self->fd, 8);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(i < 5 ? 0 : 1,
			  script_stat(&self->s, PORT, "rx_kicks") - kicks);
		ASSERT_EQ(SMALL, read_some(self->fd, data, SMALL));
		EXPECT_EQ(SMALL, text_check(data, SMALL, i * SMALL));
	}
	EXPECT_EQ(2, script_stat(&self->s, PORT, "rx_kicks") - kicks);
}

/*
 * Who has read more than a little and leaves some, and does not wait, is not told
 * of more until it has read that, or asks.
 */
TEST_F(traffic, who_has_something_to_read_is_not_interrupted)
{
	static char data[12 * LARGE];
	size_t done = LARGE;
	long before;
	ssize_t n;

	ASSERT_EQ(0, send_input(&self->s, LARGE, 0, 4));
	expect_input(&self->s, self->fd, 4);
	ASSERT_EQ(LARGE, read_some(self->fd, data, LARGE));

	before = script_stat(&self->s, PORT, "rx_interrupts");
	ASSERT_EQ(0, send_input(&self->s, LARGE, 4, 12));
	EXPECT_EQ(before, script_stat(&self->s, PORT, "rx_interrupts"));
	while ((n = read_some(self->fd, data + done, sizeof(data) - done)) > 0)
		done += n;
	EXPECT_EQ(12 * LARGE, done);
	EXPECT_EQ(12 * LARGE, text_check(data, done, 0));
	EXPECT_EQ(before, script_stat(&self->s, PORT, "rx_interrupts"));

	ASSERT_EQ(0, send_input(&self->s, LARGE, 12, 13));
	EXPECT_EQ(POLLIN, wait_for(self->fd, POLLIN));
}

TEST_F(traffic, who_begins_to_wait_hears_of_more)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	char data[LARGE];
	int epoll;

	ASSERT_EQ(0, send_input(&self->s, LARGE, 0, 4));
	expect_input(&self->s, self->fd, 4);
	ASSERT_EQ(LARGE, read_some(self->fd, data, LARGE));

	epoll = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd, &event));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	ASSERT_EQ(0, send_input(&self->s, LARGE, 4, 5));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, SCRIPT_TIMEOUT_MS));
	close(epoll);
}

TEST_F(traffic, who_asks_for_signals_hears_of_more)
{
	struct timespec limit = { .tv_sec = SCRIPT_TIMEOUT_MS / 1000 };
	char data[LARGE];
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGIO);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	ASSERT_EQ(0, send_input(&self->s, LARGE, 0, 4));
	expect_input(&self->s, self->fd, 4);
	ASSERT_EQ(LARGE, read_some(self->fd, data, LARGE));

	ASSERT_EQ(0, fcntl(self->fd, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_ASYNC | O_NONBLOCK));
	ASSERT_EQ(0, send_input(&self->s, LARGE, 4, 5));
	EXPECT_EQ(SIGIO, sigtimedwait(&signals, NULL, &limit));
}

/* FIONREAD knows of it all the same. */
TEST_F(traffic, what_has_come_is_counted_without_an_interrupt)
{
	char data[LARGE];
	int pending;

	ASSERT_EQ(0, send_input(&self->s, LARGE, 0, 4));
	expect_input(&self->s, self->fd, 4);
	ASSERT_EQ(LARGE, read_some(self->fd, data, LARGE));
	ASSERT_EQ(0, send_input(&self->s, LARGE, 4, 8));
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &pending));
	EXPECT_EQ(7 * LARGE, pending);
}

TEST_HARNESS_MAIN
