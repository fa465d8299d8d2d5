// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmdline_test.c - what the command line takes, and what it says of the rest
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"

#define MAX_ARGS	16

static char out[65536];

/* Run with arguments; count of NULL ends them. */
static int run(const char *const *args)
{
	char *argv[MAX_ARGS + 2] = { (char *)"vportemu" };
	int i;

	for (i = 0; args[i]; i++)
		argv[i + 1] = (char *)args[i];
	return emulator_run(argv, out, sizeof(out));
}

struct refusal {
	const char *says;
	const char *args[MAX_ARGS];
};

#define DEV	"-device", "virtio-serial-pci,id=s0"

static const struct refusal refusals[] = {
	{ "-bogus: invalid option", { "-bogus" } },
	{ "--bogus=1: invalid option", { "--bogus=1" } },
	{ "foo: expected an option", { "foo" } },
	{ "-chardev: requires an argument", { "-chardev" } },
	{ "-chardev socket: chardev: no id specified", { "-chardev", "socket" } },
	{ "-chardev nope,id=a: 'nope' is not a valid char driver name", { "-chardev", "nope,id=a" } },
	{ "-chardev vc,id=a: 'vc' is not a valid char driver name", { "-chardev", "vc,id=a" } },
	{ "-chardev socket,id=a,foo=1: Invalid parameter 'foo'", { "-chardev", "socket,id=a,foo=1" } },
	{ "-chardev socket,id=a,path=/nonexistent/x,server=on,wait=off: Failed to bind socket to /nonexistent/x: No such file or directory",
	  { "-chardev", "socket,id=a,path=/nonexistent/x,server=on,wait=off" } },
	{ "-chardev socket,id=a,path=/nonexistent/x: Failed to connect to '/nonexistent/x': No such file or directory",
	  { "-chardev", "socket,id=a,path=/nonexistent/x" } },
	{ "-chardev socket,id=a,server=on: None or one of 'path', 'fd' or 'host' option required.", { "-chardev", "socket,id=a,server=on" } },
	{ "-chardev socket,id=a,server=maybe,path=/x: Parameter 'server' expects 'on' or 'off'", { "-chardev", "socket,id=a,server=maybe,path=/x" } },
	{ "-chardev socket,id=a,path=/x,wait=off: 'wait' option is incompatible with socket in client connect mode",
	  { "-chardev", "socket,id=a,path=/x,wait=off" } },
	{ "-chardev socket,id=a,host=localhost,server=on: chardev: socket: no port given", { "-chardev", "socket,id=a,host=localhost,server=on" } },
	{ "-chardev socket,id=c,fd=77,server=on,wait=off: File descriptor '77' is not a socket", { "-chardev", "socket,id=c,fd=77,server=on,wait=off" } },
	{ "-chardev null,id=a: Duplicate ID 'a' for chardev", { "-chardev", "null,id=a", "-chardev", "null,id=a" } },
	{ "-object secret,id=s0,data=x: Parameter 'qom-type' does not accept value 'secret'", { "-object", "secret,id=s0,data=x" } },
	{ "-object secret: Parameter 'qom-type' does not accept value 'secret'", { "-object", "secret" } },
	{ "-object monitor-qmp: Parameter 'id' is missing", { "-object", "monitor-qmp" } },
	{ "-chardev id=a: chardev: \"a\" missing backend", { "-chardev", "id=a" } },
	{ "-device virtio-serial-pci-transitional,disable-legacy=on: Property 'virtio-serial-pci-transitional.disable-legacy' not found",
	  { "-device", "virtio-serial-pci-transitional,disable-legacy=on" } },
	{ "-device virtio-serial-pci-non-transitional,disable-modern=off: Property 'virtio-serial-pci-non-transitional.disable-modern' not found",
	  { "-device", "virtio-serial-pci-non-transitional,disable-modern=off" } },
	{ "-object monitor-hmp,id=a,chardev=b,pretty=on: Invalid parameter 'pretty'", { "-object", "monitor-hmp,id=a,chardev=b,pretty=on" } },
	{ "-object monitor-hmp,id=a,chardev=b: chardev \"b\" not found", { "-object", "monitor-hmp,id=a,chardev=b" } },
	{ "-object id=a: Parameter 'qom-type' is missing", { "-object", "id=a" } },
	{ "-msg foo=on: Invalid parameter 'foo'", { "-msg", "foo=on" } },
	{ "-name a,foo=1: Invalid parameter 'foo'", { "-name", "a,foo=1" } },
	{ "-chardev null,id=1a: Parameter 'id' expects an identifier", { "-chardev", "null,id=1a" } },
	{ "-chardev file,id=a: chardev: file: no filename given", { "-chardev", "file,id=a" } },
	{ "-chardev file,id=a,path=/nonexistent/x: Could not open '/nonexistent/x': No such file or directory", { "-chardev", "file,id=a,path=/nonexistent/x" } },
	{ "-chardev pipe,id=a: chardev: pipe: no device path given", { "-chardev", "pipe,id=a" } },
	{ "-chardev pipe,id=a,path=/nonexistent/x: Could not open '/nonexistent/x': No such file or directory", { "-chardev", "pipe,id=a,path=/nonexistent/x" } },
	{ "-chardev serial,id=a: chardev: serial/tty: no device path given", { "-chardev", "serial,id=a" } },
	{ "-chardev tty,id=a,path=/dev/null: Could not open '/dev/null': Inappropriate ioctl for device", { "-chardev", "tty,id=a,path=/dev/null" } },
	{ "-chardev udp,id=a: chardev: udp: remote port not specified", { "-chardev", "udp,id=a" } },
	{ "-chardev ringbuf,id=a,size=1000: size of ringbuf chardev must be power of two", { "-chardev", "ringbuf,id=a,size=1000" } },
	{ "-chardev ringbuf,id=a,size=4Q: Parameter 'size' expects a non-negative number below 2^64", { "-chardev", "ringbuf,id=a,size=4Q" } },
	{ "-chardev stdio,id=b: cannot use stdio by multiple character devices", { "-chardev", "stdio,id=a", "-chardev", "stdio,id=b" } },
	{ "-chardev stdio,id=a: cannot use stdio with -daemonize", { "-daemonize", "-chardev", "stdio,id=a" } },
	{ "-chardev null,id=a,logfile=/nonexistent/x: Unable to open logfile /nonexistent/x: No such file or directory", { "-chardev", "null,id=a,logfile=/nonexistent/x" } },
	{ "-chardev pty,id=a,path=/nonexistent/x: Failed to create PTY symlink: No such file or directory", { "-chardev", "pty,id=a,path=/nonexistent/x" } },
	{ "-chardev socket,id=a,path=/x,server=on,reconnect-ms=5: 'reconnect-ms' option is incompatible with socket in server listen mode",
	  { "-chardev", "socket,id=a,path=/x,server=on,reconnect-ms=5" } },
	{ "-chardev socket,id=a,path=/x,reconnect=1,reconnect-ms=5: 'reconnect' and 'reconnect-ms' are mutually exclusive",
	  { "-chardev", "socket,id=a,path=/x,reconnect=1,reconnect-ms=5" } },
	{ "-chardev socket,id=a,host=localhost,port=70000,server=on: Parameter 'port' expects up to 65535 or a service, not '70000'",
	  { "-chardev", "socket,id=a,host=localhost,port=70000,server=on" } },
	{ "-chardev udp,id=a,port=65536: Parameter 'port' expects up to 65535 or a service, not '65536'", { "-chardev", "udp,id=a,port=65536" } },
	{ "-chardev udp,id=a,port=1,localport=99999999999999999999: Parameter 'localport' expects up to 65535 or a service, not '99999999999999999999'",
	  { "-chardev", "udp,id=a,port=1,localport=99999999999999999999" } },
	{ "-qmp tcp:[::1]:70000,server=on,wait=off: Parameter 'port' expects up to 65535 or a service, not '70000'", { "-qmp", "tcp:[::1]:70000,server=on,wait=off" } },
	{ "-qmp tcp:[::1,server=on: 'tcp:[::1,server=on' is not a valid char driver", { "-qmp", "tcp:[::1,server=on" } },
	{ "-metrics addr.type=inet,addr.host=localhost,addr.port=65536: Parameter 'addr.port' expects up to 65535 or a service, not '65536'",
	  { "-metrics", "addr.type=inet,addr.host=localhost,addr.port=65536" } },
	{ "-chardev socket,id=a,cid=x,port=1: Failed to parse cid 'x'", { "-chardev", "socket,id=a,cid=x,port=1" } },
	{ "-chardev socket,id=a,path=/x,max-clients=2: 'max-clients' option is incompatible with socket in client connect mode",
	  { "-chardev", "socket,id=a,path=/x,max-clients=2" } },
	{ "-chardev socket,id=a,path=/x,server=on,max-clients=65: Parameter 'max-clients' expects 1 to 64",
	  { "-chardev", "socket,id=a,path=/x,server=on,max-clients=65" } },
	{ "-chardev null,id=a,history-size=2G: Parameter 'history-size' expects up to 1073741824", { "-chardev", "null,id=a,history-size=2G" } },
	{ "-chardev mux,id=a: chardev: mux: no chardev given", { "-chardev", "mux,id=a" } },
	{ "-chardev mux,id=a,chardev=b: mux: base chardev b not found", { "-chardev", "mux,id=a,chardev=b" } },
	{ "-chardev hub,id=a: hub: 'chardevs' list is not defined", { "-chardev", "hub,id=a" } },
	{ "-echr 256: Bad argument to echr, expected 0 to 255", { "-echr", "256" } },
	{ "-monitor vc: 'vc' is not a valid char driver", { "-monitor", "vc" } },
	{ "-mon chardev=a,pretty=on: 'pretty' is not compatible with HMP monitors", { "-chardev", "null,id=a", "-mon", "chardev=a,pretty=on" } },
	{ "-mon chardev=a: chardev \"a\" has several clients, expected one for a monitor",
	  { "-chardev", "socket,id=a,path=/tmp/vportemu-cmdline-test,server=on,wait=off,max-clients=2", "-mon", "chardev=a" } },
	{ "-metrics addr.path=/x: Parameter 'addr.type' is missing", { "-metrics", "addr.path=/x" } },
	{ "-metrics addr.type=inet,addr.host=x: Parameter 'addr.port' is missing", { "-metrics", "addr.type=inet,addr.host=x" } },
	{ "-metrics addr.type=x: Parameter 'addr.type' does not accept value 'x'", { "-metrics", "addr.type=x" } },
	{ "-device nr=1: Parameter 'driver' is missing", { "-device", "nr=1" } },
	{ "-device nope: 'nope' is not a valid device model name", { "-device", "nope" } },
	{ "-device {\"driver\":: JSON parse error, premature EOI", { "-device", "{\"driver\":" } },
	{ "-device virtio-serial-pci,bogus=1: Property 'virtio-serial-pci.bogus' not found", { "-device", "virtio-serial-pci,bogus=1" } },
	{ "-device virtio-serial-pci,max_ports=0: Maximum number of serial ports not specified", { "-device", "virtio-serial-pci,max_ports=0" } },
	{ "-device virtio-serial-pci,max_ports=600: maximum ports supported: 511", { "-device", "virtio-serial-pci,max_ports=600" } },
	{ "-device virtio-serial-pci,max_ports=abc: Parameter 'max_ports' expects integer", { "-device", "virtio-serial-pci,max_ports=abc" } },
	{ "-device virtio-serial-pci,max_ports=-1: Parameter 'max_ports' expects uint32_t", { "-device", "virtio-serial-pci,max_ports=-1" } },
	{ "-device virtio-serial-pci,aer=on: Property 'virtio-serial-pci.aer' doesn't take value 'on'", { "-device", "virtio-serial-pci,aer=on" } },
	{ "-device virtio-serial-pci,ats=on: Property 'virtio-serial-pci.ats' doesn't take value 'on'", { "-device", "virtio-serial-pci,ats=on" } },
	{ "-device virtio-serial,modern-pio-notify=on: Property 'virtio-serial-pci.modern-pio-notify' doesn't take value 'on'",
	  { "-device", "virtio-serial,modern-pio-notify=on" } },
	{ "-device virtio-serial-device,page-per-vq=on: Property 'virtio-serial-device.page-per-vq' not found",
	  { "-device", "virtio-serial-device,page-per-vq=on" } },
	{ "-device virtio-serial-pci,x-pcie-flr-init=maybe: Parameter 'x-pcie-flr-init' expects 'on' or 'off'",
	  { "-device", "virtio-serial-pci,x-pcie-flr-init=maybe" } },
	{ "-device virtio-serial-pci,vectors=70000000000: Parameter 'vectors' expects uint32_t", { "-device", "virtio-serial-pci,vectors=70000000000" } },
	{ "-device virtio-serial-pci,addr=zz: Property 'virtio-serial-pci.addr' doesn't take value 'zz'", { "-device", "virtio-serial-pci,addr=zz" } },
	{ "-device {\"driver\":\"virtio-serial-pci\",\"max_ports\":\"4\"}: Parameter 'max_ports' expects uint64",
	  { "-device", "{\"driver\":\"virtio-serial-pci\",\"max_ports\":\"4\"}" } },
	{ "-device {\"driver\":\"virtio-serial-pci\",\"ioeventfd\":\"on\"}: Invalid parameter type for 'ioeventfd', expected: boolean",
	  { "-device", "{\"driver\":\"virtio-serial-pci\",\"ioeventfd\":\"on\"}" } },
	{ "-device virtserialport: No 'virtio-serial-bus' bus found for device 'virtserialport'", { "-device", "virtserialport" } },
	{ "-device virtserialport,bus=s1.0: Bus 's1.0' not found", { DEV, "-device", "virtserialport,bus=s1.0" } },
	{ "-device virtserialport,id=s0: Duplicate ID 's0' for device", { DEV, "-device", "virtserialport,id=s0" } },
	{ "-device virtserialport,nr=0: Port number 0 on virtio-serial devices reserved for virtconsole devices for backward compatibility.",
	  { DEV, "-device", "virtserialport,nr=0" } },
	{ "-device virtserialport,nr=40: virtio-serial-bus: Out-of-range port id specified, max. allowed: 30", { DEV, "-device", "virtserialport,nr=40" } },
	{ "-device virtserialport,chardev=x: Property 'virtserialport.chardev' can't find value 'x'", { DEV, "-device", "virtserialport,chardev=x" } },
	{ "-device virtserialport,chardev=c: Property 'virtserialport.chardev' can't take value 'c': Device 'c' is in use",
	  { DEV, "-chardev", "null,id=c", "-device", "virtconsole,chardev=c", "-device", "virtserialport,chardev=c" } },
	{ "-device virtserialport,name=a: virtio-serial-bus: A port already exists by name a",
	  { DEV, "-device", "virtio-serial-pci,id=s1", "-device", "virtserialport,bus=s0.0,name=a", "-device", "virtserialport,name=a" } },
	{ "-mon chardev=x,mode=control: chardev \"x\" not found", { "-mon", "chardev=x,mode=control" } },
	{ "-mon mode=control: Parameter 'chardev' is missing", { "-mon", "mode=control" } },
	{ "-mon chardev=c,mode=foo: Parameter 'mode' does not accept value 'foo'", { "-chardev", "null,id=c", "-mon", "chardev=c,mode=foo" } },
	{ "-qmp nope: 'nope' is not a valid char driver", { "-qmp", "nope" } },
	{ "-add-fd set=1: fd option is required and must be non-negative", { "-add-fd", "set=1" } },
	{ "-add-fd fd=9: set option is required and must be non-negative", { "-add-fd", "fd=9" } },
	{ "-add-fd fd=1,set=1: fd cannot be a standard I/O stream", { "-add-fd", "fd=1,set=1" } },
	{ "-add-fd fd=99,set=1: fd is not valid or already in use", { "-add-fd", "fd=99,set=1" } },
	{ "-chardev socket,id=c,fd=none: File descriptor named 'none' has not been found", { "-chardev", "socket,id=c,fd=none" } },
	{ "-set foo: can't parse: \"foo\"", { "-set", "foo" } },
	{ "-set chardev.a.path=/x: there is no chardev \"a\" defined", { "-set", "chardev.a.path=/x", "-chardev", "null,id=a" } },
	{ "-set device.a.nr=1: there is no device \"a\" defined", { "-chardev", "null,id=a", "-set", "device.a.nr=1" } },
	{ "-chardev ringbuf,id=a,size=1000: size of ringbuf chardev must be power of two", { "-chardev", "ringbuf,id=a", "-set", "chardev.a.size=1000" } },
	{ "-writeconfig: invalid option", { "-writeconfig", "-" } },
	{ "-global virtio-serial-pci: Invalid parameter 'virtio-serial-pci'", { "-global", "virtio-serial-pci" } },
	{ "-global driver=virtio-serial-pci,property=max_ports: options 'driver', 'property', and 'value' are required",
	  { "-global", "driver=virtio-serial-pci,property=max_ports" } },
	{ "-device virtio-serial: can't apply global virtio-serial-pci.foo=1: Property 'virtio-serial-pci.foo' not found",
	  { "-global", "virtio-serial-pci.foo=1", "-device", "virtio-serial" } },
	{ "-device virtio-serial-pci: can't apply global virtio-serial-pci.bus=x: Property 'virtio-serial-pci.bus' not found",
	  { "-global", "virtio-serial-pci.bus=x", "-device", "virtio-serial-pci" } },
	{ "-device virtio-serial-pci: Maximum number of serial ports not specified",
	  { "-global", "virtio-serial-device.max_ports=0", "-device", "virtio-serial-pci" } },
	{ "-device virtconsole: can't apply global virtserialport.foo=2: Property 'virtconsole.foo' not found",
	  { "-global", "virtserialport.foo=2", DEV, "-device", "virtconsole" } },
	{ "-run-with foo=1: Invalid parameter 'foo'", { "-run-with", "foo=1" } },
	{ "-run-with async-teardown=on: Parameter 'async-teardown' does not accept value 'on'", { "-run-with", "async-teardown=on" } },
	{ "-run-with user=99999:x: User \"99999:x\" doesn't exist (and is not <uid>:<gid>)", { "-run-with", "user=99999:x" } },
	{ "-runas 1:4294967295: User \"1:4294967295\" doesn't exist (and is not <uid>:<gid>)", { "-runas", "1:4294967295" } },
	{ "-run-with exit-with-parent=maybe: Parameter 'exit-with-parent' expects 'on' or 'off'", { "-run-with", "exit-with-parent=maybe" } },
	{ "-run-with exit-with-parent=on: incompatible with -daemonize, after which the parent is gone",
	  { "-run-with", "exit-with-parent=on", "-daemonize" } },
	{ "chroot failed: '/nonexistent': No such file or directory", { "-chroot", "/nonexistent" } },
	{ "-readconfig /nonexistent: Could not open '/nonexistent': No such file or directory", { "-readconfig", "/nonexistent" } },
	{ "-d nope: 'nope' is no log item, expected trace:PATTERN", { "-d", "nope" } },
	{ "-D /nonexistent/x: Error opening logfile /nonexistent/x: No such file or directory", { "-D", "/nonexistent/x" } },
	{ "-trace foo=bar: Invalid parameter 'foo'", { "-trace", "foo=bar" } },
	{ "-trace events=/nonexistent: /nonexistent: No such file or directory", { "-trace", "events=/nonexistent" } },
	{ "-uuid abc: failed to parse UUID string: wrong format", { "-uuid", "abc" } },
	{ "-name a,foo=b: Invalid parameter 'foo'", { "-name", "a,foo=b" } },
	{ "cannot create PID file: Could not create '/nonexistent/x': No such file or directory", { "-pidfile", "/nonexistent/x" } },
	{ "-export vhost-user,id=x: Parameter 'addr.type' is missing", { DEV, "--export", "vhost-user,id=x" } },
	{ "-export nope,id=x: Parameter 'type' does not accept value 'nope'", { DEV, "--export", "nope,id=x" } },
	{ "-export vhost-user,id=x,device=s9,addr.type=unix,addr.path=/x: Device 's9' not found",
	  { DEV, "--export", "vhost-user,id=x,device=s9,addr.type=unix,addr.path=/x" } },
	{ "-export vhost-user,id=x,device=s0,addr.type=unix,addr.path=/nonexistent/x: Failed to bind socket to /nonexistent/x: No such file or directory",
	  { DEV, "--export", "vhost-user,id=x,device=s0,addr.type=unix,addr.path=/nonexistent/x" } },
	{ "-export vhost-user,id=x,addr.type=unix,addr.path=/x: vhost-user has room for 256 queues, the device has 1024",
	  { "-device", "virtio-serial-pci,max_ports=511", "--export", "vhost-user,id=x,addr.type=unix,addr.path=/x" } },
	{ "-socket-path /x: Parameter 'device' is missing", { "--socket-path", "/x" } },
	{ "-fd 0x: Parameter 'addr.str' does not accept value '0x'", { DEV, "--fd=0x" } },
};

