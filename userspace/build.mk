# SPDX-License-Identifier: GPL-2.0-or-later
#
# How user space is built, and which directory may include which: a directory
# finds its own headers and those of the directories named for it here, so that
# a forbidden include does not build.

may-include-userspace/lib :=
may-include-userspace/vportd := userspace/lib userspace/vportd/agent
may-include-userspace/vportd/agent := userspace/lib
may-include-userspace/vportd-helper := userspace/lib
may-include-userspace/vportctl := userspace/lib
emu := userspace/vportemu
may-include-$(emu) := userspace/lib $(addprefix $(emu)/,virtio serial transport chardev qmp)
may-include-$(emu)/virtio := userspace/lib
may-include-$(emu)/chardev := userspace/lib
may-include-$(emu)/serial := userspace/lib $(emu)/virtio $(emu)/chardev
may-include-$(emu)/transport := userspace/lib $(emu)/virtio
may-include-$(emu)/qmp := userspace/lib $(emu)

# A program is every .c file of its directories, on top of lib.a.
dirs-vportd := userspace/vportd userspace/vportd/agent
dirs-vportd-helper := userspace/vportd-helper
dirs-vportctl := userspace/vportctl
dirs-vportemu := $(addprefix $(emu)/,. virtio serial transport chardev qmp)
pkgs-vportd := libsystemd libudev json-c inih
pkgs-vportd-helper := mount libudev json-c
pkgs-vportctl := libudev json-c
pkgs-vportemu := libsystemd json-c libseccomp

sources = $(wildcard $(foreach d,$(dirs-$1),$(patsubst %/.,%,$d)/*.c))
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(call sources,$1))
includes = $(foreach d,$1 $(may-include-$1),-I$d)

programs := $(foreach p,vportd vportd-helper vportctl vportemu,$(if $(call sources,$p),$p))

WARNINGS := -Wall -Wextra -Wno-unused-parameter -Wmissing-prototypes \
	-Wstrict-prototypes -Wold-style-definition -Wvla -Wshadow \
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wno-missing-field-initializers
CFLAGS ?= -O2 -g
HARDENING := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DVPORT_VERSION=\"$(VERSION)\" \
	$(WARNINGS) $(HARDENING) $(CFLAGS) $(SANITIZE)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDFLAGS) $(SANITIZE)

lib-objects := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard userspace/lib/*.c))

$(BUILD)/obj/userspace/%.o: userspace/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(call includes,$(patsubst %/,%,$(dir $<))) -MMD -MP -c -o $@ $<

$(BUILD)/lib.a: $(lib-objects)
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^

define program-rule
$(BUILD)/$1: $(call objects,$1) $(BUILD)/lib.a
	$$(say) LD $$@
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(shell pkg-config --libs $(pkgs-$1))
endef
$(foreach p,$(programs),$(eval $(call program-rule,$p)))

-include $(wildcard $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null))
