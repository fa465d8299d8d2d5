// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * many_test.c - more ports than most machines have, on a device of their own
 */

#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "fixture.h"

#define DEVICE	"many"
#define PORTS	300		/* the kernel gives out minors by 256 */
#define IDLE	30
#define CHEAP	2048		/* KiB */

FIXTURE(many)
{
	int count;		/* ports to be removed */
};

FIXTURE_SETUP(many)
{
	self->count = 0;
	if (host_connect())
		SKIP_TEST("no control port: not started by vmhost");
	if (host_request("plug-pci " DEVICE " max_ports=511"))
		SKIP_TEST("the machine has no PCI hot-plug");
}

FIXTURE_TEARDOWN(many)
{
	int i;

	for (i = 0; i < self->count; i++)
		host_request("remove test.n.%d", i);
	host_request("unplug-pci " DEVICE);
}

static int plug(int *count, int wanted, const char *options)
{
	char name[32];
	int i, ret;

	*count = wanted;
	for (i = 0; i < wanted; i++) {
		snprintf(name, sizeof(name), "test.n.%d", i);
		ret = host_plug(name, options);
		if (ret)
			return ret;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const dev_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Find the node of each; returns how many differ from all others. */
static int find_nodes(int count, dev_t *nodes)
{
	char name[32], path[300];
	struct stat st;
	int i, distinct;

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "test.n.%d", i);
		if (port_node(name, path, sizeof(path)) || stat(path, &st))
			return i;
		nodes[i] = st.st_rdev;
	}
	qsort(nodes, count, sizeof(*nodes), compare);
	for (i = distinct = 1; i < count; i++)
		distinct += nodes[i] != nodes[i - 1];
	return distinct;
}

TEST_F_TIMEOUT(many, three_hundred_ports_are_named_and_work, 280)
{
	char last[] = "test.n.299";
	dev_t nodes[PORTS];
	int fd;

	ASSERT_EQ(0, plug(&self->count, PORTS, "bus=" DEVICE ".0"));
	ASSERT_EQ(PORTS, find_nodes(PORTS, nodes));
	EXPECT_EQ(major(nodes[0]), major(nodes[PORTS - 1]));

	fd = port_open(last, O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, host_open(last));
	ASSERT_EQ(0, port_wait_host(fd, true));
	ASSERT_EQ(0, host_send(last, 10000, 1));
	EXPECT_EQ(0, port_read_pattern(fd, 10000, 1, 0, 4096));
	close(fd);
}

TEST_F_TIMEOUT(many, thirty_consoles_are_named, 280)
{
	dev_t nodes[IDLE];

	ASSERT_EQ(0, plug(&self->count, IDLE,
			  "driver=virtconsole bus=" DEVICE ".0"));
	EXPECT_EQ(IDLE, find_nodes(IDLE, nodes));
}

/* Kernel memory in small pieces, in KiB; what can be had back is not counted. */
static long slab(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kib = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "SUnreclaim: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

TEST_F_TIMEOUT(many, idle_ports_cost_little, 280)
{
	dev_t nodes[IDLE];
	long before;

	/* Once the first port is there, so is all that the device needs. */
	ASSERT_EQ(0, plug(&self->count, 1, "bus=" DEVICE ".0"));
	ASSERT_EQ(1, find_nodes(1, nodes));
	before = slab();
	ASSERT_LT(0, before);
	ASSERT_EQ(0, plug(&self->count, IDLE, "bus=" DEVICE ".0"));
	ASSERT_EQ(IDLE, find_nodes(IDLE, nodes));
	TH_LOG("%d ports: %ld KiB", IDLE, slab() - before);
	EXPECT_GT(CHEAP, slab() - before);
}

TEST_HARNESS_MAIN
