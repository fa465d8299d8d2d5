// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * install_test.c - what `make install-programs` and `install-dkms` make,
 * and `uninstall` removes
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "command_run.h"

static char dir[] = "/tmp/install-test.XXXXXX";

static int begin(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	if (!command_run("make -s install-programs install-dkms DESTDIR=%s "
			 "PREFIX=/usr", dir))
		return 0;
	print_error("%s", output);
	return -1;
}

static int end(void **state)
{
	return command_run("rm -r %s", dir);
}

static void everything_is_there(void **state)
{
	static const char *const names[] = {
		"usr/sbin/vportd", "usr/libexec/vport/vportd-helper",
		"usr/bin/vportctl", "usr/bin/vportemu",
		"usr/share/man/man8/vportd.8", "usr/share/man/man5/vportd.conf.5",
		"usr/share/man/man1/vportctl.1",
		"usr/share/bash-completion/completions/vportctl",
		"usr/share/zsh/site-functions/_vportctl",
		"usr/lib/systemd/system/vportd.service",
		"usr/lib/udev/rules.d/60-vport.rules",
		"usr/lib/udev/rules.d/99-vportd.rules",
		"usr/share/doc/vport/vportd-readonly.conf",
	};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		if (access(path, R_OK))
			fail_msg("%s is missing", names[i]);
	}
}

/* Also where the path has a blank; what is no part of it stays. */
static void uninstall_leaves_nothing(void **state)
{
	unsetenv("MAKEFLAGS");
	assert_int_equal(0, command_run("sh -c 'echo mine >%s/a && "
		"make -s install-programs install-dkms DESTDIR=\"%s/a b\" && "
		"test -x \"%s/a b/usr/local/bin/vportemu\" && "
		"make -s uninstall DESTDIR=\"%s/a b\" && "
		"find \"%s/a b\" ! -type d && "
		"test ! -e \"%s/a b/usr/local/libexec/vport\" && "
		"test ! -e \"%s/a b/usr/src/vport\"* && rm %s/a'",
		dir, dir, dir, dir, dir, dir, dir, dir));
	assert_string_equal("", output);
}

/* DKMS finds the sources by the version that dkms.conf names. */
static void dkms_has_what_it_builds_from(void **state)
{
	assert_int_equal(0, command_run("bash -c 'cd %s/usr/src/vport-* && "
		". ./dkms.conf 2>/dev/null; test $PWD = "
		"%s/usr/src/vport-$PACKAGE_VERSION && test -e Kbuild && "
		"test -e $BUILT_MODULE_LOCATION/Kbuild && "
		"test -e $BUILT_MODULE_LOCATION/main.c && "
		"cat %s/usr/share/dkms/modules_to_force_install/$PACKAGE_NAME'",
		dir, dir, dir));
	assert_string_equal("vport_version-override\n", output);
}

/* With the daemon where it is: the unit's place for it is on no machine yet. */
static void unit_is_valid(void **state)
{
	if (command_run("systemd-analyze --version"))
		skip();
	assert_int_equal(0, command_run("sh -c 'cd %s && mkdir u && "
		"sed s,/usr/sbin,%s/usr/sbin, usr/lib/systemd/system/vportd.service "
		">u/vportd.service && mkdir u/vportd.service.d && "
		"cp usr/share/doc/vport/*.conf u/vportd.service.d && "
		"systemd-analyze verify --man=no u/vportd.service'", dir, dir));
	assert_string_equal("", output);
}

static void manuals_are_valid(void **state)
{
	if (command_run("groff --version"))
		skip();
	assert_int_equal(0, command_run("sh -c 'groff -man -ww -Tutf8 "
		"%s/usr/share/man/man*/* >/dev/null'", dir));
	assert_string_equal("", output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_there),
		cmocka_unit_test(uninstall_leaves_nothing),
		cmocka_unit_test(dkms_has_what_it_builds_from),
		cmocka_unit_test(unit_is_valid),
		cmocka_unit_test(manuals_are_valid),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
