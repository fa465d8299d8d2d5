// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checks_data.c - the data queues: what moves, what waits, what is dropped
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "checks.h"
#include "transfer.h"

#define PACKED	(FE_ALL_FEATURES | FE_PACKED)

/* More than a socket holds that nobody reads. */
#define MUCH_SIZE	65536
#define MUCH_COUNT	32

static void out(struct dut *dut, uint64_t features, size_t size,
		unsigned int count)
{
	transfer_out(dut, dut_open_port(dut, features), size, count);
	dut_stop(dut);
}

static void in(struct dut *dut, uint64_t features, size_t size,
	       unsigned int count)
{
	transfer_in(dut, dut_open_port(dut, features), size, count);
	dut_stop(dut);
}

#define TRANSFER(size, count)						\
static void out_##size(struct dut *dut)					\
{									\
	out(dut, FE_ALL_FEATURES, size, count);				\
}									\
static void in_##size(struct dut *dut)					\
{									\
	in(dut, FE_ALL_FEATURES, size, count);				\
}									\
static void packed_out_##size(struct dut *dut)				\
{									\
	out(dut, PACKED, size, count);					\
}									\
static void packed_in_##size(struct dut *dut)				\
{									\
	in(dut, PACKED, size, count);					\
}

TRANSFER(1, 100)
TRANSFER(4095, 20)
TRANSFER(4096, 20)
TRANSFER(65536, 2)

static void set_desc(struct front_end *fe, volatile struct vring_desc *desc,
		     void *at, uint32_t len, uint16_t flags, uint16_t next)
{
	desc->addr = fe_gpa(fe, at);
	desc->len = len;
	desc->flags = flags;
	desc->next = next;
}

/* Three pieces of @at in the ring's own descriptors, from the first one on. */
static void add_chain(struct front_end *fe, unsigned int index, uint8_t *at,
		      uint16_t flags)
{
	volatile struct vring_desc *desc = fe->queues[index].desc;

	set_desc(fe, &desc[0], at, 3, flags | VRING_DESC_F_NEXT, 1);
	set_desc(fe, &desc[1], at + 3, 100, flags | VRING_DESC_F_NEXT, 2);
	set_desc(fe, &desc[2], at + 103, 5000, flags, 0);
	fe_add_head(fe, index, 0);
	fe_kick(fe, index);
}

#define CHAIN_LENGTH	(3 + 100 + 5000)

static void chained_out(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);
	uint8_t *buf = fe_alloc(&dut->fe, CHAIN_LENGTH);

	add_chain(&dut->fe, fe_tx(1), pattern_fill(buf, 0, CHAIN_LENGTH), 0);
	host_reads(client, 0, CHAIN_LENGTH);
	assert_int_equal(fe_wait_used(&dut->fe, fe_tx(1)), 0);
	dut_stop(dut);
}

static void chained_in(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);
	uint8_t *buf = fe_alloc(&dut->fe, CHAIN_LENGTH);

	add_chain(&dut->fe, fe_rx(1), buf, VRING_DESC_F_WRITE);
	host_writes(client, 0, 300);
	assert_int_equal(fe_wait_used(&dut->fe, fe_rx(1)), 300);
	pattern_check(buf, 0, 300);
	dut_stop(dut);
}

static void indirect_out(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);
	struct front_end *fe = &dut->fe;
	struct vring_desc *table = fe_alloc(fe, 2 * sizeof(*table));
	uint8_t *buf = pattern_fill(fe_alloc(fe, 200), 0, 200);

	set_desc(fe, &table[0], buf, 77, VRING_DESC_F_NEXT, 1);
	set_desc(fe, &table[1], buf + 77, 123, 0, 0);
	set_desc(fe, fe->queues[fe_tx(1)].desc, table, 2 * sizeof(*table),
		 VRING_DESC_F_INDIRECT, 0);
	fe_add_head(fe, fe_tx(1), 0);
	fe_kick(fe, fe_tx(1));
	host_reads(client, 0, 200);
	assert_int_equal(fe_wait_used(fe, fe_tx(1)), 0);
	dut_stop(dut);
}

/* Neither EVENT_IDX nor indirect tables. */
#define FEW	(FE_VERSION_1 | FE_MULTIPORT)

static void few_features_out(struct dut *dut)
{
	out(dut, FEW, 4096, 20);
}

static void few_features_in(struct dut *dut)
{
	in(dut, FEW, 4096, 20);
}

