# SPDX-License-Identifier: GPL-2.0-or-later
unit-vportctl/port_state_test := userspace/vportctl/port_state.c

# The program itself, against vportd and peers of the test's own.
unit-vportctl/vportctl_test := $(addprefix selftests/vportd/,agent_process.c command_run.c)
needs-vportctl/vportctl_test := $(BUILD)/vportctl $(BUILD)/vportd
unit-vportctl/verbs_test := $(unit-vportctl/vportctl_test)
needs-vportctl/verbs_test := $(BUILD)/vportctl $(BUILD)/vportd
unit-vportctl/completion_test := selftests/vportd/command_run.c
needs-vportctl/completion_test := $(BUILD)/vportctl
