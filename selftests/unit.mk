# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests: each links the file under test and what that needs, nothing else,
# under AddressSanitizer and UBSan, and prints cmocka's report.
#
# A directory lists its tests in a unit.mk of its own:
#
#	unit-DIR/NAME := sources that selftests/DIR/NAME.c links
#	needs-DIR/NAME := files that it wants to be there when it runs
#	ldflags-DIR/NAME := what the linker must know, as in -Wl,--wrap=open
#
# selftests/DIR/NAME.c may include what its sources may.

-include $(sort $(wildcard selftests/*/unit.mk))

unit-names := $(patsubst unit-%,%,$(filter unit-%_test,$(.VARIABLES)))
unit-sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all
unit-flags = $(filter-out $(HARDENING),$(ALL_CFLAGS)) $(unit-sanitize)
unit-pkgs := cmocka inih json-c libsystemd libudev libseccomp mount
unit-dirs = $(sort $(patsubst %/,%,$(dir $(unit-$1))))

# The directories whose headers a test sees: those of its sources.
unit-includes = $(foreach d,$(sort $(call unit-dirs,$1) selftests/$(patsubst %/,%,$(dir $1)) \
	$(foreach s,$(call unit-dirs,$1),$(may-include-$s))),-I$d)

define unit-rule
$(BUILD)/unit/$1: $(BUILD)/unit/obj/selftests/$1.o \
		$(patsubst %.c,$(BUILD)/unit/obj/%.o,$(unit-$1))
	@mkdir -p $$(@D)
	$$(say) LD $$@
	$$(Q)$$(CC) $(unit-sanitize) $$(LDFLAGS) $(ldflags-$1) -o $$@ $$(filter %.o,$$^) \
		-Wl,--as-needed $$(shell pkg-config --libs $(unit-pkgs)) -lm

$(BUILD)/unit/obj/selftests/$1.o: unit-cflags := $(call unit-includes,$1)
endef
$(foreach u,$(unit-names),$(eval $(call unit-rule,$u)))

$(BUILD)/unit/obj/userspace/%.o: userspace/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(unit-flags) $(call includes,$(patsubst %/,%,$(dir $<))) -MMD -MP -c -o $@ $<

$(BUILD)/unit/obj/selftests/%.o: selftests/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(unit-flags) $(unit-cflags) -I$(<D) -MMD -MP -c -o $@ $<

unit-programs := $(addprefix $(BUILD)/unit/,$(unit-names))

unit: $(unit-programs) $(foreach u,$(unit-names),$(needs-$u)) ## Run the unit tests
	$(Q)failed=0; for t in $(sort $(unit-programs)); do \
		printf '\n# %s\n' "$$t"; \
		timeout 120 $$t || failed=$$((failed + 1)); \
	done; \
	[ $$failed = 0 ] || { echo "$$failed test programs failed"; exit 1; }

-include $(wildcard $(shell find $(BUILD)/unit/obj -name '*.d' 2>/dev/null))

.PHONY: unit
