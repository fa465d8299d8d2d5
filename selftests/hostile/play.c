// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * play.c - a host that plays at random, and a guest that uses its ports meanwhile
 *
 * Rounds of one device each.  All that is random follows from VPORT_SEED, which is
 * printed; what the threads of both sides do at the same time does not.  There is
 * nothing to be checked about data: the kernel looks for what goes wrong, and the
 * number of its messages is what is looked at here.
 */

#include <dirent.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/random.h>
#include <termios.h>
#include <time.h>

#include "fixture.h"

#define PLAYERS		2
#define USERS		3
#define MOVES		3000
#define MESSAGES	100000

/* Messages of one place in the driver, in RATELIMIT_SECONDS. */
#define RATELIMIT_BURST		10
#define RATELIMIT_SECONDS	5
#define PLACES			12

struct round {
	struct script s;
	struct vcon_mock_plug plug;
	struct vcon_mock_play play[PLAYERS];
	unsigned int players;		/* that are still at it */
	uint64_t seed;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Marsaglia's xorshift64; never 0. */
static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static unsigned int below(uint64_t *state, unsigned int limit)
{
	return next(state) % limit;
}

static uint64_t new_seed(uint64_t seed, uint64_t n)
{
	seed += 0x9e3779b97f4a7c15ull * (n + 1);
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9ull;
	seed ^= seed >> 27;
	return seed ? seed : 1;
}

static bool is_over(struct round *round)
{
	bool over;

	pthread_mutex_lock(&lock);
	over = !round->players;
	pthread_mutex_unlock(&lock);
	return over;
}

struct player {
	struct round *round;
	unsigned int number;
};

static void *run_player(void *data)
{
	struct player *player = data;
	struct round *round = player->round;

	ioctl(round->s.fd, VCON_MOCK_PLAY, &round->play[player->number]);
	pthread_mutex_lock(&lock);
	round->players--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void read_file(const char *directory, const char *name)
{
	char path[512], text[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

/* What there is to be known about ports. */
static void look_around(unsigned int index, unsigned int id)
{
	static const char * const names[] = {
		"name", "host_connected", "guest_connected", "uevent",
	};
	char path[128], port[64];
	unsigned int i;

	snprintf(port, sizeof(port), "vport%up%u", index, id);
	read_file("/sys/kernel/debug/virtio-ports", port);
	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s", port);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		read_file(path, names[i]);
}

static void move_through_a_pipe(int fd, bool in)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	if (in) {
		splice(fd, NULL, ends[1], NULL, 65536, SPLICE_F_NONBLOCK);
	} else if (write(ends[1], "through a pipe", 14) == 14) {
		splice(ends[0], NULL, fd, NULL, 14, SPLICE_F_NONBLOCK);
	}
	close(ends[0]);
	close(ends[1]);
}

/* One thing that can be done with a port. */
static void use_once(int fd, uint64_t *state)
{
	static char data[USERS][65536];
	unsigned int len = below(state, sizeof(data[0]));
	char *buf = data[below(state, USERS)];
	int bytes;

	switch (below(state, 12)) {
	case 0 ... 3:
		if (read(fd, buf, len) < 0)
			break;
		break;
	case 4 ... 6:
		if (write(fd, buf, len) < 0)
			break;
		break;
	case 7:
		poll_now(fd, POLLIN | POLLOUT | POLLPRI);
		break;
	case 8:
		ioctl(fd, FIONREAD, &bytes);
		ioctl(fd, SIOCOUTQ, &bytes);
		break;
	case 9:
		move_through_a_pipe(fd, below(state, 2));
		break;
	case 10:
		/* Blocks now and then, until a signal comes. */
		fcntl(fd, F_SETOWN, getpid());
		fcntl(fd, F_SETFL, below(state, 2) ? O_NONBLOCK | O_ASYNC : 0);
		break;
	case 11:
		fsync(fd);
		break;
	}
}

/* The users are to be interrupted, and nobody else. */
static void take_alarms(int how)
{
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(how, &alarms, NULL);
}

static int open_any(struct round *round, uint64_t *state)
{
	unsigned int id = below(state, round->plug.config.max_ports);
	char path[32];

	if (below(state, 4))
		return script_node_open(&round->s, id, O_RDWR | O_NONBLOCK);

	look_around(round->s.index, id);
	if (below(state, 2))
		return -ENOENT;
	snprintf(path, sizeof(path), "/dev/hvc%u", below(state, 8));
	return open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void *run_user(void *data)
{
	struct player *player = data;
	struct round *round = player->round;
	uint64_t state = new_seed(round->seed, 100 + player->number);
	unsigned int times;
	int fd;

	take_alarms(SIG_UNBLOCK);
	while (!is_over(round)) {
		fd = open_any(round, &state);
		for (times = below(&state, 40); fd >= 0 && times; times--)
			use_once(fd, &state);
		/* What a terminal has not sent it would wait for. */
		ioctl(fd, TCFLSH, TCIOFLUSH);
		if (fd >= 0)
			close(fd);
		sched_yield();
	}
	return NULL;
}

/* A device that is mostly as it should be. */
static void plan(struct round *round)
{
	static const uint32_t optional[] = {
		VIRTIO_CONSOLE_F_SIZE, VIRTIO_CONSOLE_F_EMERG_WRITE,
		28 /* INDIRECT_DESC */, 29 /* EVENT_IDX */,
		RING_PACKED, IN_ORDER, RING_RESET,
	};
	uint64_t state = new_seed(round->seed, 0);
	unsigned int i;

	round->plug = (struct vcon_mock_plug) PLUG_DEFAULT;
	for (i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (below(&state, 2))
			round->plug.features ^= FEATURE(optional[i]);
	if (!below(&state, 8))
		round->plug.features ^= FEATURE(VIRTIO_CONSOLE_F_MULTIPORT);
	if (!below(&state, 8))
		round->plug.fail_queue = 1 + below(&state, 12);
	round->plug.fail_reset = !below(&state, 4);
	round->plug.entries = 1u << below(&state, 9);
	round->plug.config.max_ports = 1 + below(&state, 12);

	for (i = 0; i < PLAYERS; i++) {
		round->play[i].seed = new_seed(round->seed, 10 + i);
		round->play[i].moves = MOVES;
		round->play[i].moves_mask = VCON_MOCK_ALL_MOVES;
		/* Without sleep and lies more happens. */
		if (below(&state, 2))
			round->play[i].moves_mask &= ~VCON_MOCK_SLEEP_WAKE;
		if (below(&state, 2))
			round->play[i].moves_mask &= ~VCON_MOCK_LIE;
	}
}

static int run_round(struct round *round)
{
	struct player players[PLAYERS], users[USERS];
	pthread_t threads[PLAYERS + USERS];
	unsigned int i;
	int ret;

	plan(round);
	round->s.fd = -1;
	ret = script_plug(&round->s, &round->plug);
	if (ret)
		return ret;

	round->players = PLAYERS;
	for (i = 0; i < PLAYERS; i++) {
		players[i] = (struct player) { round, i };
		pthread_create(&threads[i], NULL, run_player, &players[i]);
	}
	for (i = 0; i < USERS; i++) {
		users[i] = (struct player) { round, i };
		pthread_create(&threads[PLAYERS + i], NULL, run_user, &users[i]);
	}
	for (i = 0; i < PLAYERS; i++)
		pthread_join(threads[i], NULL);
	/* Now and then the device goes from under its users. */
	if (round->seed & 1)
		ioctl(round->s.fd, VCON_MOCK_UNPLUG);
	for (i = 0; i < USERS; i++)
		pthread_join(threads[PLAYERS + i], NULL);
	script_close(&round->s);
	return 0;
}

struct sum {
	unsigned long messages;
	unsigned long buffers;
	unsigned long lies;
	unsigned long sleeps;
	unsigned long rounds;
};

static void add(struct sum *sum, const struct round *round)
{
	unsigned int i;

	for (i = 0; i < PLAYERS; i++) {
		sum->messages += round->play[i].messages;
		sum->buffers += round->play[i].buffers;
		sum->lies += round->play[i].lies;
		sum->sleeps += round->play[i].sleeps;
	}
	sum->rounds++;
}

static uint64_t first_seed(void)
{
	const char *text = getenv("VPORT_SEED");
	uint64_t seed = 0;

	if (text)
		return strtoull(text, NULL, 0);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = time(NULL);
	/* As it is easily typed. */
	return seed % 1000000000;
}

/* Each lie may cost a queue, which the virtio core says, as do failed wakings. */
static long lines_allowed(const struct sum *sum, long seconds)
{
	return (seconds / RATELIMIT_SECONDS + 1) * RATELIMIT_BURST * PLACES +
	       sum->lies + 4 * sum->sleeps + 4 * sum->rounds;
}

FIXTURE(play)
{
	struct sum sum;
	uint64_t seed;
	unsigned long enough;
	long lines;
	time_t begin;
};

/* What a terminal's host may ask for by ^O is the terminal's business. */
static int forbid_sysrq(void)
{
	int fd = open("/proc/sys/kernel/sysrq", O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write_some(fd, "0\n", 2);
	close(fd);
	return n == 2 ? 0 : n;
}

FIXTURE_SETUP(play)
{
	const char *wanted = getenv("VPORT_MESSAGES");

	ASSERT_EQ(0, forbid_sysrq());

	self->enough = wanted ? strtoul(wanted, NULL, 0) : MESSAGES;
	self->seed = first_seed();
	self->lines = script_log_lines();
	self->begin = time(NULL);
	printf("# VPORT_SEED=%llu VPORT_MESSAGES=%lu\n",
	       (unsigned long long)self->seed, self->enough);
	fflush(stdout);
	signal(SIGIO, SIG_IGN);
	take_alarms(SIG_BLOCK);
	start_signals();
}

FIXTURE_TEARDOWN(play)
{
	const struct sum *sum = &self->sum;

	stop_signals();
	printf("# %lu rounds, %lu messages, %lu buffers, %lu lies, %lu sleeps, %ld lines of log, %ld seconds\n",
	       sum->rounds, sum->messages, sum->buffers, sum->lies, sum->sleeps,
	       self->lines, (long)(time(NULL) - self->begin));
	fflush(stdout);
}

/* For whoever looks at a run that takes long, or has hung. */
static void tell_progress(time_t begin, const struct sum *sum,
			  unsigned long enough)
{
	printf("# %lu rounds, %lu of %lu messages and buffers, %ld seconds\n",
	       sum->rounds, sum->messages + sum->buffers, enough,
	       (long)(time(NULL) - begin));
	fflush(stdout);
}

TEST_F_TIMEOUT(play, leaves_the_kernel_alone, 3600)
{
	struct sum *sum = &self->sum;
	struct round round;

	while (sum->messages + sum->buffers < self->enough) {
		round = (struct round) {
			.seed = new_seed(self->seed, sum->rounds),
		};
		ASSERT_EQ(0, run_round(&round));
		add(sum, &round);
		tell_progress(self->begin, sum, self->enough);
		if (sum->rounds % 5 == 0) {
			ASSERT_EQ(0, script_rmmod());
			ASSERT_EQ(0, script_insmod(""));
		}
	}
	self->lines = script_log_lines() - self->lines;
	EXPECT_GE(lines_allowed(sum, time(NULL) - self->begin), self->lines);
}

TEST_HARNESS_MAIN
