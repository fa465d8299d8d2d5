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

static void measure_send(size_t size)
{
	struct bench_guest guest;
	struct ratios ratios, cpu;
	char what[64];
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		guest_start(&guest, 1);
		ratios.ours = guest_send(&guest, size, SECONDS, 0, &cpu.ours) /
			      1e6;
		guest_stop(&guest);
		ratios.other = plain_send(size, SECONDS, &cpu.other) / 1e6;
		ratios.values[i] = ratios.ours / ratios.other;
		cpu.values[i] = cpu.ours / cpu.other;
	}
	snprintf(what, sizeof(what), "throughput, buffers of %zu bytes", size);
	report(what, median(&ratios), size == 65536 ? ">= 0.90" : "      -",
	       ratios.ours, ratios.other, "MB/s");
	report("  processor time of the sender", median(&cpu), "      -",
	       cpu.ours * 1000, cpu.other * 1000, "ms/GB");
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
	struct bench_guest guest;
	struct ratios ratios;
	unsigned int i;
	double cpu;

	for (i = 0; i < ROUNDS; i++) {
		guest_start(&guest, 31);
		ratios.ours = guest_send(&guest, 4096, SECONDS, 7, &cpu) / 1e6;
		guest_stop(&guest);
		guest_start(&guest, 30);
		ratios.other = guest_send(&guest, 4096, SECONDS, 0, &cpu) / 1e6;
		guest_stop(&guest);
		ratios.values[i] = ratios.ours / ratios.other;
	}
	report("30 ports beside one whose client is stuck", median(&ratios),
	       ">= 0.95", ratios.ours, ratios.other, "MB/s");
}

/* As many ports as there can be, and one. */
static void measure_many(void)
{
	struct bench_guest guest;
	struct ratios ratios, cpu;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		guest_start(&guest, BENCH_MAX_PORTS);
		ratios.ours = guest_send(&guest, 4096, SECONDS, 0, &cpu.ours) /
			      1e6;
		guest_stop(&guest);
		guest_start(&guest, 1);
		ratios.other = guest_send(&guest, 4096, SECONDS, 0,
					  &cpu.other) / 1e6;
		guest_stop(&guest);
		ratios.values[i] = ratios.ours / ratios.other;
		cpu.values[i] = cpu.ours / cpu.other;
	}
	report("126 ports together, beside one", median(&ratios), "      -",
	       ratios.ours, ratios.other, "MB/s");
	report("  processor time", median(&cpu), "      -", cpu.ours * 1000,
	       cpu.other * 1000, "ms/GB");
}

static void measure_beside_qemu(size_t size)
{
	struct bench_guest guest;
	struct ratios ratios, cpu;
	char what[64];
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		guest_start(&guest, 1);
		ratios.ours = guest_send(&guest, size, SECONDS, 0, &cpu.ours) /
			      1e6;
		guest_stop(&guest);
		ratios.other = qemu_send(size, SECONDS, &cpu.other) / 1e6;
		ratios.values[i] = ratios.ours / ratios.other;
		cpu.values[i] = cpu.ours / cpu.other;
	}
	snprintf(what, sizeof(what), "beside QEMU's, qtest, %zu bytes", size);
	report(what, median(&ratios), ">  1.00", ratios.ours, ratios.other,
	       "MB/s");
	report("  processor time", median(&cpu), "      -", cpu.ours * 1000,
	       cpu.other * 1000, "ms/GB");
}

static void measure_qemu(void)
{
	measure_beside_qemu(65536);
	measure_beside_qemu(4096);
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

static void measure_sizes(void)
{
	measure_send(65536);
	measure_send(4096);
	measure_send(64);
}

static const struct {
	const char *name;
	void (*measure)(void);
} measurements[] = {
	{ "send", measure_sizes },
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
