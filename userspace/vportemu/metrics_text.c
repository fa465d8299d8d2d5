// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * metrics_text.c - what ports have moved, in OpenMetrics text format 1.0
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "machine.h"
#include "metrics.h"

enum metric_type {
	METRIC_COUNTER,		/* uint64_t, which only grows */
	METRIC_COUNT,		/* uint64_t */
	METRIC_NUMBER,		/* unsigned int */
	METRIC_FLAG,		/* bool */
};

struct metric {
	const char *name;
	const char *unit;	/* NULL: none */
	enum metric_type type;
	size_t offset;		/* in struct machine_port */
	const char *help;
};

#define PORT(member) offsetof(struct machine_port, member)

static const struct metric metrics[] = {
	{ "vport_port_to_host_bytes", "bytes", METRIC_COUNTER,
	  PORT(bytes_to_host), "Bytes that the guest has sent." },
	{ "vport_port_to_guest_bytes", "bytes", METRIC_COUNTER,
	  PORT(bytes_to_guest), "Bytes that the guest has got." },
	{ "vport_port_dropped_bytes", "bytes", METRIC_COUNTER,
	  PORT(bytes_dropped), "Bytes from the guest that nobody will get." },
	{ "vport_port_missed_bytes", "bytes", METRIC_COUNTER,
	  PORT(clients_missed),
	  "Bytes that clients have lost because they were too slow." },
	{ "vport_port_throttles", NULL, METRIC_COUNTER, PORT(throttles),
	  "Times that output had to wait for the character device." },
	{ "vport_port_starvations", NULL, METRIC_COUNTER, PORT(starvations),
	  "Times that input had to wait for the guest." },
	{ "vport_port_waiting_bytes", "bytes", METRIC_COUNT,
	  PORT(history_waiting), "Bytes that wait for a client." },
	{ "vport_port_clients", NULL, METRIC_NUMBER, PORT(clients),
	  "Clients of the character device." },
	{ "vport_port_guest_connected", NULL, METRIC_FLAG,
	  PORT(guest_connected), "The guest has the port open." },
	{ "vport_port_host_connected", NULL, METRIC_FLAG, PORT(host_connected),
	  "The host has the port open." },
	{ "vport_port_throttled", NULL, METRIC_FLAG, PORT(throttled),
	  "Output waits for the character device." },
};

#define NUM_METRICS	(sizeof(metrics) / sizeof(metrics[0]))

/* What does not fit is not there: the end is missing, and readers notice. */
__attribute__((format(printf, 2, 3)))
static void print(struct bytes *out, const char *format, ...)
{
	char text[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	bytes_append(out, text, len < (int)sizeof(text) ? (size_t)len :
							  sizeof(text) - 1);
}

static void print_label(struct bytes *out, const char *before, const char *name,
			const char *value)
{
	if (!value)
		return;
	print(out, "%s%s=\"", before, name);
	for (; *value; value++) {
		if (*value == '\n')
			bytes_append(out, "\\n", 2);
		else if (*value == '"' || *value == '\\')
			print(out, "\\%c", *value);
		else
			bytes_append(out, value, 1);
	}
	bytes_append(out, "\"", 1);
}

struct printing {
	const struct metric *metric;
	struct bytes *out;
};

static uint64_t metric_value(const struct metric *metric,
			     const struct machine_port *port)
{
	const void *at = (const char *)port + metric->offset;

	if (metric->type == METRIC_FLAG)
		return *(const bool *)at;
	if (metric->type == METRIC_NUMBER)
		return *(const unsigned int *)at;

	return *(const uint64_t *)at;
}

static void print_port(void *data, const struct machine_port *port)
{
	const struct printing *printing = data;
	const struct metric *metric = printing->metric;
	struct bytes *out = printing->out;
	char nr[16];

	snprintf(nr, sizeof(nr), "%u", port->nr);
	print(out, "%s%s", metric->name,
	      metric->type == METRIC_COUNTER ? "_total" : "");
	print_label(out, "{", "bus", port->bus);
	print_label(out, ",", "nr", nr);
	print_label(out, ",", "driver", port->model);
	print_label(out, ",", "id", port->id);
	print_label(out, ",", "name", port->name);
	print_label(out, ",", "chardev", port->chardev);
	print(out, "} %" PRIu64 "\n", metric_value(metric, port));
}

void metrics_print(struct machine *machine, struct bytes *out)
{
	struct printing printing = { .out = out };
	size_t i;

	for (i = 0; i < NUM_METRICS; i++) {
		print(out, "# TYPE %s %s\n", metrics[i].name,
		      metrics[i].type == METRIC_COUNTER ? "counter" : "gauge");
		if (metrics[i].unit)
			print(out, "# UNIT %s %s\n", metrics[i].name,
			      metrics[i].unit);
		print(out, "# HELP %s %s\n", metrics[i].name, metrics[i].help);
		printing.metric = &metrics[i];
		machine_visit_ports(machine, print_port, &printing);
	}
	print(out, "# TYPE vport_running gauge\n"
	      "# HELP vport_running Data flows, as between cont and stop.\n"
	      "vport_running %d\n", machine_running(machine));
	print(out, "# EOF\n");
}
