// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options_test.c - options from a file and for all devices; whose the process is
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator.h"

static struct emulator emu;
static char config[128];

static int setup(void **state)
{
	emulator_init(&emu);
	snprintf(config, sizeof(config), "%s/config", emu.dir);
	return 0;
}

static void write_config(const char *text)
{
	FILE *file = fopen(config, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static char out[4096];

/* Run with @args, of which NULL is the last.  Return: exit status. */
static int run(const char *const *args)
{
	char *argv[16] = { emu.argv[0] };
	int i;

	for (i = 0; args[i]; i++)
		argv[i + 1] = (char *)args[i];
	return emulator_run(argv, out, sizeof(out));
}

/* Without it, nothing but the program's name has been prepared. */
static void discard(void)
{
	assert_int_equal(rmdir(emu.dir), 0);
	free(emu.argv[0]);
}

static int start_with_monitor(void)
{
	emulator_chardev(&emu, "qmp");
	emulator_arg(&emu, "-mon chardev=qmp,mode=control");
	emulator_start(&emu);
	return qmp_connect(&emu, "qmp");
}

static void stop(int qmp)
{
	close(qmp);
	unlink(config);
	emulator_stop(&emu);
}

#define GET(path, property) \
	"{'execute': 'qom-get', 'arguments': {'path': '" path "', 'property': '" property "'}}"

/* A file is as good as the line, and may come in between. */
static void test_readconfig(void **state)
{
	char text[1024];
	int qmp;

	snprintf(text, sizeof(text),
		 "# all that there is\n\n"
		 "[chardev \"qmp\"]\n"
		 "  backend = \"socket\"\n  fd = \"%d\"\n"
		 "  server = \"on\"\n\twait=\"off\"\n"
		 "[mon \"m\"]\n  chardev = \"qmp\"\n  mode = \"control\"\n"
		 "[device \"s0\"]\n  driver = \"virtio-serial-pci\"\n"
		 "  max_ports = \"3\"\n"
		 "[name]\n  guest = \"a, b\"   \n"
		 "[global]\n  driver = \"virtserialport\"\n"
		 "  property = \"nr\"\n  value = \"2\"\n",
		 emulator_socket(&emu, "qmp"));
	write_config(text);
	emulator_arg(&emu, "-readconfig %s -set device.s0.vectors=5", config);
	emulator_arg(&emu, "-device virtserialport,id=p");
	emulator_start(&emu);
	qmp = qmp_connect(&emu, "qmp");
	qmp_expect(qmp, "{'execute': 'query-name'}",
		   "{\"return\": {\"name\": \"a, b\"}}");
	qmp_expect(qmp, GET("s0", "max_ports"), "{\"return\": 3}");
	qmp_expect(qmp, GET("s0", "vectors"), "{\"return\": 5}");
	qmp_expect(qmp, GET("p", "nr"), "{\"return\": 2}");
	stop(qmp);
}

static const struct {
	const char *text;
	const char *says;	/* behind the option and the file's name */
} bad_configs[] = {
	{ "backend = \"null\"\n", "no group defined" },
	{ "[bogus]\n", "There is no option group 'bogus'" },
	{ "[readconfig]\n", "There is no option group 'readconfig'" },
	{ "\n[chardev \"a\"]\nbackend = null\n",
	  "line 3: expected KEY = \"VALUE\"" },
	{ "[chardev \"a\"]\nbackend\n", "line 2: expected KEY = \"VALUE\"" },
	{ "[chardev \"a\"]\na = \"b\"c\"\n",
	  "line 2: expected KEY = \"VALUE\"" },
	{ "[chardev a]\n", "line 1: expected [GROUP] or [GROUP \"ID\"]" },
	{ "[]\n", "line 1: expected [GROUP] or [GROUP \"ID\"]" },
	{ "[chardev\n", "line 1: expected [GROUP] or [GROUP \"ID\"]" },
	{ "[sandbox]\nenable = \"x\"\n",
	  "Parameter 'enable' expects 'on' or 'off'" },
};

static void test_bad_configs(void **state)
{
	const char *const args[] = { "-readconfig", config, NULL };
	char expected[1024];
	size_t i;

	for (i = 0; i < sizeof(bad_configs) / sizeof(bad_configs[0]); i++) {
		write_config(bad_configs[i].text);
		assert_int_equal(run(args), 1);
		snprintf(expected, sizeof(expected),
			 "vportemu: -readconfig %s: %s\n", config,
			 bad_configs[i].says);
		assert_string_equal(out, expected);
	}

	/* What is wrong with what it says is said with its place. */
	write_config("[chardev \"c0\"]\n  backend = \"ringbuf\"\n  size = \"1000\"\n");
	assert_int_equal(run(args), 1);
	snprintf(expected, sizeof(expected),
		 "vportemu: %s:3: size of ringbuf chardev must be power of two\n",
		 config);
	assert_string_equal(out, expected);
	unlink(config);
	discard();
}

/* What is said of one device counts for more, and so does what comes later. */
static void test_global(void **state)
{
	int qmp;

	emulator_arg(&emu, "-global virtio-serial-device.max_ports=5");
	emulator_arg(&emu, "-global virtio-serial-pci.vectors=3");
	emulator_arg(&emu, "-global driver=virtio-pci,property=vectors,value=4");
	emulator_arg(&emu, "-global virtserialport.name=late,,r");
	emulator_arg(&emu, "-device virtio-serial,id=a");
	emulator_arg(&emu, "-device virtio-serial,id=b,max_ports=6,vectors=8");
	emulator_arg(&emu, "-device virtio-serial-device,id=c");
	qmp = start_with_monitor();
	qmp_expect(qmp, GET("a", "max_ports"), "{\"return\": 5}");
	qmp_expect(qmp, GET("a", "vectors"), "{\"return\": 4}");
	qmp_expect(qmp, GET("b", "max_ports"), "{\"return\": 6}");
	qmp_expect(qmp, GET("b", "vectors"), "{\"return\": 8}");
	qmp_expect(qmp, GET("c", "max_ports"), "{\"return\": 5}");
	/* Also of those that come later. */
	qmp_expect(qmp, "{'execute': 'device_add', 'arguments': {'driver': 'virtconsole', 'id': 'p', 'bus': 'a.0'}}",
		   NULL);
	qmp_expect(qmp, GET("p", "name"), "{\"return\": \"late,,r\"}");
	stop(qmp);
}

/* Those of the VMM's devices do no harm. */
static void test_global_of_others(void **state)
{
	char number[16];
	const char *const args[] = {
		"-global", "kvm-pit.lost_tick_policy=delay",
		"-global", "virtio-serial.max_ports=4",
		"-device", "virtio-serial", "--fd", number, NULL
	};
	int pair[2];

	/* It ends at once, as there is nobody to serve. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[0]);
	snprintf(number, sizeof(number), "%d", pair[1]);
	assert_int_equal(run(args), 0);
	close(pair[1]);
	discard();
	assert_non_null(strstr(out, "warning: global kvm-pit.lost_tick_policy has invalid class name\n"));
	assert_non_null(strstr(out, "warning: global virtio-serial.max_ports has invalid class name\n"));
}

/* Of which guest a message is, in whatever order that is said. */
static void test_guest_name(void **state)
{
	const char *const args[] = {
		"-msg", "guest-name=on", "-name", "g", "-global", "nope.x=1",
		"-uuid", "x", NULL
	};
	const char *const later[] = {
		"-name", "guest=h", "-msg", "guest-name=on", "-uuid", "x", NULL
	};

	assert_int_equal(run(args), 1);
	assert_string_equal(out, "g vportemu: -uuid x: failed to parse UUID string: wrong format\n");
	assert_int_equal(run(later), 1);
	assert_string_equal(out, "h vportemu: -uuid x: failed to parse UUID string: wrong format\n");
	discard();
}

/* A line of the process's status. */
static void expect_status(const char *line)
{
	char path[64], have[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", emu.pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (!found && fgets(have, sizeof(have), file))
		found = !strcmp(have, line);
	fclose(file);
	if (!found)
		fail_msg("%s expected", line);
}

static void expect_root(const char *root)
{
	char path[64], have[256];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/root", emu.pid);
	len = readlink(path, have, sizeof(have) - 1);
	assert_true(len > 0);
	have[len] = '\0';
	assert_string_equal(have, root);
}

#define CHARDEV_ADD(path) \
	"{'execute': 'chardev-add', 'arguments': {'id': 'x', 'backend': {'type': 'file', 'data': {'out': '" path "'}}}}"

/* Who looks for leaks at the end looks into its own /proc. */
static int start_as_other(void)
{
	int qmp;

	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	qmp = start_with_monitor();
	unsetenv("ASAN_OPTIONS");
	return qmp;
}

static void test_user_and_root(void **state)
{
	int qmp;

	if (geteuid())
		skip();
	emulator_arg(&emu, "-run-with user=65534:65533,chroot=/usr");
	qmp = start_as_other();
	expect_status("Uid:\t65534\t65534\t65534\t65534\n");
	expect_status("Gid:\t65533\t65533\t65533\t65533\n");
	expect_status("Groups:\t65533 \n");
	expect_root("/usr");
	qmp_expect(qmp, CHARDEV_ADD("/bin/x"),
		   "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Failed to add chardev 'x': Could not open '/bin/x': Permission denied\"}}");
	stop(qmp);
}

static void test_runas(void **state)
{
	int qmp;

	if (geteuid())
		skip();
	emulator_arg(&emu, "-runas nobody -chroot /usr");
	qmp = start_as_other();
	expect_status("Uid:\t65534\t65534\t65534\t65534\n");
	expect_root("/usr");
	stop(qmp);
}

/* Its parent is here a process of its own, which ends when it is told to. */
static void test_exit_with_parent(void **state)
{
	int status, qmp, end[2], told[2];
	pid_t parent;
	char byte;

	assert_int_equal(pipe(end), 0);
	assert_int_equal(pipe(told), 0);
	emulator_arg(&emu, "-run-with exit-with-parent=on");
	emulator_chardev(&emu, "qmp");
	emulator_arg(&emu, "-mon chardev=qmp,mode=control");
	parent = fork();
	assert_true(parent >= 0);
	if (!parent) {
		close(end[1]);
		emulator_start(&emu);
		_exit(read(end[0], &byte, 1));
	}
	close(end[0]);
	close(emu.sockets[0].fd);
	qmp = qmp_connect(&emu, "qmp");
	expect_silence(qmp);
	close(end[1]);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	qmp_expect_event(qmp, "\"host-signal\"");
	expect_eof(qmp);
	close(qmp);
	unlink(emu.sockets[0].path);
	assert_int_equal(rmdir(emu.dir), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_readconfig),
		TEST(test_bad_configs),
		TEST(test_global),
		TEST(test_global_of_others),
		TEST(test_guest_name),
		TEST(test_user_and_root),
		TEST(test_runas),
		TEST(test_exit_with_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
