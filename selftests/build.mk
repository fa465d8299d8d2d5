# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tests that run in guests, and what runs them; unit and fuzz tests have
# tables of their own.

include selftests/unit.mk
-include $(sort $(wildcard selftests/*/fuzz.mk))

port-tests := $(patsubst selftests/port/%.c,%,$(wildcard selftests/port/*_test.c))
port-programs := $(addprefix $(BUILD)/selftests/port/,$(port-tests) request)
port-headers := $(wildcard selftests/port/*.h)
hostile-sources := $(filter-out %/script.c,$(wildcard selftests/hostile/*.c))
hostile-programs := $(hostile-sources:%.c=$(BUILD)/%)
vmhost-objects := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard selftests/vm/host/*.c))

export BUILD VERSION

# Linked statically: what a guest needs is this one file.
harness = $(shell selftests/vm/kselftest-headers)
$(BUILD)/selftests/port/%: selftests/port/%.c selftests/port/host.c $(port-headers)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(filter-out -Wmissing-prototypes,$(WARNINGS)) \
		$(CFLAGS) -static -pthread -idirafter $(harness) -o $@ $(filter %.c,$^)

$(BUILD)/selftests/hostile/%: selftests/hostile/%.c selftests/hostile/script.c \
		$(wildcard selftests/hostile/*.h selftests/hostile/mock/vcon_mock.h)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(filter-out -Wmissing-prototypes,$(WARNINGS)) \
		$(CFLAGS) -static -pthread -idirafter $(harness) -o $@ $(filter %.c,$^)

$(vmhost-objects): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -Iuserspace/lib -Iselftests/port -MMD -MP -c -o $@ $<

$(BUILD)/vmhost: $(vmhost-objects) $(BUILD)/lib.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(shell pkg-config --libs libsystemd json-c)

$(BUILD)/conform: $(wildcard selftests/conformance/agent/*.[ch])
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -o $@ \
		$(filter %.c,$^) $(shell pkg-config --libs json-c)

conform-device-sources := $(wildcard selftests/conformance/device/*.c) $(addprefix \
	selftests/vportemu/,emulator.c front_end.c front_end_vhost.c front_end_vfio.c \
	front_end_pci.c vfio_client.c vfio_proxy.c)

$(BUILD)/conform-device: $(conform-device-sources) \
		$(wildcard selftests/conformance/device/*.h selftests/vportemu/*.h)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -Iselftests/vportemu \
		-Iselftests/conformance/device -pthread -o $@ $(filter %.c,$^) -lcmocka

$(BUILD)/soak: selftests/vportemu/soak.c $(emu-drivers) $(wildcard selftests/vportemu/*.h)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -Iselftests/vportemu \
		-o $@ $(filter %.c,$^) -lcmocka

demo-flags = -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -Iselftests/port
$(BUILD)/demo/peer: selftests/vm/demo/peer.c selftests/port/host.c $(port-headers) \
		selftests/vm/demo/crc32.h
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(demo-flags) -static -pthread -o $@ $(filter %.c,$^)

$(BUILD)/demo/transfer: selftests/vm/demo/transfer.c $(port-headers) \
		selftests/vm/demo/crc32.h
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(demo-flags) -o $@ $<

$(BUILD)/spice/session: selftests/vm/spice/session.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -static -o $@ $<

guest-files := $(shell find selftests/vm/guest udev -type f)
$(BUILD)/vm/base.cpio: selftests/vm/image $(port-programs) $(hostile-programs) \
		$(guest-files) \
		$(addprefix $(BUILD)/,$(filter vportd vportd-helper vportctl,$(programs)))
	@mkdir -p $(@D)
	$(say) IMAGE $@
	$(Q)selftests/vm/image $@ $(port-programs) $(hostile-programs)

# The same with what the demonstration runs; no test programs.
$(BUILD)/vm/demo.cpio: selftests/vm/image $(BUILD)/demo/peer $(guest-files) \
		$(addprefix $(BUILD)/,$(filter vportd vportd-helper vportctl,$(programs)))
	@mkdir -p $(@D)
	$(say) IMAGE $@
	$(Q)selftests/vm/image $@ $(BUILD)/demo/peer

# What goes on top of base.cpio where others' programs are tested.
$(BUILD)/vm/qemu-ga.cpio: selftests/vm/programs /usr/sbin/qemu-ga
	@mkdir -p $(@D)
	$(say) IMAGE $@
	$(Q)selftests/vm/programs $@ /usr/sbin/qemu-ga

# Its package needs a desktop, the program does not.
$(BUILD)/vm/spice.cpio: selftests/vm/programs $(BUILD)/spice/session
	@mkdir -p $(@D)
	$(say) IMAGE $@
	$(Q)selftests/vm/programs $@ $(BUILD)/spice//session \
		"$$(selftests/vm/package spice-vdagent)//usr/sbin/spice-vdagentd"

vm: $(BUILD)/vmhost $(BUILD)/vm/base.cpio $(BUILD)/vcon_mock.ko module programs
	@:

check: ## Run the tests; installs what they need
	@scripts/need check
	@$(MAKE) --no-print-directory all vm $(BUILD)/conform $(BUILD)/conform-device
	@selftests/check

check-all: ## Run the tests in guests of all kinds: kernels, QEMUs, rings, transports
	@scripts/need check check-all
	@$(MAKE) --no-print-directory all vm $(BUILD)/conform-device $(BUILD)/soak
	@selftests/check-all $(ENVIRONMENTS)

memcheck-tests := $(addprefix $(BUILD)/unit/vportd/agent_,exec_test file_test \
	hang_test limits_test protocol_test system_test) \
	$(BUILD)/unit/vportd-helper/system_test
memcheck: ## Run the tests of the agent and its helper under valgrind
	@scripts/need check memcheck
	@$(MAKE) --no-print-directory programs $(memcheck-tests) $(BUILD)/conform
	@selftests/memcheck

demo: ## Show the whole thing at work in two virtual machines
	@scripts/need demo
	@$(MAKE) --no-print-directory all $(BUILD)/vmhost $(BUILD)/demo/transfer \
		$(BUILD)/vm/demo.cpio
	@selftests/vm/demo/run

style: ## Check the rules of style that a program can check
	@scripts/style

.PHONY: vm check check-all memcheck demo style
