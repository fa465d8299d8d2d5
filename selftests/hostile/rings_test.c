// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rings_test.c - lengths and numbers in the used ring that cannot be
 *
 * A wrong length costs what it says and no more.  A wrong number costs the queue:
 * the virtio core gives it up, and who uses it is told so by EIO.
 */

#include "fixture.h"

/* Of PORT, which is 1. */
#define RX	4
#define TX	5
#define ENTRIES	16

FIXTURE(length)
{
	struct script s;
	int fd;
};

FIXTURE_VARIANT(length)
{
	uint64_t features;
};

FIXTURE_VARIANT_ADD(length, split) { .features = 0 };
FIXTURE_VARIANT_ADD(length, packed) { .features = FEATURE(RING_PACKED) };

FIXTURE_SETUP(length)
{
	PORT_SETUP_WITH(&self->s, &self->fd, O_RDWR | O_NONBLOCK,
			variant->features);
}

FIXTURE_TEARDOWN(length)
{
	close(self->fd);
	script_close(&self->s);
}

/* Takes a buffer of the port, and gives it back with @used for "0123456789". */
static int send_used(struct script *s, uint32_t used)
{
	struct vcon_mock_buf buf;

	return script_take(s, RX, &buf, NULL, NULL) ?:
	       script_give(s, &buf, "0123456789", 10, used);
}

TEST_F(length, of_a_part_gives_that_part)
{
	char data[64];

	ASSERT_EQ(0, send_used(&self->s, 4));
	ASSERT_EQ(0, send_used(&self->s, 1));
	ASSERT_EQ(POLLIN, wait_for(self->fd, POLLIN) & POLLIN);
	EXPECT_EQ(5, read_some(self->fd, data, sizeof(data)));
	EXPECT_EQ(0, memcmp(data, "01230", 5));
}

TEST_F(length, zero_is_neither_data_nor_the_end)
{
	char data[64];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, send_used(&self->s, 0));
	ASSERT_EQ(0, send_used(&self->s, 10));
	ASSERT_EQ(POLLIN, wait_for(self->fd, POLLIN) & POLLIN);
	/* Those that are empty may be seen first, and then it is tried again. */
	for (i = 0; i < 10; i++) {
		ssize_t n = read_some(self->fd, data, sizeof(data));

		if (n == -EAGAIN)
			continue;
		EXPECT_EQ(10, n);
		return;
	}
	EXPECT_TRUE(false);
}

TEST_F(length, beyond_the_buffer_gives_the_buffer)
{
	static const uint32_t lengths[] = { 4097, 65536, INT32_MAX, UINT32_MAX };
	char data[8192];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		memset(data, 0xcc, sizeof(data));
		ASSERT_EQ(0, send_used(&self->s, lengths[i]));
		ASSERT_EQ(POLLIN, wait_for(self->fd, POLLIN) & POLLIN);
		EXPECT_EQ(4096, read_some(self->fd, data, sizeof(data)));
		EXPECT_EQ(0, memcmp(data, "0123456789", 10));
		EXPECT_EQ('\xcc', data[4096]);
	}
}

/* Each round is a ring full of them; the port must not run out of buffers. */
TEST_F(length, any_of_them_keeps_the_ring_going)
{
	static const uint32_t lengths[] = { 0, 1, UINT32_MAX, 10, 4096, 5000 };
	char data[4096];
	unsigned int i;

	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, send_used(&self->s, lengths[i % 6]));
		while (read_some(self->fd, data, sizeof(data)) > 0)
			;
	}
	ASSERT_EQ(0, send_used(&self->s, 10));
	ASSERT_EQ(POLLIN, wait_for(self->fd, POLLIN) & POLLIN);
	EXPECT_EQ(ENTRIES, script_stat(&self->s, PORT, "rx_buffers"));
}

/* The host has nothing to write there; what it says of it is nothing to us. */
TEST_F(length, of_output_is_not_looked_at)
{
	struct vcon_mock_buf buf;
	char data[64];
	size_t len = sizeof(data);
	int i;

	for (i = 0; i < 40; i++) {
		ASSERT_EQ(5, write_some(self->fd, "hello", 5));
		len = sizeof(data);
		ASSERT_EQ(0, script_take(&self->s, TX, &buf, data, &len));
		EXPECT_EQ(5, len);
		ASSERT_EQ(0, script_give(&self->s, &buf, NULL, 0, UINT32_MAX - i));
	}
	EXPECT_EQ(0, fsync(self->fd));
	EXPECT_EQ(0, script_stat(&self->s, PORT, "tx_bytes_queued"));
}

FIXTURE(number)
{
	struct script s;
	int fd;
};

FIXTURE_VARIANT(number)
{
	uint64_t features;
	uint32_t queue;
	uint32_t id;
	uint32_t jump;
	bool twice;
};

#define NUMBERS(name, queue_, features_)				\
	FIXTURE_VARIANT_ADD(number, name##_beyond_the_ring) {		\
		.features = features_, .queue = queue_, .id = ENTRIES };	\
	FIXTURE_VARIANT_ADD(number, name##_beyond_all_rings) {		\
		.features = features_, .queue = queue_, .id = UINT32_MAX };	\
	FIXTURE_VARIANT_ADD(number, name##_given_twice) {		\
		.features = features_, .queue = queue_, .twice = true }

#define INDEX(name, queue_)						\
	FIXTURE_VARIANT_ADD(number, name##_index_that_jumps) {		\
		.queue = queue_, .jump = 40000 }

