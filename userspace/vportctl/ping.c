// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ping.c - vportctl ping: how long a guest agent takes to answer
 */

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <json-c/json.h>

#include "client.h"
#include "session.h"
#include "vportctl.h"

#define PING_COUNT 4

struct times {
	unsigned int count;
	int64_t least;		/* nanoseconds */
	int64_t most;
	int64_t sum;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void times_add(struct times *times, int64_t time)
{
	if (!times->count++ || time < times->least)
		times->least = time;
	if (time > times->most)
		times->most = time;
	times->sum += time;
}

static double ms(int64_t ns)
{
	return ns / 1e6;
}

static int ping_once(struct client *client, const char *word,
		     struct times *times)
{
	int64_t start = now_ns();
	int err;

	err = session_call(client, "guest-ping", json_object_new_object(),
			   NULL);
	if (err)
		return err;
	times_add(times, now_ns() - start);
	printf("%s: answer %u after %.3f ms\n", word, times->count,
	       ms(now_ns() - start));
	fflush(stdout);
	return 0;
}

static int ping_all(struct client *client, const struct arguments *args,
		    struct times *times)
{
	const struct timespec pause = {
		.tv_sec = args->interval_ms / 1000,
		.tv_nsec = args->interval_ms % 1000 * 1000000l,
	};
	unsigned int left = args->number ? args->number : PING_COUNT;
	int err;

	for (;;) {
		err = ping_once(client, args->argv[0], times);
		if (err || !--left)
			return err;
		nanosleep(&pause, NULL);
	}
}

int run_ping(const struct subcommand *self, int argc, char **argv)
{
	struct times times = { 0 };
	struct client *client;
	struct arguments args;
	int ret;

	ret = usage_parse(self, "cit", 1, 1, argc, argv, &args);
	if (ret != 1)
		return ret ? EXIT_FAILURE : EXIT_SUCCESS;
	if (session_open(args.argv[0], args.timeout_ms, &client))
		return EXIT_FAILURE;

	ret = ping_all(client, &args, &times);
	client_close(client);
	if (times.count)
		printf("%u answers, shortest %.3f ms, mean %.3f ms, longest %.3f ms\n",
		       times.count, ms(times.least), ms(times.sum / times.count),
		       ms(times.most));
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
