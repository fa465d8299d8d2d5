# SPDX-License-Identifier: GPL-2.0-or-later
#
# Building the module out of its tree: kbuild writes beside the sources, so it
# is given a directory of links to them, one for each kernel release.

module-dir := kernel/virtio_console
module-files := $(shell find $(module-dir) -type f -not -name '*.o')

# Expanded only when a module is built: no headers are needed for the rest.
krelease = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$1/include/generated/utsrelease.h 2>/dev/null)

# $(call build-module,KDIR,DESTINATION)
define build-module
$(if $1,,$(error no kernel headers: install linux-headers-amd64, or give KDIR=))
$(if $(call krelease,$1),,$(error $1: not a configured kernel tree, expected include/generated/utsrelease.h))
$(call run-kbuild,$1,$2,$(call krelease,$1),)
endef

# $(call run-kbuild,KDIR,DESTINATION,RELEASE,[PREFIX of the command])
define run-kbuild
@rm -rf $(BUILD)/kbuild/$3
@mkdir -p $(BUILD)/kbuild $(dir $2)
@cp -rs $(CURDIR)/$(module-dir) $(BUILD)/kbuild/$3
$(say) KBUILD $2
$(Q)$4 $(MAKE) -s -C $1 M=$(CURDIR)/$(BUILD)/kbuild/$3 $(KBUILD_FLAGS) modules
@cp $(BUILD)/kbuild/$3/virtio_console.ko $2
endef

$(BUILD)/virtio_console.ko: $(module-files) kernel/build.mk
	$(call build-module,$(KDIR),$@)

debug-module: $(BUILD)/debug/virtio_console.ko

$(BUILD)/debug/virtio_console.ko: $(module-files) kernel/build.mk selftests/vm/debug.config
	$(call build-module,$(shell selftests/vm/debug-kernel),$@)

# For a kernel of Debian 13, which needs that system's compiler and tools:
# build/6.12.107+deb13-amd64/virtio_console.ko
series = $(word 1,$(subst ., ,$1)).$(word 2,$(subst ., ,$1))
$(BUILD)/%/virtio_console.ko: $(module-files) kernel/build.mk
	$(call run-kbuild,/lib/modules/$*/build,$@,$*,selftests/vm/in-root \
		$(shell selftests/vm/trixie $(call series,$*)))

.PHONY: debug-module
