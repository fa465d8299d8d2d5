# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2054,SC2154
#
# machine.sh - the command lines of the test machines; sourced after lib.sh
#
# The functions leave their results in the variables named here:
#
#  environment NAME	guest kernel driver device limit all without options, and
#			what they set: serial smp append qemu
#  guest_files DIR [CPIO]	vmlinuz initrd (in DIR), with another user space
#  monitor_words	the monitor, on descriptor 3
#  qemu_words		everything of a PC but its virtio-serial device
#  uml_words SOCKET	a UML guest with the device behind SOCKET

qemu=${QEMU:-qemu-system-x86_64}
vmhost=$build/vmhost
cmdline=${VPORT_CMDLINE:-}

# The words of the options that are not QEMU's; what the caller sets goes first.
settings()
{
	local word words=$options

	serial=virtio-serial-pci smp=2 append='' export=vhost-user options=''
	for word in $words; do
		case $word in
		serial=*) serial=${word#*=} ;;
		export=*) export=${word#*=} ;;
		smp=*) smp=${word#*=} ;;
		append=*) append+=" ${word#*=}" ;;
		features=*) append+=" VPORT_FEATURES=${word#*=}" ;;
		qemu=trixie) [[ ${QEMU:-} ]] || qemu=$vm/qemu-trixie ;;
		*) options+=" $word" ;;
		esac
	done
}

environment()
{
	local name

	while read -r name guest kernel driver device limit all without options; do
		[[ $name != "$1" ]] || { settings && return; }
	done < <(grep "^[^#]" "$vm/environments")
	die "$1: no such environment, expected one of:" \
		"$(awk '/^[^#]/ { printf "%s ", $1 }' "$vm/environments")"
}

