# SPDX-License-Identifier: GPL-2.0-or-later
#
# libFuzzer targets, under AddressSanitizer and UBSan.  What they find is kept
# as a seed in selftests/fuzz/corpus/NAME and runs first.

FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang
comma := ,
fuzz-flags = -std=gnu11 -D_GNU_SOURCE -DVPORT_VERSION=\"$(VERSION)\" -g -O1 \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
fuzz-lib := $(addprefix userspace/lib/,base64.c bytes.c json_builder.c json_lex.c \
	json_stream.c json_string.c json_write.c log.c)

fuzz-json_stream_fuzz := $(fuzz-lib)
# Without what starts programs.
fuzz-agent_fuzz := $(fuzz-lib) userspace/vportd/agent.c $(filter-out %/child.c %/helper.c \
	%/launch.c %/work.c, \
	$(wildcard userspace/vportd/agent/*.c))
fuzz-ldflags-agent_fuzz := -Wl,--wrap=open,--wrap=unlink
fuzz-helper_fuzz := $(filter-out %/main.c %/program.c %/smart.c %/disks.c, \
	$(wildcard userspace/vportd-helper/*.c))
fuzz-ldflags-helper_fuzz := -Wl,--wrap=clock_settime,--wrap=ioctl,--wrap=setresuid \
	-Wl,--wrap=setresgid,--wrap=initgroups $(shell pkg-config --libs mount libudev 2>/dev/null)
fuzz-emu := $(fuzz-lib) $(addprefix userspace/lib/,error.c opts.c socket_file.c trace.c) \
	$(wildcard $(foreach d,virtio serial chardev transport,userspace/vportemu/$d/*.c))
fuzz-opts_fuzz := $(filter userspace/lib/%,$(fuzz-emu))
fuzz-ring_fuzz := $(fuzz-emu)
fuzz-vhost_user_fuzz := $(fuzz-emu) selftests/fuzz/lib/target.c
fuzz-vfio_user_fuzz := $(fuzz-vhost_user_fuzz)
fuzz-pci_fuzz := $(fuzz-vhost_user_fuzz)
fuzz-config_fuzz := $(addprefix userspace/lib/,bytes.c error.c log.c) \
	$(addprefix userspace/vportd/,address.c conf.c conf_value.c config.c handlers.c keyfile.c words.c) \
	selftests/vportd/handler_names.c
fuzz-history_fuzz := $(addprefix userspace/vportemu/chardev/,history.c passed_fd.c) userspace/lib/error.c
fuzz-monitor_fuzz := userspace/vportemu/qmp/readline.c userspace/lib/bytes.c
fuzz-qmp_fuzz := $(fuzz-emu) $(filter-out %/main.c %/cmdline.c %/option_table.c %/sandbox.c, \
	$(wildcard userspace/vportemu/*.c userspace/vportemu/qmp/*.c))
fuzz-ldflags-qmp_fuzz := $(addprefix -Wl$(comma)--wrap=,open openpty socket getaddrinfo) -lutil
fuzz-names := config_fuzz history_fuzz monitor_fuzz json_stream_fuzz agent_fuzz helper_fuzz opts_fuzz ring_fuzz vhost_user_fuzz \
	vfio_user_fuzz pci_fuzz qmp_fuzz

define fuzz-rule
$(BUILD)/fuzz/$1: selftests/fuzz/$1.c $(fuzz-$1) $(wildcard userspace/*/*.h userspace/*/*/*.h selftests/fuzz/lib/*.h)
	@mkdir -p $$(@D)
	$$(say) FUZZCC $$@
	$$(Q)$$(FUZZ_CC) $$(fuzz-flags) $(addprefix -I,$(sort $(dir $(fuzz-$1)))) \
		-o $$@ $$(filter %.c,$$^) $$(shell pkg-config --libs inih json-c libsystemd) -lm \
		$(fuzz-ldflags-$1)

fuzz-run-$1: $(BUILD)/fuzz/$1
	@mkdir -p $(BUILD)/fuzz/corpus/$1
	$$(Q)cd $(BUILD)/fuzz && ./$1 -max_total_time=$$(FUZZ_SECONDS) \
		-rss_limit_mb=1024 -timeout=10 -max_len=8192 -print_final_stats=1 \
		-dict=$(CURDIR)/selftests/fuzz/json.dict corpus/$1 \
		$(CURDIR)/selftests/fuzz/corpus/$1

.PHONY: fuzz-run-$1
endef
$(foreach f,$(fuzz-names),$(eval $(call fuzz-rule,$f)))

fuzz: $(addprefix fuzz-run-,$(fuzz-names)) ## Run each fuzz target for FUZZ_SECONDS (60)

.PHONY: fuzz
