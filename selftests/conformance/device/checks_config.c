// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checks_config.c - features and configuration space
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "checks.h"

/* In configuration space */
#define COLS		0
#define ROWS		2
#define MAX_PORTS	4
#define EMERGENCY	8

#define F_SIZE		(1ull << 0)
#define NOTIFY_ON_EMPTY	(1ull << 24)
#define ANY_LAYOUT	(1ull << 27)

/*
 * Not of the device but of the transport, or of what is older than VIRTIO 1.0
 * and means nothing with it.
 */
#define NOT_COMPARED	(NOTIFY_ON_EMPTY | ANY_LAYOUT | FE_LOG_ALL | \
			 FE_PROTOCOL | FE_RING_RESET)

static uint64_t offered(struct dut *dut, const char *properties)
{
	dut_begin(dut, properties);
	dut_start(dut);
	dut_negotiate(dut, FE_VERSION_1);
	return dut->kind->features(&dut->fe) & ~NOT_COMPARED;
}

static void expect_offered(struct dut *dut, const char *properties,
			   uint64_t features)
{
	uint64_t found = offered(dut, properties);

	if (found != features)
		fail_msg("features %#llx, expected %#llx",
			 (unsigned long long)found,
			 (unsigned long long)features);
	dut_stop(dut);
}

#define USUAL	(FE_VERSION_1 | FE_EVENT_IDX | FE_INDIRECT | FE_EMERG_WRITE)

static void usual_features(struct dut *dut)
{
	expect_offered(dut, "", USUAL | FE_MULTIPORT);
}

static void one_port_features(struct dut *dut)
{
	expect_offered(dut, "max_ports=1", USUAL);
}

static void no_emergency_feature(struct dut *dut)
{
	expect_offered(dut, "emergency-write=off",
		       (USUAL & ~FE_EMERG_WRITE) | FE_MULTIPORT);
}

static void no_ring_features(struct dut *dut)
{
	expect_offered(dut, "indirect_desc=off,event_idx=off",
		       FE_VERSION_1 | FE_EMERG_WRITE | FE_MULTIPORT);
}

static void packed_feature(struct dut *dut)
{
	expect_offered(dut, "packed=on", USUAL | FE_MULTIPORT | FE_PACKED);
}

static void size_feature(struct dut *dut)
{
	expect_offered(dut, "console-size=on", USUAL | FE_MULTIPORT | F_SIZE);
}

static void ring_reset_feature(struct dut *dut)
{
	dut_begin(dut, "");
	dut_start(dut);
	dut_negotiate(dut, FE_VERSION_1);
	assert_true(dut->kind->features(&dut->fe) & FE_RING_RESET);
	dut_stop(dut);
}

static uint32_t get(struct dut *dut, unsigned int at, unsigned int size)
{
	return dut->kind->get_config(&dut->fe, at, size);
}

static void expect_max_ports(struct dut *dut, const char *properties,
			     uint32_t ports)
{
	offered(dut, properties);
	assert_int_equal(get(dut, MAX_PORTS, 4), ports);
	dut_stop(dut);
}

static void default_max_ports(struct dut *dut)
{
	expect_max_ports(dut, "", 31);
}

static void given_max_ports(struct dut *dut)
{
	expect_max_ports(dut, "max_ports=5", 5);
}

static void one_max_port(struct dut *dut)
{
	expect_max_ports(dut, "max_ports=1", 1);
}

static void no_size(struct dut *dut)
{
	offered(dut, "");
	assert_int_equal(get(dut, COLS, 2), 0);
	assert_int_equal(get(dut, ROWS, 2), 0);
	dut_stop(dut);
}

static void max_ports_is_read_only(struct dut *dut)
{
	offered(dut, "max_ports=5");
	dut->kind->set_config(&dut->fe, MAX_PORTS, 4, 7);
	assert_int_equal(get(dut, MAX_PORTS, 4), 5);
	dut_stop(dut);
}

static void no_ports_refused(struct dut *dut)
{
	dut_begin(dut, "max_ports=0");
	dut_refused(dut, "Maximum number of serial ports not specified");
}

static void too_many_ports_refused(struct dut *dut)
{
	dut_begin(dut, "max_ports=512");
	dut_refused(dut, "maximum ports supported: 511");
}

static void unknown_property_refused(struct dut *dut)
{
	dut_begin(dut, "bogus=1");
	dut_refused(dut, "Property 'virtio-serial-pci.bogus' not found");
}

