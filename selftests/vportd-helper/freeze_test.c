// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * freeze_test.c - which file systems are frozen, in which order, and undone
 *
 * ioctl() is this file's: it notes what would be done, as in "freeze /a", and
 * nothing is ever frozen.
 */

#include <errno.h>
#include <limits.h>
#include <linux/fs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "job.h"
#include "tree.h"

static char notes[1024];
static int frozen;		/* times that "/twice" is */
static struct job job;
static char hook[PATH_MAX];

int __wrap_ioctl(int fd, unsigned long request, ...);

static int outcome(unsigned long request, const char *dir)
{
	if (request == FITHAW) {
		if (strcmp(dir, "/twice") || !frozen)
			return EINVAL;
		frozen--;
		return 0;
	}
	if (!strcmp(dir, "/busy"))
		return EBUSY;
	if (!strcmp(dir, "/never"))
		return EOPNOTSUPP;
	if (!strcmp(dir, "/bad"))
		return EIO;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	char link[64];
	char dir[PATH_MAX];
	ssize_t n;

	assert_true(request == FIFREEZE || request == FITHAW);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, dir, sizeof(dir) - 1);
	assert_true(n > 0);
	dir[n] = '\0';
	assert_memory_equal(tree_root, dir, strlen(tree_root));
	if (request == FIFREEZE)
		strcat(notes, "freeze ");
	else
		strcat(notes, "thaw ");
	strcat(notes, dir + strlen(tree_root));
	strcat(notes, "\n");
	errno = outcome(request, dir + strlen(tree_root));
	return errno ? -1 : 0;
}

/* Each on a device of its own, unless told otherwise. */
static void mount_all(const char *const *dirs)
{
	char text[2048] = "";
	int i;

	for (i = 0; dirs[i]; i++) {
		tree_dir(dirs[i]);
		sprintf(text + strlen(text),
			"%d 1 8:%d / %s rw - ext4 /dev/sda%d rw\n", 20 + i, i,
			dirs[i], i);
	}
	tree_file("/proc/self/mountinfo", text);
}

static int setup(void **state)
{
	tree_create();
	*notes = '\0';
	frozen = 0;
	memset(&job, 0, sizeof(job));
	job.root = tree_root;
	snprintf(hook, sizeof(hook), "%s/hook", tree_root);
	tree_script("/hook", "echo $1 >>${0%/*}/hook.log\n");
	return 0;
}

static int teardown(void **state)
{
	json_object_put(job.args);
	json_object_put(job.result);
	free(job.error);
	tree_remove();
	return 0;
}

static void expect_result(int count)
{
	assert_int_equal(count, json_object_get_int(job.result));
}

static void expect_hook(const char *expected)
{
	char *log = tree_read("/hook.log");

	assert_string_equal(expected, log ? log : "");
	free(log);
}

static void last_mounted_is_frozen_first(void **state)
{
	static const char *const dirs[] = { "/a", "/b", "/c", NULL };

	mount_all(dirs);
	assert_int_equal(0, job_freeze(&job));
	assert_string_equal("freeze /c\nfreeze /b\nfreeze /a\n", notes);
	expect_result(3);
}

static void some_may_not_freeze(void **state)
{
	static const char *const dirs[] = { "/a", "/busy", "/never", NULL };

	mount_all(dirs);
	assert_int_equal(0, job_freeze(&job));
	expect_result(1);
}

static void listed_ones_are_frozen(void **state)
{
	static const char *const dirs[] = { "/a", "/b", "/c", NULL };

	mount_all(dirs);
	job.args = json_tokener_parse("{\"mountpoints\":[\"/a\",\"/x\",\"/c\"]}");
	assert_int_equal(0, job_freeze(&job));
	assert_string_equal("freeze /c\nfreeze /a\n", notes);
	expect_result(2);

	json_object_put(job.args);
	job.args = json_tokener_parse("{\"mountpoints\":[]}");
	assert_int_equal(0, job_freeze(&job));
	expect_result(0);
}