static uint16_t used_index(struct dut *dut, unsigned int index)
{
	fe_sync(&dut->fe);
	return __atomic_load_n(&dut->fe.queues[index].used->idx,
			       __ATOMIC_ACQUIRE);
}

/* One buffer, used; of calls nothing is said. */
static void send_quietly(struct dut *dut, int client)
{
	uint16_t before = used_index(dut, fe_tx(1));

	queue_output(dut, 10, 1);
	host_reads(client, 0, 10);
	assert_int_equal(used_index(dut, fe_tx(1)), (uint16_t)(before + 1));
}

static void event_idx(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);
	struct fe_queue *q = &dut->fe.queues[fe_tx(1)];

	/* There may be a call for the first one, whatever the driver wants. */
	send_quietly(dut, client);
	fe_called(&dut->fe, fe_tx(1));
	q->avail->ring[q->num] = 3;
	send_quietly(dut, client);
	send_quietly(dut, client);
	assert_false(fe_called(&dut->fe, fe_tx(1)));
	send_quietly(dut, client);
	assert_true(fe_called(&dut->fe, fe_tx(1)));
	send_quietly(dut, client);
	assert_false(fe_called(&dut->fe, fe_tx(1)));
	dut_stop(dut);
}

static void no_interrupt_flag(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES & ~FE_EVENT_IDX);
	struct fe_queue *q = &dut->fe.queues[fe_tx(1)];

	fe_called(&dut->fe, fe_tx(1));
	q->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	send_quietly(dut, client);
	assert_false(fe_called(&dut->fe, fe_tx(1)));
	q->avail->flags = 0;
	send_quietly(dut, client);
	assert_true(fe_called(&dut->fe, fe_tx(1)));
	dut_stop(dut);
}

static void input_waits_for_open(struct dut *dut)
{
	struct front_end *fe = &dut->fe;
	char *buf;
	int client;

	dut_one_port(dut, FE_ALL_FEATURES);
	client = dut_client(dut, "c1");
	fe_expect_control(fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_queue_setup(fe, fe_rx(1), 8);
	buf = fe_alloc(fe, 64);
	fe_add(fe, fe_rx(1), buf, 64, true);
	fe_kick(fe, fe_rx(1));
	write_exactly(client, "early", 5);
	assert_int_equal(used_index(dut, fe_rx(1)), 0);
	fe_send_control(fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(fe_wait_used(fe, fe_rx(1)), 5);
	assert_memory_equal(buf, "early", 5);
	dut_stop(dut);
}

static void input_waits_for_buffers(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	write_exactly(client, "waits", 5);
	fe_sync(&dut->fe);
	dut_receive(dut, 1, "waits");
	dut_stop(dut);
}

static void input_waits_while_closed(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	write_exactly(client, "one", 3);
	dut_receive(dut, 1, "one");
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
	write_exactly(client, "two", 3);
	fe_sync(&dut->fe);
	fe_send_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	dut_receive(dut, 1, "two");
	dut_stop(dut);
}

static void last_words(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);

	write_exactly(client, "bye", 3);
	dut_receive(dut, 1, "bye");
	fe_add(&dut->fe, fe_rx(1), fe_alloc(&dut->fe, 8), 8, true);
	fe_kick(&dut->fe, fe_rx(1));
	write_exactly(client, "again", 5);
	close(client);
	assert_int_equal(fe_wait_used(&dut->fe, fe_rx(1)), 5);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	dut_stop(dut);
}

static void output_to_nobody(struct dut *dut)
{
	int client;

	dut_one_port(dut, FE_ALL_FEATURES);
	fe_open_port(&dut->fe, 1);
	dut_send(dut, 1, "lost");
	client = dut_client(dut, "c1");
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	dut_send(dut, 1, "heard");
	host_hears(client, "heard");
	dut_stop(dut);
}

static void output_without_open(struct dut *dut)
{
	int client;

	dut_one_port(dut, FE_ALL_FEATURES);
	client = dut_client(dut, "c1");
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_queue_setup(&dut->fe, fe_tx(1), 8);
	dut_send(dut, 1, "anyway");
	host_hears(client, "anyway");
	dut_stop(dut);
}

static void slow_host(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);
	unsigned int i;

	queue_output(dut, MUCH_SIZE, MUCH_COUNT);
	assert_in_range(used_index(dut, fe_tx(1)), 0, MUCH_COUNT - 1);
	host_reads(client, 0, MUCH_SIZE * MUCH_COUNT);
	for (i = 0; i < MUCH_COUNT; i++)
		assert_int_equal(fe_wait_used(&dut->fe, fe_tx(1)), 0);
	dut_stop(dut);
}

