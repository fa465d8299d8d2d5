# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# steps.sh - a scenario's steps, or its programs, as TAP; sourced

# begin NAME COUNT
begin()
{
	suite=$1 number=0 failed=0
	echo 'TAP version 13'
	echo '1..1'
	echo "# Subtest: $suite"
	echo "    1..$2"
}

# step NAME [COMMAND...] - the command, or the function NAME, must succeed
step()
{
	number=$((number + 1))
	step=$1
	shift
	[ $# -gt 0 ] || set -- "$step"
	if "$@"; then
		echo "    ok $number $suite.$step"
	else
		echo "    not ok $number $suite.$step"
		failed=$((failed + 1))
	fi
}

end()
{
	if [ "$failed" = 0 ]; then
		echo "ok 1 - $suite"
		request verdict pass
	else
		echo "not ok 1 - $suite"
		request verdict fail
	fi
}

# Not sed, which keeps each line until it has seen the next: the last one of a guest
# that hangs is the one that matters.
indent()
{
	while IFS= read -r line; do
		printf '    %s\n' "$line"
	done
}

# run_programs TEST... - a subtest for each; those of VPORT_WITHOUT are left out
run_programs()
{
	number=0
	failed=0
	echo 'TAP version 13'
	echo "1..$#"
	for test in "$@"; do
		number=$((number + 1))
		case ",${VPORT_WITHOUT:-}," in
		*",$test,"*)
			echo "ok $number - $test # SKIP not on this machine"
			continue
		esac
		echo "# Subtest: $test"
		echo 99 >/tmp/status
		{ "$test" 2>&1; echo $? >/tmp/status; } | indent
		if [ "$(cat /tmp/status)" = 0 ]; then
			echo "ok $number - $test"
		else
			echo "not ok $number - $test"
			failed=$((failed + 1))
		fi
	done
}

# A kernel that looks for lost memory reports it in its log.
look_for_leaks()
{
	[ -w /sys/kernel/debug/kmemleak ] || return 0
	rmmod virtio_console && insmod "$VPORT_MODULE"
	echo scan >/sys/kernel/debug/kmemleak
}
