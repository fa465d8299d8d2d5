// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * console_test.c - a console whose host is slow, silent or mad
 *
 * The kernel is booted with console=hvc0 and shows its log there.
 */

#include <endian.h>
#include <termios.h>
#include <time.h>

#include "fixture.h"

#define CONSOLE		0
#define IN		0
#define OUT		1
#define BIG		(256 * 1024)

static int open_tty(void)
{
	struct termios raw;
	int fd;

	fd = open("/dev/hvc0", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	tcgetattr(fd, &raw);
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	return fd;
}

FIXTURE(console)
{
	struct script s;
	int tty;
};

FIXTURE_SETUP(console)
{
	DEVICE_SETUP(&self->s);
	self->tty = -1;
	ASSERT_EQ(0, script_console(&self->s, CONSOLE));
	self->tty = open_tty();
	ASSERT_LE(0, self->tty);
}

FIXTURE_TEARDOWN(console)
{
	if (self->tty >= 0)
		tcflush(self->tty, TCOFLUSH);
	close(self->tty);
	script_close(&self->s);
}

/* One byte of the test's text, which no message of the kernel has. */
static char text_at(size_t i)
{
	return 0x80 | i % 101;
}

struct slow_host {
	struct script *s;
	size_t good;		/* bytes that came, in order */
	size_t bad;
};

/* One buffer at a time, whole, and only then the next. */
static void *slow_host(void *data)
{
	static char buf[VCON_MOCK_BYTES];
	struct slow_host *host = data;
	struct vcon_mock_buf desc;
	size_t len, i;

	while (host->good < BIG) {
		len = sizeof(buf);
		if (script_take(host->s, OUT, &desc, buf, &len))
			break;
		for (i = 0; i < len; i++) {
			if (buf[i] == text_at(host->good))
				host->good++;
			else if (buf[i] & 0x80)
				host->bad++;
		}
		sched_yield();
		script_give(host->s, &desc, NULL, 0, 0);
	}
	return NULL;
}

TEST_F_TIMEOUT(console, slow_host_gets_every_byte, 120)
{
	struct slow_host host = { .s = &self->s };
	static char text[BIG];
	pthread_t thread;
	size_t done = 0;
	ssize_t n;

	for (n = 0; n < BIG; n++)
		text[n] = text_at(n);
	ASSERT_EQ(0, pthread_create(&thread, NULL, slow_host, &host));
	while (done < BIG) {
		n = write_some(self->tty, text + done, BIG - done);
		if (n > 0)
			done += n;
		else if (n != -EAGAIN || wait_for(self->tty, POLLOUT) < 0)
			break;
	}
	EXPECT_EQ(BIG, done);
	pthread_join(thread, NULL);
	EXPECT_EQ(BIG, host.good);
	EXPECT_EQ(0, host.bad);
}

/* Return: messages that were printed. */
static int print_many(int count)
{
	char line[256];
	int fd, i, len;

	/* All of them. */
	fd = open("/proc/sys/kernel/printk_devkmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "on\n", 3) != 3)
		return -1;
	close(fd);

	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	for (i = 0; fd >= 0 && i < count; i++) {
		len = snprintf(line, sizeof(line),
			       "<3>hostile console: %d %0200d\n", i, i);
		if (write(fd, line, len) != len)
			break;
	}
	close(fd);
	return i;
}

TEST_F(console, terminal_of_a_silent_host_ends_in_eagain)
{
	static char text[65536];
	ssize_t n;
	int i;

	for (i = 0; i < 1000; i++) {
		n = write_some(self->tty, text, sizeof(text));
		if (n == -EAGAIN && !(poll_now(self->tty, POLLOUT) & POLLOUT))
			break;
	}
	EXPECT_EQ(-EAGAIN, n);
	start_signals();
	fcntl(self->tty, F_SETFL, 0);
	EXPECT_EQ(-EINTR, write_some(self->tty, text, 1));
	stop_signals();
	fcntl(self->tty, F_SETFL, O_NONBLOCK);
}

TEST_F(console, dead_queue_leaves_the_emergency_register)
{
	char out[4096] = "";
	size_t len = 0;
	ssize_t n;

	ASSERT_EQ(0, script_lie(&self->s, OUT, 1000, 0));
	ASSERT_EQ(1, print_many(1));
	while (len < sizeof(out) - 1 &&
	       (n = read(self->s.fd, out + len, sizeof(out) - 1 - len)) > 0)
		len += n;
	EXPECT_NE(NULL, strstr(out, "hostile console: 0"));
}

static void *give_empty(void *data)
{
	struct vcon_mock_buf buf;
	struct script *s = data;

	while (!script_take(s, IN, &buf, NULL, NULL) &&
	       !script_give(s, &buf, NULL, 0, 0))
		;
	return NULL;
}

/* Interrupts are off while the terminal is fed. */
TEST_F_TIMEOUT(console, empty_input_does_not_keep_the_terminal_busy, 60)
{
	pthread_t threads[3];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, give_empty,
					    &self->s));
	for (i = 0; i < 200; i++)
		EXPECT_LT(0, write_some(self->tty, "x", 1));
	EXPECT_EQ(0, ioctl(self->s.fd, VCON_MOCK_UNPLUG));
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

TEST_F(console, goes_while_it_is_open)
{
	char c;

	ASSERT_EQ(0, script_say(&self->s, CONSOLE, VIRTIO_CONSOLE_PORT_REMOVE, 1,
				NULL, 0));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_GE(0, read_some(self->tty, &c, 1));
	EXPECT_EQ(-EIO, write_some(self->tty, "x", 1));
	EXPECT_EQ(1, print_many(1));
}

/* As fast as the host can. */
TEST_F_TIMEOUT(console, comes_and_goes, 120)
{
	int i;

	for (i = 0; i < 20; i++) {
		close(self->tty);
		ASSERT_EQ(0, script_say(&self->s, CONSOLE,
					VIRTIO_CONSOLE_PORT_REMOVE, 1, NULL, 0));
		ASSERT_EQ(0, script_console(&self->s, CONSOLE));
		self->tty = open_tty();
		ASSERT_LE(0, self->tty) TH_LOG("round %d", i);
	}
}

/* Opens the terminal whenever there is one. */
static void *keep_opening(void *data)
{
	bool *stop = data;
	int fd;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		fd = open_tty();
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

/* The kernel's list of consoles has them for a moment longer than anybody else. */
TEST_F_TIMEOUT(console, goes_while_it_is_being_opened, 300)
{
	pthread_t threads[3];
	bool stop = false;
	int i;

	close(self->tty);
	self->tty = -1;
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, keep_opening,
					    &stop));
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(0, script_say(&self->s, CONSOLE,
					VIRTIO_CONSOLE_PORT_REMOVE, 1, NULL, 0));
		EXPECT_EQ(0, script_console(&self->s, CONSOLE));
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

struct flood {
	struct script *s;
	unsigned int given;	/* buffers */
};

/* A line that never ends, as fast as the driver takes it. */
static void *flood_input(void *data)
{
	static char text[4096];
	struct flood *flood = data;
	struct vcon_mock_buf buf;

	memset(text, 'x', sizeof(text));
	while (!script_take(flood->s, IN, &buf, NULL, NULL) &&
	       !script_give(flood->s, &buf, text, sizeof(text), sizeof(text)))
		__atomic_add_fetch(&flood->given, 1, __ATOMIC_RELAXED);
	return NULL;
}

#define SECONDS	20	/* for a few kilobytes, in a kernel that looks for mistakes */

/*
 * Readers wait until the terminal has gone through all that it was given, with the
 * echo of each byte, and cannot be interrupted.
 */
TEST_F_TIMEOUT(console, flood_of_a_line_holds_up_no_reader, 120)
{
	struct flood flood = { .s = &self->s };
	struct termios cooked;
	pthread_t thread;
	time_t begin;
	char c;
	int i;

	ASSERT_EQ(0, tcgetattr(self->tty, &cooked));
	cooked.c_lflag |= ICANON | ECHO;
	ASSERT_EQ(0, tcsetattr(self->tty, TCSANOW, &cooked));
	ASSERT_EQ(0, pthread_create(&thread, NULL, flood_input, &flood));
	while (__atomic_load_n(&flood.given, __ATOMIC_RELAXED) < 20)
		sched_yield();
	begin = time(NULL);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-EAGAIN, read_some(self->tty, &c, 1));
	EXPECT_GE(SECONDS, time(NULL) - begin);
	EXPECT_EQ(0, ioctl(self->s.fd, VCON_MOCK_UNPLUG));
	pthread_join(thread, NULL);
}

