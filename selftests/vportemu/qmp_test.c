// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp_test.c - the monitor's words, as QEMU says them
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"

#define GENERIC(text) \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}"
#define NOT_FOUND(text) \
	"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"" text "\"}}"

static struct {
	struct emulator emu;
	int qmp;
} f;

static int setup(void **state)
{
	emulator_init(&f.emu);
	emulator_chardev(&f.emu, "mon2");
	emulator_chardev(&f.emu, "c1");
	emulator_chardev(&f.emu, "late");
	emulator_arg(&f.emu, "-mon chardev=mon2,mode=control");
	emulator_arg(&f.emu, "-chardev null,id=n0 -name guest=tester");
	emulator_arg(&f.emu, "-uuid 6C2CC9A4-2b0c-4d5e-8f60-718293A4B5C6");
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s0,max_ports=3");
	emulator_arg(&f.emu, "-device virtserialport,id=p1,nr=1,chardev=c1,name=one");
	emulator_standard(&f.emu);
	emulator_start(&f.emu);
	f.qmp = qmp_connect(&f.emu, "qmp");
	return 0;
}

static int teardown(void **state)
{
	close(f.qmp);
	emulator_stop(&f.emu);
	return 0;
}

static void test_negotiation(void **state)
{
	int fd = emulator_connect(&f.emu, "mon2");
	char line[1024];

	qmp_read(fd, line, sizeof(line));
	assert_string_equal(line,
		"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 2, \"major\": 10}, \"package\": \"vport " VPORT_VERSION "\"}, \"capabilities\": [\"oob\"]}}");
	qmp_expect(fd, "{'execute': 'query-status'}",
		   NOT_FOUND("Expecting capabilities negotiation with 'qmp_capabilities'"));
	qmp_expect(fd, "{'execute': 'qmp_capabilities', 'arguments': {'x': 1}}",
		   GENERIC("Parameter 'x' is unexpected"));
	qmp_expect(fd, "{'execute': 'qmp_capabilities', 'arguments': {'enable': ['x']}}",
		   GENERIC("Parameter 'enable' does not accept value 'x'"));
	qmp_expect(fd, "{'execute': 'qmp_capabilities'}", NULL);
	qmp_expect(fd, "{'exec-oob': 'query-yank'}",
		   GENERIC("QMP input member 'exec-oob' is unexpected"));
	qmp_expect(fd, "{'execute': 'qmp_capabilities'}",
		   NOT_FOUND("Capabilities negotiation is already complete, command ignored"));
	close(fd);

	/* Who comes next negotiates for himself. */
	fd = emulator_connect(&f.emu, "mon2");
	qmp_read(fd, line, sizeof(line));
	qmp_expect(fd, "{'execute': 'query-status'}",
		   NOT_FOUND("Expecting capabilities negotiation with 'qmp_capabilities'"));
	close(fd);
}