static void nonsense_features_refused(struct dut *dut)
{
	offered(dut, "");
	assert_false(dut->kind->accepts(&dut->fe, FE_VERSION_1 | 1ull << 50));
	dut_stop(dut);
}

static void fewer_features_accepted(struct dut *dut)
{
	offered(dut, "");
	assert_true(dut->kind->accepts(&dut->fe, FE_VERSION_1));
	assert_true(dut->kind->accepts(&dut->fe, FE_VERSION_1 | FE_MULTIPORT));
	dut_stop(dut);
}

/* A console whose chardev has a client, and a driver that only probes. */
static int console(struct dut *dut)
{
	int client;

	dut_console(dut, "");
	client = dut_client(dut, "c0");
	dut_says(dut, "{'execute': 'query-chardev'}", "c0");
	dut_negotiate(dut, FE_ALL_FEATURES);
	return client;
}

static void emergency_write(struct dut *dut)
{
	int client = console(dut);

	dut->kind->set_config(&dut->fe, EMERGENCY, 4, 'A');
	dut->kind->set_config(&dut->fe, EMERGENCY, 4, 'B');
	host_hears(client, "AB");
	dut_stop(dut);
}

static void emergency_write_before_negotiation(struct dut *dut)
{
	int client = console(dut);

	/* A driver that has just begun: no queue, not even features. */
	dut->kind->accepts(&dut->fe, 0);
	dut->kind->set_config(&dut->fe, EMERGENCY, 4, 'e');
	host_hears(client, "e");
	dut_stop(dut);
}

static void emergency_write_is_one_byte(struct dut *dut)
{
	int client = console(dut);

	dut->kind->set_config(&dut->fe, EMERGENCY, 4, 0x44434241);
	dut->kind->set_config(&dut->fe, EMERGENCY, 4, 'z');
	host_hears(client, "Az");
	dut_stop(dut);
}

static void emergency_register_reads_zero(struct dut *dut)
{
	int client = console(dut);

	dut->kind->set_config(&dut->fe, EMERGENCY, 4, 'A');
	host_hears(client, "A");
	assert_int_equal(get(dut, EMERGENCY, 4), 0);
	dut_stop(dut);
}

static void emergency_write_without_console(struct dut *dut)
{
	int client;

	dut_one_port(dut, FE_ALL_FEATURES);
	client = dut_client(dut, "c1");
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	dut->kind->set_config(&dut->fe, EMERGENCY, 4, 'A');
	fe_sync(&dut->fe);
	expect_silence(client);
	dut_stop(dut);
}

static const char no_size_in_qemu[] = "has no console size";

const struct check config_checks[] = {
	{ "the usual features are offered", usual_features },
	{ "max_ports=1 takes MULTIPORT away", one_port_features },
	{ "emergency-write=off takes EMERG_WRITE away", no_emergency_feature,
	  .differs = "of newer versions has no such property" },
	{ "indirect_desc=off, event_idx=off take these away",
	  no_ring_features },
	{ "packed=on offers RING_PACKED", packed_feature },
	{ "console-size=on offers SIZE", size_feature,
	  .not_qemu = no_size_in_qemu },
	{ "RING_RESET is offered", ring_reset_feature,
	  .not_vhost = "no message of vhost-user says it" },
	{ "max_nr_ports is 31 unless given", default_max_ports },
	{ "max_nr_ports is what max_ports= says", given_max_ports },
	{ "max_nr_ports is 1 without MULTIPORT", one_max_port },
	{ "cols and rows are 0 without SIZE", no_size },
	{ "max_nr_ports cannot be written", max_ports_is_read_only },
	{ "max_ports=0 is refused", no_ports_refused },
	{ "max_ports=512 is refused", too_many_ports_refused },
	{ "an unknown property is refused", unknown_property_refused },
	{ "features that were not offered are refused",
	  nonsense_features_refused,
	  .differs = "takes them off in silence" },
	{ "less than what was offered is accepted", fewer_features_accepted },
	{ "EMERG_WRITE reaches the console's chardev", emergency_write },
	{ "EMERG_WRITE needs no negotiation",
	  emergency_write_before_negotiation },
	{ "EMERG_WRITE takes the lowest byte", emergency_write_is_one_byte },
	{ "EMERG_WRITE's register reads 0", emergency_register_reads_zero },
	{ "EMERG_WRITE goes to no port that is no console",
	  emergency_write_without_console },
	{ NULL }
};
