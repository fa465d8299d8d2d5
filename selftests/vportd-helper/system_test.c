// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * system_test.c - what the helper does to the system, seen in a directory that
 * stands for it
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "helper_process.h"
#include "tree.h"

#define ERROR(desc) "{\"error\":\"" desc "\"}"
#define NOTHING "{\"return\":{}}"

/* Programs note how they were called. */
#define NOTE "echo ${0##*/} $* >>${0%/*/*}/log\n"

static int setup(void **state)
{
	tree_create();
	helper_start(tree_root);
	return 0;
}

static int teardown(void **state)
{
	helper_stop();
	tree_remove();
	return 0;
}

static void expect_file(const char *path, const char *expected)
{
	char *text = tree_read(path);

	assert_string_equal(expected, text ? text : "(none)");
	free(text);
}

static void shutdown_runs_the_program_of_its_mode(void **state)
{
	tree_script("/sbin/poweroff", NOTE);
	tree_script("/sbin/halt", NOTE);
	tree_script("/sbin/reboot", NOTE);
	helper_run("guest-shutdown", "{}", NOTHING);
	helper_run("guest-shutdown", "{\"mode\":\"powerdown\"}", NOTHING);
	helper_run("guest-shutdown", "{\"mode\":\"halt\"}", NOTHING);
	helper_run("guest-shutdown", "{\"mode\":\"reboot\"}", NOTHING);
	expect_file("/log", "poweroff\npoweroff\nhalt\nreboot\n");
}

static void shutdown_does_without(void **state)
{
	tree_script("/usr/sbin/shutdown", "echo $* >>${0%/*/*/*}/log\n");
	helper_run("guest-shutdown", "{}", NOTHING);
	helper_run("guest-shutdown", "{\"mode\":\"halt\"}", NOTHING);
	helper_run("guest-shutdown", "{\"mode\":\"reboot\"}", NOTHING);
	expect_file("/log", "-h -P +0 hypervisor initiated shutdown\n"
			    "-h -H +0 hypervisor initiated shutdown\n"
			    "-r +0 hypervisor initiated shutdown\n");
}

static void shutdown_tells_what_is_wrong(void **state)
{
	helper_run("guest-shutdown", "{}",
		   ERROR("child process has failed to shutdown: "
			 "neither poweroff nor shutdown is there"));
	helper_run("guest-shutdown", "{\"mode\":\"explode\"}",
		   ERROR("mode is invalid (valid values are: "
			 "halt|powerdown|reboot"));
	tree_script("/sbin/halt", "echo not now; exit 1\n");
	helper_run("guest-shutdown", "{\"mode\":\"halt\"}",
		   ERROR("child process has failed to shutdown: not now"));
}

static void suspend_prefers_systemd(void **state)
{
	tree_script("/bin/systemctl", NOTE "[ $1 != status ] || exit 3\n");
	tree_file("/sys/power/state", "freeze mem disk\n");
	helper_run("guest-suspend-ram", "{}", NOTHING);
	helper_run("guest-suspend-disk", "{}", NOTHING);
	helper_run("guest-suspend-hybrid", "{}", NOTHING);
	expect_file("/log", "systemctl status systemd-suspend\n"
			    "systemctl suspend\n"
			    "systemctl status systemd-hibernate\n"
			    "systemctl hibernate\n"
			    "systemctl status systemd-hybrid-sleep\n"
			    "systemctl hybrid-sleep\n");
}

static void suspend_does_without(void **state)
{
	tree_script("/usr/bin/pm-is-supported", "[ $1 = --hibernate ]\n");
	tree_script("/usr/sbin/pm-hibernate", "echo >${0%/*/*/*}/hibernated\n");
	tree_file("/sys/power/state", "freeze mem disk\n");
	helper_run("guest-suspend-disk", "{}", NOTHING);
	expect_file("/hibernated", "\n");
	helper_run("guest-suspend-ram", "{}", NOTHING);
	expect_file("/sys/power/state", "memeze mem disk\n");
	helper_run("guest-suspend-hybrid", "{}",
		   ERROR("the requested suspend mode is not supported by the "
			 "guest"));
}

