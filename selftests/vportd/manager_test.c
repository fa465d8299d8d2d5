// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * manager_test.c - which ports are served, as they come, change and go
 */

#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "device.h"
#include "error.h"
#include "handler.h"
#include "manager.h"
#include "monitor.h"
#include "port.h"

const struct handler_ops agent_handler = { .name = "agent" };
static const struct handler_ops other_handler = { .name = "other" };

const struct handler_ops *handler_find(const char *name)
{
	return !strcmp(name, "other") ? &other_handler :
	       !strcmp(name, "agent") ? &agent_handler : NULL;
}

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
	if (strstr(path, "later"))
		return -ENOENT;
	if (!strcmp(path, "/dev/virtio-ports/named"))
		port.name = "named";
	found(data, &port);
	return 0;
}

int device_create(sd_event *event, const struct port_setup *setup,
		  struct device **ret)
{
	struct device *device = malloc(sizeof(*device));
	bool agent = setup->handler == &agent_handler;

	assert_true(asprintf(&device->text, "%s %s%s", setup->devnode,
			     setup->name, agent ? "" : " other") > 0);
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
static struct config *config;
static bool retry;

static const char agents[] = "[org.qemu.guest_agent.[0-9]]\nhandler = agent\n"
			     "[org.qemu.guest_agent.1[0-9]]\nhandler = agent\n";

static struct config *parse(const char *text)
{
	FILE *stream = fmemopen((char *)text, strlen(text), "r");
	struct config *ret;
	struct error error;

	assert_non_null(stream);
	if (config_load_stream(stream, "test", &ret, &error))
		fail_msg("%s", error.text);
	fclose(stream);
	return ret;
}

static void begin(const char *path)
{
	notes[0] = '\0';
	config = parse(agents);
	assert_int_equal(0, manager_create(NULL, path, retry, config, &manager));
}

static void end(void)
{
	manager_destroy(manager);
	config_destroy(config);
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
}

/* Two ports; the monitor tells of both when it is asked again. */
static void reload(const char *text)
{
	struct config *old = config;

	config = parse(text);
	manager_reload(manager, config);
	config_destroy(old);
	found("vport0p1", "org.qemu.guest_agent.0");
	found("vport0p2", "org.vport.demo.0");
}

static void reload_changes_what_changed(void **state)
{
	begin(NULL);
	reload("[*.demo.0]\nhandler=other\n[org.qemu.*]\nhandler=agent\n");
	expect("create /dev/vport0p1 org.qemu.guest_agent.0\n"
	       "create /dev/vport0p2 org.vport.demo.0 other\n");
	reload("[*agent*]\nhandler=agent\n[org.vport.*]\nhandler=agent\n");
	expect("retry /dev/vport0p1 org.qemu.guest_agent.0\n"
	       "destroy /dev/vport0p2 org.vport.demo.0 other\n"
	       "create /dev/vport0p2 org.vport.demo.0\n");
	reload("[*agent*]\nhandler=ignore\n[*]\nhandler=agent\n");
	expect("destroy /dev/vport0p1 org.qemu.guest_agent.0\n"
	       "retry /dev/vport0p2 org.vport.demo.0\n");
	end();
}

static void name_that_is_no_file_name_is_refused(void **state)
{
	static const char *const names[] = {
		"..", ".", "../x", "a/b", "/x", "a\nb", "a\033b",
	};
	size_t i;

	begin(NULL);
	reload("[*]\nhandler = agent\n");
	notes[0] = '\0';
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		found("vport0p7", names[i]);
	expect("");
	found("vport0p7", "..a");
	expect("create /dev/vport0p7 ..a\n");
	end();
}

static void one_port_by_link_is_found_by_name(void **state)
{
	begin("/dev/virtio-ports/named");
	found("vport0p1", "org.qemu.guest_agent.0");
	expect("");
	found("vport7p7", "named");
	expect("create /dev/vport7p7 named\n");
	end();
}

static void one_port_without_name_is_found_by_node(void **state)
{
	begin("/dev/vport0p3");
	found("vport0p1", "named");
	expect("");
	found("vport0p3", NULL);
	expect("create /dev/vport0p3 vport0p3\n");
	end();
}

static void port_may_come_later(void **state)
{
	assert_int_equal(-ENOENT, manager_create(NULL, "/dev/later", false,
						 NULL, &manager));
	retry = true;
	begin("/dev/virtio-ports/later");
	found("vport0p1", "named");
	expect("");
	found("vport0p2", "later");
	expect("create /dev/vport0p2 later\n");
	end();
	begin("/dev/later");
	found("later", NULL);
	retry = false;
	expect("create /dev/later later\n");
	end();
}

static void what_is_no_port_is_refused(void **state)
{
	assert_int_equal(-ENOTTY, manager_create(NULL, "/dev/null", true, NULL, &manager));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agents_ports_are_served),
		cmocka_unit_test(other_ports_are_left_alone),
		cmocka_unit_test(name_may_come_later),
		cmocka_unit_test(unplug_ends_and_replug_starts),
		cmocka_unit_test(other_name_in_the_same_place),
		cmocka_unit_test(reload_changes_what_changed),
		cmocka_unit_test(name_that_is_no_file_name_is_refused),
		cmocka_unit_test(one_port_by_link_is_found_by_name),
		cmocka_unit_test(one_port_without_name_is_found_by_node),
		cmocka_unit_test(port_may_come_later),
		cmocka_unit_test(what_is_no_port_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