/* Takes all there is and gives it back. */
static void drain(struct script *s)
{
	struct vcon_mock_buf buf;

	while (!script_take_now(s, OUT, &buf))
		script_give(s, &buf, NULL, 0, 0);
}

/* However small the pieces are in which the kernel hands it over. */
TEST_F(console, message_is_one_buffer)
{
	struct vcon_mock_buf buf;
	char text[4096];
	size_t len;
	int i;

	drain(&self->s);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(1, print_many(1));
		len = sizeof(text) - 1;
		ASSERT_EQ(0, script_take(&self->s, OUT, &buf, text, &len));
		ASSERT_EQ(0, script_give(&self->s, &buf, NULL, 0, 0));
		text[len] = 0;
		EXPECT_EQ('\n', text[len - 1]) TH_LOG("\"%s\"", text);
		EXPECT_NE(NULL, strstr(text, "hostile console"));
	}
}

/* A key that is pressed is to be seen, whatever comes after it. */
TEST_F(console, few_bytes_of_a_terminal_leave_at_once)
{
	static const size_t lengths[] = { 1, 15, 16, 17, 32 };
	struct vcon_mock_buf buf;
	char text[32], seen[32];
	size_t i, len;

	drain(&self->s);
	memset(text, 0x80, sizeof(text));
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ASSERT_EQ(lengths[i], write_some(self->tty, text, lengths[i]));
		len = sizeof(seen);
		ASSERT_EQ(0, script_take(&self->s, OUT, &buf, seen, &len));
		EXPECT_EQ(lengths[i], len);
		ASSERT_EQ(0, script_give(&self->s, &buf, NULL, 0, 0));
	}
}

