// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_system_test.c - commands that tell of the system, over a socket
 *
 * What they must say is taken from the kernel here by other means.
 */

#include <dirent.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "agent_process.h"

/* Return: what came as "return". */
static struct json_object *ask_for(const char *command)
{
	int fd = client_connect(&test_agent);
	struct json_object *result;
	struct json_object *reply;
	char request[128];
	char *line;

	snprintf(request, sizeof(request), "{\"execute\":\"%s\"}\n", command);
	client_send(fd, request, strlen(request));
	line = client_line(fd);
	assert_non_null(line);
	reply = json_tokener_parse(line);
	if (!json_object_object_get_ex(reply, "return", &result))
		fail_msg("%s: %s", command, line);
	json_object_get(result);
	json_object_put(reply);
	free(line);
	client_close(fd);
	return result;
}

static struct json_object *get(struct json_object *object, const char *name,
			       json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value))
		fail_msg("%s is missing", name);
	assert_true(json_object_is_type(value, type));
	return value;
}

static const char *get_string(struct json_object *object, const char *name)
{
	return json_object_get_string(get(object, name, json_type_string));
}

static long long get_int(struct json_object *object, const char *name)
{
	return json_object_get_int64(get(object, name, json_type_int));
}

static struct json_object *find(struct json_object *list, const char *member,
				const char *value)
{
	struct json_object *entry;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		if (!strcmp(value, get_string(entry, member)))
			return entry;
	}

	return NULL;
}

static int count_names(const char *dir, const char *prefix)
{
	size_t len = strlen(prefix);
	struct dirent *entry;
	DIR *stream = opendir(dir);
	int count = 0;

	while (stream && (entry = readdir(stream)))
		count += !strncmp(entry->d_name, prefix, len) &&
			 strchr("0123456789", entry->d_name[len]) &&
			 entry->d_name[len];
	if (stream)
		closedir(stream);
	return count;
}

static void timezone_is_the_systems(void **state)
{
	struct json_object *result = ask_for("guest-get-timezone");
	time_t now = time(NULL);
	struct tm *local = localtime(&now);

	assert_int_equal(local->tm_gmtoff, get_int(result, "offset"));
	assert_string_equal(local->tm_zone, get_string(result, "zone"));
	json_object_put(result);
}

static void vcpus_are_all_there(void **state)
{
	struct json_object *result = ask_for("guest-get-vcpus");
	struct json_object *cpu;
	long online = 0;
	size_t i;

	assert_int_equal(count_names("/sys/devices/system/cpu", "cpu"),
			 json_object_array_length(result));
	for (i = 0; i < json_object_array_length(result); i++) {
		cpu = json_object_array_get_idx(result, i);
		get_int(cpu, "logical-id");
		get(cpu, "can-offline", json_type_boolean);
		online += json_object_get_boolean(
			get(cpu, "online", json_type_boolean));
	}
	assert_int_equal(sysconf(_SC_NPROCESSORS_ONLN), online);
	json_object_put(result);
}

static void memory_blocks_are_all_there(void **state)
{
	struct json_object *result = ask_for("guest-get-memory-blocks");
	struct json_object *info;
	struct json_object *block;
	size_t i;

	assert_int_equal(count_names("/sys/devices/system/memory", "memory"),
			 json_object_array_length(result));
	for (i = 0; i < json_object_array_length(result); i++) {
		block = json_object_array_get_idx(result, i);
		get_int(block, "phys-index");
		get(block, "online", json_type_boolean);
		get(block, "can-offline", json_type_boolean);
	}
	json_object_put(result);

	if (access("/sys/devices/system/memory/block_size_bytes", R_OK))
		return;
	info = ask_for("guest-get-memory-block-info");
	assert_true(get_int(info, "size") >= getpagesize());
	json_object_put(info);
}

static void load_has_three_numbers(void **state)
{
	struct json_object *result;

	known_to_differ("before 10.0 there is no guest-get-load");
	result = ask_for("guest-get-load");
	get(result, "load1m", json_type_double);
	get(result, "load5m", json_type_double);
	get(result, "load15m", json_type_double);
	json_object_put(result);
}

