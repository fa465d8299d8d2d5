// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stall_test.c - what happens while the kernel waits for a page of the caller's
 *
 * userfaultfd(2) holds up who reads or writes in the middle of it, for as long as
 * the test likes.
 */

#include <linux/userfaultfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "fixture.h"

/* Of PORT, which is 1. */
#define TX	5

#define PAGE	4096
#define TEXT	"0123456789"
#define LEN	(sizeof(TEXT) - 1)

FIXTURE(stall)
{
	struct script s;
	int fd;
	int faults;		/* userfaultfd */
	char *page;		/* that is not there yet */
};

/* A call that needs the page, in a thread of its own. */
struct call {
	int fd;
	char *page;
	ssize_t ret;
};

static void *call_read(void *data)
{
	struct call *call = data;

	call->ret = read_some(call->fd, call->page, PAGE);
	return NULL;
}

static void *call_write(void *data)
{
	struct call *call = data;

	call->ret = write_some(call->fd, call->page, LEN);
	return NULL;
}

static int hold_page(char *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)page, .len = PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd;

	fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!ioctl(fd, UFFDIO_API, &api) &&
	    !ioctl(fd, UFFDIO_REGISTER, &range))
		return fd;
	close(fd);
	return -EINVAL;
}

/* Wait until somebody needs the page. */
static int wait_fault(int faults)
{
	struct uffd_msg msg;

	if (wait_for(faults, POLLIN) < 0)
		return -ETIMEDOUT;
	if (read(faults, &msg, sizeof(msg)) != sizeof(msg))
		return -errno;
	return msg.event == UFFD_EVENT_PAGEFAULT ? 0 : -EPROTO;
}

/* Let the page come, with TEXT at its beginning, and whoever waits go on. */
static int release_page(int faults, char *page)
{
	static char content[PAGE] __attribute__((aligned(PAGE))) = TEXT;
	struct uffdio_copy copy = {
		.dst = (uintptr_t)page,
		.src = (uintptr_t)content,
		.len = PAGE,
	};

	return ioctl(faults, UFFDIO_COPY, &copy) ? -errno : 0;
}

static int remove_port(struct script *s)
{
	return script_say(s, PORT, VIRTIO_CONSOLE_PORT_REMOVE, 1, NULL, 0) ?:
	       script_node_wait(s, PORT, false);
}

FIXTURE_SETUP(stall)
{
	PORT_SETUP(&self->s, &self->fd, O_RDWR | O_NONBLOCK);
	self->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	self->faults = hold_page(self->page);
	ASSERT_LE(0, self->faults);
}

FIXTURE_TEARDOWN(stall)
{
	/* Whoever still waits goes on. */
	close(self->faults);
	close(self->fd);
	script_close(&self->s);
}

/* The reader has what it was about to be given, and nothing that is not its own. */
TEST_F(stall, reader_keeps_its_data_when_the_device_goes)
{
	struct call call = { self->fd, self->page, 0 };
	pthread_t reader;
	char data[PAGE];

	memset(data, 'd', sizeof(data));
	ASSERT_EQ(0, script_send(&self->s, PORT, data, sizeof(data)));
	ASSERT_LT(0, wait_for(self->fd, POLLIN));
	ASSERT_EQ(0, pthread_create(&reader, NULL, call_read, &call));
	ASSERT_EQ(0, wait_fault(self->faults));
	EXPECT_EQ(0, ioctl(self->s.fd, VCON_MOCK_UNPLUG));
	EXPECT_EQ(0, release_page(self->faults, self->page));
	pthread_join(reader, NULL);
	EXPECT_EQ(PAGE, call.ret);
	EXPECT_EQ(0, memcmp(self->page, data, PAGE));
	EXPECT_EQ(-ENODEV, read_some(self->fd, data, 1));
}

TEST_F(stall, reader_holds_up_nobody_but_readers)
{
	struct call call = { self->fd, self->page, 0 };
	struct vcon_mock_buf buf;
	pthread_t reader;
	char c;
	struct iovec iov = { &c, 1 };

	ASSERT_EQ(0, script_send(&self->s, PORT, TEXT, LEN));
	ASSERT_LT(0, wait_for(self->fd, POLLIN));
	ASSERT_EQ(0, pthread_create(&reader, NULL, call_read, &call));
	ASSERT_EQ(0, wait_fault(self->faults));
	/* As of a pipe: those wait their turn who do not say that they must not. */
	EXPECT_EQ(-1, preadv2(self->fd, &iov, 1, -1, RWF_NOWAIT));
	EXPECT_EQ(EAGAIN, errno);
	start_signals();
	EXPECT_EQ(-EINTR, read_some(self->fd, &c, 1));
	stop_signals();
	EXPECT_EQ(LEN, write_some(self->fd, TEXT, LEN));
	EXPECT_EQ(0, script_take(&self->s, TX, &buf, NULL, NULL));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, POLLIN | POLLOUT));
	EXPECT_EQ(0, release_page(self->faults, self->page));
	pthread_join(reader, NULL);
	EXPECT_EQ(LEN, call.ret);
	EXPECT_EQ(0, memcmp(self->page, TEXT, LEN));
}

/* The buffer that the writer adds to has what earlier writes left in it. */
TEST_F(stall, writes_accepted_before_the_port_goes_are_counted)
{
	struct call call = { self->fd, self->page, 0 };
	struct vcon_mock_buf busy;
	pthread_t writer;

	ASSERT_EQ(LEN, write_some(self->fd, TEXT, LEN));
	ASSERT_EQ(0, script_take(&self->s, TX, &busy, NULL, NULL));
	ASSERT_EQ(7, write_some(self->fd, "waiting", 7));
	ASSERT_EQ(0, pthread_create(&writer, NULL, call_write, &call));
	ASSERT_EQ(0, wait_fault(self->faults));
	EXPECT_EQ(0, remove_port(&self->s));
	EXPECT_EQ(0, release_page(self->faults, self->page));
	pthread_join(writer, NULL);
	EXPECT_EQ(-ENODEV, call.ret);

	/* Counters are those of the id. */
	ASSERT_EQ(0, script_port(&self->s, PORT, NAME));
	EXPECT_EQ(7, script_stat(&self->s, PORT, "tx_bytes_discarded"));
	EXPECT_EQ(0, script_stat(&self->s, PORT, "tx_bytes_queued"));
}

/* Nor does the new port of that id get what was meant for the old one. */
TEST_F(stall, writer_of_a_port_that_went_says_nothing_to_the_next)
{
	struct call call = { self->fd, self->page, 0 };
	struct vcon_mock_buf buf;
	pthread_t writer;
	int fd;

	ASSERT_EQ(0, pthread_create(&writer, NULL, call_write, &call));
	ASSERT_EQ(0, wait_fault(self->faults));
	EXPECT_EQ(0, remove_port(&self->s));
	EXPECT_EQ(0, script_port(&self->s, PORT, NAME));
	fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, release_page(self->faults, self->page));
	pthread_join(writer, NULL);
	EXPECT_EQ(-ENODEV, call.ret);
	EXPECT_EQ(-ETIMEDOUT, script_take_now(&self->s, TX, &buf));
	EXPECT_EQ(3, write_some(fd, "new", 3));
	ASSERT_EQ(0, script_take(&self->s, TX, &buf, NULL, NULL));
	EXPECT_EQ(3, buf.size);
	close(fd);
}

TEST_HARNESS_MAIN