static void slow_host_leaves(struct dut *dut)
{
	int client = dut_open_port(dut, FE_ALL_FEATURES);
	unsigned int i;

	queue_output(dut, MUCH_SIZE, MUCH_COUNT);
	fe_sync(&dut->fe);
	close(client);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	for (i = 0; i < MUCH_COUNT; i++)
		fe_wait_used(&dut->fe, fe_tx(1));
	dut_stop(dut);
}

static void slow_host_stops_no_other(struct dut *dut)
{
	int slow, quick;

	dut_begin(dut, "max_ports=3");
	dut_chardev(dut, "c1");
	dut_chardev(dut, "c2");
	emulator_arg(&dut->emu, "-device virtserialport,chardev=c1");
	emulator_arg(&dut->emu, "-device virtserialport,chardev=c2");
	dut_start(dut);
	slow = dut_client(dut, "c1");
	quick = dut_client(dut, "c2");
	dut_says(dut, "{'execute': 'query-chardev'}", "c2");
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_driver(dut);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_expect_control(&dut->fe, 2, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_open_port(&dut->fe, 1);
	fe_open_port(&dut->fe, 2);
	queue_output(dut, MUCH_SIZE, MUCH_COUNT);
	assert_in_range(used_index(dut, fe_tx(1)), 0, MUCH_COUNT - 1);
	dut_send(dut, 2, "past it");
	host_hears(quick, "past it");
	close(slow);
	dut_stop(dut);
}

/* No control queues, and nothing to be opened. */
static void without_multiport(struct dut *dut)
{
	int client;

	dut_console(dut, "max_ports=1");
	client = dut_client(dut, "c0");
	dut_negotiate(dut, FE_ALL_FEATURES & ~FE_MULTIPORT);
	fe_queue_setup(&dut->fe, fe_rx(0), 8);
	fe_queue_setup(&dut->fe, fe_tx(0), 8);
	fe_sync(&dut->fe);
	dut_send(dut, 0, "out");
	host_hears(client, "out");
	write_exactly(client, "in", 2);
	dut_receive(dut, 0, "in");
	dut_stop(dut);
}

static void console_to_nobody(struct dut *dut)
{
	dut_console(dut, "max_ports=3");
	dut_negotiate(dut, FE_ALL_FEATURES);
	dut_driver(dut);
	fe_expect_control(&dut->fe, 0, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_queue_setup(&dut->fe, fe_tx(0), 8);
	dut_send(dut, 0, "into the void");
	dut_send(dut, 0, "and again");
	dut_stop(dut);
}

#define BOTH_WAYS(ring, size, prefix)					\
	{ "out: buffers of " #size " bytes" ring, prefix##out_##size },	\
	{ "in: buffers of " #size " bytes" ring, prefix##in_##size }

const struct check data_checks[] = {
	BOTH_WAYS("", 1,),
	BOTH_WAYS("", 4095,),
	BOTH_WAYS("", 4096,),
	BOTH_WAYS("", 65536,),
	BOTH_WAYS(", packed ring", 1, packed_),
	BOTH_WAYS(", packed ring", 4095, packed_),
	BOTH_WAYS(", packed ring", 4096, packed_),
	BOTH_WAYS(", packed ring", 65536, packed_),
	{ "out: without any feature of rings", few_features_out },
	{ "in: without any feature of rings", few_features_in },
	{ "out: a chain of descriptors", chained_out },
	{ "in: a chain of descriptors", chained_in },
	{ "out: an indirect table", indirect_out },
	{ "EVENT_IDX: no call before it is wanted", event_idx },
	{ "without EVENT_IDX: no call if the flag says so",
	  no_interrupt_flag },
	{ "in: waits for the guest to open the port", input_waits_for_open },
	{ "in: waits for buffers", input_waits_for_buffers },
	{ "in: waits while the port is closed again",
	  input_waits_while_closed },
	{ "in: last words come before PORT_OPEN 0", last_words },
	{ "out: dropped where the host is closed", output_to_nobody },
	{ "out: needs no PORT_OPEN", output_without_open },
	{ "out: waits for a slow host, and all arrives", slow_host },
	{ "out: all buffers are back when a slow host leaves",
	  slow_host_leaves, .differs = "keeps the one that it was at" },
	{ "out: a slow host stops no other port", slow_host_stops_no_other },
	{ "without MULTIPORT: port 0 works at once", without_multiport },
	{ "out: a console's is dropped where nobody listens",
	  console_to_nobody },
	{ NULL }
};
