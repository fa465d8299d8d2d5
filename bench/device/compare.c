// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compare.c - vportemu beside QEMU's device:
 * `compare VPORTEMU DIRECTORY ROUNDS QEMU...`
 *
 * The devices take turns; the medians of the ratios of each round count, as
 * other work on the machine hits all of a round.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

#define MAX_ROUNDS	101

/* So long a transfer is to take, roughly; and what finds out how many bytes. */
#define SECONDS		0.7
#define TRIAL_BYTES	(8u << 20)

static const struct load {
	const char *what;
	bool from_guest;
	size_t size;
} loads[] = {
	{ "guest to host, 4 KiB",	true,	4096 },
	{ "guest to host, 64 KiB",	true,	65536 },
	{ "host to guest, 4 KiB",	false,	4096 },
	{ "host to guest, 64 KiB",	false,	65536 },
};

struct result {
	double values[MAX_ROUNDS];
};

/* Per device. */
struct results {
	struct result rate, rate_ratio;		/* MB/s */
	struct result device, device_ratio;	/* ms of CPU for 10^9 bytes */
	struct result all_ratio;		/* with what QEMU adds to it */
	struct result vcpu;			/* of these, and how busy */
	struct result sleeps;			/* for 10^6 bytes */
};

static unsigned int rounds;

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(struct result *result)
{
	qsort(result->values, rounds, sizeof(double), order);
	return result->values[rounds / 2];
}

static double all_but_vcpus(const struct device *device,
			    const struct cost *cost)
{
	return device->pid ? cost->device + cost->io : cost->device;
}

static void note(struct results *results, const struct device *device,
		 unsigned int round, const struct cost *cost,
		 const struct cost *qemu, uint64_t bytes)
{
	results->rate.values[round] = bytes / cost->seconds / 1e6;
	results->rate_ratio.values[round] = qemu->seconds / cost->seconds;
	results->device.values[round] = cost->device / bytes * 1e12;
	results->device_ratio.values[round] = cost->device / qemu->device;
	results->all_ratio.values[round] =
		all_but_vcpus(device, cost) / qemu->device;
	results->vcpu.values[round] = cost->vcpu / cost->seconds;
	results->sleeps.values[round] = cost->sleeps / bytes * 1e6;
}

static void print(const struct device *device, struct results *results)
{
	printf("  %-12s %8.0f MB/s %7.0f ms/GB %5.1f sleeps/MB  guest busy %3.0f %%",
	       device->name, median(&results->rate), median(&results->device),
	       median(&results->sleeps), 100 * median(&results->vcpu));
	if (device->pid)
		printf("   throughput %5.2f (>= 1.50)  CPU %5.2f (<= 0.50), with QEMU's %5.2f",
		       median(&results->rate_ratio),
		       median(&results->device_ratio),
		       median(&results->all_ratio));
	putchar('\n');
}

/*
 * How many bytes to move in a round.  The first trial is for the guest to
 * translate its code; of the others, which are short, the fastest was disturbed
 * least.
 */
static uint64_t find_bytes(const struct machine *machine,
			   const struct load *load)
{
	double seconds = 0;
	struct cost cost;
	unsigned int i;

	for (i = 0; i < 3 * NUM_DEVICES; i++) {
		cost = transfer(machine, &machine->devices[i % NUM_DEVICES],
				load->from_guest, load->size, TRIAL_BYTES);
		if (!seconds || cost.seconds < seconds)
			seconds = cost.seconds;
	}
	return ((uint64_t)(TRIAL_BYTES * SECONDS / seconds) / load->size + 1) *
	       load->size;
}

static void measure(const struct machine *machine, const struct load *load)
{
	struct results results[NUM_DEVICES];
	uint64_t bytes = find_bytes(machine, load);
	struct cost costs[NUM_DEVICES];
	unsigned int round, turn, i;

	for (round = 0; round < rounds; round++) {
		/* Each of them is the first at times. */
		for (turn = 0; turn < NUM_DEVICES; turn++) {
			i = (round + turn) % NUM_DEVICES;
			costs[i] = transfer(machine, &machine->devices[i],
					    load->from_guest, load->size,
					    bytes);
		}
		for (i = 0; i < NUM_DEVICES; i++)
			note(&results[i], &machine->devices[i], round,
			     &costs[i], &costs[QEMU], bytes);
	}
	printf("%s, %llu MB a round\n", load->what,
	       (unsigned long long)bytes / 1000000);
	for (i = 0; i < NUM_DEVICES; i++)
		print(&machine->devices[i], &results[i]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const char *only = getenv("LOAD");
	struct machine machine;
	size_t i;

	rounds = argc > 4 ? strtoul(argv[3], NULL, 0) : 0;
	if (!rounds || rounds > MAX_ROUNDS) {
		fprintf(stderr, "compare: expected VPORTEMU DIRECTORY ROUNDS QEMU..., rounds up to %d\n",
			MAX_ROUNDS);
		return 2;
	}
	machine_start(&machine, argv[1], argv[2],
		      (const char *const *)argv + 4);
	for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (!only || strstr(loads[i].what, only))
			measure(&machine, &loads[i]);
	}
	return machine_end(&machine);
}
