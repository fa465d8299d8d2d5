# SPDX-License-Identifier: GPL-2.0-or-later
#
# Building the module out of its tree: kbuild writes beside the sources, so it
# is given a directory of links to them, one for each kernel release.

module-dir := kernel/virtio_console
mock-dir := selftests/hostile/mock
module-files := $(shell find $(module-dir) -type f -not -name '*.o')
mock-files := $(shell find $(mock-dir) -type f -not -name '*.o')

# The sources of a module, by its file.
source-dir = $(if $(filter vcon_mock.ko,$(notdir $1)),$(mock-dir),$(module-dir))

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
kbuild-dir = $(BUILD)/kbuild/$2/$(notdir $(call source-dir,$1))
define run-kbuild
@rm -rf $(call kbuild-dir,$2,$3)
@mkdir -p $(dir $(call kbuild-dir,$2,$3)) $(dir $2)
@cp -rs $(CURDIR)/$(call source-dir,$2) $(call kbuild-dir,$2,$3)
$(say) KBUILD $2
$(Q)$4 $(MAKE) -s -C $1 M=$(CURDIR)/$(call kbuild-dir,$2,$3) $(KBUILD_FLAGS) modules
@cp $(call kbuild-dir,$2,$3)/$(notdir $2) $2
endef

$(BUILD)/virtio_console.ko: $(module-files) kernel/build.mk
	$(call build-module,$(KDIR),$@)

$(BUILD)/vcon_mock.ko: $(mock-files) kernel/build.mk
	$(call build-module,$(KDIR),$@)

# For our own kernels, which look for mistakes: build/debug/virtio_console.ko
own-kernels := debug kcsan
own-configs := $(own-kernels:%=selftests/vm/%.config)
$(own-kernels:%=$(BUILD)/%/virtio_console.ko): $(module-files)
$(own-kernels:%=$(BUILD)/%/vcon_mock.ko): $(mock-files)
$(foreach m,virtio_console vcon_mock,$(own-kernels:%=$(BUILD)/%/$m.ko)): kernel/build.mk $(own-configs)
	$(call build-module,$(shell selftests/vm/debug-kernel $(notdir $(@D))),$@)

# For Debian's User Mode Linux: build/uml/virtio_console.ko
$(BUILD)/uml/virtio_console.ko: $(module-files)
$(BUILD)/uml/vcon_mock.ko: $(mock-files)
$(BUILD)/uml/%.ko: KBUILD_FLAGS += ARCH=um
$(BUILD)/uml/virtio_console.ko $(BUILD)/uml/vcon_mock.ko: kernel/build.mk selftests/vm/uml-kernel
	$(call build-module,$(shell selftests/vm/uml-kernel),$@)

# For a kernel of Debian 13, which needs that system's compiler and tools:
# build/6.12.107+deb13-amd64/virtio_console.ko
series = $(word 1,$(subst ., ,$1)).$(word 2,$(subst ., ,$1))
trixie-root = $(shell selftests/vm/trixie $(call series,$1))
build-in-trixie = $(call run-kbuild,/lib/modules/$2/build,$1,$2,selftests/vm/in-root \
	$(call trixie-root,$2))

$(BUILD)/%/virtio_console.ko: $(module-files) kernel/build.mk
	$(call build-in-trixie,$@,$*)

$(BUILD)/%/vcon_mock.ko: $(mock-files) kernel/build.mk
	$(call build-in-trixie,$@,$*)