/* One line, status 1. */
static void test_refusals(void **state)
{
	char expected[1024];
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		assert_int_equal(run(refusals[i].args), 1);
		snprintf(expected, sizeof(expected), "vportemu: %s\n",
			 refusals[i].says);
		assert_string_equal(out, expected);
	}
}

static void expect_output(const char *const *args, const char *words)
{
	assert_int_equal(run(args), 0);
	if (!strstr(out, words))
		fail_msg("'%s' expected in: %s", words, out);
}

static void test_help(void **state)
{
	expect_output((const char *[]){ "-h", NULL }, "Usage: vportemu");
	expect_output((const char *[]){ "--help", NULL }, "-chardev BACKEND");
	expect_output((const char *[]){ "-version", NULL },
		      "vportemu " VPORT_VERSION "\n");
	expect_output((const char *[]){ "--print-capabilities", NULL },
		      "{\"type\": \"console\", \"features\": []}\n");
	expect_output((const char *[]){ "-device", "help", NULL },
		      "name \"virtio-serial-pci\", bus PCI, alias \"virtio-serial\"\n");
	expect_output((const char *[]){ "-device", "virtserialport,help", NULL },
		      "  chardev=<str>          - ID of a chardev to use as a backend\n");
	expect_output((const char *[]){ "-trace", "help", NULL },
		      "virtio_serial_throttle_port\n");
	expect_output((const char *[]){ "-d", "help", NULL },
		      "trace:PATTERN   enable trace events\n");
	expect_output((const char *[]){ "-d", "trace:help", NULL },
		      "virtio_console_chr_read\n");
	expect_output((const char *[]){ "-chardev", "help", NULL },
		      "\nsocket\n");
}

