# SPDX-License-Identifier: GPL-2.0-or-later
#
# Side-by-side measurements; nothing here is a test.

bench-flags = -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS)

$(BUILD)/bench/load: bench/driver/load.c bench/driver/mark.h selftests/port/host.c \
		$(port-headers)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(bench-flags) -Iselftests/port -static -pthread -o $@ $(filter %.c,$^)

$(BUILD)/bench/peer: bench/driver/peer.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(bench-flags) -o $@ $<

$(BUILD)/bench/insn.so: bench/driver/insn.c bench/driver/mark.h
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(bench-flags) -fPIC -shared -fvisibility=hidden -o $@ $<

$(BUILD)/vm/bench.cpio: selftests/vm/image $(BUILD)/bench/load $(guest-files)
	@mkdir -p $(@D)
	$(say) IMAGE $@
	$(Q)selftests/vm/image $@ $(BUILD)/bench/load

bench-driver: ## Measure our driver beside the in-tree one
	@scripts/need check
	@$(MAKE) --no-print-directory module $(BUILD)/vportemu $(BUILD)/bench/peer \
		$(BUILD)/bench/insn.so $(BUILD)/vm/bench.cpio
	@bench/driver/run

$(BUILD)/bench/compare: $(wildcard bench/agent/*.[ch])
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(bench-flags) -o $@ $(filter %.c,$^)

bench-agent: $(BUILD)/bench/compare $(BUILD)/vportd $(BUILD)/vportd-helper ## Measure vportd beside QEMU's guest agent
	@scripts/need bench-agent
	@$(BUILD)/bench/compare $(BUILD)/vportd /usr/sbin/qemu-ga qemu-ga

bench-emulator-sources := $(wildcard bench/emulator/*.c) $(emu-drivers) \
	$(addprefix selftests/conformance/device/,device.c device_qemu.c device_pci.c \
	front_end_qtest.c)

$(BUILD)/bench/emulator: $(bench-emulator-sources) $(wildcard bench/emulator/*.h \
		selftests/vportemu/*.h selftests/conformance/device/*.h)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(bench-flags) -Iselftests/vportemu -Iselftests/conformance/device \
		-Ibench/emulator -pthread -o $@ $(bench-emulator-sources) -lcmocka

bench-emulator: $(BUILD)/bench/emulator $(BUILD)/vportemu ## Measure vportemu beside a plain socket
	@scripts/need check
	@$(BUILD)/bench/emulator 2>$(BUILD)/bench/emulator.log || \
		{ cat $(BUILD)/bench/emulator.log; exit 1; }

$(BUILD)/bench/flow: bench/device/flow.c selftests/port/host.c $(port-headers)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(bench-flags) -Iselftests/port -static -o $@ $(filter %.c,$^)

bench-device-sources := $(filter-out %/flow.c,$(wildcard bench/device/*.c))

$(BUILD)/bench/device: $(bench-device-sources) bench/device/device.h
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(bench-flags) -o $@ $(bench-device-sources)

$(BUILD)/vm/flow.cpio: selftests/vm/image $(BUILD)/bench/flow $(guest-files)
	@mkdir -p $(@D)
	$(say) IMAGE $@
	$(Q)selftests/vm/image $@ $(BUILD)/bench/flow

bench-device: ## Measure vportemu beside QEMU's device, in one guest
	@scripts/need demo check-all
	@$(MAKE) --no-print-directory module $(BUILD)/vportemu $(BUILD)/bench/device \
		$(BUILD)/vm/flow.cpio
	@bench/device/run

.PHONY: bench-driver bench-agent bench-emulator bench-device
