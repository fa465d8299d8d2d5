// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * silent_test.c - a host that takes what it is given and never gives it back, or
 * never looks
 *
 * Nobody in the guest waits for it who did not ask to.
 */

#include "fixture.h"

FIXTURE(silent)
{
	struct script s;
	int fd;
};

FIXTURE_SETUP(silent)
{
	PORT_SETUP(&self->s, &self->fd, O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(silent)
{
	close(self->fd);
	script_close(&self->s);
}

TEST_F(silent, control_queue_does_not_hold_up_open_and_close)
{
	int i;

	/* Many more messages than the queue has room for. */
	for (i = 0; i < 200; i++) {
		close(self->fd);
		self->fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
		ASSERT_LE(0, self->fd);
	}
	/* Once it looks again, the host hears that it was closed, and is open. */
	ASSERT_EQ(0, script_hear(&self->s, PORT, VIRTIO_CONSOLE_PORT_OPEN, 0));
	ASSERT_EQ(0, script_hear(&self->s, PORT, VIRTIO_CONSOLE_PORT_OPEN, 1));
}

/* Or the first bytes would be of a port that is closed. */
TEST_F(silent, interrupt_does_not_hold_up_what_open_says)
{
	struct virtio_console_control head;
	size_t len = sizeof(head);
	struct vcon_mock_buf buf;

	close(self->fd);
	ASSERT_EQ(0, script_take(&self->s, CONTROL_OUT, &buf, &head, &len));
	ASSERT_EQ(VIRTIO_CONSOLE_PORT_OPEN, head.event);
	ASSERT_EQ(0, head.value);
	ASSERT_EQ(0, script_give_quietly(&self->s, &buf));

	self->fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(1, write_some(self->fd, "x", 1));
	EXPECT_EQ(0, script_take_now(&self->s, CONTROL_OUT, &buf));
}

/* PORT_READY has no answer, for any of them. */
TEST_F(silent, control_queue_does_not_hold_up_nodes)
{
	uint32_t id;

	for (id = 2; id < 4; id++)
		ASSERT_EQ(0, script_say(&self->s, id, VIRTIO_CONSOLE_PORT_ADD, 1,
					NULL, 0));
	EXPECT_EQ(0, script_node_wait(&self->s, 2, true));
	EXPECT_EQ(0, script_node_wait(&self->s, 3, true));
}

TEST_F(silent, control_messages_stay_with_it_until_the_end)
{
	struct vcon_mock_buf buf;
	int i;

	for (i = 0; i < 50; i++) {
		while (!script_take_now(&self->s, CONTROL_OUT, &buf))
			;
		close(self->fd);
		self->fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
		ASSERT_LE(0, self->fd);
	}
	ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_PORT_REMOVE, 1,
				NULL, 0));
	EXPECT_EQ(POLLHUP, wait_for(self->fd, 0));
}

TEST_F(silent, output_that_is_not_taken_ends_in_eagain)
{
	ssize_t n = fill(self->fd);

	EXPECT_LE(4096, n);
	EXPECT_GE(1 << 20, n);
	EXPECT_EQ(n, script_stat(&self->s, PORT, "tx_bytes_queued"));
	EXPECT_EQ(0, poll_now(self->fd, POLLOUT) & POLLOUT);
}

TEST_F(silent, writer_can_be_interrupted)
{
	ASSERT_LT(0, fill(self->fd));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	start_signals();
	EXPECT_EQ(-EINTR, write_some(self->fd, "x", 1));
	EXPECT_EQ(-1, fsync(self->fd));
	EXPECT_EQ(EINTR, errno);
	stop_signals();
}

static void *unplug(void *data)
{
	struct script *s = data;

	ioctl(s->fd, VCON_MOCK_UNPLUG);
	return NULL;
}

TEST_F(silent, writer_is_told_when_the_device_goes)
{
	pthread_t thread;
	ssize_t n;

	ASSERT_LT(0, fill(self->fd));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, unplug, &self->s));
	n = write_some(self->fd, "x", 1);
	EXPECT_EQ(-ENODEV, n);
	pthread_join(thread, NULL);
}

TEST_F(silent, close_returns_with_output_on_its_way)
{
	ASSERT_LT(0, fill(self->fd));
	EXPECT_EQ(0, close(self->fd));
	self->fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
	EXPECT_LE(0, self->fd);
	EXPECT_EQ(-EAGAIN, write_some(self->fd, "x", 1));
}

TEST_F(silent, driver_can_be_removed)
{
	struct vcon_mock_buf buf;

	/* Some with the host, some in the rings. */
	ASSERT_LT(0, fill(self->fd));
	ASSERT_EQ(0, script_take_now(&self->s, queue_of_port(PORT), &buf));
	ASSERT_EQ(0, script_take_now(&self->s, queue_of_port(PORT) + 1, &buf));
	ASSERT_EQ(0, script_take_now(&self->s, CONTROL_IN, &buf));
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(0, script_rmmod());
	EXPECT_EQ(0, script_insmod(""));
}

/* The host has our buffers, and never anything in them. */
TEST_F(silent, reader_can_be_interrupted)
{
	char c;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	start_signals();
	EXPECT_EQ(-EINTR, read_some(self->fd, &c, 1));
	stop_signals();
}

/*
 * The opposite: it gives buffers back as fast as it gets them, with nothing in
 * them.  The reader waits for data, and must neither be kept in the kernel nor
 * keep a processor from others.
 */
static void *give_empty(void *data)
{
	struct vcon_mock_buf buf;
	struct script *s = data;

	while (!script_take(s, queue_of_port(PORT), &buf, NULL, NULL) &&
	       !script_give(s, &buf, NULL, 0, 0))
		;
	return NULL;
}

TEST_F(silent, reader_of_empty_buffers_can_be_interrupted)
{
	pthread_t threads[3];
	sigset_t alarms;
	char c;
	int i;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	/* The signals are for the reader. */
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, give_empty,
					    &self->s));
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	start_signals();
	for (i = 0; i < 20; i++)
		EXPECT_EQ(-EINTR, read_some(self->fd, &c, 1));
	stop_signals();
	EXPECT_EQ(0, ioctl(self->s.fd, VCON_MOCK_UNPLUG));
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

TEST_HARNESS_MAIN