NUMBERS(input, RX, 0);
NUMBERS(output, TX, 0);
NUMBERS(control_input, CONTROL_IN, 0);
NUMBERS(control_output, CONTROL_OUT, 0);
INDEX(input, RX);
INDEX(output, TX);
INDEX(control_input, CONTROL_IN);
INDEX(control_output, CONTROL_OUT);
/* A packed ring has no index. */
NUMBERS(packed_input, RX, FEATURE(RING_PACKED));
NUMBERS(packed_output, TX, FEATURE(RING_PACKED));
NUMBERS(packed_control_input, CONTROL_IN, FEATURE(RING_PACKED));
NUMBERS(packed_control_output, CONTROL_OUT, FEATURE(RING_PACKED));

FIXTURE_SETUP(number)
{
	PORT_SETUP_WITH(&self->s, &self->fd, O_RDWR | O_NONBLOCK,
			variant->features);
}

FIXTURE_TEARDOWN(number)
{
	close(self->fd);
	script_close(&self->s);
}

/* Something must be with the host for a number to be wrong about. */
static int tell_lie(struct script *s, const FIXTURE_VARIANT(number) *v, int fd)
{
	struct vcon_mock_buf buf;
	int ret;

	if (v->queue == TX && write(fd, "hello", 5) != 5)
		return -errno;
	if (v->jump)
		return script_jump(s, v->queue, v->jump);
	if (!v->twice)
		return script_lie(s, v->queue, v->id, 0);
	if (v->queue == CONTROL_OUT)
		return script_settle(s) ?: script_lie(s, v->queue, 0, 0) ?:
		       script_lie(s, v->queue, 0, 0);

	ret = script_take(s, v->queue, &buf, NULL, NULL);
	return ret ?: script_give(s, &buf, NULL, 0, 0) ?:
	       script_lie(s, v->queue, buf.id, 0) ?:
	       script_lie(s, v->queue, buf.id, 0);
}

TEST_F(number, costs_the_queue_alone)
{
	char data[64] = "";
	ssize_t n;
	int fd;

	ASSERT_EQ(0, tell_lie(&self->s, variant, self->fd));

	/* Whatever it was: all calls return, and say EIO where it matters. */
	do {
		n = read_some(self->fd, data, sizeof(data));
	} while (variant->queue == RX && n != -EIO &&
		 wait_for(self->fd, POLLIN) > 0);
	EXPECT_EQ(variant->queue == RX ? -EIO : -EAGAIN, n);

	n = write_some(self->fd, "hello", 5);
	if (variant->queue == TX) {
		/* What waits for the host learns it with the next one. */
		while (n > 0)
			n = write_some(self->fd, data, sizeof(data));
		EXPECT_EQ(-EIO, n);
		EXPECT_EQ(-1, fsync(self->fd));
		EXPECT_EQ(EIO, errno);
	} else {
		EXPECT_EQ(5, n);
	}

	/* The port can be closed and opened, and the device goes in peace. */
	close(self->fd);
	fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_F(number, lets_the_driver_be_removed)
{
	ASSERT_EQ(0, tell_lie(&self->s, variant, self->fd));
	close(self->fd);
	EXPECT_EQ(0, script_rmmod());
	EXPECT_EQ(0, script_insmod(""));
	self->fd = -1;
}

/* The two flags of a packed ring that say whose a descriptor is. */
#define AVAIL	(1 << 7)
#define USED	(1 << 15)

FIXTURE(packed)
{
	struct script s;
	int fd;
};

FIXTURE_SETUP(packed)
{
	PORT_SETUP_WITH(&self->s, &self->fd, O_RDWR | O_NONBLOCK,
			FEATURE(RING_PACKED));
}

FIXTURE_TEARDOWN(packed)
{
	close(self->fd);
	script_close(&self->s);
}

/* In the first round both flags are set once a buffer has been used. */
TEST_F(packed, flags_of_another_round_give_nothing)
{
	static const uint16_t flags[] = { 0, AVAIL, USED, 0x7f7f, 0xff7f };
	struct vcon_mock_buf buf;
	char data[64];
	unsigned int i;

	ASSERT_EQ(0, script_take(&self->s, RX, &buf, NULL, NULL));
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		ASSERT_EQ(0, script_mark(&self->s, RX, flags[i]));
		EXPECT_EQ(0, poll_now(self->fd, POLLIN));
		EXPECT_EQ(-EAGAIN, read_some(self->fd, data, sizeof(data)));
	}
	ASSERT_EQ(0, script_give(&self->s, &buf, "0123456789", 10, 10));
	ASSERT_EQ(POLLIN, wait_for(self->fd, POLLIN) & POLLIN);
	EXPECT_EQ(10, read_some(self->fd, data, sizeof(data)));
	EXPECT_EQ(-EAGAIN, read_some(self->fd, data, sizeof(data)));
}

/* Both flags and all others: the length is what the driver itself wrote there. */
TEST_F(packed, flags_alone_give_nothing_that_was_somebody_elses)
{
	char data[8192];
	ssize_t n;
	int i;

	ASSERT_EQ(0, script_mark(&self->s, RX, 0xffff));
	ASSERT_EQ(POLLIN, wait_for(self->fd, POLLIN) & POLLIN);
	n = read_some(self->fd, data, sizeof(data));
	ASSERT_EQ(4096, n);
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, data[i]);
}

/* Output that the driver believes to be gone, while the host goes on with it. */
TEST_F(packed, flags_alone_return_output_once)
{
	char data[64];

	ASSERT_EQ(5, write_some(self->fd, "hello", 5));
	ASSERT_EQ(0, script_mark(&self->s, TX, 0xffff));
	EXPECT_EQ(0, fsync(self->fd));
	EXPECT_EQ(0, script_stat(&self->s, PORT, "tx_bytes_queued"));
	EXPECT_EQ(-EAGAIN, read_some(self->fd, data, sizeof(data)));
}

TEST_HARNESS_MAIN