static void *keep_printing(void *data)
{
	bool *stop = data;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED) && print_many(10) == 10)
		;
	return NULL;
}

/*
 * The core complains about the ring while it is locked, and may have to wait for
 * whoever prints at that moment, to the same console.
 */
TEST_F_TIMEOUT(console, lies_while_others_print_stop_nobody, 300)
{
	pthread_t thread;
	bool stop = false;
	int i;

	close(self->tty);
	self->tty = -1;
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_printing, &stop));
	for (i = 0; i < 40; i++) {
		EXPECT_EQ(0, script_lie(&self->s, OUT, 1000, 0));
		script_close(&self->s);
		DEVICE_SETUP(&self->s);
		EXPECT_EQ(0, script_console(&self->s, CONSOLE));
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

/* Return: whether the terminal gets this size; the harness limits how long. */
static bool gets_size(int tty, unsigned short cols, unsigned short rows)
{
	struct winsize size;

	while (!ioctl(tty, TIOCGWINSZ, &size)) {
		if (size.ws_col == cols && size.ws_row == rows)
			return true;
		sched_yield();
	}
	return false;
}

TEST_F(console, has_the_size_that_the_host_says)
{
	uint16_t size[2] = { htole16(132), htole16(43) };

	ASSERT_EQ(0, script_say(&self->s, CONSOLE, VIRTIO_CONSOLE_RESIZE, 1,
				size, sizeof(size)));
	EXPECT_TRUE(gets_size(self->tty, 132, 43));
	size[0] = htole16(80);
	size[1] = htole16(25);
	ASSERT_EQ(0, script_say(&self->s, CONSOLE, VIRTIO_CONSOLE_RESIZE, 1,
				size, sizeof(size)));
	EXPECT_TRUE(gets_size(self->tty, 80, 25));
}

TEST_F(console, has_the_size_that_was_said_before_it_was_opened)
{
	uint16_t size[2] = { htole16(120), htole16(50) };

	close(self->tty);
	ASSERT_EQ(0, script_say(&self->s, CONSOLE, VIRTIO_CONSOLE_RESIZE, 1,
				size, sizeof(size)));
	ASSERT_EQ(0, script_settle(&self->s));
	self->tty = open_tty();
	ASSERT_LE(0, self->tty);
	EXPECT_TRUE(gets_size(self->tty, 120, 50));
}

/* A device without multiport is one console, and has its size in registers. */
FIXTURE(lone_console)
{
	struct script s;
	struct vcon_mock_plug plug;
	int tty;
};

FIXTURE_SETUP(lone_console)
{
	self->plug = (struct vcon_mock_plug) PLUG_DEFAULT;
	self->plug.features &= ~FEATURE(VIRTIO_CONSOLE_F_MULTIPORT);
	self->plug.config.cols = 100;
	self->plug.config.rows = 30;
	self->s.fd = -1;
	ASSERT_EQ(0, script_plug(&self->s, &self->plug));
	ASSERT_TRUE(self->s.bound);
	self->tty = open_tty();
	ASSERT_LE(0, self->tty);
}

FIXTURE_TEARDOWN(lone_console)
{
	tcflush(self->tty, TCOFLUSH);
	close(self->tty);
	script_close(&self->s);
}

TEST_F(lone_console, has_the_size_of_its_configuration)
{
	EXPECT_TRUE(gets_size(self->tty, 100, 30));
	self->plug.config.cols = 40;
	self->plug.config.rows = 12;
	ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_CONFIG, &self->plug.config));
	EXPECT_TRUE(gets_size(self->tty, 40, 12));
}

