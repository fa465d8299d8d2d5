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
@rm -rf $(BUILD)/kbuild/$(call krelease,$1)
@mkdir -p $(BUILD)/kbuild $(dir $2)
@cp -rs $(CURDIR)/$(module-dir) $(BUILD)/kbuild/$(call krelease,$1)
$(say) KBUILD $2
$(Q)$(MAKE) -s -C $1 M=$(CURDIR)/$(BUILD)/kbuild/$(call krelease,$1) \
	$(KBUILD_FLAGS) modules
@cp $(BUILD)/kbuild/$(call krelease,$1)/virtio_console.ko $2
endef

$(BUILD)/virtio_console.ko: $(module-files) kernel/build.mk
	$(call build-module,$(KDIR),$@)

debug-module: $(BUILD)/debug/virtio_console.ko

$(BUILD)/debug/virtio_console.ko: $(module-files) kernel/build.mk selftests/vm/debug.config
	$(call build-module,$(shell selftests/vm/debug-kernel),$@)

.PHONY: debug-module
