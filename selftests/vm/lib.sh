# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2054,SC2154
#
# lib.sh - what the scripts of this directory share; sourced, from the top of
# the tree

# Kernels and the like that are fetched once; outside the tree, may be removed.
cache=${VPORT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/vport}
build=${BUILD:-build}
vm=selftests/vm

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# Say what takes a while.
note()
{
	echo "${0##*/}: $*" >&2
}

# once DIRECTORY COMMAND... - let COMMAND fill DIRECTORY, unless it is there
#
# COMMAND works in an empty directory that gets its name only when it is
# complete, so that an interrupted run does no harm.  A second one waits for the
# first instead of doing the work again.
once()
{
	local dir=$1

	[[ -d $dir ]] && return
	mkdir -p "$(dirname "$dir")"
	(
		flock 9
		[[ -d $dir ]] || fill "$@"
	) 9>"$dir.lock"
}

fill()
{
	local dir=$1 new

	new=$(mktemp -d "$dir.XXXXXX")
	chmod 755 "$new"
	if ! (cd "$new" && "${@:2}" >log 2>&1 </dev/null 9>&-); then
		cat "$new/log" >&2
		rm -rf "$new"
		return 1
	fi
	rm -f "$new/log"
	mv -T "$new" "$dir"
}

# add_program PROGRAM PATH - copy it and the libraries that it is linked with to
# the tree $root
add_program()
{
	local program=$1 dest=$2 lib

	install -D "$program" "$root/$dest"
	while read -r lib; do
		[[ -e $root$lib ]] || install -D "$lib" "$root$lib"
	done < <(ldd "$program" 2>/dev/null |
		sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/lib[^ ]*ld-[^ ]*\) .*/\1/p')
}

# pack DIRECTORY FILE - make an archive for an initramfs
pack()
{
	(cd "$1" && find . | cpio -o -H newc --quiet -R 0:0) >"$2.new"
	mv "$2.new" "$2"
}