TEST_F(lone_console, moves_data_both_ways)
{
	struct vcon_mock_buf buf;
	char text[16];
	size_t len = sizeof(text);

	drain(&self->s);
	ASSERT_EQ(3, write_some(self->tty, "\x80\x81\x82", 3));
	ASSERT_EQ(0, script_take(&self->s, OUT, &buf, text, &len));
	EXPECT_EQ(3, len);
	EXPECT_EQ(0, memcmp(text, "\x80\x81\x82", 3));
	ASSERT_EQ(0, script_send(&self->s, CONSOLE, "input", 5));
	ASSERT_LT(0, wait_for(self->tty, POLLIN));
	EXPECT_EQ(5, read_some(self->tty, text, sizeof(text)));
	EXPECT_EQ(-ENXIO, script_node_open(&self->s, CONSOLE, O_RDWR));
}

/* With little room, so that little has to be printed. */
FIXTURE(small_console)
{
	struct script s;
};

FIXTURE_SETUP(small_console)
{
	ASSERT_EQ(0, script_rmmod());
	ASSERT_EQ(0, script_insmod("tx_limit_bytes=4096"));
	DEVICE_SETUP(&self->s);
	ASSERT_EQ(0, script_console(&self->s, CONSOLE));
}

FIXTURE_TEARDOWN(small_console)
{
	script_close(&self->s);
	EXPECT_EQ(0, script_rmmod());
	EXPECT_EQ(0, script_insmod(""));
}

/* A full ring and full buffers behind it: printk() drops, and counts. */
TEST_F_TIMEOUT(small_console, flood_of_messages_never_waits_for_a_silent_host, 120)
{
	long full = script_stat(&self->s, CONSOLE, "tx_full");

	EXPECT_EQ(200, print_many(200));
	EXPECT_LT(full, script_stat(&self->s, CONSOLE, "tx_full"));
	EXPECT_EQ(4096, script_stat(&self->s, CONSOLE, "tx_bytes_queued"));
}

TEST_HARNESS_MAIN
