// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * faults.c - memory that cannot be had, one allocation after the other
 *
 * Needs a kernel with failslab.  A call is made again and again: first its first
 * allocation fails, then its second, until there is none left to fail.  What the
 * driver does in its own threads fails at random, from a seed that is printed.
 * Whatever came of a call, the next works as if nothing had been.
 */

#include <dirent.h>
#include <stdio.h>

#include "fixture.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"

/* More allocations than any call here makes. */
#define NTH_MAX		3000

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write_some(fd, text, strlen(text));
	close(fd);
	return n < 0 ? n : 0;
}

/* Allocation number @nth from now on fails, in this thread. */
static int fail_nth(unsigned int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	return put("/proc/thread-self/fail-nth", text);
}

/* Return: whether it has not failed yet, so there were fewer. */
static bool none_failed(void)
{
	char text[16] = "";
	int fd, left;

	fd = open("/proc/thread-self/fail-nth", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	left = atoi(text);
	fail_nth(0);
	return left > 0;
}

/* The probability last, and first none: what is not filtered fails everywhere. */
static int set_failslab(const char *probability, const char *filter)
{
	return put(FAILSLAB "probability", "0") ?:
	       put(FAILSLAB "verbose", "0") ?: put(FAILSLAB "times", "-1") ?:
	       put(FAILSLAB "interval", "1") ?:
	       put(FAILSLAB "ignore-gfp-wait", "N") ?:
	       put(FAILSLAB "task-filter", filter) ?:
	       put(FAILSLAB "probability", probability);
}

FIXTURE(faults)
{
	struct script s;
	int fd;
};

FIXTURE_SETUP(faults)
{
	self->s.fd = -1;
	self->fd = -1;
	if (access(FAILSLAB "probability", W_OK))
		SKIP(longjmp(_metadata->env, 1), "a kernel without failslab");
	ASSERT_EQ(0, set_failslab("0", "N"));
}

FIXTURE_TEARDOWN(faults)
{
	fail_nth(0);
	set_failslab("0", "N");
	close(self->fd);
	script_close(&self->s);
}

/* A device and a port of it, with its end open. */
static int begin(struct script *s, int *fd)
{
	struct vcon_mock_plug plug = PLUG_DEFAULT;
	int ret;

	s->fd = -1;
	plug.config.max_ports = 2;
	/* PORT_READY again: what comes after the node has come, too. */
	ret = script_plug(s, &plug) ?: script_port(s, PORT, NAME) ?:
	      script_say(s, PORT, VIRTIO_CONSOLE_PORT_ADD, 1, NULL, 0) ?:
	      script_hear(s, PORT, VIRTIO_CONSOLE_PORT_READY, 1);
	if (ret)
		return ret;
	*fd = script_node_open(s, PORT, O_RDWR | O_NONBLOCK);
	return *fd < 0 ? *fd : 0;
}

TEST_F_TIMEOUT(faults, while_a_device_is_probed, 600)
{
	struct vcon_mock_plug plug = PLUG_DEFAULT;
	unsigned int nth, bound = 0;
	bool done = false;

	plug.config.max_ports = 2;
	for (nth = 1; !done && nth < NTH_MAX; nth++) {
		ASSERT_EQ(0, script_open(&self->s));
		ASSERT_EQ(0, fail_nth(nth));
		script_plug(&self->s, &plug);
		done = none_failed();
		bound += self->s.bound;
		script_close(&self->s);
	}
	TH_LOG("%u allocations, %u of them can be done without", nth - 2,
	       bound - done);
	EXPECT_TRUE(done);
	EXPECT_LT(10, nth);
	EXPECT_EQ(0, begin(&self->s, &self->fd));
}

TEST_F_TIMEOUT(faults, while_a_port_is_opened, 120)
{
	unsigned int nth, failed = 0;
	bool done = false;

	ASSERT_EQ(0, begin(&self->s, &self->fd));
	close(self->fd);
	for (nth = 1; !done && nth < NTH_MAX; nth++) {
		/* A port of its own each time, which has no buffers yet. */
		ASSERT_EQ(0, script_say(&self->s, PORT,
					VIRTIO_CONSOLE_PORT_REMOVE, 1, NULL, 0));
		ASSERT_EQ(0, script_port(&self->s, PORT, NAME));
		ASSERT_EQ(0, fail_nth(nth));
		self->fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
		done = none_failed();
		if (self->fd < 0)
			EXPECT_EQ(-ENOMEM, self->fd);
		failed += self->fd < 0;
		close(self->fd);
	}
	TH_LOG("%u allocations, %u failed the call", nth - 2, failed);
	EXPECT_TRUE(done);
	self->fd = script_node_open(&self->s, PORT, O_RDWR | O_NONBLOCK);
	EXPECT_LE(0, self->fd);
}

TEST_F_TIMEOUT(faults, while_something_is_written, 120)
{
	static char data[100000];
	unsigned int nth;
	bool done = false;
	ssize_t n;

	for (nth = 1; !done && nth < NTH_MAX; nth++) {
		ASSERT_EQ(0, begin(&self->s, &self->fd));
		ASSERT_EQ(0, fail_nth(nth));
		n = write_some(self->fd, data, sizeof(data));
		done = none_failed();
		/* What was taken is on its way, and nothing else. */
		if (n < 0)
			EXPECT_EQ(-ENOMEM, n);
		EXPECT_EQ(n < 0 ? 0 : n,
			  script_stat(&self->s, PORT, "tx_bytes_queued"));
		close(self->fd);
		script_close(&self->s);
	}
	EXPECT_TRUE(done);
	self->fd = -1;
}

TEST_F_TIMEOUT(faults, while_a_device_wakes_up, 600)
{
	unsigned int nth, slept = 0;
	uint32_t all = 0;
	bool done = false;
	char c;

	for (nth = 1; !done && nth < NTH_MAX; nth++) {
		ASSERT_EQ(0, begin(&self->s, &self->fd));
		ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_SLEEP));
		ASSERT_EQ(0, fail_nth(nth));
		slept += ioctl(self->s.fd, VCON_MOCK_WAKE, &all) != 0;
		done = none_failed();
		EXPECT_GT(0, read_some(self->fd, &c, 1));
		close(self->fd);
		script_close(&self->s);
	}
	TH_LOG("%u allocations, %u failed the call", nth - 2, slept);
	EXPECT_TRUE(done);
	self->fd = -1;
}

