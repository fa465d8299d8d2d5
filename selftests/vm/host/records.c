// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * records.c - what several writers send through one port
 *
 * Each record is one write() of the guest.  Records of different writers may
 * come in any order, those of one writer in theirs, and none may be torn.
 */

#include <endian.h>
#include <string.h>

#include "host.h"
#include "pattern.h"

/**
 * records_start() - expect records from now on
 * @port:  the port
 * @size:  bytes of each, its header included
 * @count: how many, from all writers
 */
void records_start(struct port *port, uint32_t size, uint32_t count)
{
	struct port_records *records = &port->records;

	port_set_mode(port, PORT_RECORDS);
	records->size = size;
	memset(records->next, 0, sizeof(records->next));
	bytes_consume(&records->partial, bytes_len(&records->partial));
	port->rx_left = (uint64_t)size * count;
}

static void check_record(struct port *port, const uint8_t *data)
{
	struct port_records *records = &port->records;
	size_t body = records->size - sizeof(struct pattern_record);
	struct pattern_record head;
	uint32_t writer, sequence;

	memcpy(&head, data, sizeof(head));
	writer = le32toh(head.writer);
	sequence = le32toh(head.sequence);

	if (writer >= PORT_MAX_WRITERS)
		port_fail(port, "a record is torn: writer %u", writer);
	else if (sequence != records->next[writer]++)
		port_fail(port, "record %u of writer %u came in place of %u",
			  sequence, writer, records->next[writer] - 1);
	else if (pattern_check(data + sizeof(head), body, writer,
			       (uint64_t)sequence * body) < body)
		port_fail(port, "record %u of writer %u is torn", sequence,
			  writer);
}

/**
 * records_input() - check what came in
 * @port: the port
 * @data: the bytes
 * @len:  how many
 */
void records_input(struct port *port, const uint8_t *data, size_t len)
{
	struct bytes *partial = &port->records.partial;

	if (bytes_append(partial, data, len)) {
		port_fail(port, "no memory");
		return;
	}
	while (bytes_len(partial) >= port->records.size) {
		check_record(port, bytes_peek(partial));
		bytes_consume(partial, port->records.size);
	}
}