/* libvirt's own words, and the older ones. */
static void test_libvirt(void **state)
{
	struct emulator emu;
	int qmp;

	emulator_init(&emu);
	emulator_arg(&emu, "-name guest=vm,debug-threads=on,process=vm -S");
	emulator_arg(&emu, "-no-user-config -nodefaults -msg timestamp=on");
	emulator_chardev(&emu, "charmonitor");
	emulator_arg(&emu, "-mon chardev=charmonitor,id=monitor,mode=control");
	emulator_arg(&emu,
		     "-device {\"driver\":\"virtio-serial-pci\",\"id\":\"virtio-serial0\",\"max_ports\":16,\"vectors\":4,\"bus\":\"pci.0\",\"addr\":\"0x5\"}");
	emulator_arg(&emu, "-chardev socket,id=charchannel0,fd=%d,server,nowait",
		     emulator_socket(&emu, "c"));
	emulator_arg(&emu,
		     "-device {\"driver\":\"virtserialport\",\"bus\":\"virtio-serial0.0\",\"nr\":1,\"chardev\":\"charchannel0\",\"id\":\"channel0\",\"name\":\"org.qemu.guest_agent.0\"}");
	emulator_arg(&emu,
		     "-device virtio-serial,id=old,bus=pci.0,addr=0x6.1,vectors=2,disable-legacy=auto,aer=off,ats=off,acpi-index=3,romfile=,rombar=0,page-per-vq=off,use-started=on,x-pcie-pm-init=off");
	emulator_arg(&emu,
		     "--export type=vhost-user,id=x0,device=virtio-serial0,addr.type=fd,addr.str=%d",
		     emulator_socket(&emu, "vu"));
	emulator_start(&emu);
	qmp = qmp_connect(&emu, "charmonitor");
	qmp_expect(qmp, "{'execute': 'query-status'}",
		   "{\"return\": {\"status\": \"prelaunch\", \"running\": false}}");
	qmp_expect(qmp, "{'execute': 'cont'}", NULL);
	close(qmp);
	emulator_stop(&emu);
}