static void password_goes_to_chpasswd(void **state)
{
	tree_script("/usr/sbin/chpasswd",
		    "echo \"$*\" >>${0%/*/*/*}/log; cat >>${0%/*/*/*}/log\n");
	helper_run("guest-set-user-password",
		   "{\"username\":\"u\",\"password\":\"p w\",\"crypted\":false}",
		   NOTHING);
	helper_run("guest-set-user-password",
		   "{\"username\":\"u\",\"password\":\"$6$x\",\"crypted\":true}",
		   NOTHING);
	expect_file("/log", "\nu:p w\n-e\nu:$6$x\n");
}

static void bad_password_is_refused(void **state)
{
	helper_run("guest-set-user-password",
		   "{\"username\":\"u\",\"password\":\"p\",\"crypted\":false}",
		   ERROR("chpasswd: no such program, which sets passwords"));
	tree_script("/usr/sbin/chpasswd", "echo no user u; exit 1\n");
	helper_run("guest-set-user-password",
		   "{\"username\":\"u\",\"password\":\"p\",\"crypted\":false}",
		   ERROR("child process has failed to set user password: "
			 "no user u"));
	helper_run("guest-set-user-password",
		   "{\"username\":\"u:v\",\"password\":\"p\",\"crypted\":false}",
		   ERROR("forbidden characters in username"));
	helper_run("guest-set-user-password",
		   "{\"username\":\"u\",\"password\":\"p\\nq\",\"crypted\":false}",
		   ERROR("forbidden characters in raw password"));
	helper_run("guest-set-user-password",
		   "{\"username\":\"u\",\"password\":\"p\\u0000q\",\"crypted\":false}",
		   ERROR("forbidden characters in raw password"));
}

#define KEYS "/home/u/.ssh/authorized_keys"

static void give_to_user(const char *path)
{
	char full[160];

	snprintf(full, sizeof(full), "%s%s", tree_root, path);
	if (!getuid())
		assert_int_equal(0, chown(full, 65534, 65534));
}

/* Of whoever runs the test: root gives up being root, others cannot. */
static void make_user(void)
{
	char passwd[128];

	snprintf(passwd, sizeof(passwd), "u:x:%d:%d::/home/u:/bin/sh\n",
		 getuid() ? getuid() : 65534, getuid() ? getgid() : 65534);
	tree_file("/etc/passwd", passwd);
	tree_file("/home/u/.profile", "");
	give_to_user("/home/u");
}

static void keys_are_added_and_removed(void **state)
{
	char path[160];
	struct stat st;

	make_user();
	helper_run("guest-ssh-remove-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"k\"]}", NOTHING);
	helper_run("guest-ssh-add-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"a 1\",\"b 2\"]}", NOTHING);
	helper_run("guest-ssh-add-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"b 2\",\"c 3\"]}", NOTHING);
	expect_file(KEYS, "a 1\nb 2\nc 3\n");
	helper_run("guest-ssh-get-authorized-keys", "{\"username\":\"u\"}",
		   "{\"return\":{\"keys\":[\"a 1\",\"b 2\",\"c 3\"]}}");
	helper_run("guest-ssh-remove-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"b 2\",\"x\"]}", NOTHING);
	expect_file(KEYS, "a 1\nc 3\n");
	helper_run("guest-ssh-add-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"d 4\"],\"reset\":true}",
		   NOTHING);
	expect_file(KEYS, "d 4\n");

	snprintf(path, sizeof(path), "%s%s", tree_root, KEYS);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 07777);
	assert_int_equal(getuid() ? getuid() : 65534, st.st_uid);
	*strrchr(path, '/') = '\0';
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0700, st.st_mode & 07777);
}

static void other_lines_of_the_file_stay(void **state)
{
	static const char text[] = "# mine\n\na 1\n\n# more\nb 2\n";

	make_user();
	tree_file(KEYS, text);
	helper_run("guest-ssh-get-authorized-keys", "{\"username\":\"u\"}",
		   "{\"return\":{\"keys\":[\"a 1\",\"b 2\"]}}");
	give_to_user("/home/u/.ssh");
	give_to_user(KEYS);
	helper_run("guest-ssh-remove-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"a 1\"]}", NOTHING);
	expect_file(KEYS, "# mine\n\n\n# more\nb 2\n");
}

