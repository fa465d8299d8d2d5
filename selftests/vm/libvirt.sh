# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# libvirt.sh - a Debian guest as a domain of libvirt's; sourced after machine.sh
#
#  domain_files		what all guests of a run share, in dir, which goes when
#			the script ends
#  domain_run NAME STEPS	run STEPS in a guest which has the files of dir/tree
#			and those of dir/NAME.tree; their TAP is dir/NAME/tap
#  domain_begin NAME STEPS	the same, beside what follows; for `wait $!`
#  domain_last_words NAME	show the end of its log, and fail
#
# QEMU= is the emulator; KEEP=1 leaves disks and logs.

clean_up()
{
	local status=$? job

	# With all that they have started.
	for job in $(jobs -p); do
		kill -- "-$job" 2>/dev/null || :
	done
	wait
	if [[ ${KEEP:-} ]]; then
		note "disks and logs are in $dir"
	else
		rm -rf "$dir"
	fi
	exit "$status"
}

domain_files()
{
	dir=$(mktemp -d "${TMPDIR:-/tmp}/vport-libvirt.XXXXXX")
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	debian=$("$vm/debian" "$(built_release)")
	type=qemu
	[[ $("$vm/accel" "$qemu" "$debian/vmlinuz") != kvm ]] || type=kvm
	mkdir -p "$dir/tree/data" "$dir/tree/etc"
	echo '/dev/vdb /data ext4 defaults 0 0' >"$dir/tree/etc/fstab"
}

# Every block of the small disk is there, for fstrim to give back.
disks()
{
	cp --sparse=always "$debian/root.img" "$DIR/root.img"
	head -c 64M /dev/zero >"$DIR/data.img"
	mke2fs -q -F -t ext4 -E nodiscard "$DIR/data.img"
}

domain_xml()
{
	cat <<-EOF
	<domain type='$type'>
	  <name>vport</name>
	  <memory unit='MiB'>768</memory>
	  <vcpu>2</vcpu>
	  <os>
	    <type arch='x86_64' machine='pc'>hvm</type>
	    <kernel>$debian/vmlinuz</kernel>
	    <initrd>$DIR/initrd</initrd>
	    <cmdline>console=ttyS0 quiet loglevel=5 ${strict//[$'\n\t']/ } $unhurried $told $cmdline</cmdline>
	  </os>
	  <features>
	    <acpi/>
	    <tcg><tb-cache unit='MiB'>64</tb-cache></tcg>
	  </features>
	  <cpu mode='maximum'/>
	  <pm><suspend-to-mem enabled='yes'/></pm>
	  <devices>
	    <emulator>$(command -v "$qemu")</emulator>
	    <disk type='file' device='disk'>
	      <driver name='qemu' type='raw' cache='unsafe'/>
	      <source file='$DIR/root.img'/>
	      <target dev='vda' bus='virtio'/>
	    </disk>
	    <disk type='file' device='disk'>
	      <driver name='qemu' type='raw' discard='unmap'/>
	      <source file='$DIR/data.img'/>
	      <target dev='vdb' bus='virtio'/>
	    </disk>
	    <interface type='user'><model type='virtio'/></interface>
	    <controller type='usb' model='none'/>
	    <channel type='unix'>
	      <target type='virtio' name='org.qemu.guest_agent.0'/>
	    </channel>
	    <serial type='file'><source path='$DIR/console.log'/></serial>
	    <memballoon model='none'/>
	  </devices>
	</domain>
	EOF
}

# Other guests may keep this one from running for many seconds.
unhurried='watchdog_thresh=60 systemd.getty_auto=no'

# What systemd and its services say is shown where a step fails.
told='systemd.journald.forward_to_console=1'

domain_run()
{
	local status=0

	export DIR=$dir/$1
	mkdir "$DIR"
	disks
	mkdir -p "$dir/$1.tree"
	"$vm/debian-initrd" "$DIR/initrd" "$debian" "$dir/tree" "$dir/$1.tree"
	domain_xml >"$DIR/domain.xml"
	"$vm/with-libvirt" "$DIR" "$2" >"$DIR/tap" 2>"$DIR/errors" || status=1
	sed 's/^/# /' "$DIR/errors" >&2
	log_is_clean "$DIR/console.log" || status=1
	return "$status"
}

# What a guest said last, for who wonders why a step has failed.
domain_last_words()
{
	tail -n 40 "$dir/$1/console.log" | sed 's/^/#   /' >&2
	return 1
}

# In a process group of its own, which goes when the script ends.
domain_begin()
{
	set -m
	domain_run "$@" &
	set +m
}
