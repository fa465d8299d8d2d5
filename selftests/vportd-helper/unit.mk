# SPDX-License-Identifier: GPL-2.0-or-later
helper := userspace/vportd-helper

unit-vportd-helper/freeze_test := selftests/vportd-helper/tree.c \
	$(addprefix $(helper)/,freeze.c job.c mounts.c program.c)
ldflags-vportd-helper/freeze_test := -Wl,--wrap=ioctl

# The program itself, on a directory that stands for the system.
unit-vportd-helper/system_test := selftests/vportd-helper/tree.c \
	selftests/vportd-helper/helper_process.c
needs-vportd-helper/system_test := $(BUILD)/vportd-helper
