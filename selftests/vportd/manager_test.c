// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * manager_test.c - which ports are served, as they come, change and go
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"
#include "handler.h"
#include "manager.h"
#include "monitor.h"

const struct handler_ops agent_handler = { .name = "agent" };

/* The monitor and the devices are this file's and note what they are told. */
static const struct monitor_ops *monitor;
static void *monitor_data;
static char notes[1024];

struct device {
	char *text;
};

static void note(const char *verb, const char *text)
{
	snprintf(notes + strlen(notes), sizeof(notes) - strlen(notes),
		 "%s %s\n", verb, text);
}

int monitor_create(sd_event *event, const struct monitor_ops *ops, void *data,
		   struct monitor **ret)
{
	monitor = ops;
	monitor_data = data;
	*ret = NULL;
	return 0;
}

int monitor_start(struct monitor *m)
{
	return 0;
}

void monitor_destroy(struct monitor *m)
{
}

int monitor_lookup(struct monitor *m, const char *path,
		   void (*found)(void *data, const struct monitor_port *port),
		   void *data)
{
	struct monitor_port port = { "vport0p3", "/dev/vport0p3", NULL };

	if (!strcmp(path, "/dev/null"))
		return -ENOTTY;
	if (!strcmp(path, "/dev/virtio-ports/named"))
		port.name = "named";
	found(data, &port);
	return 0;
}

int device_create(sd_event *event, const char *devnode, const char *name,
		  const struct handler_ops *handler, struct device **ret)
{
	struct device *device = malloc(sizeof(*device));

	assert_ptr_equal(&agent_handler, handler);
	assert_true(asprintf(&device->text, "%s %s", devnode, name) > 0);
	note("create", device->text);
	*ret = device;
	return 0;
}

void device_destroy(struct device *device)
{
	if (!device)
		return;
	note("destroy", device->text);
	free(device->text);
	free(device);
}

void device_retry(struct device *device)
{
	note("retry", device->text);
}

static struct manager *manager;

static void begin(const char *path)
{
	notes[0] = '\0';
	assert_int_equal(0, manager_create(NULL, path, &manager));
}

static void found(const char *sysname, const char *name)
{
	char devnode[64];
	struct monitor_port port = { sysname, devnode, name };

	snprintf(devnode, sizeof(devnode), "/dev/%s", sysname);
	monitor->found(monitor_data, &port);
}

static void expect(const char *expected)
{
	assert_string_equal(expected, notes);
	notes[0] = '\0';
}

static void agents_ports_are_served(void **state)
{
	begin(NULL);
	found("vport0p1", "org.qemu.guest_agent.0");
	found("vport0p2", "org.qemu.guest_agent.17");
	expect("create /dev/vport0p1 org.qemu.guest_agent.0\n"
	       "create /dev/vport0p2 org.qemu.guest_agent.17\n");
	manager_destroy(manager);
	expect("destroy /dev/vport0p2 org.qemu.guest_agent.17\n"
	       "destroy /dev/vport0p1 org.qemu.guest_agent.0\n");
}

static void other_ports_are_left_alone(void **state)
{
	static const char *const names[] = {
		"org.vport.demo.0", "com.redhat.spice.0", NULL,
		"org.qemu.guest_agent.", "org.qemu.guest_agent.0x",
		"org.qemu.guest_agent", "xorg.qemu.guest_agent.0",
		"org.qemu.guest_agent.-1", "../org.qemu.guest_agent.0",
	};
	size_t i;

	begin(NULL);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		found("vport0p1", names[i]);
	expect("");
	manager_destroy(manager);
}

static void name_may_come_later(void **state)
{
	begin(NULL);
	found("vport0p1", NULL);
	expect("");
	found("vport0p1", "org.qemu.guest_agent.0");
	expect("create /dev/vport0p1 org.qemu.guest_agent.0\n");
	found("vport0p1", "org.qemu.guest_agent.0");
	expect("retry /dev/vport0p1 org.qemu.guest_agent.0\n");
	manager_destroy(manager);
}

static void unplug_ends_and_replug_starts(void **state)
{
	begin(NULL);
	found("vport0p1", "org.qemu.guest_agent.0");
	notes[0] = '\0';
	monitor->removed(monitor_data, "vport0p1");
	expect("destroy /dev/vport0p1 org.qemu.guest_agent.0\n");
	monitor->removed(monitor_data, "vport0p1");
	expect("");
	found("vport0p1", "org.qemu.guest_agent.0");
	expect("create /dev/vport0p1 org.qemu.guest_agent.0\n");
	manager_destroy(manager);
}

/* A remove event was lost. */
static void other_name_in_the_same_place(void **state)
{
	begin(NULL);
	found("vport0p1", "org.qemu.guest_agent.0");
	found("vport0p1", "org.qemu.guest_agent.1");
	found("vport0p1", "org.vport.demo.0");
	expect("create /dev/vport0p1 org.qemu.guest_agent.0\n"
	       "destroy /dev/vport0p1 org.qemu.guest_agent.0\n"
	       "create /dev/vport0p1 org.qemu.guest_agent.1\n"
	       "destroy /dev/vport0p1 org.qemu.guest_agent.1\n");
	manager_destroy(manager);
}

static void one_port_by_link_is_found_by_name(void **state)
{
	begin("/dev/virtio-ports/named");
	found("vport0p1", "org.qemu.guest_agent.0");
	expect("");
	found("vport7p7", "named");
	expect("create /dev/vport7p7 named\n");
	manager_destroy(manager);
}

static void one_port_without_name_is_found_by_node(void **state)
{
	begin("/dev/vport0p3");
	found("vport0p1", "named");
	expect("");
	found("vport0p3", NULL);
	expect("create /dev/vport0p3 vport0p3\n");
	manager_destroy(manager);
}

static void what_is_no_port_is_refused(void **state)
{
	assert_int_equal(-ENOTTY, manager_create(NULL, "/dev/null", &manager));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agents_ports_are_served),
		cmocka_unit_test(other_ports_are_left_alone),
		cmocka_unit_test(name_may_come_later),
		cmocka_unit_test(unplug_ends_and_replug_starts),
		cmocka_unit_test(other_name_in_the_same_place),
		cmocka_unit_test(one_port_by_link_is_found_by_name),
		cmocka_unit_test(one_port_without_name_is_found_by_node),
		cmocka_unit_test(what_is_no_port_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
