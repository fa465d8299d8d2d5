# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# steps.sh - what the host asks of a guest, as TAP; sourced after lib.sh
#
# DIR holds the sockets "agent" of the port org.qemu.guest_agent.0 and "qmp".

number=0 failed=0

# begin NAME COUNT
begin()
{
	suite=$1
	echo "# Subtest: $suite"
	echo "    1..$2"
}

# expect NAME PATTERN COMMAND... - what COMMAND prints must match
expect()
{
	local answer

	((++number))
	if answer=$("${@:3}" 2>&1) && [[ $answer =~ $2 ]]; then
		echo "    ok $number $1"
		[[ ! ${VERBOSE:-} ]] || echo "    # $SECONDS s"
		return
	fi
	((++failed))
	echo "    not ok $number $1"
	echo "    # ${answer//$'\n'/$'\n    # '}"
}

end()
{
	if ((failed)); then
		echo "not ok 1 - $suite"
		exit 1
	fi
	echo "ok 1 - $suite"
}

agent()
{
	"$build/vportctl" agent --timeout="${timeout:-20}" \
		"${socket:-$DIR/agent}" "$@"
}

qmp()
{
	"$build/vportctl" qmp "$DIR/qmp" "$@"
}

# member NAME JSON - the value of a member that is a number, a string or a truth
member()
{
	sed -nE "s/.*\"$1\": ?\"?([^\",}]*).*/\1/p" <<<"$2"
}

# in_guest COMMAND - what a shell command prints in the guest, if it succeeds
in_guest()
{
	local answer pid tries command=${1//\\/\\\\}

	command=${command//\"/\\\"}
	command=${command//$'\n'/\\n}
	answer=$(agent guest-exec '{"path": "/bin/sh",
		"arg": ["-c", "'"${command//$'\t'/ }"'"],
		"capture-output": true}') || return
	pid=$(member pid "$answer")
	for ((tries = 0; tries < 1000; tries++)); do
		answer=$(agent guest-exec-status "{\"pid\": $pid}") || return
		[[ $(member exited "$answer") == true ]] || continue
		member out-data "$answer" | base64 -d
		return "$(member exitcode "$answer")"
	done
	echo "$1: did not end"
	return 1
}
