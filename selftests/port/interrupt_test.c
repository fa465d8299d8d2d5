// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * interrupt_test.c - how often the host has to interrupt
 *
 * By the kernel's own count, however many vectors the device has.
 */

#include <stdio.h>

#include "fixture.h"

#define SIZE	64
#define WRITES	20000

FIXTURE(interrupt)
{
	char device[32];	/* as /proc/interrupts calls it: virtioN */
	int fd;
};

struct count {
	long long all;
	long long unhandled;	/* that nobody wanted: see /proc/irq/N/spurious */
};

/* Return: the numbers of a line, one for each processor, added up. */
static long long sum_line(const char *line)
{
	const char *at = strchr(line, ':');
	unsigned long n;
	long long sum = 0;
	char *end;

	for (at = at ? at + 1 : line; ; at = end) {
		n = strtoul(at, &end, 10);
		if (end == at || !strchr(" \n", *end))
			return sum;
		sum += n;
	}
}

static long long unhandled(int irq)
{
	char path[64], line[64];
	long long count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/irq/%d/spurious", irq);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "unhandled %lld", &count) == 1)
			break;
	if (file)
		fclose(file);
	return count;
}

/* Adds up the lines that name the device.  Return: how many there are. */
static int count_interrupts(const char *device, struct count *count)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char *line = NULL, *at;
	size_t size = 0;
	int lines = 0;

	*count = (struct count) { 0 };
	while (file && getline(&line, &size, file) > 0) {
		at = strstr(line, device);
		/* virtio1 is not virtio10. */
		if (!at || !strchr("-,\n", at[strlen(device)]))
			continue;
		count->all += sum_line(line);
		count->unhandled += unhandled(atoi(line));
		lines++;
	}
	free(line);
	if (file)
		fclose(file);
	return lines;
}

FIXTURE_SETUP(interrupt)
{
	unsigned int number;
	struct count count;
	char node[300];

	self->fd = -1;
	PORT_SETUP();
	ASSERT_EQ(0, port_node(PORT, node, sizeof(node)));
	ASSERT_EQ(1, sscanf(node, "/dev/vport%up", &number));
	snprintf(self->device, sizeof(self->device), "virtio%u", number);
	if (!count_interrupts(self->device, &count))
		SKIP_TEST("the kernel does not count the device's interrupts");
	PORT_CONNECT(O_RDWR);
}

FIXTURE_TEARDOWN(interrupt)
{
	port_teardown(self->fd);
}

/*
 * Half as many, at most, and much fewer where the host takes longer than a write: how
 * far it gets meanwhile is its business.
 */
TEST_F_TIMEOUT(interrupt, writes_take_few, 120)
{
	struct count before, after;
	char buf[SIZE];
	int i;

	ASSERT_EQ(0, host_expect(PORT, WRITES * SIZE, 1));
	count_interrupts(self->device, &before);
	for (i = 0; i < WRITES; i++) {
		pattern_fill(buf, SIZE, 1, i * SIZE);
		ASSERT_EQ(SIZE, write(self->fd, buf, SIZE));
	}
	count_interrupts(self->device, &after);
	TH_LOG("%d writes of %d bytes: %lld interrupts", WRITES, SIZE,
	       after.all - before.all);
	EXPECT_GE(WRITES / 2, after.all - before.all);
	EXPECT_EQ(0, host_wait(PORT));
}

/* An interrupt that its handler does not own up to is soon turned off. */
TEST_F_TIMEOUT(interrupt, few_are_disowned, 120)
{
	struct count before, after;
	char buf[SIZE];
	int i;

	count_interrupts(self->device, &before);
	ASSERT_EQ(0, host_expect(PORT, WRITES * SIZE, 1));
	for (i = 0; i < WRITES; i++) {
		pattern_fill(buf, SIZE, 1, i * SIZE);
		ASSERT_EQ(SIZE, write(self->fd, buf, SIZE));
		if (i % 100)
			continue;
		ASSERT_EQ(0, host_send(PORT, SIZE, 2));
		ASSERT_EQ(0, port_read_pattern(self->fd, SIZE, 2, 0, SIZE));
	}
	EXPECT_EQ(0, host_wait(PORT));
	count_interrupts(self->device, &after);
	TH_LOG("%lld interrupts, %lld of them unhandled",
	       after.all - before.all, after.unhandled - before.unhandled);
	EXPECT_LT(0, after.all - before.all);
	EXPECT_GE((after.all - before.all) / 2,
		  after.unhandled - before.unhandled);
}

TEST_HARNESS_MAIN
