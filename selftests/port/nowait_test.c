// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nowait_test.c - those who do not wait: RWF_NOWAIT and io_uring
 */

#include <dirent.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "fixture.h"

#define DATA	3000

FIXTURE(nowait)
{
	int fd;
};

FIXTURE_SETUP(nowait)
{
	self->fd = -1;
	PORT_SETUP();
	PORT_CONNECT(O_RDWR);
}

FIXTURE_TEARDOWN(nowait)
{
	port_teardown(self->fd);
}

TEST_F(nowait, read_of_an_empty_port)
{
	char buf[DATA];
	struct iovec iov = { buf, sizeof(buf) };

	EXPECT_EQ(-1, preadv2(self->fd, &iov, 1, -1, RWF_NOWAIT));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, host_send(PORT, DATA, 1));
	ASSERT_LT(0, port_wait(self->fd, POLLIN));
	EXPECT_LT(0, preadv2(self->fd, &iov, 1, -1, RWF_NOWAIT));
}

TEST_F(nowait, write_of_a_full_port)
{
	char buf[DATA] = { 0 };
	struct iovec iov = { buf, sizeof(buf) };
	ssize_t n, sum = 0;

	ASSERT_EQ(0, host_request("hold " PORT));
	do {
		n = pwritev2(self->fd, &iov, 1, -1, RWF_NOWAIT);
		sum += n > 0 ? n : 0;
	} while (n > 0);
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_LT(0, sum);
}

/* An io_uring of one entry, by hand: the guest's image has no library for it. */
struct ring {
	int fd;
	struct io_uring_params params;
	char *sq;
	char *cq;
	struct io_uring_sqe *sqes;
};

static int ring_start(struct ring *ring)
{
	struct io_uring_params *p = &ring->params;

	memset(p, 0, sizeof(*p));
	ring->fd = syscall(SYS_io_uring_setup, 1, p);
	if (ring->fd < 0)
		return -errno;

	ring->sq = mmap(NULL, p->sq_off.array + p->sq_entries * sizeof(__u32),
			PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
			IORING_OFF_SQ_RING);
	ring->cq = mmap(NULL, p->cq_off.cqes +
			p->cq_entries * sizeof(struct io_uring_cqe),
			PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
			IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, sizeof(struct io_uring_sqe),
			  PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
			  IORING_OFF_SQES);
	return ring->sq == MAP_FAILED || ring->cq == MAP_FAILED ||
	       ring->sqes == MAP_FAILED ? -ENOMEM : 0;
}

static int ring_submit(struct ring *ring, int opcode, int fd, void *buf,
		       size_t len)
{
	__u32 *tail = (void *)(ring->sq + ring->params.sq_off.tail);
	__u32 *array = (void *)(ring->sq + ring->params.sq_off.array);

	ring->sqes[0] = (struct io_uring_sqe){
		.opcode = opcode,
		.fd = fd,
		.addr = (unsigned long)buf,
		.len = len,
		.off = -1,
	};
	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0);
}

/* Return: the result of what was submitted. */
static int ring_wait(struct ring *ring)
{
	__u32 *head = (void *)(ring->cq + ring->params.cq_off.head);
	struct io_uring_cqe *cqes = (void *)(ring->cq +
						   ring->params.cq_off.cqes);
	int ret;

	if (syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) < 0)
		return -errno;
	ret = cqes[*head & (ring->params.cq_entries - 1)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return ret;
}

/* Threads of this process; io_uring's workers are among them. */
static int threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

FIXTURE(uring)
{
	struct ring ring;
	int threads;
	int fd;
};

FIXTURE_SETUP(uring)
{
	self->fd = -1;
	if (ring_start(&self->ring))
		SKIP_TEST("the kernel has no io_uring");
	PORT_SETUP();
	self->threads = threads();
	PORT_CONNECT(O_RDWR);
}

FIXTURE_TEARDOWN(uring)
{
	close(self->ring.fd);
	port_teardown(self->fd);
}

TEST_F(uring, waiting_read_needs_no_worker)
{
	char buf[DATA];

	ASSERT_EQ(1, ring_submit(&self->ring, IORING_OP_READ, self->fd, buf,
				 sizeof(buf)));
	EXPECT_EQ(self->threads, threads());
	ASSERT_EQ(0, host_send(PORT, DATA, 1));
	EXPECT_LT(0, ring_wait(&self->ring));
	EXPECT_EQ(self->threads, threads());
}

TEST_F(uring, waiting_write_needs_no_worker)
{
	char buf[DATA];
	ssize_t sum;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	sum = port_fill(self->fd, 1);
	ASSERT_LT(0, sum);
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));

	pattern_fill((uint8_t *)buf, sizeof(buf), 1, sum);
	ASSERT_EQ(1, ring_submit(&self->ring, IORING_OP_WRITE, self->fd, buf,
				 sizeof(buf)));
	EXPECT_EQ(self->threads, threads());
	ASSERT_EQ(0, host_expect(PORT, sum + DATA, 1));
	EXPECT_EQ(DATA, ring_wait(&self->ring));
	EXPECT_EQ(0, host_wait(PORT));
	EXPECT_EQ(self->threads, threads());
}

TEST_F(uring, unplug_ends_a_waiting_read)
{
	char buf[DATA];

	ASSERT_EQ(1, ring_submit(&self->ring, IORING_OP_READ, self->fd, buf,
				 sizeof(buf)));
	ASSERT_EQ(0, host_unplug(PORT));
	EXPECT_EQ(-ENODEV, ring_wait(&self->ring));
}

TEST_HARNESS_MAIN
