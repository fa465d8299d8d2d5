# SPDX-License-Identifier: GPL-2.0-or-later
#
# vport: every target that a person types.  `make help` lists them.

VERSION := 0.1
BUILD := build
PREFIX := /usr/local

# The kernel that the module is built for: the running one's headers, else the
# newest installed.
newest-headers = $(lastword $(shell ls -d /lib/modules/*/build 2>/dev/null | sort -V))
KDIR ?= $(or $(wildcard /lib/modules/$(shell uname -r)/build),$(newest-headers))

Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n')

.DEFAULT_GOAL := $(if $(shell command -v $(CC)),all,help)
.DELETE_ON_ERROR:
.SECONDARY:

include userspace/build.mk
include kernel/build.mk
-include selftests/build.mk
-include bench/build.mk

help: ## Show this list
	@printf 'vport %s: virtio-serial, whole and in C\n\n' '$(VERSION)'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		sort -u | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'
	@printf '\nVariables: KDIR=headers of the kernel to build for, QEMU=binary, V=1 for whole commands\n'
	$(if $(shell command -v $(CC)),,@printf '\nNo C compiler: run scripts/need build, then make again.\n')

all: module programs ## Build the module and the programs into build/

module: $(BUILD)/virtio_console.ko ## Build the kernel module for KDIR

programs: $(addprefix $(BUILD)/,$(programs)) ## Build vportd, vportctl and vportemu

dkms-source = $(DESTDIR)/usr/src/vport-$(VERSION)

install: install-programs install-module ## Install everything (DESTDIR=, PREFIX=/usr/local)

install-programs: programs ## Install the programs, manuals, completions, units and udev rules
	install -Dm755 -t "$(DESTDIR)$(PREFIX)"/sbin $(BUILD)/vportd
	install -Dm755 -t "$(DESTDIR)$(PREFIX)"/libexec/vport $(BUILD)/vportd-helper
	install -Dm755 -t "$(DESTDIR)$(PREFIX)"/bin $(BUILD)/vportctl $(BUILD)/vportemu
	install -Dm644 -t "$(DESTDIR)$(PREFIX)"/share/man/man1 Documentation/man/*.1
	install -Dm644 -t "$(DESTDIR)$(PREFIX)"/share/man/man5 Documentation/man/*.5
	install -Dm644 -t "$(DESTDIR)$(PREFIX)"/share/man/man8 Documentation/man/*.8
	install -Dm644 -t "$(DESTDIR)"/usr/lib/udev/rules.d udev/*.rules
	install -Dm644 completions/vportctl.bash \
		"$(DESTDIR)$(PREFIX)"/share/bash-completion/completions/vportctl
	install -Dm644 -t "$(DESTDIR)$(PREFIX)"/share/zsh/site-functions completions/_vportctl
	install -Dm644 -t "$(DESTDIR)$(PREFIX)"/share/doc/vport userspace/vportd/vportd-readonly.conf
	sed 's|@sbindir@|$(PREFIX)/sbin|' userspace/vportd/vportd.service.in | \
		install -Dm644 /dev/stdin "$(DESTDIR)"/usr/lib/systemd/system/vportd.service
	sed 's|@bindir@|$(PREFIX)/bin|' userspace/vportemu/50-vportemu.json.in | \
		install -Dm644 /dev/stdin "$(DESTDIR)$(PREFIX)"/share/qemu/vhost-user/50-vportemu.json

# updates/ comes before the kernel's own modules.
install-module: module ## Install the module for the kernel of KDIR
	install -Dm644 -t "$(DESTDIR)"/lib/modules/$(call krelease,$(KDIR))/updates \
		$(BUILD)/virtio_console.ko
	$(if $(DESTDIR),,PATH=$$PATH:/usr/sbin:/sbin depmod $(call krelease,$(KDIR)))

# Neither the kernel's module nor ours has a version, which DKMS takes for the same
# one, and keeps the kernel's, unless it is told otherwise.
install-dkms: ## Let DKMS build the module, for KDIR and each later kernel (DESTDIR=)
	$(if $(DESTDIR),,$(if $(wildcard /var/lib/dkms/vport/$(VERSION)),dkms remove vport/$(VERSION) --all))
	rm -rf "$(dkms-source)"
	install -Dm644 -t "$(dkms-source)" Kbuild dkms.conf COPYING
	cp --parents $(module-files) "$(dkms-source)"
	echo vport_version-override | install -Dm644 /dev/stdin \
		"$(DESTDIR)"/usr/share/dkms/modules_to_force_install/vport
	$(if $(DESTDIR),,dkms install vport/$(VERSION) -k $(call krelease,$(KDIR)))

# What install-programs puts where, and nothing that others might have put there.
data := $(PREFIX)/share
installed = $(PREFIX)/sbin/vportd $(PREFIX)/libexec/vport/vportd-helper \
	$(PREFIX)/bin/vportctl $(PREFIX)/bin/vportemu \
	$(foreach s,1 5 8,$(patsubst Documentation/man/%,$(data)/man/man$s/%,$(wildcard Documentation/man/*.$s))) \
	$(data)/bash-completion/completions/vportctl $(data)/zsh/site-functions/_vportctl \
	$(data)/doc/vport/vportd-readonly.conf $(data)/qemu/vhost-user/50-vportemu.json \
	$(patsubst udev/%,/usr/lib/udev/rules.d/%,$(wildcard udev/*.rules)) \
	/usr/lib/systemd/system/vportd.service \
	/usr/share/dkms/modules_to_force_install/vport

uninstall: ## Remove what was installed, the module for the kernel of KDIR, too
	$(if $(DESTDIR),,$(if $(wildcard /var/lib/dkms/vport/$(VERSION)),dkms remove vport/$(VERSION) --all))
	rm -rf "$(dkms-source)"
	for file in $(installed); do rm -f "$(DESTDIR)$$file"; done
	for dir in $(PREFIX)/libexec/vport $(data)/doc/vport; do \
		[ ! -d "$(DESTDIR)$$dir" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$dir"; done
	$(if $(KDIR),rm -f "$(DESTDIR)"/lib/modules/$(call krelease,$(KDIR))/updates/virtio_console.ko)
	$(if $(KDIR),$(if $(DESTDIR),,PATH=$$PATH:/usr/sbin:/sbin depmod $(call krelease,$(KDIR))))

clean: ## Remove what was built
	rm -rf $(BUILD)

.PHONY: help all module programs install install-programs install-module install-dkms uninstall clean