/* virsh sends the lines of a file, and what is behind the last line's end. */
static void empty_key_is_none(void **state)
{
	make_user();
	helper_run("guest-ssh-add-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"a 1\",\"b 2\",\"\"]}",
		   NOTHING);
	expect_file(KEYS, "a 1\nb 2\n");
	helper_run("guest-ssh-remove-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"a 1\",\"\"]}", NOTHING);
	expect_file(KEYS, "b 2\n");
}

/* An empty line of the user's stays, too. */
static void empty_key_removes_no_empty_line(void **state)
{
	make_user();
	tree_file(KEYS, "# mine\n\na 1\n");
	give_to_user("/home/u/.ssh");
	give_to_user(KEYS);
	helper_run("guest-ssh-remove-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"a 1\",\"\"]}", NOTHING);
	expect_file(KEYS, "# mine\n\n");
}

/* A user who makes .ssh a link into root's directory gains nothing by it. */
static void link_of_the_user_is_not_followed_as_root(void **state)
{
	char path[160];

	if (getuid())
		skip();
	make_user();
	tree_dir("/root");
	snprintf(path, sizeof(path), "%s/root", tree_root);
	assert_int_equal(0, chmod(path, 0700));
	tree_link("/home/u/.ssh", path);
	snprintf(path, sizeof(path),
		 ERROR("failed to read '%s" KEYS "': Permission denied"),
		 tree_root);
	helper_run("guest-ssh-add-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"evil\"]}", path);
	expect_file("/root/authorized_keys", "(none)");
}

static void bad_keys_are_refused(void **state)
{
	make_user();
	helper_run("guest-ssh-add-authorized-keys",
		   "{\"username\":\"v\",\"keys\":[\"a\"]}",
		   ERROR("failed to lookup user 'v'"));
	helper_run("guest-ssh-add-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"a\\nb\"]}",
		   ERROR("invalid OpenSSH public key: 'a\\nb'"));
	helper_run("guest-ssh-add-authorized-keys",
		   "{\"username\":\"u\",\"keys\":[\"#a\"]}",
		   ERROR("invalid OpenSSH public key: '#a'"));
	expect_file(KEYS, "(none)");
}

#define CPU "/sys/devices/system/cpu"

static void vcpus_are_switched(void **state)
{
	tree_file(CPU "/cpu0/topology", "");
	tree_file(CPU "/cpu1/online", "1\n");
	tree_file(CPU "/cpu2/online", "0\n");
	helper_run("guest-set-vcpus", "{\"vcpus\":["
		   "{\"logical-id\":0,\"online\":true},"
		   "{\"logical-id\":1,\"online\":false,\"can-offline\":true},"
		   "{\"logical-id\":2,\"online\":true}]}", "{\"return\":3}");
	expect_file(CPU "/cpu1/online", "0\n");
	expect_file(CPU "/cpu2/online", "1\n");
}

static void first_bad_vcpu_ends_it(void **state)
{
	char expected[192];

	tree_file(CPU "/cpu0/topology", "");
	tree_file(CPU "/cpu1/online", "1\n");
	helper_run("guest-set-vcpus", "{\"vcpus\":["
		   "{\"logical-id\":1,\"online\":false},"
		   "{\"logical-id\":9,\"online\":true},"
		   "{\"logical-id\":0,\"online\":true}]}", "{\"return\":1}");
	helper_run("guest-set-vcpus",
		   "{\"vcpus\":[{\"logical-id\":0,\"online\":false}]}",
		   ERROR("logical processor #0 can't be offlined"));
	snprintf(expected, sizeof(expected),
		 ERROR("open(\\\"%s" CPU "/cpu9/\\\"): "
		       "No such file or directory"), tree_root);
	helper_run("guest-set-vcpus",
		   "{\"vcpus\":[{\"logical-id\":9,\"online\":true}]}",
		   expected);
}

static void objects_are_checked(void **state)
{
	static const char *const cases[][2] = {
		{ "[1]", "Invalid parameter type for 'vcpus[0]', "
			 "expected: object" },
		{ "[{\"online\":true}]",
		  "Parameter 'vcpus[0].logical-id' is missing" },
		{ "[{\"logical-id\":0,\"online\":1}]",
		  "Invalid parameter type for 'vcpus[0].online', "
		  "expected: boolean" },
		{ "[{\"logical-id\":0,\"online\":true,\"x\":1}]",
		  "Parameter 'vcpus[0].x' is unexpected" },
	};
	char expected[128];
	char args[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(args, sizeof(args), "{\"vcpus\":%s}", cases[i][0]);
		snprintf(expected, sizeof(expected), ERROR("%s"), cases[i][1]);
		helper_run("guest-set-vcpus", args, expected);
	}
}