/* The threads of workqueues, among them the one that acts upon messages. */
static void fail_in_workers(const char *how)
{
	struct dirent *entry;
	char path[300], name[64];
	DIR *dir = opendir("/proc");
	ssize_t n;
	int fd;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		n = read(fd, name, sizeof(name) - 1);
		close(fd);
		if (n < 7 || strncmp(name, "kworker", 7))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/make-it-fail",
			 entry->d_name);
		put(path, how);
	}
	if (dir)
		closedir(dir);
}

TEST_F_TIMEOUT(faults, while_messages_are_acted_upon, 300)
{
	struct vcon_mock_play play = {
		.seed = 1,
		.moves = 1500,
		.moves_mask = VCON_MOCK_MESSAGE | VCON_MOCK_OUTPUT |
			      VCON_MOCK_INPUT,
	};
	struct vcon_mock_plug plug = PLUG_DEFAULT;
	int i;

	for (i = 0; i < 5; i++, play.seed++) {
		self->s.fd = -1;
		ASSERT_EQ(0, script_plug(&self->s, &plug));
		fail_in_workers("1");
		ASSERT_EQ(0, set_failslab("10", "Y"));
		EXPECT_EQ(0, ioctl(self->s.fd, VCON_MOCK_PLAY, &play));
		ASSERT_EQ(0, set_failslab("0", "N"));
		fail_in_workers("0");
		script_close(&self->s);
	}
	EXPECT_EQ(0, begin(&self->s, &self->fd));
}

TEST_HARNESS_MAIN
