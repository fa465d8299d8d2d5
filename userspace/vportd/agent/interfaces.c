// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * interfaces.c - guest-network-get-interfaces
 */

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "command.h"
#include "result.h"
#include "sysfile.h"

/* In the order of the columns of /proc/net/dev; NULL: not told. */
static const char *const columns[] = {
	"rx-bytes", "rx-packets", "rx-errs", "rx-dropped",
	NULL, NULL, NULL, NULL,
	"tx-bytes", "tx-packets", "tx-errs", "tx-dropped",
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static unsigned int count_bits(const uint8_t *bytes, size_t len)
{
	unsigned int bits = 0;

	while (len--)
		bits += __builtin_popcount(*bytes++);
	return bits;
}

/* Return: the interface of that name, borrowed; a new one if need be. */
static struct json_object *find_interface(struct json_object *interfaces,
					  const char *name)
{
	struct json_object *interface;

	if (json_object_object_get_ex(interfaces, name, &interface))
		return interface;

	interface = json_object_new_object();
	result_add_text(interface, "name", name);
	json_object_object_add(interfaces, name, interface);
	return interface;
}

static void add_hardware_address(struct json_object *interface,
				 const struct sockaddr_ll *addr)
{
	const unsigned char *mac = addr->sll_addr;
	char text[18];

	if (addr->sll_halen != 6)
		return;

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	result_add_text(interface, "hardware-address", text);
}

static void add_ip_address(struct json_object *interface,
			   const struct ifaddrs *entry, const char *type,
			   size_t offset, size_t len)
{
	const uint8_t *addr = (const uint8_t *)entry->ifa_addr + offset;
	const uint8_t *mask = (const uint8_t *)entry->ifa_netmask + offset;
	struct json_object *address = json_object_new_object();
	struct json_object *addresses;
	char text[INET6_ADDRSTRLEN];

	inet_ntop(entry->ifa_addr->sa_family, addr, text, sizeof(text));
	result_add_text(address, "ip-address-type", type);
	result_add_text(address, "ip-address", text);
	result_add_int(address, "prefix",
		       entry->ifa_netmask ? count_bits(mask, len) : 8 * len);

	addresses = json_object_object_get(interface, "ip-addresses");
	if (!addresses) {
		addresses = json_object_new_array();
		json_object_object_add(interface, "ip-addresses", addresses);
	}
	json_object_array_add(addresses, address);
}

static void add_entry(struct json_object *interfaces,
		      const struct ifaddrs *entry)
{
	struct json_object *interface;

	interface = find_interface(interfaces, entry->ifa_name);
	if (!entry->ifa_addr)
		return;

	if (entry->ifa_addr->sa_family == AF_PACKET)
		add_hardware_address(interface,
				     (struct sockaddr_ll *)entry->ifa_addr);
	else if (entry->ifa_addr->sa_family == AF_INET)
		add_ip_address(interface, entry, "ipv4",
			       offsetof(struct sockaddr_in, sin_addr), 4);
	else if (entry->ifa_addr->sa_family == AF_INET6)
		add_ip_address(interface, entry, "ipv6",
			       offsetof(struct sockaddr_in6, sin6_addr), 16);
}

/* A line is "  name: number number ..." */
static void add_statistics(struct json_object *interfaces, char *line)
{
	struct json_object *interface;
	struct json_object *stats;
	char *name = line + strspn(line, " ");
	char *colon = strrchr(line, ':');
	char *p;
	size_t i;

	if (!colon)
		return;
	*colon = '\0';
	if (!json_object_object_get_ex(interfaces, name, &interface))
		return;

	stats = json_object_new_object();
	p = colon + 1;
	for (i = 0; i < COLUMNS; i++) {
		uint64_t n = strtoull(p, &p, 10);

		if (columns[i])
			result_add_uint(stats, columns[i], n);
	}
	json_object_object_add(interface, "statistics", stats);
}

static void read_statistics(struct json_object *interfaces)
{
	char *save;
	char *text;
	char *line;

	/* The statistics are optional. */
	if (sysfile_read("/proc/net/dev", &text))
		return;

	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		add_statistics(interfaces, line);
	free(text);
}

int command_network_get_interfaces(struct command_call *call)
{
	struct json_object *interfaces;
	struct json_object *result;
	struct ifaddrs *entries;
	struct ifaddrs *entry;

	if (getifaddrs(&entries))
		return command_error(call, -errno, "getifaddrs: %s",
				     strerror(errno));

	interfaces = json_object_new_object();
	for (entry = entries; entry; entry = entry->ifa_next)
		add_entry(interfaces, entry);
	freeifaddrs(entries);
	read_statistics(interfaces);

	result = json_object_new_array();
	json_object_object_foreach(interfaces, name, interface) {
		(void)name;
		json_object_array_add(result, json_object_get(interface));
	}
	json_object_put(interfaces);
	command_result(call, result);
	return 0;
}