# The release that build/virtio_console.ko was built for or, without one, that of
# the newest headers.
built_release()
{
	local headers

	if [[ -e $build/virtio_console.ko ]]; then
		modinfo -F vermagic "$build/virtio_console.ko" | cut -d' ' -f1
		return
	fi
	headers=$(printf '%s\n' /lib/modules/*/build | sort -V | tail -n 1)
	[[ -d $headers ]] || die "no kernel headers, expected linux-headers-amd64"
	basename "$(dirname "$headers")"
}

# Our own kernels have everything built in but the driver.  Without hardware
# virtualisation they take half a minute to add a PCI function.
debug_guest_modules()
{
	local dir

	cmdline+=' watchdog_thresh=60'
	# Races are the virtio core's, too: which of them count is for
	# log_is_clean to say.
	[[ $1 != kcsan ]] || append+=' panic_on_warn=0'

	dir=$("$vm/debug-kernel" "$1")
	vmlinuz=$dir/arch/x86/boot/bzImage
	modules=()
	in_tree=$dir/drivers/char/virtio_console.ko
	ours=$build/$1/virtio_console.ko
	make_modules
}

# Ours, and the device for it that a test can play.
make_modules()
{
	make --no-print-directory -s "$ours" "${ours%/*}/vcon_mock.ko" >&2
}

qemu_guest_modules()
{
	local dir name

	dir=$("$vm/kernel" "$1")
	vmlinuz=$dir/vmlinuz
	modules=()
	for name in virtio_ring virtio virtio_pci_modern_dev \
		virtio_pci_legacy_dev virtio_pci virtio_mmio; do
		modules+=("$dir/modules/$name.ko")
	done
	in_tree=$dir/modules/virtio_console.ko
}

# In the kernels of Debian 13 all is built in, the in-tree driver as well; ours is
# there beside it, for who wants to try.
trixie_guest_modules()
{
	local root release

	root=$("$vm/trixie" "$1")
	release=$(cd "$root/usr/lib/modules" && echo *)
	vmlinuz=$root/boot/vmlinuz-$release
	[[ -e $vmlinuz ]] || vmlinuz=$root/usr/lib/modules/$release/vmlinuz
	modules=()
	in_tree=
	ours=$build/$release/virtio_console.ko
	make_modules
	[[ $driver == in-tree ]] ||
		append+=' initcall_blacklist=virtio_console_init'
}

uml_guest_modules()
{
	vmlinuz=$(command -v linux.uml) ||
		die "linux.uml: not found, expected the package user-mode-linux"
	modules=()
	ours=$build/uml/virtio_console.ko
	[[ $driver == in-tree ]] || make_modules
	in_tree=$(find /usr/lib/uml/modules -name virtio_console.ko)
}

guest_files()
{
	local release=$kernel ours=$build/virtio_console.ko mock

	[[ $release == built ]] && release=$(built_release)
	if [[ $guest == uml ]]; then
		uml_guest_modules
	elif [[ -e $vm/$release.config ]]; then
		debug_guest_modules "$release"
	elif [[ $release =~ ^[0-9]+\.[0-9]+$ ]]; then
		trixie_guest_modules "$release"
	else
		qemu_guest_modules "$release"
	fi
	initrd=$1/initrd
	mock=${ours%/*}/vcon_mock.ko
	if [[ $driver != in-tree ]]; then
		modules+=("$ours")
		[[ ! -e $mock ]] || modules+=(- "$mock")
	elif [[ $in_tree ]]; then
		modules+=("$in_tree")
	else
		modules+=(- "$ours")
	fi
	"$vm/modules" "$1/modules.cpio" "${modules[@]}"
	cat "${2:-$build/vm/base.cpio}" "$1/modules.cpio" >"$initrd"
	rm "$1/modules.cpio"
}

# vmhost made the socket and is connected already when the emulator starts.
monitor_words=(-chardev socket,id=charvmhost,fd=3,server=on,wait=off
	-mon chardev=charvmhost,id=vmhost,mode=control)

# What makes a guest's trouble end its run instead of being passed over.
strict='panic=-1 panic_on_warn=1 softlockup_panic=1 hung_task_panic=1
	sysctl.kernel.hung_task_timeout_secs=60'

qemu_accel()
{
	if [[ $("$vm/accel" "$qemu" "$vmlinuz") == kvm ]]; then
		echo -accel kvm -cpu host
	else
		echo -accel tcg -cpu max
	fi
}

# An emulated timer is late on a busy machine, not broken.  A microvm has no other
# clock to measure the processor's by than such a timer, and without does not boot:
# so it is told.
unhurried()
{
	echo no_timer_check
	[[ $options != *microvm* ]] ||
		awk '/^cpu MHz/ { printf "tsc_early_khz=%d\n", $4 * 1000; exit }' \
			/proc/cpuinfo
}

# qemu_words CONSOLE_LOG
qemu_words()
{
	local accel

	read -ra accel < <(qemu_accel)
	[[ ${accel[*]} != *tcg* ]] || append+=" $(unhurried | paste -s -d ' ')"
	# shellcheck disable=SC2206
	qemu_words=("$qemu" "${accel[@]}" -smp "${SMP:-$smp}" -m "${MEM:-512}"
		-nodefaults -display none -no-reboot
		-kernel "$vmlinuz" -initrd "$initrd"
		-append "console=ttyS0 quiet loglevel=5 ${strict//[$'\n\t']/ }$append $cmdline"
		-serial "file:$1"
		-chardev file,id=output,path=/dev/stdout,append=on
		-serial chardev:output
		$options ${QEMU_ARGS:-})
}

# uml_words SOCKET; the kernel's log goes to descriptor 4
uml_words()
{
	# shellcheck disable=SC2206
	uml_words=("$vmlinuz" "mem=${MEM:-256}M" "initrd=$initrd"
		con=null con0=null,fd:4 con1=null,fd:1 quiet loglevel=5
		${strict//[$'\n\t']/ } $cmdline "virtio_uml.device=$1:3:1")
}

# Trouble that a kernel reports without stopping.
trouble='BUG|WARNING|Oops|KASAN|KCSAN|UBSAN|general protection|Call Trace'
trouble+='|hung task|blocked for more than|soft lockup|hard LOCKUP|rcu.*stall'
trouble+='|possible (recursive|circular|irq)|kmemleak|Kernel panic'

# Without the races that are not ours, in a log of the kernel that looks for them:
# a report counts if one of its two accesses is in our module, as told by the line
# after "read to" or "write to".  Two are known which are not, and stem from calls
# of ours: the virtio core clears and sets event_triggered without a lock, as a
# hint, says its comment.
our_races()
{
	awk '/====================/ { print_if_ours(); inside = !inside; next }
	     inside { block = block $0 "\n"
		      foreign = foreign || /BUG: KCSAN/
		      ours = ours || access_follows && /\[virtio_console\]/
		      access_follows = / by .*:\r?$/; next }
	     { print }
	     END { print_if_ours() }
	     function print_if_ours() {
		if (!foreign || ours) printf "%s", block
		block = ""; foreign = ours = access_follows = 0 }' "$1"
}

# log_is_clean FILE - scan a guest's kernel log
log_is_clean()
{
	! our_races "$1" | grep -E -m 5 -A 20 "$trouble" >&2
}