/* Milliseconds: no processor has been idle for longer than all exist. */
static void cpustats_are_in_milliseconds(void **state)
{
	struct json_object *result = ask_for("guest-get-cpustats");
	struct json_object *cpu = json_object_array_get_idx(result, 0);
	struct timespec up;

	assert_int_equal(sysconf(_SC_NPROCESSORS_ONLN),
			 json_object_array_length(result));
	assert_string_equal("linux", get_string(cpu, "type"));
	get_int(cpu, "cpu");
	get_int(cpu, "nice");
	get_int(cpu, "system");
	clock_gettime(CLOCK_BOOTTIME, &up);
	assert_in_range(get_int(cpu, "idle") + get_int(cpu, "user"), 1,
			up.tv_sec * 1000 + 2000);
	json_object_put(result);
}

static int count_lines(const char *path)
{
	FILE *file = fopen(path, "r");
	int lines = 0;
	int c;

	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

static void diskstats_are_the_kernels(void **state)
{
	struct json_object *result = ask_for("guest-get-diskstats");
	struct json_object *disk;
	size_t i;

	assert_int_equal(count_lines("/proc/diskstats"),
			 json_object_array_length(result));
	for (i = 0; i < json_object_array_length(result); i++) {
		disk = json_object_array_get_idx(result, i);
		get_string(disk, "name");
		get_int(disk, "major");
		get_int(disk, "minor");
		get_int(get(disk, "stats", json_type_object), "write-sectors");
	}
	json_object_put(result);
}

static void interfaces_have_addresses(void **state)
{
	struct json_object *result = ask_for("guest-network-get-interfaces");
	struct if_nameindex *names = if_nameindex();
	struct json_object *address;
	struct json_object *lo;
	int i;

	for (i = 0; names[i].if_name; i++)
		assert_non_null(find(result, "name", names[i].if_name));
	assert_int_equal(i, json_object_array_length(result));
	if_freenameindex(names);

	lo = find(result, "name", "lo");
	assert_string_equal("00:00:00:00:00:00",
			    get_string(lo, "hardware-address"));
	address = find(get(lo, "ip-addresses", json_type_array), "ip-address",
		       "127.0.0.1");
	assert_non_null(address);
	assert_string_equal("ipv4", get_string(address, "ip-address-type"));
	assert_int_equal(8, get_int(address, "prefix"));
	lo = get(lo, "statistics", json_type_object);
	assert_int_equal(get_int(lo, "rx-packets"), get_int(lo, "tx-packets"));
	json_object_put(result);
}

static void routes_are_the_kernels(void **state)
{
	struct json_object *result;
	struct json_object *route;
	int lines;
	size_t i;

	known_to_differ("before 9.1 there is no guest-network-get-route");
	result = ask_for("guest-network-get-route");
	lines = count_lines("/proc/net/route") - 1;
	if (!access("/proc/net/ipv6_route", R_OK))
		lines += count_lines("/proc/net/ipv6_route");
	assert_int_equal(lines, json_object_array_length(result));
	for (i = 0; i < json_object_array_length(result); i++) {
		route = json_object_array_get_idx(result, i);
		get_string(route, "iface");
		get_string(route, "destination");
		get_int(route, "metric");
		assert_true(get_int(route, "version") == 4 ||
			    get_int(route, "version") == 6);
	}
	json_object_put(result);
}

static void users_are_a_list(void **state)
{
	struct json_object *result = ask_for("guest-get-users");
	struct json_object *user;
	size_t i;

	assert_true(json_object_is_type(result, json_type_array));
	for (i = 0; i < json_object_array_length(result); i++) {
		user = json_object_array_get_idx(result, i);
		get_string(user, "user");
		get(user, "login-time", json_type_double);
	}
	json_object_put(result);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, test_agent_end)
	const struct CMUnitTest tests[] = {
		TEST(timezone_is_the_systems),
		TEST(vcpus_are_all_there),
		TEST(memory_blocks_are_all_there),
		TEST(load_has_three_numbers),
		TEST(cpustats_are_in_milliseconds),
		TEST(diskstats_are_the_kernels),
		TEST(interfaces_have_addresses),
		TEST(routes_are_the_kernels),
		TEST(users_are_a_list),
	};

	return cmocka_run_group_tests(tests, test_agent_start, test_agent_stop);
}