#define MEMORY "/sys/devices/system/memory"

static void memory_blocks_are_switched(void **state)
{
	tree_file(MEMORY "/memory1/state", "online\n");
	tree_file(MEMORY "/memory2/state", "offline\n");
	helper_run("guest-set-memory-blocks", "{\"mem-blks\":["
		   "{\"phys-index\":1,\"online\":true},"
		   "{\"phys-index\":2,\"online\":true},"
		   "{\"phys-index\":3,\"online\":true}]}",
		   "{\"return\":["
		   "{\"phys-index\":1,\"response\":\"success\"},"
		   "{\"phys-index\":2,\"response\":\"success\"},"
		   "{\"phys-index\":3,\"response\":\"not-found\","
		   "\"error-code\":2}]}");
	expect_file(MEMORY "/memory1/state", "online\n");
	expect_file(MEMORY "/memory2/state", "onlinee\n");
}

static void clock_is_set_from_hardware(void **state)
{
	helper_run("guest-set-time", "{}",
		   ERROR("hwclock: no such program, hwclock failed to set "
			 "system time to hardware clock"));
	tree_script("/sbin/hwclock", NOTE);
	helper_run("guest-set-time", "{}", NOTHING);
	expect_file("/log", "hwclock -s\n");
	helper_run("guest-set-time", "{\"time\":-1}", ERROR("Invalid time -1"));
	helper_run("guest-set-time", "{\"time\":9223372036854775807}",
		   ERROR("Invalid time 9223372036854775807"));
}

#define PCI "/sys/devices/pci0000:00/0000:00:05.0"

static void add_block(const char *device, const char *path, const char *size)
{
	char link[128];
	char to[256];

	snprintf(to, sizeof(to), "%s/size", path);
	tree_file(to, size);
	snprintf(to, sizeof(to), "%s%s", tree_root, path);
	snprintf(link, sizeof(link), "/sys/dev/block/%s", device);
	tree_link(link, to);
	snprintf(link, sizeof(link), "/sys/class/block/%s",
		 strrchr(path, '/') + 1);
	tree_link(link, to);
	if (!strstr(path, "/sda/")) {
		snprintf(link, sizeof(link), "/sys/block/%s",
			 strrchr(path, '/') + 1);
		tree_link(link, to);
	}
}

#define SDA PCI "/virtio1/host2/target2:0:3/2:0:3:4/block/sda"
#define SDA_ADDRESS(dev) \
	"{\"pci-controller\":{\"domain\":0,\"bus\":0,\"slot\":5," \
	"\"function\":0},\"bus-type\":\"scsi\",\"bus\":0,\"target\":3," \
	"\"unit\":4,\"dev\":\"" dev "\"}"

/* A disk with a partition, an encrypted volume on that, an empty drive. */
static void make_disks(void)
{
	add_block("8:0", SDA, "100\n");
	add_block("8:1", SDA "/sda1", "50\n");
	tree_file(SDA "/sda1/partition", "1\n");
	add_block("253:0", "/sys/devices/virtual/block/dm-0", "40\n");
	tree_file("/sys/devices/virtual/block/dm-0/dm/name", "secret\n");
	tree_file("/sys/devices/virtual/block/dm-0/slaves/sda1", "");
	add_block("11:0", PCI "/ata1/host0/target0:0:0/0:0:0:0/block/sr0",
		  "0\n");
}

static void fsinfo_follows_volumes_to_disks(void **state)
{
	make_disks();
	tree_file("/proc/self/mountinfo",
		  "20 1 8:1 / /boot rw - ext4 /dev/sda1 rw\n"
		  "21 1 253:0 / /data\\040two rw - xfs /dev/mapper/secret rw\n"
		  "22 1 0:5 / /tmp rw - tmpfs tmpfs rw\n");
	helper_run("guest-get-fsinfo", "{}", "{\"return\":["
		   "{\"name\":\"dm-0\",\"mountpoint\":\"/data two\","
		   "\"type\":\"xfs\",\"disk\":[" SDA_ADDRESS("/dev/sda1") "]},"
		   "{\"name\":\"sda1\",\"mountpoint\":\"/boot\","
		   "\"type\":\"ext4\",\"disk\":[" SDA_ADDRESS("/dev/sda1") "]}"
		   "]}");
}