/* A connection that is passed is the only one: the process ends with it. */
static void test_passed_connection(void **state)
{
	uint32_t header[3] = { 1, 1, 0 };
	struct emulator emu;
	uint8_t reply[20];
	int pair[2];

	emulator_init(&emu);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(fcntl(pair[0], F_SETFD, FD_CLOEXEC), 0);
	emulator_arg(&emu, "-device virtio-serial-pci --fd=%d", pair[1]);
	emulator_start(&emu);
	close(pair[1]);
	write_exactly(pair[0], header, sizeof(header));
	read_exactly(pair[0], reply, sizeof(reply));
	close(pair[0]);
	assert_int_equal(emulator_wait(&emu), 0);
}

/* -pidfile and -daemonize: the parent's end says that all is ready. */
static void test_background(void **state)
{
	char dir[] = "/tmp/vportemu-test-XXXXXX";
	char pidfile[64], path[64], program[PATH_MAX], cwd[PATH_MAX];
	struct emulator emu = { .num_sockets = 1 };
	char text[32] = "";
	struct stat st;
	FILE *file;
	int fd, lock;

	assert_non_null(mkdtemp(dir));
	snprintf(pidfile, sizeof(pidfile), "%s/pid", dir);
	snprintf(path, sizeof(path), "%s/qmp", dir);
	/* The files are named from here, and the process goes elsewhere. */
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_non_null(realpath(getenv("VPORTEMU") ?:
				 "build/unit/bin/vportemu", program));
	setenv("VPORTEMU", program, 1);
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(run((const char *[]){ "-daemonize", "-pidfile", "pid",
					       "-qmp", "unix:qmp,server=on,wait=off",
					       "-chardev", "pty,id=p,path=pty",
					       "-chardev", "socket,id=r,path=later,reconnect-ms=10",
					       "-device", "virtio-serial,id=s0",
					       "--export", "vhost-user,id=x,addr.type=unix,addr.path=vu",
					       NULL }), 0);
	assert_int_equal(chdir(cwd), 0);
	/* Nobody but the group may come by. */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
	lock = open(pidfile, O_RDWR);
	assert_true(lock >= 0);
	file = fopen(pidfile, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_true(atoi(text) > 1);

	/* So is one that it connects to when it is there. */
	strcpy(emu.dir, dir);
	emu.num_sockets = 0;
	fd = emulator_socket(&emu, "later");
	wait_readable(fd);
	close(fd);
	unlink(emu.sockets[0].path);

	strcpy(emu.sockets[0].name, "qmp");
	strcpy(emu.sockets[0].path, path);
	fd = qmp_connect(&emu, "qmp");
	write_exactly(fd, "{'execute': 'quit'}", 19);
	qmp_expect_event(fd, "SHUTDOWN");
	qmp_expect(fd, "", NULL);
	expect_eof(fd);
	close(fd);
	/* It holds the lock on its file as long as it lives. */
	assert_int_equal(lockf(lock, F_LOCK, 0), 0);
	close(lock);
	assert_int_equal(access(pidfile, F_OK), -1);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_libvirt),
		cmocka_unit_test(test_passed_connection),
		cmocka_unit_test(test_background),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