static void test_malformed(void **state)
{
	static const char *const pairs[][2] = {
		{ "[1]", GENERIC("QMP input must be a JSON object") },
		{ "{'id': 3}", "{\"id\": 3, \"error\": {\"class\": \"GenericError\", \"desc\": \"QMP input lacks member 'execute'\"}}" },
		{ "{'execute': 1}", GENERIC("QMP input member 'execute' must be a string") },
		{ "{'execute': 'stop', 'arguments': []}", GENERIC("QMP input member 'arguments' must be an object") },
		{ "{'execute': 'stop', 'bogus': 1}", GENERIC("QMP input member 'bogus' is unexpected") },
		{ "{'execute': 'nope'}", NOT_FOUND("The command nope has not been found") },
		{ "{'execute': 'query-status', 'arguments': {'x': 1}}", GENERIC("Parameter 'x' is unexpected") },
		{ "{'execute': 'device_del'}", GENERIC("Parameter 'id' is missing") },
		{ "{'execute': 'device_del', 'arguments': {'id': 1}}", GENERIC("Invalid parameter type for 'id', expected: string") },
		{ "{'execute': 'query-name', 'id': [1, 'a']}", "{\"return\": {\"name\": \"tester\"}, \"id\": [1, \"a\"]}" },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		qmp_expect(f.qmp, pairs[i][0], pairs[i][1]);
}

static void test_queries(void **state)
{
	char expected[1024];

	qmp_expect(f.qmp, "{'execute': 'query-uuid'}",
		   "{\"return\": {\"UUID\": \"6c2cc9a4-2b0c-4d5e-8f60-718293a4b5c6\"}}");
	qmp_expect(f.qmp, "{'execute': 'query-status'}",
		   "{\"return\": {\"status\": \"running\", \"running\": true}}");
	snprintf(expected, sizeof(expected),
		 "{\"return\": [{\"frontend-open\": true, \"filename\": \"disconnected:unix:%s/mon2,server=on\", \"label\": \"mon2\"}, "
		 "{\"frontend-open\": false, \"filename\": \"disconnected:unix:%s/c1,server=on\", \"label\": \"c1\"}, "
		 "{\"frontend-open\": false, \"filename\": \"disconnected:unix:%s/late,server=on\", \"label\": \"late\"}, "
		 "{\"frontend-open\": false, \"filename\": \"null\", \"label\": \"n0\"}, "
		 "{\"frontend-open\": true, \"filename\": \"unix:%s/qmp,server=on\", \"label\": \"qmp\"}]}",
		 f.emu.dir, f.emu.dir, f.emu.dir, f.emu.dir);
	qmp_expect(f.qmp, "{'execute': 'query-chardev'}", expected);
}

#define ADD(args) "{'execute': 'device_add', 'arguments': {" args "}}"

static void test_device_add_errors(void **state)
{
	static const char *const pairs[][2] = {
		{ ADD(""), GENERIC("Parameter 'driver' is missing") },
		{ ADD("'driver': 'nodev'"), GENERIC("'nodev' is not a valid device model name") },
		{ ADD("'driver': 'virtserialport', 'bus': 'nope.0'"), GENERIC("Bus 'nope.0' not found") },
		{ ADD("'driver': 'virtserialport', 'id': 'p1'"), GENERIC("Duplicate device ID 'p1'") },
		{ ADD("'driver': 'virtserialport', 'bogus': 1"), GENERIC("Property 'virtserialport.bogus' not found") },
		{ ADD("'driver': 'virtserialport', 'chardev': 'nochr'"), GENERIC("Property 'virtserialport.chardev' can't find value 'nochr'") },
		{ ADD("'driver': 'virtserialport', 'nr': 1"), GENERIC("virtio-serial-bus: A port already exists at id 1") },
		{ ADD("'driver': 'virtserialport', 'name': 'one'"), GENERIC("virtio-serial-bus: A port already exists by name one") },
		{ ADD("'driver': 'virtserialport', 'nr': 3"), GENERIC("virtio-serial-bus: Out-of-range port id specified, max. allowed: 2") },
		{ ADD("'driver': 'virtserialport', 'nr': 0"), GENERIC("Port number 0 on virtio-serial devices reserved for virtconsole devices for backward compatibility.") },
		{ ADD("'driver': 'virtserialport', 'nr': 'x'"), GENERIC("Parameter 'nr' expects integer") },
		{ "{'execute': 'object-add', 'arguments': {'qom-type': 'secret', 'id': 'a', 'data': 'x'}}", GENERIC("Parameter 'qom-type' does not accept value 'secret'") },
		{ "{'execute': 'object-add', 'arguments': {'id': 'a'}}", GENERIC("Parameter 'qom-type' is missing") },
		{ "{'execute': 'object-del', 'arguments': {'id': 'a'}}", GENERIC("object 'a' not found") },
		{ ADD("'driver': 'virtserialport', 'id': 'p2', 'nr': '2'"), "{\"return\": {}}" },
		{ ADD("'driver': 'virtserialport'"), GENERIC("virtio-serial-bus: Maximum port limit for this device reached") },
		{ ADD("'driver': 'virtconsole', 'id': 'con', 'chardev': 'n0'"), "{\"return\": {}}" },
		{ "{'execute': 'device_del', 'arguments': {'id': 'pzz'}}", "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"Device 'pzz' not found\"}}" },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		qmp_expect(f.qmp, pairs[i][0], pairs[i][1]);
}

#define CHARDEV(id, backend) \
	"{'execute': 'chardev-add', 'arguments': {'id': '" id "', 'backend': " backend "}}"
#define UNIX(path) \
	"{'type': 'socket', 'data': {'addr': {'type': 'unix', 'data': {" path "}}}}"
#define REMOVE(id) \
	"{'execute': 'chardev-remove', 'arguments': {'id': '" id "'}}"

static void test_chardev_add_errors(void **state)
{
	static const char *const pairs[][2] = {
		{ CHARDEV("n0", "{'type': 'null', 'data': {}}"), GENERIC("Chardev with id 'n0' already exists") },
		{ CHARDEV("c9", "{'type': 'nope', 'data': {}}"), GENERIC("Parameter 'type' does not accept value 'nope'") },
		{ CHARDEV("c9", "{'type': 'null'}"), GENERIC("Parameter 'backend.data' is missing") },
		{ CHARDEV("c9", UNIX("")), GENERIC("Parameter 'backend.data.addr.data.path' is missing") },
		{ CHARDEV("c9", UNIX("'path': 1")), GENERIC("Invalid parameter type for 'backend.data.addr.data.path', expected: string") },
		{ CHARDEV("c9", UNIX("'path': '/nonexistent/x'")), GENERIC("Failed to add chardev 'c9': Failed to bind socket to /nonexistent/x: No such file or directory") },
		{ CHARDEV("c9", "{'type': 'udp', 'data': {}}"), GENERIC("Parameter 'backend.data.remote' is missing") },
		{ "{'execute': 'chardev-change', 'arguments': {'id': 'no', 'backend': {'type': 'null', 'data': {}}}}", GENERIC("Chardev 'no' does not exist") },
		{ "{'execute': 'chardev-change', 'arguments': {'id': 'qmp', 'backend': {'type': 'null', 'data': {}}}}", GENERIC("Chardev user does not support chardev hotswap") },
		{ "{'execute': 'chardev-send-break', 'arguments': {'id': 'no'}}", GENERIC("Chardev 'no' not found") },
		{ "{'execute': 'chardev-send-break', 'arguments': {'id': 'n0'}}", "{\"return\": {}}" },
		{ "{'execute': 'ringbuf-read', 'arguments': {'device': 'no', 'size': 1}}", GENERIC("Device 'no' not found") },
		{ "{'execute': 'ringbuf-read', 'arguments': {'device': 'n0', 'size': 1}}", GENERIC("n0 is not a ringbuf device") },
		{ "{'execute': 'ringbuf-read', 'arguments': {'device': 'n0', 'size': 0}}", GENERIC("size must be greater than zero") },
		{ "{'execute': 'ringbuf-write', 'arguments': {'device': 'n0', 'data': 'x', 'format': 'hex'}}", GENERIC("Parameter 'format' does not accept value 'hex'") },
		{ "{'execute': 'ringbuf-write', 'arguments': {'device': 'n0', 'data': 'abc', 'format': 'base64'}}", GENERIC("Base64 data 'abc' is not valid") },
		{ REMOVE("nope"), GENERIC("Chardev 'nope' not found") },
		{ REMOVE("c1"), GENERIC("Chardev 'c1' is busy") },
		{ REMOVE("n0"), "{\"return\": {}}" },
		{ REMOVE("n0"), GENERIC("Chardev 'n0' not found") },
		{ CHARDEV("n0", "{'type': 'null', 'data': {}}"), "{\"return\": {}}" },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		qmp_expect(f.qmp, pairs[i][0], pairs[i][1]);
}

/* A chardev made at run time, with a port on it, taken away again. */
static void test_chardev_hotplug(void **state)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "{'execute': 'chardev-add', 'arguments': {'id': 'c2', 'backend': {'type': 'socket', 'data': {'addr': {'type': 'unix', 'data': {'path': '%s/c2'}}}}}}",
		 f.emu.dir);
	qmp_expect(f.qmp, command, NULL);
	qmp_expect(f.qmp, ADD("'driver': 'virtserialport', 'id': 'p2', 'chardev': 'c2'"),
		   NULL);
	qmp_expect(f.qmp, REMOVE("c2"), GENERIC("Chardev 'c2' is busy"));
	write_exactly(f.qmp, "{'execute': 'device_del', 'arguments': {'id': 'p2'}}",
		      52);
	qmp_expect_event(f.qmp, "DEVICE_DELETED");
	qmp_expect(f.qmp, "", NULL);
	qmp_expect(f.qmp, REMOVE("c2"), NULL);
	snprintf(command, sizeof(command), "%s/c2", f.emu.dir);
	assert_int_equal(access(command, F_OK), -1);
}

/* Events reach every monitor, but none that has not negotiated. */
static void test_several_monitors(void **state)
{
	int second = qmp_connect(&f.emu, "mon2");

	write_exactly(f.qmp, "{'execute': 'stop'}", 19);
	qmp_expect_event(f.qmp, "\"event\": \"STOP\"}");
	qmp_expect(f.qmp, "", NULL);
	qmp_expect_event(second, "\"event\": \"STOP\"}");
	qmp_expect(f.qmp, "{'execute': 'stop'}", NULL);
	qmp_expect(second, "{'execute': 'query-status'}",
		   "{\"return\": {\"status\": \"paused\", \"running\": false}}");
	close(second);
}

#define OBJECT(args) \
	"{'execute': 'object-add', 'arguments': {'qom-type': 'monitor-qmp', " args "}}"
#define DELETE(id) \
	"{'execute': 'object-del', 'arguments': {'id': '" id "'}}"

/* A monitor that is an object comes, works and goes; its client stays. */
static void test_monitor_object(void **state)
{
	static const char *const pairs[][2] = {
		{ OBJECT("'id': 'm'"), GENERIC("Parameter 'chardev' is missing") },
		{ OBJECT("'id': 'm', 'chardev': 'no'"), GENERIC("chardev \\\"no\\\" not found") },
		{ OBJECT("'id': 'm', 'chardev': 'qmp'"), GENERIC("Device 'qmp' is in use") },
		{ OBJECT("'id': 'm', 'chardev': 'late', 'bogus': 1"), GENERIC("Invalid parameter 'bogus'") },
		{ OBJECT("'id': '1', 'chardev': 'late'"), GENERIC("Parameter 'id' expects an identifier") },
		{ OBJECT("'id': 'm', 'chardev': 'late'"), "{\"return\": {}}" },
		{ OBJECT("'id': 'm', 'chardev': 'n0'"), GENERIC("attempt to add duplicate property 'm' to object (type 'container')") },
		{ "{'execute': 'chardev-remove', 'arguments': {'id': 'late'}}", GENERIC("Chardev 'late' is busy") },
	};
	size_t i;
	int fd;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		qmp_expect(f.qmp, pairs[i][0], pairs[i][1]);
	fd = qmp_connect(&f.emu, "late");
	qmp_expect(fd, "{'execute': 'query-name'}",
		   "{\"return\": {\"name\": \"tester\"}}");
	qmp_expect(fd, DELETE("m"),
		   GENERIC("Cannot delete the current QMP monitor"));
	qmp_expect(f.qmp, DELETE("m"), NULL);
	qmp_expect(f.qmp, DELETE("m"), GENERIC("object 'm' not found"));
	expect_silence(fd);
	qmp_expect(f.qmp, "{'execute': 'chardev-remove', 'arguments': {'id': 'late'}}",
		   NULL);
	expect_eof(fd);
	close(fd);
}

#define HMP(line) \
	"{'execute': 'human-monitor-command', 'arguments': {'command-line': '" line "'}}"
#define SAYS(text) "{\"return\": \"" text "\"}"

static void test_hmp(void **state)
{
	static const char *const pairs[][2] = {
		{ HMP("info status"), SAYS("VM status: running\\r\\n") },
		{ HMP("info version"), SAYS("10.2.2vport " VPORT_VERSION "\\r\\n") },
		{ HMP("info name"), SAYS("tester\\r\\n") },
		{ HMP("nope"), SAYS("unknown command: 'nope'\\r\\n") },
		{ HMP("info nope"), SAYS("unknown command: 'info nope'\\r\\n") },
		{ HMP(""), SAYS("") },
		{ HMP("device_del"), SAYS("device_del: expected id\\r\\n") },
		{ HMP("device_del zz"), SAYS("Error: Device 'zz' not found\\r\\n") },
		{ HMP("chardev-add ringbuf,id=r1,size=16"), SAYS("") },
		{ HMP("ringbuf_write r1 two words"), SAYS("") },
		{ HMP("ringbuf_read r1 3"), SAYS("two\\r\\n") },
		{ HMP("chardev-change r1 null"), SAYS("") },
		{ HMP("device_add virtserialport,id=p2,nr=2,chardev=r1,name=two"), SAYS("") },
		{ HMP("chardev-remove r1"), SAYS("Error: Chardev 'r1' is busy\\r\\n") },
		{ HMP("info qtree"), SAYS("dev: virtio-serial-device, id \\\"s0\\\"\\r\\n"
		  "  bus: s0.0\\r\\n    type virtio-serial-bus\\r\\n"
		  "    dev: virtserialport, id \\\"p1\\\"\\r\\n      chardev = \\\"c1\\\"\\r\\n      nr = 1 (0x1)\\r\\n      name = \\\"one\\\"\\r\\n"
		  "      port 1, guest off, host off, throttle off\\r\\n"
		  "    dev: virtserialport, id \\\"p2\\\"\\r\\n      chardev = \\\"r1\\\"\\r\\n      nr = 2 (0x2)\\r\\n      name = \\\"two\\\"\\r\\n"
		  "      port 2, guest off, host on, throttle off\\r\\n") },
		{ HMP("info virtio-serial-stats"), SAYS("s0.0 port 1: to host 0, to guest 0, dropped 0 bytes; throttled 0, starved 0 times; 0 clients, 0 bytes waiting, 0 missed\\r\\n"
		  "s0.0 port 2: to host 0, to guest 0, dropped 0 bytes; throttled 0, starved 0 times; 1 clients, 0 bytes waiting, 0 missed\\r\\n") },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		qmp_expect(f.qmp, pairs[i][0], pairs[i][1]);
	write_exactly(f.qmp, HMP("device_del p2"), strlen(HMP("device_del p2")));
	qmp_expect_event(f.qmp, "DEVICE_DELETED");
	qmp_expect(f.qmp, "", SAYS(""));
	write_exactly(f.qmp, HMP("stop"), strlen(HMP("stop")));
	qmp_expect_event(f.qmp, "STOP");
	qmp_expect(f.qmp, "", SAYS(""));
}

static void test_device_queries(void **state)
{
	qmp_expect(f.qmp, "{'execute': 'device-list-properties', 'arguments': {'typename': 'virtserialport'}}",
		   "{\"return\": [{\"name\": \"chardev\", \"type\": \"str\", \"description\": \"ID of a chardev to use as a backend\"}, "
		   "{\"name\": \"name\", \"type\": \"str\"}, "
		   "{\"name\": \"nr\", \"type\": \"uint32\", \"default-value\": 4294967295}]}");
	qmp_expect(f.qmp, "{'execute': 'device-list-properties', 'arguments': {'typename': 'e1000'}}",
		   "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"Device 'e1000' not found\"}}");
	qmp_expect(f.qmp, "{'execute': 'qom-list-types', 'arguments': {'implements': 'virtio-serial-port', 'abstract': true}}",
		   "{\"return\": [{\"name\": \"virtio-serial-port\", \"abstract\": true, \"parent\": \"device\"}, "
		   "{\"name\": \"virtserialport\", \"parent\": \"virtio-serial-port\"}, {\"name\": \"virtconsole\", \"parent\": \"virtserialport\"}]}");
	write_exactly(f.qmp, "{'execute': 'system_reset'}", 27);
	qmp_expect_event(f.qmp, "\"event\": \"RESET\", \"data\": {\"guest\": false, \"reason\": \"host-qmp-system-reset\"}}");
	qmp_expect(f.qmp, "", NULL);
}

static void test_quit(void **state)
{
	int second = qmp_connect(&f.emu, "mon2");
	struct emulator emu = f.emu;

	write_exactly(second, "{'execute': 'quit'}", 19);
	qmp_expect_event(second,
			 "\"event\": \"SHUTDOWN\", \"data\": {\"guest\": false, \"reason\": \"host-qmp-quit\"}}");
	qmp_expect(second, "", NULL);
	qmp_expect_event(f.qmp, "SHUTDOWN");
	expect_eof(f.qmp);
	close(second);
	close(f.qmp);
	assert_int_equal(emulator_wait(&emu), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_negotiation),
		TEST(test_malformed),
		TEST(test_queries),
		TEST(test_device_add_errors),
		TEST(test_chardev_add_errors),
		TEST(test_chardev_hotplug),
		TEST(test_several_monitors),
		TEST(test_monitor_object),
		TEST(test_hmp),
		TEST(test_device_queries),
		cmocka_unit_test_setup(test_quit, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
