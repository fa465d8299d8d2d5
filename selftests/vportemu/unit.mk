# SPDX-License-Identifier: GPL-2.0-or-later
#
# Most of these drive a vportemu process through its sockets, as a VMM and its
# guest do.  It is built with sanitizers, too: a report fails the test.

emu-process := $(BUILD)/unit/bin/vportemu
emu-drivers := $(addprefix selftests/vportemu/,emulator.c front_end.c front_end_vhost.c \
	front_end_vfio.c front_end_pci.c vfio_client.c vfio_proxy.c)
emu-tested := $(patsubst %.c,$(BUILD)/unit/obj/%.o,$(call sources,vportemu) $(wildcard userspace/lib/*.c))

$(emu-process): $(emu-tested)
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) -fsanitize=address,undefined $(LDFLAGS) -o $@ $^ \
		$(shell pkg-config --libs $(pkgs-vportemu))

unit-vportemu/control_test := $(emu-drivers)
needs-vportemu/control_test := $(emu-process)
unit-vportemu/data_test := $(emu-drivers)
needs-vportemu/data_test := $(emu-process)
unit-vportemu/hostile_message_test := $(emu-drivers)
needs-vportemu/hostile_message_test := $(emu-process)
unit-vportemu/hostile_ring_test := $(emu-drivers) selftests/vportemu/ring_fixture.c
needs-vportemu/hostile_ring_test := $(emu-process)
unit-vportemu/packed_ring_test := $(unit-vportemu/hostile_ring_test)
needs-vportemu/packed_ring_test := $(emu-process)
unit-vportemu/cmdline_test := selftests/vportemu/emulator.c
needs-vportemu/cmdline_test := $(emu-process)
unit-vportemu/options_test := selftests/vportemu/emulator.c
needs-vportemu/options_test := $(emu-process)
unit-vportemu/qmp_test := selftests/vportemu/emulator.c
needs-vportemu/qmp_test := $(emu-process)
unit-vportemu/surroundings_test := selftests/vportemu/emulator.c
needs-vportemu/surroundings_test := $(emu-process)
unit-vportemu/opts_test := $(addprefix userspace/lib/,error.c json_builder.c json_lex.c json_stream.c json_string.c opts.c)
unit-vportemu/chardev_test := $(emu-drivers) selftests/vportemu/port_fixture.c
needs-vportemu/chardev_test := $(emu-process)
unit-vportemu/chardev_local_test := $(unit-vportemu/chardev_test)
needs-vportemu/chardev_local_test := $(emu-process)
unit-vportemu/resize_test := $(unit-vportemu/chardev_test)
needs-vportemu/resize_test := $(emu-process)
unit-vportemu/trace_test := $(unit-vportemu/chardev_test)
needs-vportemu/trace_test := $(emu-process)
unit-vportemu/passed_fd_test := $(unit-vportemu/chardev_test)
needs-vportemu/passed_fd_test := $(emu-process)
unit-vportemu/fanout_test := $(unit-vportemu/chardev_test)
needs-vportemu/fanout_test := $(emu-process)
unit-vportemu/mux_test := $(unit-vportemu/chardev_test)
needs-vportemu/mux_test := $(emu-process)
unit-vportemu/state_test := $(unit-vportemu/chardev_test)
needs-vportemu/state_test := $(emu-process)
unit-vportemu/qmp_query_test := $(unit-vportemu/chardev_test)
needs-vportemu/qmp_query_test := $(emu-process)
unit-vportemu/metrics_test := $(unit-vportemu/chardev_test)
needs-vportemu/metrics_test := $(emu-process)
unit-vportemu/sandbox_test := $(unit-vportemu/chardev_test) userspace/vportemu/sandbox.c \
	$(unit-vportemu/opts_test)
needs-vportemu/sandbox_test := $(emu-process)
unit-vportemu/vfio_message_test := $(emu-drivers)
needs-vportemu/vfio_message_test := $(emu-process)
unit-vportemu/pci_driver_test := $(emu-drivers) selftests/vportemu/pci_fixture.c
needs-vportemu/pci_driver_test := $(emu-process)
unit-vportemu/pci_test := $(unit-vportemu/pci_driver_test)
needs-vportemu/pci_test := $(emu-process)
unit-vportemu/call_test := $(unit-vportemu/chardev_test)
needs-vportemu/call_test := $(emu-process)
unit-vportemu/reconnect_test := $(unit-vportemu/chardev_test)
needs-vportemu/reconnect_test := $(emu-process)
unit-vportemu/remote_memory_test := $(unit-vportemu/pci_driver_test)
needs-vportemu/remote_memory_test := $(emu-process)
unit-vportemu/many_ports_test := $(emu-drivers)
needs-vportemu/many_ports_test := $(emu-process)
unit-vportemu/qmp_schema_test := $(unit-vportemu/chardev_test)
needs-vportemu/qmp_schema_test := $(emu-process)