static void disks_are_listed(void **state)
{
	char *reply;

	make_disks();
	reply = helper_reply(helper_send(
		"{\"execute\":\"guest-get-disks\",\"arguments\":{}}"));
	assert_non_null(strstr(reply, "\"name\": \"\\/dev\\/sda\", "
			       "\"partition\": false, \"dependencies\": [ ]"));
	assert_non_null(strstr(reply, "\"name\": \"\\/dev\\/sda1\", "
			       "\"partition\": true, "
			       "\"dependencies\": [ \"\\/dev\\/sda\" ]"));
	assert_non_null(strstr(reply, "\"name\": \"\\/dev\\/dm-0\", "
			       "\"partition\": false, "
			       "\"dependencies\": [ \"\\/dev\\/sda1\" ], "
			       "\"alias\": \"secret\""));
	assert_null(strstr(reply, "sr0"));
	free(reply);
}

/* Neither a request that hangs nor one that dies is seen by another. */
static void jobs_do_not_meet(void **state)
{
	char path[96];
	int hanging;
	FILE *fifo;

	snprintf(path, sizeof(path), "%s/wait", tree_root);
	assert_int_equal(0, mkfifo(path, 0600));
	tree_script("/sbin/halt", "read line <${0%/*/*}/wait\n");
	tree_script("/sbin/reboot", "kill -9 $PPID\n");
	hanging = helper_send("{\"execute\":\"guest-shutdown\","
			      "\"arguments\":{\"mode\":\"halt\"}}");
	free(helper_reply(helper_send("{\"execute\":\"guest-shutdown\","
				      "\"arguments\":{\"mode\":\"reboot\"}}")));
	helper_run("guest-set-vcpus", "{\"vcpus\":[]}", "{\"return\":0}");

	fifo = fopen(path, "we");
	assert_non_null(fifo);
	fputs("\n", fifo);
	fclose(fifo);
	free(helper_reply(hanging));
}

/* Those that are done are used again, but for one that is another user now. */
static void processes_are_few(void **state)
{
	int i;

	make_user();
	for (i = 0; i < 100; i++) {
		helper_run("guest-set-vcpus", "{\"vcpus\":[]}",
			   "{\"return\":0}");
		helper_run("guest-ssh-remove-authorized-keys",
			   "{\"username\":\"u\",\"keys\":[\"k\"]}", NOTHING);
	}
	if (helper_children() < 0)
		skip();
	/* Two that wait, and a few that are on their way in or out. */
	assert_in_range(helper_children(), 1, 16);
}

static void rubbish_is_survived(void **state)
{
	static const char *const requests[] = {
		"", "{", "[]", "null", "{\"execute\":1}", "{\"execute\":\"x\"}",
	};
	char *reply;
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		reply = helper_reply(helper_send(requests[i]));
		assert_string_equal("", reply);
		free(reply);
	}
	helper_run("guest-set-vcpus", "{\"vcpus\":[]}", "{\"return\":0}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(shutdown_runs_the_program_of_its_mode),
		TEST(shutdown_does_without),
		TEST(shutdown_tells_what_is_wrong),
		TEST(suspend_prefers_systemd),
		TEST(suspend_does_without),
		TEST(password_goes_to_chpasswd),
		TEST(bad_password_is_refused),
		TEST(keys_are_added_and_removed),
		TEST(other_lines_of_the_file_stay),
		TEST(empty_key_is_none),
		TEST(empty_key_removes_no_empty_line),
		TEST(link_of_the_user_is_not_followed_as_root),
		TEST(bad_keys_are_refused),
		TEST(vcpus_are_switched),
		TEST(first_bad_vcpu_ends_it),
		TEST(objects_are_checked),
		TEST(memory_blocks_are_switched),
		TEST(clock_is_set_from_hardware),
		TEST(fsinfo_follows_volumes_to_disks),
		TEST(disks_are_listed),
		TEST(jobs_do_not_meet),
		TEST(processes_are_few),
		TEST(rubbish_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
