// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp_query_test.c - what a monitor says of objects, rings and stuck sockets
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

#define GENERIC(text) \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}"
#define NO_DEVICE(text) \
	"{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"" text "\"}}"
#define CALL(command, args) \
	"{'execute': '" command "', 'arguments': {" args "}}"
#define RETURNS(value) "{\"return\": " value "}"

static int setup(void **state)
{
	begin();
	emulator_chardev(&f.emu, "c");
	emulator_arg(&f.emu, "-chardev null,id=n -device virtio-serial-pci");
	emulator_start(&f.emu);
	attach(false);
	return 0;
}

static int teardown(void **state)
{
	end();
	return 0;
}

static void expect_all(const char *const pairs[][2], size_t num)
{
	size_t i;

	for (i = 0; i < num; i++)
		qmp_expect(f.qmp, pairs[i][0], pairs[i][1]);
}

static void test_qom(void **state)
{
	static const char *const pairs[][2] = {
		{ CALL("qom-list", "'path': '/'"), RETURNS("[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"chardevs\", \"type\": \"child<container>\"}, {\"name\": \"machine\", \"type\": \"child<container>\"}]") },
		{ CALL("qom-list", "'path': '/machine/peripheral'"), RETURNS("[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"s0\", \"type\": \"child<virtio-serial-pci>\"}, {\"name\": \"p1\", \"type\": \"child<virtserialport>\"}]") },
		{ CALL("qom-list", "'path': '/nope'"), NO_DEVICE("Device '/nope' not found") },
		{ CALL("qom-get", "'path': '/machine/peripheral/p1', 'property': 'chardev'"), RETURNS("\"c\"") },
		{ CALL("qom-get", "'path': 'p1', 'property': 'nr'"), RETURNS("1") },
		{ CALL("qom-get", "'path': 's0', 'property': 'max_ports'"), RETURNS("2") },
		{ CALL("qom-get", "'path': '/machine/peripheral-anon/device[0]', 'property': 'event_idx'"), RETURNS("true") },
		{ CALL("qom-get", "'path': 'p1', 'property': 'bogus'"), GENERIC("Property 'virtserialport.bogus' not found") },
		{ CALL("qom-get", "'path': '/chardevs/n', 'property': 'type'"), RETURNS("\"chardev-null\"") },
		{ CALL("qom-get", "'path': '/chardevs/c', 'property': 'connected'"), RETURNS("false") },
		{ CALL("qom-set", "'path': 'p1', 'property': 'name', 'value': 'x'"), GENERIC("Attempt to set property 'name' on device 'p1' (type 'virtserialport') after it was realized") },
		{ CALL("qom-set", "'path': 'p1', 'property': 'x', 'value': 1"), GENERIC("Property 'virtserialport.x' not found") },
		{ CALL("qom-set", "'path': '/chardevs/c', 'property': 'connected', 'value': true"), GENERIC("Property 'chardev-socket.connected' is not writable") },
		{ CALL("qom-list-get", "'paths': ['/chardevs/n']"), RETURNS("[{\"properties\": [{\"name\": \"type\", \"type\": \"string\", \"value\": \"chardev-null\"}, {\"name\": \"filename\", \"type\": \"string\", \"value\": \"null\"}, {\"name\": \"connected\", \"type\": \"bool\", \"value\": true}]}]") },
		{ CALL("qom-list-get", "'paths': ['/chardevs/n', 1]"), NO_DEVICE("Device '1' not found") },
		{ CALL("qom-list-properties", "'typename': 'nope'"), NO_DEVICE("Class 'nope' not found") },
		{ CALL("qom-list-properties", "'typename': 'chardev-null'"),
		  RETURNS("[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"filename\", \"type\": \"str\"}, {\"name\": \"connected\", \"type\": \"bool\"}]") },
		{ CALL("qom-list-properties", "'typename': 'virtserialport'"),
		  RETURNS("[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"parent_bus\", \"type\": \"link<bus>\"}, {\"name\": \"realized\", \"type\": \"bool\"}, "
			  "{\"name\": \"chardev\", \"type\": \"str\", \"description\": \"ID of a chardev to use as a backend\"}, "
			  "{\"name\": \"name\", \"type\": \"str\"}, {\"name\": \"nr\", \"type\": \"uint32\"}]") },
	};

	expect_all(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

#define ADD(data)	CALL("chardev-add", "'id': 'x', 'backend': " data)
#define REMOVE		{ CALL("chardev-remove", "'id': 'x'"), RETURNS("{}") }
#define SOCKET(members) \
	ADD("{'type': 'socket', 'data': {" members "}}")
#define UNIX		"'addr': {'type': 'unix', 'data': {'path': '/tmp/vportemu-query-test'}}"
#define INET(more) \
	"'addr': {'type': 'inet', 'data': {'host': '127.0.0.1', " more "}}"
#define FAILED(why)	GENERIC("Failed to add chardev 'x': " why)

/* All that a client may say, and what is said of the rest: as by QEMU. */
static void test_chardev_arguments(void **state)
{
	static const char *const pairs[][2] = {
		{ ADD("{'type': 'null'}"), GENERIC("Parameter 'backend.data' is missing") },
		{ ADD("{'data': {}}"), GENERIC("Parameter 'backend.type' is missing") },
		{ ADD("{'type': 5, 'data': {}}"), GENERIC("Invalid parameter type for 'backend.type', expected: string") },
		{ ADD("{'type': 'null', 'data': 5}"), GENERIC("Invalid parameter type for 'backend.data', expected: object") },
		{ ADD("{'type': 'null', 'data': {}, 'x': 1}"), GENERIC("Parameter 'backend.x' is unexpected") },
		{ ADD("{'type': 'null', 'data': {'x': 1}}"), GENERIC("Parameter 'backend.data.x' is unexpected") },
		{ ADD("{'type': 'ringbuf', 'data': {'size': '1024'}}"), GENERIC("Invalid parameter type for 'backend.data.size', expected: integer") },
		{ CALL("chardev-add", "'id': '1 b', 'backend': {'type': 'null', 'data': {}}"), RETURNS("{}") },
		{ CALL("chardev-remove", "'id': '1 b'"), RETURNS("{}") },
		{ SOCKET(UNIX ", 'telnet': false, 'tn3270': false, 'websocket': false"), RETURNS("{}") }, REMOVE,
		{ SOCKET(UNIX ", 'telnet': true"), FAILED("Parameter 'telnet' does not accept value 'on'") },
		{ SOCKET(UNIX ", 'websocket': true"), FAILED("Parameter 'websocket' does not accept value 'on'") },
		{ SOCKET(UNIX ", 'tls-creds': 't'"), FAILED("No TLS credentials with id 't'") },
		{ SOCKET(UNIX ", 'tls-authz': 't'"), FAILED("'tls_authz' option requires 'tls_creds' option") },
		{ SOCKET("'server': true"), GENERIC("Parameter 'backend.data.addr' is missing") },
		{ SOCKET(INET("'port': 7")), GENERIC("Invalid parameter type for 'backend.data.addr.data.port', expected: string") },
		{ SOCKET(INET("'port': '0', 'to': 5000, 'numeric': true, 'mptcp': false")), RETURNS("{}") }, REMOVE,
		{ SOCKET(INET("'port': '99', 'to': 98")), FAILED("Parameter 'to' expects a port from '99' up") },
		{ SOCKET(INET("'port': 'x', 'to': 98")), FAILED("Parameter 'to' expects a port from 'x' up") },
		{ SOCKET(UNIX ", 'server': false, 'reconnect-ms': 60000"), RETURNS("{}") }, REMOVE,
		/* Nobody listens there, which is known at once. */
		{ SOCKET(INET("'port': '1'") ", 'server': false"), FAILED("Failed to connect to '127.0.0.1:1': Connection refused") },
		/* What is open already has no name. */
		{ SOCKET("'addr': {'type': 'fd', 'data': {'str': '0'}}"), FAILED("File descriptor named '0' has not been found") },
		{ CALL("device_add", "'driver': 'virtserialport', 'id': '5x'"), GENERIC("Invalid qdev ID '5x'") },
		{ CALL("yank", "'instances': [{'type': 'nope', 'id': 'c'}]"), GENERIC("Parameter 'type' does not accept value 'nope'") },
		{ CALL("device-list-properties", "'typename': 'chardev-null'"), GENERIC("Parameter 'typename' expects a non-abstract device type") },
		{ CALL("ringbuf-write", "'device': 'n', 'format': 'base64', 'data': '!'"), GENERIC("Base64 data contains invalid characters") },
		{ CALL("ringbuf-write", "'device': 'n', 'format': 'base64', 'data': 'a=b='"), GENERIC("Base64 data 'a=b=' is not valid") },
		{ CALL("query-command-line-options", "'option': 'msg'"),
		  RETURNS("[{\"parameters\": [{\"name\": \"timestamp\", \"type\": \"boolean\"}, {\"name\": \"guest-name\", \"type\": \"boolean\"}], \"option\": \"msg\"}]") },
		/* Whatever names a command is said again, even if it is nothing. */
		{ "{'execute': 'query-name', 'id': null}", "{\"return\": {}, \"id\": null}" },
		{ "{'execute': 'nope', 'id': null}", "{\"id\": null, \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command nope has not been found\"}}" },
	};

	expect_all(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

/* The first port that is free, of those that may be. */
static void test_port_range(void **state)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	char command[512], line[2048], words[64];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port;

	/* One that has another behind it. */
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	port = ntohs(addr.sin_port);
	if (port > UINT16_MAX - 100)
		skip();
	snprintf(command, sizeof(command),
		 SOCKET(INET("'port': '%d', 'to': %d")), port, port + 100);
	qmp_expect(f.qmp, command, NULL);
	write_exactly(f.qmp, "{'execute': 'query-chardev'}", 28);
	qmp_read(f.qmp, line, sizeof(line));
	assert_non_null(strstr(line, "disconnected:tcp:127.0.0.1:"));
	snprintf(words, sizeof(words), "tcp:127.0.0.1:%d,", port);
	assert_null(strstr(line, words));

	qmp_expect(f.qmp, CALL("chardev-remove", "'id': 'x'"), NULL);
	snprintf(command, sizeof(command),
		 SOCKET(INET("'port': '%d', 'to': %d")), port, port);
	qmp_expect(f.qmp, command,
		   FAILED("Failed to find an available port: Address already in use"));
	close(fd);
}

/* QEMU's own abort on this device. */
static void test_virtio(void **state)
{
	static const char *const pairs[][2] = {
		{ CALL("x-query-virtio", ""), RETURNS("[{\"name\": \"virtio-serial\", \"path\": \"/machine/peripheral/s0/virtio-backend\"}, {\"name\": \"virtio-serial\", \"path\": \"/machine/peripheral-anon/device[0]/virtio-backend\"}]") },
		{ CALL("x-query-virtio-status", "'path': 'nope'"), GENERIC("Path nope is not a realized VirtIODevice") },
		{ CALL("x-query-virtio-status", "'path': '/machine/peripheral/s0/virtio-backend'"),
		  RETURNS("{\"name\": \"virtio-serial\", \"device-id\": 3, \"device-endian\": \"little\", "
		  "\"guest-features\": {\"transports\": [\"VIRTIO_RING_F_INDIRECT_DESC: Indirect descriptors supported\", \"VIRTIO_RING_F_EVENT_IDX: Used & avail. event fields enabled\", \"VIRTIO_F_VERSION_1: Device compliant for v1 spec (legacy)\"], "
		  "\"dev-features\": [\"VIRTIO_CONSOLE_F_MULTIPORT: Multiple ports for device supported\", \"VIRTIO_CONSOLE_F_EMERG_WRITE: Emergency write supported\"]}, "
		  "\"host-features\": {\"transports\": [\"VIRTIO_RING_F_INDIRECT_DESC: Indirect descriptors supported\", \"VIRTIO_RING_F_EVENT_IDX: Used & avail. event fields enabled\", \"VIRTIO_F_VERSION_1: Device compliant for v1 spec (legacy)\", \"VIRTIO_F_RING_RESET: Driver can reset a queue individually\"], "
		  "\"dev-features\": [\"VIRTIO_CONSOLE_F_MULTIPORT: Multiple ports for device supported\", \"VIRTIO_CONSOLE_F_EMERG_WRITE: Emergency write supported\"]}, "
		  "\"num-vqs\": 6, \"vm-running\": true, \"attached\": true, \"started\": true, \"broken\": false, \"bus-name\": \"s0.0\"}") },
		{ CALL("x-query-virtio-queue-status", "'path': '/machine/peripheral/s0/virtio-backend', 'queue': 6"), GENERIC("Invalid virtqueue number 6") },
		{ CALL("x-query-virtio-queue-status", "'path': '/machine/peripheral/s0/virtio-backend', 'queue': 0"),
		  RETURNS("{\"name\": \"virtio-serial\", \"queue-index\": 0, \"inuse\": 0, \"vring-num\": 0, \"vring-desc\": 0, \"vring-avail\": 0, \"vring-used\": 0, "
		  "\"last-avail-idx\": 0, \"shadow-avail-idx\": 0, \"used-idx\": 0, \"signalled-used\": 0, \"signalled-used-valid\": false, \"running\": false}") },
	};
	char line[1024], expected[1024];

	expect_all(pairs, sizeof(pairs) / sizeof(pairs[0]));
	fe_add(&f.fe, fe_rx(1), f.fe.mem, 99, true);
	snprintf(expected, sizeof(expected),
		 RETURNS("{\"name\": \"virtio-serial\", \"index\": 0, \"descs\": [{\"addr\": %llu, \"len\": 99, \"flags\": [\"write\"]}], "
			 "\"avail\": {\"flags\": 0, \"idx\": 1, \"ring\": 0}, \"used\": {\"flags\": 0, \"idx\": 0}}"),
		 GPA_BASE);
	qmp_expect(f.qmp, CALL("x-query-virtio-queue-element", "'path': '/machine/peripheral/s0/virtio-backend', 'queue': 4"),
		   expected);
	qmp_expect(f.qmp, CALL("x-query-virtio-queue-element", "'path': '/machine/peripheral/s0/virtio-backend', 'queue': 0"),
		   GENERIC("Invalid virtqueue number 0"));
	/* Three control messages went from the guest. */
	write_exactly(f.qmp, CALL("x-query-virtio-queue-status", "'path': '/machine/peripheral/s0/virtio-backend', 'queue': 3"),
		      strlen(CALL("x-query-virtio-queue-status", "'path': '/machine/peripheral/s0/virtio-backend', 'queue': 3")));
	qmp_read(f.qmp, line, sizeof(line));
	assert_non_null(strstr(line, "\"vring-num\": 64, "));
	assert_non_null(strstr(line, "\"last-avail-idx\": 3, \"shadow-avail-idx\": 3, \"used-idx\": 3, "));
	assert_non_null(strstr(line, "\"running\": true}"));
}

#define HMP(line) CALL("human-monitor-command", "'command-line': '" line "'")

static void test_people(void **state)
{
	qmp_expect(f.qmp, HMP("info virtio"),
		   RETURNS("\"/machine/peripheral/s0/virtio-backend [virtio-serial]\\r\\n"
			   "/machine/peripheral-anon/device[0]/virtio-backend [virtio-serial]\\r\\n\""));
	qmp_expect(f.qmp, HMP("info qom-tree"),
		   RETURNS("\"/chardevs (container)\\r\\n  /qmp (chardev-socket)\\r\\n  /c (chardev-socket)\\r\\n  /n (chardev-null)\\r\\n"
			   "/machine (container)\\r\\n  /peripheral (container)\\r\\n"
			   "    /s0 (virtio-serial-pci)\\r\\n      /virtio-backend (virtio-serial-device)\\r\\n    /p1 (virtserialport)\\r\\n"
			   "  /peripheral-anon (container)\\r\\n    /device[0] (virtio-serial-pci)\\r\\n      /virtio-backend (virtio-serial-device)\\r\\n\""));
}

/* A client that is stuck is cut off, out of band. */
static void test_yank(void **state)
{
	static const char *const pairs[][2] = {
		{ "{'exec-oob': 'query-yank', 'id': 7}", "{\"return\": [{\"id\": \"qmp\", \"type\": \"chardev\"}, {\"id\": \"c\", \"type\": \"chardev\"}], \"id\": 7}" },
		{ "{'exec-oob': 'stop'}", GENERIC("The command stop does not support OOB") },
		{ "{'exec-oob': 'stop', 'execute': 'stop'}", GENERIC("QMP input member 'execute' clashes with 'exec-oob'") },
		{ "{'exec-oob': 'yank', 'arguments': {'instances': [{'type': 'chardev', 'id': 'n'}]}}", NO_DEVICE("Instance not found") },
		{ "{'exec-oob': 'yank', 'arguments': {'instances': [{'type': 'migration'}]}}", NO_DEVICE("Instance not found") },
		{ "{'exec-oob': 'yank', 'arguments': {'instances': [1]}}", GENERIC("Invalid parameter type for 'instances[0]', expected: object") },
		{ "{'exec-oob': 'yank', 'arguments': {'instances': [{'type': 'chardev', 'id': 'c'}]}}", RETURNS("{}") },
	};
	int client = emulator_connect(&f.emu, "c");
	char line[1024];

	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	close(f.qmp);
	f.qmp = emulator_connect(&f.emu, "qmp");
	qmp_read(f.qmp, line, sizeof(line));
	qmp_expect(f.qmp, CALL("qmp_capabilities", "'enable': ['oob']"), NULL);
	expect_all(pairs, sizeof(pairs) / sizeof(pairs[0]));
	expect_eof(client);
	fe_expect_control(&f.fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, NULL);
	close(client);
}

static void test_options(void **state)
{
	static char answer[32768];

	qmp_expect(f.qmp, CALL("query-command-line-options", "'option': 'nope'"),
		   GENERIC("invalid option name: nope"));
	qmp_expect(f.qmp, CALL("query-command-line-options", "'option': 'device'"),
		   RETURNS("[{\"parameters\": [], \"option\": \"device\"}]"));
	qmp_expect(f.qmp, CALL("query-command-line-options", "'option': 'add-fd'"),
		   RETURNS("[{\"parameters\": [{\"name\": \"fd\", \"type\": \"number\"}, {\"name\": \"set\", \"type\": \"number\"}, {\"name\": \"opaque\", \"type\": \"string\"}], \"option\": \"add-fd\"}]"));
	write_exactly(f.qmp, "{'execute': 'query-command-line-options'}", 41);
	qmp_read(f.qmp, answer, sizeof(answer));
	assert_non_null(strstr(answer, "{\"name\": \"max-clients\", \"help\": "));
	assert_non_null(strstr(answer, "{\"name\": \"logfile\", \"help\": "));
	assert_non_null(strstr(answer, "\"option\": \"mon\"}"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_qom),
		TEST(test_chardev_arguments),
		TEST(test_port_range),
		TEST(test_virtio),
		TEST(test_people),
		TEST(test_yank),
		TEST(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
