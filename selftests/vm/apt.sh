# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# apt.sh - where this system's packages come from; sourced after lib.sh

# The mirror that this system's own packages come from.
mirror()
{
	local codename

	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' |
		awk -v name="$codename" '$1 == name && $2 == "main" {
			print $3; found = 1; exit } END { exit !found }'
}

# configure_apt ROOT SUITE... - let apt in a new system use that mirror
configure_apt()
{
	local root=$1 uri suite

	uri=$(mirror)
	for suite in "${@:2}"; do
		echo "deb $uri $suite main"
	done >"$root/etc/apt/sources.list"
	apt-config dump Acquire::http >"$root/etc/apt/apt.conf.d/host"
	apt-config dump Acquire::https >>"$root/etc/apt/apt.conf.d/host"
}
