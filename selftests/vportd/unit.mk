# SPDX-License-Identifier: GPL-2.0-or-later
vportd := userspace/vportd
agent := $(vportd)/agent.c $(addprefix $(vportd)/agent/,access.c args.c audit.c \
	blob.c call.c conf.c reader.c state.c text.c work.c) \
	$(addprefix userspace/lib/,base64.c bytes.c json_builder.c json_lex.c \
	json_stream.c json_string.c json_write.c log.c)

unit-vportd/agent_test := $(agent)

unit-vportd/device_test := $(vportd)/device.c userspace/lib/log.c
ldflags-vportd/device_test := -Wl,--wrap=open
conf := $(addprefix $(vportd)/,address.c conf.c conf_value.c config.c keyfile.c words.c) \
	$(addprefix userspace/lib/,bytes.c error.c log.c)

handler-names := $(vportd)/handlers.c selftests/vportd/handler_names.c
unit-vportd/config_test := $(conf) $(handler-names)
$(BUILD)/unit/obj/selftests/vportd/handler_names.o: unit-cflags := -I$(vportd)
unit-vportd/manager_test := $(vportd)/manager.c $(conf)
unit-vportd/os_release_test := $(vportd)/agent/os_release.c
unit-vportd/port_test := $(vportd)/port.c userspace/lib/bytes.c
unit-vportd/port_hold_test := $(unit-vportd/port_test)

# A process of its own, over a socket; AGENT= names another agent's program.
unit-vportd/agent_limits_test := selftests/vportd/agent_process.c
needs-vportd/agent_limits_test := $(BUILD)/vportd
unit-vportd/agent_protocol_test := selftests/vportd/agent_process.c
needs-vportd/agent_protocol_test := $(BUILD)/vportd
unit-vportd/options_test := $(addprefix selftests/vportd/,agent_process.c command_run.c)
needs-vportd/options_test := $(BUILD)/vportd $(BUILD)/vportd-helper
unit-vportd/agent_system_test := selftests/vportd/agent_process.c
needs-vportd/agent_system_test := $(BUILD)/vportd
unit-vportd/agent_hang_test := selftests/vportd/agent_process.c
needs-vportd/agent_hang_test := $(BUILD)/vportd
unit-vportd/agent_file_test := selftests/vportd/agent_process.c
needs-vportd/agent_file_test := $(BUILD)/vportd
unit-vportd/agent_exec_test := selftests/vportd/agent_process.c
needs-vportd/agent_exec_test := $(BUILD)/vportd

# Handlers, with a port between them and the test.
handler-test := selftests/vportd/handler_fixture.c $(conf) \
	$(addprefix $(vportd)/,port.c handlers.c relay.c exec.c lines.c \
	agent/child.c endpoint.c logfile.c process.c stream.c) userspace/lib/socket_file.c
unit-vportd/exec_test := $(handler-test)
unit-vportd/lines_test := $(handler-test)
unit-vportd/relay_test := $(handler-test)
unit-vportd/relay_flow_test := $(handler-test)
$(BUILD)/unit/obj/selftests/vportd/handler_fixture.o: unit-cflags := \
	$(addprefix -I,$(vportd) userspace/lib)
unit-vportd/agent_helper_test := selftests/vportd/agent_process.c \
	selftests/vportd-helper/tree.c
needs-vportd/agent_helper_test := $(BUILD)/vportd $(BUILD)/vportd-helper
unit-vportd/agent_fsfreeze_test := $(agent) $(vportd)/agent/fsfreeze.c

# What `make install` makes, in a directory of the test's own.
unit-vportd/install_test := selftests/vportd/command_run.c
needs-vportd/install_test := $(addprefix $(BUILD)/,$(programs))