static void only_disks_and_each_once(void **state)
{
	tree_dir("/a");
	tree_file("/proc/self/mountinfo",
		  "20 1 8:1 / /a rw - ext4 /dev/sda1 rw\n"
		  "21 1 0:5 / /tmp rw - tmpfs tmpfs rw\n"
		  "22 1 0:6 / /tmp rw - tmpfs /dev/fake rw\n"
		  "23 1 0:7 / /net rw - nfs server:/x rw\n"
		  "24 1 8:9 / /smb rw - cifs //server/x rw\n"
		  "25 1 8:1 /dir /bind rw - ext4 /dev/sda1 rw\n");
	assert_int_equal(0, job_freeze(&job));
	assert_string_equal("freeze /a\n", notes);
}

static void error_thaws_all(void **state)
{
	static const char *const dirs[] = { "/a", "/bad", "/twice", NULL };

	mount_all(dirs);
	frozen = 1;
	job.hook = hook;
	assert_int_equal(-EIO, job_freeze(&job));
	assert_string_equal("failed to freeze /bad: Input/output error",
			    job.error);
	assert_string_equal("freeze /twice\nfreeze /bad\n"
			    "thaw /a\nthaw /bad\nthaw /twice\nthaw /twice\n",
			    notes);
	expect_hook("thaw\n");
}

static void thaw_repeats_and_counts_once(void **state)
{
	static const char *const dirs[] = { "/a", "/twice", NULL };

	mount_all(dirs);
	frozen = 2;
	job.hook = hook;
	assert_int_equal(0, job_thaw(&job));
	assert_string_equal("thaw /a\nthaw /twice\nthaw /twice\nthaw /twice\n",
			    notes);
	expect_result(1);
	expect_hook("thaw\n");
}

static void hook_is_told(void **state)
{
	job.hook = hook;
	assert_int_equal(0, job_freeze_hook(&job));
	expect_hook("freeze\n");
	assert_string_equal("", notes);
}

static void hook_that_fails_is_undone(void **state)
{
	tree_script("/hook", "echo $1 >>${0%/*}/hook.log\n"
			     "[ $1 = thaw ] || { echo database is away; exit 3; }\n");
	job.hook = hook;
	assert_int_equal(-EIO, job_freeze_hook(&job));
	assert_string_equal("fsfreeze hook has failed with status 3: "
			    "database is away", job.error);
	expect_hook("freeze\nthaw\n");
}

/* Nor does what it started go on. */
static void hook_that_does_not_end_is_ended(void **state)
{
	char expected[PATH_MAX + 64];

	tree_script("/hook", "echo $1 >>${0%/*}/hook.log\n"
		    "[ $1 = thaw ] && exit\n"
		    "trap 'echo terminated >>${0%/*}/hook.log; exit' TERM\n"
		    "sleep 1000 & wait\n");
	job.hook = hook;
	job.hook_seconds = 1;
	assert_int_equal(-ETIMEDOUT, job_freeze_hook(&job));
	snprintf(expected, sizeof(expected),
		 "fsfreeze hook '%s freeze' has not ended within 1 s", hook);
	assert_string_equal(expected, job.error);
	assert_true(job.changed);
	expect_hook("freeze\nterminated\nthaw\n");
}

static void hook_must_be_there(void **state)
{
	char expected[PATH_MAX + 64];

	job.hook = hook;
	unlink(hook);
	snprintf(expected, sizeof(expected), "can't access fsfreeze hook '%s': "
		 "No such file or directory", hook);
	assert_int_equal(-ENOENT, job_freeze_hook(&job));
	assert_string_equal(expected, job.error);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(last_mounted_is_frozen_first),
		TEST(some_may_not_freeze),
		TEST(listed_ones_are_frozen),
		TEST(only_disks_and_each_once),
		TEST(error_thaws_all),
		TEST(thaw_repeats_and_counts_once),
		TEST(hook_is_told),
		TEST(hook_that_fails_is_undone),
		TEST(hook_that_does_not_end_is_ended),
		TEST(hook_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
