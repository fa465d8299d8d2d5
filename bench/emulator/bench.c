// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench.c - vportemu beside a plain socket
 *
 * What is measured alternates with what it is compared to, a few times, and the
 * median of the ratios counts: other work on the machine hits both.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"

#define ROUNDS		15
#define SECONDS		0.3

struct ratios {
	double values[ROUNDS];
	double ours, other;		/* of the last round */
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(struct ratios *ratios)
{
	qsort(ratios->values, ROUNDS, sizeof(double), compare);
	return ratios->values[ROUNDS / 2];
}

static void report(const char *what, double ratio, const char *wanted,
		   double ours, double other, const char *unit)
{
	printf("%-44s %5.2f  (%s)  last: %.0f against %.0f %s\n", what, ratio,
	       wanted, ours, other, unit);
	fflush(stdout);
}

/* A front-end of its own for each measurement; MB/s of all ports together. */
static double ports_send(unsigned int ports, size_t size, unsigned int stuck,
			 double *ret_cpu)
{
	struct bench_guest guest;
	double rate;

	guest_start(&guest, ports);
	rate = guest_send(&guest, size, SECONDS, stuck, ret_cpu);
	guest_stop(&guest);
	return rate;
}

static double one_port_send(size_t size, double seconds, double *ret_cpu)
{
	return ports_send(1, size, 0, ret_cpu);
}

struct send_pair {
	const char *what, *whose, *wanted;
	unsigned int ports;
	size_t size;
	double (*other)(size_t size, double seconds, double *ret_cpu);
};

static void measure_pair(const struct send_pair *pair)
{
	struct ratios ratios, cpu;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		ratios.ours = ports_send(pair->ports, pair->size, 0,
					 &cpu.ours) / 1e6;
		ratios.other = pair->other(pair->size, SECONDS, &cpu.other) /
			       1e6;
		ratios.values[i] = ratios.ours / ratios.other;
		cpu.values[i] = cpu.ours / cpu.other;
	}
	report(pair->what, median(&ratios), pair->wanted, ratios.ours,
	       ratios.other, "MB/s");
	report(pair->whose, median(&cpu), "      -", cpu.ours * 1000,
	       cpu.other * 1000, "ms/GB");
}

static void measure_pairs(const struct send_pair *pair)
{
	for (; pair->what; pair++)
		measure_pair(pair);
}

static void measure_send(void)
{
	static const struct send_pair pairs[] = {
		{ "throughput, buffers of 65536 bytes",
		  "  processor time of the sender", ">= 0.90", 1, 65536,
		  plain_send },
		{ "throughput, buffers of 4096 bytes",
		  "  processor time of the sender", "      -", 1, 4096,
		  plain_send },
		{ "throughput, buffers of 64 bytes",
		  "  processor time of the sender", "      -", 1, 64,
		  plain_send },
		{ NULL },
	};

	measure_pairs(pairs);
}

static void measure_echo(void)
{
	struct bench_guest guest;
	struct ratios ratios;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		guest_start(&guest, 1);
		ratios.ours = 1e6 / guest_echo(&guest, SECONDS);
		guest_stop(&guest);
		ratios.other = 1e6 / plain_echo(SECONDS);
		ratios.values[i] = ratios.ours / ratios.other;
	}
	report("time of an echo, 1 byte", median(&ratios), "<= 1.30",
	       ratios.ours, ratios.other, "us");
}

static void measure_stuck(void)
{
	struct ratios ratios;
	unsigned int i;
	double cpu;

	for (i = 0; i < ROUNDS; i++) {
		ratios.ours = ports_send(31, 4096, 7, &cpu) / 1e6;
		ratios.other = ports_send(30, 4096, 0, &cpu) / 1e6;
		ratios.values[i] = ratios.ours / ratios.other;
	}
	report("30 ports beside one whose client is stuck", median(&ratios),
	       ">= 0.95", ratios.ours, ratios.other, "MB/s");
}

/* As many ports as there can be, and one. */
static void measure_many(void)
{
	static const struct send_pair pairs[] = {
		{ "126 ports together, beside one", "  processor time",
		  "      -", BENCH_MAX_PORTS, 4096, one_port_send },
		{ NULL },
	};

	measure_pairs(pairs);
}

static void measure_qemu(void)
{
	static const struct send_pair pairs[] = {
		{ "beside QEMU's, qtest, 65536 bytes", "  processor time",
		  ">  1.00", 1, 65536, qemu_send },
		{ "beside QEMU's, qtest, 4096 bytes", "  processor time",
		  ">  1.00", 1, 4096, qemu_send },
		{ NULL },
	};

	measure_pairs(pairs);
}

static double resident(pid_t pid)
{
	char path[64], line[256];
	double kilobytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	if (!file)
		abort();
	while (fgets(line, sizeof(line), file))
		sscanf(line, "VmRSS: %lf", &kilobytes);
	fclose(file);
	return kilobytes / 1024;
}

/* With a front-end; and with as many ports as vhost-user has room for. */
static void measure_memory(void)
{
	struct bench_guest guest;
	struct emulator emu;
	unsigned int port;
	double cpu;

	guest_start(&guest, 1);
	guest_send(&guest, 4096, SECONDS, 0, &cpu);
	report("memory, 1 port", resident(guest.emu.pid), "<= 6   ",
	       resident(guest.emu.pid), 6, "MiB");
	guest_stop(&guest);

	emulator_init(&emu);
	emulator_arg(&emu, "-device virtio-serial-pci,id=s0,max_ports=127");
	emulator_arg(&emu, "-chardev null,id=c0 -device virtconsole,chardev=c0");
	for (port = 1; port < 127; port++)
		emulator_arg(&emu,
			     "-chardev ringbuf,id=c%u,size=4K -device virtserialport,chardev=c%u",
			     port, port);
	emulator_standard(&emu);
	emulator_start(&emu);
	close(qmp_connect(&emu, "qmp"));
	report("memory, 127 ports", resident(emu.pid),
	       "<= 16  ", resident(emu.pid), 16, "MiB");
	emulator_stop(&emu);
}

static const struct {
	const char *name;
	void (*measure)(void);
} measurements[] = {
	{ "send", measure_send },
	{ "echo", measure_echo },
	{ "stuck", measure_stuck },
	{ "many", measure_many },
	{ "qemu", measure_qemu },
	{ "memory", measure_memory },
};

static const char *only;

static void run(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(measurements) / sizeof(measurements[0]); i++) {
		if (!only || !strcmp(only, measurements[i].name))
			measurements[i].measure();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(run) };
	struct rlimit limit;

	/* Two descriptors for each queue. */
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	only = argc > 1 ? argv[1] : NULL;
	if (!getenv("VPORTEMU"))
		setenv("VPORTEMU", "build/vportemu", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
