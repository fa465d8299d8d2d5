// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * routes.c - guest-network-get-route
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "command.h"
#include "result.h"
#include "sysfile.h"

/* The kernel prints IPv4 addresses as numbers of its own byte order. */
static void add_ipv4(struct json_object *route, const char *name,
		     uint32_t number)
{
	struct in_addr addr = { .s_addr = number };
	char text[INET_ADDRSTRLEN];

	result_add_text(route, name,
			inet_ntop(AF_INET, &addr, text, sizeof(text)));
}

/* And IPv6 addresses as 32 digits without colons. */
static void add_ipv6(struct json_object *route, const char *name,
		     const char *digits)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	int i;

	for (i = 0; i < 16; i++) {
		if (sscanf(digits + 2 * i, "%2hhx", &addr.s6_addr[i]) != 1)
			return;
	}
	result_add_text(route, name,
			inet_ntop(AF_INET6, &addr, text, sizeof(text)));
}

static void add_route4(struct json_object *result, const char *line)
{
	unsigned int destination, gateway, flags, mask;
	int refcnt, use, metric, mtu, window, irtt;
	struct json_object *route;
	char iface[32];

	if (sscanf(line, "%31s %x %x %x %d %d %d %x %d %d %d", iface,
		   &destination, &gateway, &flags, &refcnt, &use, &metric,
		   &mask, &mtu, &window, &irtt) != 11)
		return;

	route = json_object_new_object();
	result_add_text(route, "iface", iface);
	add_ipv4(route, "destination", destination);
	add_ipv4(route, "gateway", gateway);
	add_ipv4(route, "mask", mask);
	result_add_int(route, "metric", metric);
	result_add_uint(route, "flags", flags);
	result_add_int(route, "refcnt", refcnt);
	result_add_int(route, "use", use);
	result_add_int(route, "mtu", mtu);
	result_add_int(route, "window", window);
	result_add_int(route, "irtt", irtt);
	result_add_int(route, "version", 4);
	json_object_array_add(result, route);
}

/* The schema wants lengths of prefixes as strings. */
static void add_length(struct json_object *route, const char *name,
		       unsigned int length)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", length);
	result_add_text(route, name, text);
}

static void add_route6(struct json_object *result, const char *line)
{
	unsigned int destination_len, source_len, metric, refcnt, use, flags;
	char destination[33], source[33], nexthop[33];
	struct json_object *route;
	char iface[32];

	if (sscanf(line, "%32s %x %32s %x %32s %x %x %x %x %31s", destination,
		   &destination_len, source, &source_len, nexthop, &metric,
		   &refcnt, &use, &flags, iface) != 10)
		return;

	route = json_object_new_object();
	result_add_text(route, "iface", iface);
	add_ipv6(route, "destination", destination);
	add_length(route, "desprefixlen", destination_len);
	add_ipv6(route, "source", source);
	add_length(route, "srcprefixlen", source_len);
	add_ipv6(route, "nexthop", nexthop);
	result_add_int(route, "metric", metric);
	result_add_uint(route, "flags", flags);
	result_add_int(route, "refcnt", refcnt);
	result_add_int(route, "use", use);
	result_add_int(route, "version", 6);
	json_object_array_add(result, route);
}

/* The heading of the first table is no route: it has no numbers. */
static int read_routes(struct json_object *result, const char *path,
		       void (*add)(struct json_object *result,
				   const char *line))
{
	char *save;
	char *text;
	char *line;
	int err;

	err = sysfile_read(path, &text);
	/* The kernel does not know that protocol. */
	if (err == -ENOENT)
		return 0;
	if (err)
		return err;

	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		add(result, line);
	free(text);
	return 0;
}

int command_network_get_route(struct command_call *call)
{
	struct json_object *result = json_object_new_array();
	int err;

	command_result(call, result);
	err = read_routes(result, "/proc/net/route", add_route4);
	if (err)
		return command_error(call, err, "/proc/net/route: %s",
				     strerror(-err));

	err = read_routes(result, "/proc/net/ipv6_route", add_route6);
	if (err)
		return command_error(call, err, "/proc/net/ipv6_route: %s",
				     strerror(-err));
	return 0;
}
